"""Blacklists of destinations: rules by address, port, protocol and message pattern (language.md 2, 6)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from relayscript.dsl import nodes
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.regex import compile_ere

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

Network = IPv4Network | IPv6Network
USED = "core.blacklists"
"""Where a run keeps the names of the lists it uses (`context.local`)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule forbids: a network, and if given a port (0: any), a protocol and a pattern.

    A negated rule (`!`) forbids everything else. `expires` is in seconds of the timers' clock, 0 never.
    """

    network: Network
    port: int = 0
    protocol: str = ""
    pattern: str = ""
    negated: bool = False
    expires: float = 0.0

    def covers(self, host: str, port: int, protocol: str, text: str) -> bool:
        """Whether the rule forbids a destination; `text` is the message."""
        address = ip_address(host)
        inside = (
            address.version == self.network.version
            and address in self.network
            and self.port in (0, port)
            and self.protocol in ("", "any", protocol)
            and (not self.pattern or compile_ere(self.pattern).matches(text))
        )
        return inside != self.negated


class BlacklistFunctions(Module):
    """Lists come from `dst_blacklist`; one that is read-only takes no further rules."""

    name = "core"

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.lists: dict[str, list[Rule]] = {}
        self.read_only: set[str] = set()
        for item in runtime.script.items:
            if isinstance(item, nodes.Global) and item.name == "dst_blacklist":
                self._define(list(item.values))

    def _define(self, tokens: list[nodes.Number | nodes.Text | nodes.Word]) -> None:
        words = [each.text if isinstance(each, nodes.Word) else str(each.value) for each in tokens]
        name, flags, rules = read_definition(words)
        self.lists[name] = rules
        if not flags or "readonly" in flags:
            self.read_only.add(name)

    @function()
    def use_blacklist(self, context: Context, name: str) -> int:
        """Let a list forbid destinations of this message; `all` means every list."""
        return self._switch(context, name, on=True)

    @function()
    def unuse_blacklist(self, context: Context, name: str) -> int:
        """No longer let it."""
        return self._switch(context, name, on=False)

    def _switch(self, context: Context, name: str, *, on: bool) -> int:
        if name != "all" and name not in self.lists:
            context.log(-1, f"there is no blacklist {name!r}")
            return -1
        names = set(self.lists) if name == "all" else {name}
        used: set[str] = context.local.setdefault(USED, set())
        context.local[USED] = used | names if on else used - names
        return 1

    @function()
    def check_blacklist_rule(
        self,
        context: Context,
        name: str,
        ip: str,
        port: int | None = None,
        protocol: str | None = None,
        pattern: str | None = None,
    ) -> int:
        """1 if a list (or `all`) forbids a destination."""
        try:
            ip_address(ip)
        except ValueError:
            return -1
        names = list(self.lists) if name == "all" else [name]
        for rule in (rule for each in names for rule in self._current(each)):
            if rule.covers(ip, port or 0, protocol or "", pattern or ""):
                return 1
        return -1

    @function()
    def add_blacklist_rule(
        self,
        context: Context,
        name: str,
        network: str,
        port: int | None = None,
        protocol: str | None = None,
        pattern: str | None = None,
        expire: int | None = None,
    ) -> int:
        """Add a rule, for some seconds if they are given; `!` in front of the network negates it."""
        rule = _rule(network, port, protocol, pattern, self.runtime.timers.now + expire if expire else 0.0)
        if rule is None or name not in self.lists or name in self.read_only:
            return -1
        self.lists[name] = [*self._current(name), rule]
        return 1

    @function()
    def del_blacklist_rule(
        self,
        context: Context,
        name: str,
        network: str,
        port: int | None = None,
        protocol: str | None = None,
        pattern: str | None = None,
    ) -> int:
        """Remove a rule; -1 if there is no such one."""
        wanted = _rule(network, port, protocol, pattern, 0.0)
        if wanted is None or name not in self.lists or name in self.read_only:
            return -1
        kept = [rule for rule in self._current(name) if not _same(rule, wanted)]
        removed = len(kept) < len(self.lists[name])
        self.lists[name] = kept
        return 1 if removed else -1

    def _current(self, name: str) -> list[Rule]:
        now = self.runtime.timers.now
        return [rule for rule in self.lists.get(name, ()) if not 0 < rule.expires <= now]


def read_definition(words: list[str]) -> tuple[str, set[str], list[Rule]]:
    """Name, flags and rules of `name[/flags][: { rules }]`, given as its words."""
    text = " ".join(words)
    head, _, body = text.partition("{")
    name, _, flags = head.replace(":", " ").partition("/")
    rules = [_read_rule(each) for each in _split_rules(body.rpartition("}")[0])]
    return name.strip(), set(flags.replace(",", " ").split()), [rule for rule in rules if rule is not None]


def _split_rules(text: str) -> list[str]:
    """The rules between commas that are not inside parentheses."""
    rules, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            rules.append(text[start:at])
            start = at + 1
    rules.append(text[start:])
    return [rule.strip() for rule in rules if rule.strip()]


def _read_rule(text: str) -> Rule | None:
    negated = "!" if text.startswith("!") else ""
    text = text.removeprefix("!").strip()
    if not text.startswith("("):
        return _rule(negated + text.replace(" ", ""), None, None, None, 0.0)
    parts = [part.strip() for part in text.strip("()").split(",")]
    protocol = parts.pop(0) if parts[0].isalpha() else ""
    network, port, pattern = (*parts, "", "", "")[:3]
    number = int(port) if port.isdecimal() else None
    return _rule(negated + network.replace(" ", ""), number, protocol, pattern, 0.0)


def _rule(network: str, port: int | None, protocol: str | None, pattern: str | None, expires: float) -> Rule | None:
    negated = network.startswith("!")
    try:
        parsed = ip_network(network.removeprefix("!").strip().replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
    return Rule(parsed, port or 0, (protocol or "").lower(), pattern or "", negated, expires)


def _same(rule: Rule, other: Rule) -> bool:
    return (rule.network, rule.port, rule.protocol, rule.pattern, rule.negated) == (
        other.network, other.port, other.protocol, other.pattern, other.negated,
    )  # fmt: skip
