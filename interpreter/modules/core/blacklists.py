"""The functions and commands about blacklists (language.md 6, `blacklists:*`)."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.dsl.visitor import literals
from relayscript.interpreter.blacklists import USED, Blacklist, Rule, read_rule, rule_of
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, command, function
from relayscript.interpreter.management import BAD_PARAMETERS, CommandError

ALL = "all"
"""The name that stands for every list."""

Json = dict[str, object]


class BlacklistFunctions(Module):
    """Lists come from `dst_blacklist`; one that is read-only takes no further rules."""

    name = "core"

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """A list that is named as it stands has to be there."""
        known = self.runtime.blacklists.lists
        for call, name in literals(script, "use_blacklist", "unuse_blacklist"):
            if name.value != ALL and name.value not in known:
                text = f"{call.name}(): there is no blacklist {name.value!r}"
                yield Diagnostic(Severity.ERROR, "RS330", text, name.span, "define it with dst_blacklist")

    @function()
    def use_blacklist(self, context: Context, name: str) -> int:
        """Let a list forbid destinations of this message; `all` means every list."""
        return self._switch(context, name, on=True)

    @function()
    def unuse_blacklist(self, context: Context, name: str) -> int:
        """No longer let it."""
        return self._switch(context, name, on=False)

    def _switch(self, context: Context, name: str, *, on: bool) -> int:
        known = self.runtime.blacklists
        if name != ALL and name not in known.lists:
            context.log(-1, f"there is no blacklist {name!r}")
            return -1
        names = set(known.lists) if name == ALL else {name}
        used: set[str] = context.local.get(USED, set(known.default))
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
        names = list(self.runtime.blacklists.lists) if name == ALL else [name]
        return 1 if self._forbidding(names, ip, port or 0, protocol or "", pattern or "") else -1

    def _forbidding(self, names: list[str], ip: str, port: int, protocol: str, pattern: str) -> str:
        return self.runtime.blacklists.forbidding(names, ip, port, protocol.lower(), pattern)

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
        rule = rule_of(network, port, protocol, pattern)
        return 1 if self.runtime.blacklists.add(name, rule, expire or 0) else -1

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
        return 1 if self.runtime.blacklists.remove(name, rule_of(network, port, protocol, pattern)) else -1

    # ---- commands

    @command("blacklists:list", "list_blacklists")
    def listed(self, name: str | None = None) -> dict[str, list[Json]]:
        """The lists, or one of them, with their rules."""
        known = self.runtime.blacklists.lists
        found = list(known.values()) if name is None else [self._list(name)]
        return {"Blacklists": [self._shown(each) for each in found]}

    @command("blacklists:add_rule", "add_blacklist_rule")
    def add_rule(self, name: str, rule: str, expire: int | None = None) -> str:
        """Add a rule, written as in the script, for some seconds if they are given."""
        made = self._rule(name, rule)
        if not self.runtime.blacklists.add(name, made, expire or 0):
            raise CommandError(403, "Blacklist is read-only")
        return "OK"

    @command("blacklists:del_rule", "del_blacklist_rule")
    def del_rule(self, name: str, rule: str) -> str:
        """Remove a rule."""
        made = self._rule(name, rule)
        if self._list(name).is_read_only:
            raise CommandError(403, "Blacklist is read-only")
        if not self.runtime.blacklists.remove(name, made):
            raise CommandError(404, "Rule not found")
        return "OK"

    @command("blacklists:check", "check_blacklist")
    def check(
        self, name: str, ip: str, proto: str | None = None, port: int | None = None, pattern: str | None = None
    ) -> str:
        """OK if a list forbids a destination."""
        return self._checked([self._list(name).name], ip, proto, port, pattern)

    @command("blacklists:check_all", "check_blacklists")
    def check_all(
        self, ip: str, proto: str | None = None, port: int | None = None, pattern: str | None = None
    ) -> str:
        """OK if any list forbids a destination."""
        return self._checked(list(self.runtime.blacklists.lists), ip, proto, port, pattern)

    def _checked(
        self, names: list[str], ip: str, protocol: str | None, port: int | None, pattern: str | None
    ) -> str:
        if not self._forbidding(names, ip, port or 0, protocol or "", pattern or ""):
            raise CommandError(404, "Rule not found")
        return "OK"

    def _list(self, name: str) -> Blacklist:
        found = self.runtime.blacklists.lists.get(name)
        if found is None:
            raise CommandError(404, "Blacklist not found")
        return found

    def _rule(self, name: str, text: str) -> Rule:
        self._list(name)
        rule = read_rule(text)
        if rule is None:
            raise CommandError(*BAD_PARAMETERS, "Bad rule")
        return rule

    def _shown(self, each: Blacklist) -> Json:
        rules = [self._shown_rule(rule) for rule in self.runtime.blacklists.current(each.name)]
        return {"Name": each.name, "Flags": sorted(each.flags), "Rules": rules}

    def _shown_rule(self, rule: Rule) -> Json:
        network = f"{'!' if rule.negated else ''}{rule.network}"
        shown: Json = {"IP": network, "Port": rule.port, "Proto": rule.protocol or "any", "Match": rule.pattern}
        if left := self.runtime.blacklists.seconds_left(rule):
            shown["Expires"] = left
        return shown
