"""lookup(): where a user can be reached becomes the destination of a request (registrar manual)."""

from __future__ import annotations

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.modules.registrar.flags import LookupFlags, lookup_flags
from relayscript.interpreter.modules.registrar.pushing import Pushing
from relayscript.interpreter.modules.usrloc import Binding, Domain, Record
from relayscript.interpreter.modules.usrloc.binding import method_bit
from relayscript.interpreter.variables.branches import add

WOKEN = 2
NOBODY, UNSUITABLE, FAILED = -1, -2, -3


class Looking(Pushing):
    """Finding users."""

    @function()
    def lookup(self, context: Context, domain: str, flags: str | None = None, aor: str | None = None) -> int:
        """Send the request to the contacts of an address, that of the Request-URI if none is given.

        The preferred one becomes the Request-URI, the others branches: 1; 2 if all are asleep and are being woken
        (they become branches when they register again), -1 if there is none, -2 if none takes the method, -3 if
        that cannot be judged.
        """
        try:
            wanted = lookup_flags(flags or "")
        except ValueError as error:
            context.log(-1, f"lookup: {error}")
            return FAILED
        code = self._look(context, domain, aor or context.branch.uri, wanted, wanted.only_branches)
        if wanted.all_branches and aor is None:
            for branch in list(context.branches):
                before = len(context.branches)
                if self._look(context, domain, branch.uri, wanted, True) > 0 and len(context.branches) > before:
                    context.branches.remove(branch)
                    code = 1
        return code

    def _look(self, context: Context, domain: str, uri: str, wanted: LookupFlags, only_branches: bool) -> int:
        key = self.key(uri)
        if key is None:
            return FAILED
        table = self.usrloc.domain(domain)
        record = self.usrloc.known(table, key)
        live = record.live(self.runtime.host.wall()) if record is not None else []
        if not live:
            return NOBODY
        bit = method_bit(context.message.method)
        able = [each for each in live if not wanted.by_method or each.methods & bit]
        if not able:
            return UNSUITABLE
        newest_first = self.usrloc.settings["desc_time_order"]
        chosen = _chosen(able if newest_first else sorted(able, key=lambda each: -each.q), wanted)
        if not chosen or record is None:
            return NOBODY
        asleep = [each for each in chosen[: 1 if wanted.no_branches else None] if self.sleeps(each)]
        woken = [each for each in asleep if self._wake(context, table, record, each)]
        chosen = [each for each in chosen if each not in asleep]
        if not chosen:
            return WOKEN if woken else NOBODY
        if not only_branches:
            self._direct(context.branch, chosen.pop(0))
        for binding in () if wanted.no_branches else chosen:
            branch = Branch(binding.uri)
            self._direct(branch, binding)
            if not add(context, branch):
                break
        self._write_attributes(context)
        return 1

    def _wake(self, context: Context, table: Domain, record: Record, binding: Binding) -> bool:
        branch = Branch(binding.uri)
        self._direct(branch, binding)
        return self.wake_for(context, table, record, binding, branch)

    def _direct(self, branch: Branch, binding: Binding) -> None:
        branch.uri, branch.duri, branch.q = self.reachable(binding.uri), binding.next_hop, binding.q
        branch.path, branch.socket = binding.path or None, binding.socket
        branch.flags = set(binding.flags)
        self.put_attributes(branch, binding)

    def _write_attributes(self, context: Context) -> None:
        """In the oldest scripts the AVP has what is kept with all branches, at the index of each (3.2 manual)."""
        if self.write_attributes is None:
            return
        self.write_attributes(context, ":=", None)
        for branch in reversed((context.branch, *context.branches)):
            self.write_attributes(context, "=", branch.attributes.get(self.attribute, ""))


def _chosen(bindings: list[Binding], wanted: LookupFlags) -> list[Binding]:
    """The bindings that pass, the preferred first."""
    agent, most = wanted.agent, wanted.max_latency
    found = [
        each
        for each in bindings
        if (agent is None or agent.matches(each.user_agent)) and (not most or each.latency <= most)
    ]
    return sorted(found, key=lambda each: each.latency) if wanted.by_latency else found
