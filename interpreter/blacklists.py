"""Blacklists: destinations that nothing is sent to (language.md 2, 6, 7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from relayscript.dsl import nodes
from relayscript.interpreter.regex import compile_ere
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address

Network = IPv4Network | IPv6Network

USED = "core.blacklists"
"""Where a run keeps the names of the lists that act on it, once it has chosen (`context.local`)."""

DEAD = "dns"
"""The name of the list of places that were found out of order."""

DEAD_FOR = 240.0
"""Seconds for which nothing is sent to such a place."""

_RULE = re.compile(
    r"""\s*(!?)\s*
    (?: \( \s* (?:([a-z]+)\s*,)? \s*([^,()"]+?)\s* (?: ,\s*(\d+|any)\s* (?: ,\s*"?(.*?)"?\s* )? )? \)
      | ([^(),"]+?) )
    \s*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


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
        """Whether the rule forbids a destination, given by its address; `text` is the message."""
        try:
            address = ip_address(host)
        except ValueError:
            return False
        inside = (
            address.version == self.network.version
            and address in self.network
            and self.port in (0, port)
            and self.protocol in ("", "any", protocol)
            and (not self.pattern or compile_ere(self.pattern).matches(text))
        )
        return inside != self.negated

    def is_like(self, other: Rule) -> bool:
        """The same, whenever they expire."""
        return replace(self, expires=0.0) == replace(other, expires=0.0)

    def is_over(self, now: float) -> bool:
        """Its time has come."""
        return 0 < self.expires <= now


@dataclass(slots=True)
class Blacklist:
    """Rules under a name. Flags: `readonly` takes no rules at run time, `default` acts on every message, `expire` has
    rules that end.
    """

    name: str
    flags: frozenset[str]
    rules: list[Rule] = field(default_factory=list)

    @property
    def is_read_only(self) -> bool:
        """It stays as the script defines it: a list without flags, or one that says so."""
        return not self.flags or "readonly" in self.flags


class Blacklists:
    """The lists of one script; with `remembers_dead` also that of places out of order."""

    def __init__(self, script: nodes.Script, timers: Timers, *, remembers_dead: bool = False) -> None:
        self._timers = timers
        self.lists: dict[str, Blacklist] = {}
        if remembers_dead:
            self._add(Blacklist(DEAD, frozenset(("readonly", "default", "expire"))))
        for item in script.items:
            if isinstance(item, nodes.Global) and item.name == "dst_blacklist":
                self._add(_defined(item))
        self.default = frozenset(each.name for each in self.lists.values() if "default" in each.flags)

    def _add(self, made: Blacklist) -> None:
        self.lists[made.name] = made

    @property
    def act_by_default(self) -> bool:
        """Some list may forbid what is sent without a word from the script."""
        return bool(self.default)

    def forbidding(self, used: Iterable[str] | None, host: str, port: int, protocol: str, text: str) -> str:
        """The name of the list, of those `used` (None: the default ones), that forbids a destination; else empty.

        `text` is the message.
        """
        for name in sorted(self.default if used is None else used):
            if any(rule.covers(host, port, protocol, text) for rule in self.current(name)):
                return name
        return ""

    def current(self, name: str) -> Iterator[Rule]:
        """The rules of a list that hold now; none if there is no such list."""
        found, now = self.lists.get(name), self._timers.now
        if found is None:
            return
        found.rules = [rule for rule in found.rules if not rule.is_over(now)]
        yield from found.rules

    def add(self, name: str, rule: Rule | None, seconds: int = 0) -> bool:
        """Add a rule, for some seconds if they are given; False if the list does not take it."""
        found = self.lists.get(name)
        if rule is None or found is None or found.is_read_only:
            return False
        found.rules.append(replace(rule, expires=self._timers.now + seconds if seconds else 0.0))
        return True

    def remove(self, name: str, rule: Rule | None) -> bool:
        """Remove a rule; False if there is none like it."""
        found = self.lists.get(name)
        if rule is None or found is None or found.is_read_only:
            return False
        kept = [each for each in self.current(name) if not each.is_like(rule)]
        removed, found.rules = len(kept) < len(found.rules), kept
        return removed

    def shun(self, address: Address, protocol: str) -> None:
        """A place is out of order: remember it for a while, if the script wants that (`disable_dns_blacklist`)."""
        found, rule = self.lists.get(DEAD), rule_of(address[0], address[1], protocol)
        if found is not None and rule is not None:
            kept = [each for each in self.current(DEAD) if not each.is_like(rule)]
            found.rules = [*kept, replace(rule, expires=self._timers.now + DEAD_FOR)]

    def seconds_left(self, rule: Rule) -> int:
        """Until a rule ends; 0 if it does not."""
        return max(1, round(rule.expires - self._timers.now)) if rule.expires else 0


def _defined(item: nodes.Global) -> Blacklist:
    words = [f'"{each.value}"' if isinstance(each, nodes.Text) else _plain(each) for each in item.values]
    name, flags, rules = read_definition(words)
    return Blacklist(name, frozenset(flags), rules)


def _plain(each: nodes.Number | nodes.Word) -> str:
    return each.text if isinstance(each, nodes.Word) else str(each.value)


def read_definition(words: list[str]) -> tuple[str, set[str], list[Rule]]:
    """Name, flags and rules of `name[/flags][: { rules }]`, given as its words."""
    text = " ".join(words)
    head, _, body = text.partition("{")
    name, _, flags = head.replace(":", " ").partition("/")
    rules = [read_rule(each) for each in _split_rules(body.rpartition("}")[0])]
    return name.strip(), set(flags.replace(",", " ").split()), [rule for rule in rules if rule is not None]


def _split_rules(text: str) -> list[str]:
    """The rules between commas that are inside neither parentheses nor quotes."""
    rules, depth, start, quoted = [], 0, 0, False
    for at, char in enumerate(text):
        quoted ^= char == '"'
        if not quoted:
            depth += (char == "(") - (char == ")")
        if char == "," and depth == 0 and not quoted:
            rules.append(text[start:at])
            start = at + 1
    rules.append(text[start:])
    return [rule.strip() for rule in rules if rule.strip()]


def read_rule(text: str) -> Rule | None:
    """A rule as it stands in a definition: `[!]network` or `[!]([proto,] network[, port[, pattern]])`, else None."""
    found = _RULE.fullmatch(text)
    if found is None:
        return None
    negated, protocol, network, port, pattern, bare = found.groups()
    number = int(port) if port and port.isdecimal() else None
    return rule_of(negated + (network or bare).replace(" ", ""), number, protocol, pattern)


def rule_of(
    network: str, port: int | None = None, protocol: str | None = None, pattern: str | None = None, expires: float = 0.0
) -> Rule | None:
    """A rule of its parts, the network with `!` in front to negate it; None if there is no such network."""
    negated = network.startswith("!")
    try:
        parsed = ip_network(network.removeprefix("!").strip().replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
    return Rule(parsed, port or 0, (protocol or "").lower(), pattern or "", negated, expires)
