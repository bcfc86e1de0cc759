"""Phones that sleep until a push notification wakes them (registrar manual, "SIP Push Notification Support"; RFC 8599).

The script sends the notification, in `event_route[E_UL_CONTACT_REFRESH]`; the phone then registers again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Branch, Context, Kind
from relayscript.interpreter.declaration import function
from relayscript.interpreter.modules.registrar.core import RegistrarCore
from relayscript.interpreter.modules.tm import Tm, Transaction
from relayscript.interpreter.modules.usrloc import Binding, Domain, Record
from relayscript.interpreter.modules.usrloc.binding import uri_parameters
from relayscript.interpreter.variables import uris
from relayscript.interpreter.waiting import wait
from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import parse_nameaddr
from relayscript.sip.params import LWS, split_outside_quotes
from relayscript.sip.routing import values

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime
    from relayscript.sip.timers import Timer

LAUNCHED, NOT_LAUNCHED = 1, 2
PROVIDER, REFERENCE = "pn-provider", "pn-purr"
"""URI parameters: who delivers notifications to a phone, and which registration a dialog needs (RFC 8599 4.1, 6.1)."""

Woken = Callable[[Binding], None]


class Pushing(RegistrarCore):
    """Wakes phones, and goes on when they have registered again."""

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self._names = [each.strip() for each in settings["pn_ct_match_params"].split(",") if each.strip()]
        self._providers = [each.strip().lower() for each in (settings["pn_providers"] or "").split(",") if each.strip()]
        self._asleep: dict[int, list[Woken]] = {}

    def start(self) -> None:
        """Follow registrations."""
        super().start()
        if self.settings["pn_enable"]:
            self.usrloc.on_update.append(self._registered_again)
            self.usrloc.refreshed_before = self.settings["pn_trigger_interval"]

    # ---- registrations

    def takes_push(self, uri: str) -> bool:
        """A contact has all that a push notification needs, by a provider that the script knows."""
        if not self.settings["pn_enable"]:
            return False
        (provider,) = uri_parameters(uri, (PROVIDER,)) or ("",)
        return bool(uri_parameters(uri, self._names)) and provider.lower() in self._providers

    def push_mode(self, uri: str) -> str:
        """How a contact is told from others if it takes push notifications; empty for the usual way."""
        return f"<{','.join(self._names)}>" if self.takes_push(uri) else ""

    def capabilities(self, found: Iterable[tuple[Binding, bool]]) -> str:
        """The Feature-Caps lines of an answer: what is done for the contacts that take push notifications.

        With each is whether it can register again in time by itself (`+sip.pnsreg`).
        """
        lines: dict[str, None] = {}
        for binding, wakes_itself in found:
            if not binding.takes_push:
                continue
            (provider,) = uri_parameters(binding.uri, (PROVIDER,))
            line = f'Feature-Caps: *;+sip.pns="{provider}"'
            if wakes_itself:
                line += f';+sip.pnsreg="{self.settings["pn_pnsreg_interval"]}"'
            if self.settings["pn_enable_purr"]:
                line += f';+sip.pnspurr="{binding.number:x}"'
            lines[f"{line}\r\n"] = None
        return "".join(lines)

    # ---- the first request

    def sleeps(self, binding: Binding) -> bool:
        """A phone has to be woken before it can be reached."""
        awake = binding.modified + self.settings["pn_skip_pn_interval"]
        return binding.takes_push and bool(self.settings["pn_enable"]) and self.runtime.host.wall() >= awake

    def reachable(self, uri: str) -> str:
        """A contact's URI without what is meant for the sender of push notifications only."""
        parsed = uris.parsed(uri) if self.takes_push(uri) else None
        if parsed is None:
            return uri
        hidden = {each.lower() for each in self._names}
        kept = (
            each
            for each in split_outside_quotes(parsed.params, ";")
            if each.partition("=")[0].strip(LWS).lower() not in hidden
        )
        return uris.compose(parsed, params=";".join(kept))

    def wake_for(self, context: Context, domain: Domain, record: Record, binding: Binding, branch: Branch) -> bool:
        """Have a phone woken for a request, whose transaction then gets a branch to it; False without module tm."""
        tm = self.runtime.module(Tm)
        if tm is None or tm.t_newtran(context) <= 0:
            return False
        tm.t_wait_for_new_branches(context)
        transaction: Transaction = context.transaction

        def add(again: Binding) -> None:
            branch.uri, branch.duri = self.reachable(again.uri), again.next_hop
            branch.path, branch.socket = again.path or None, again.socket
            self.runtime.spawn(self._inject, tm, transaction, branch)

        self._await(binding.number, add, lambda: None)
        self.runtime.timers.start(
            self.settings["pn_refresh_timeout"], lambda: self.runtime.spawn(self._no_more, tm, transaction)
        )
        self.usrloc.raise_refresh(domain, record, binding, f"ini-{context.message.method}", context.message.call_id)
        return True

    def _run_of(self, transaction: Transaction) -> Context:
        context = Context(self.runtime, transaction.request, Kind.REQUEST)
        context.transaction, context.flags, context.avps = transaction, transaction.flags, transaction.avps
        return context

    def _inject(self, tm: Tm, transaction: Transaction, branch: Branch) -> None:
        context = self._run_of(transaction)
        context.branch = branch
        tm.t_inject_branches(context, "msg")

    def _no_more(self, tm: Tm, transaction: Transaction) -> None:
        if not transaction.ended:
            tm.t_wait_no_more_branches(self._run_of(transaction))

    # ---- later requests

    @function(waits=True)
    def pn_process_purr(self, context: Context, domain: str) -> int:
        """Wake the phone that a request of a dialog goes to, and wait for it: 1; 2 if there is none to wake."""
        table = self.usrloc.domain(domain)
        found = self._referred(context, table)
        if found is None or not self.settings["pn_enable_purr"]:
            return NOT_LAUNCHED
        record, binding = found

        def start(done: Callable[[bool], None]) -> None:
            self._await(binding.number, lambda again: done(True), lambda: done(False))
            self.usrloc.raise_refresh(table, record, binding, f"mid-{context.message.method}", context.message.call_id)

        wait(start)
        return LAUNCHED

    def _referred(self, context: Context, table: Domain) -> tuple[Record, Binding] | None:
        """The registration that the Request-URI or the first Route names."""
        try:
            routes = [parse_nameaddr(text).uri for text in values(context.message, "route")[:1]]
        except SipError:
            routes = []
        for uri in (context.branch.uri, *routes):
            (reference,) = uri_parameters(uri, (REFERENCE,)) or ("",)
            for record in table if reference else ():
                for binding in record.live(self.runtime.host.wall()):
                    if binding.takes_push and f"{binding.number:x}" == reference.lower():
                        return record, binding
        return None

    # ---- waiting

    def _await(self, number: int, woken: Woken, late: Callable[[], object]) -> None:
        """Call `woken` when a binding was registered again; `late` if it was not within `pn_refresh_timeout`."""
        waiting = self._asleep.setdefault(number, [])
        timer: Timer | None = None

        def once(binding: Binding) -> None:
            if timer is not None:
                timer.cancel()
            woken(binding)

        def over() -> None:
            if once in waiting:
                waiting.remove(once)
                late()
            if not waiting and self._asleep.get(number) is waiting:
                del self._asleep[number]

        waiting.append(once)
        timer = self.runtime.timers.start(self.settings["pn_refresh_timeout"], over)

    def _registered_again(self, domain: Domain, record: Record, binding: Binding) -> None:
        """Tell those who wait, behind the answer to the REGISTER."""
        waiting = self._asleep.pop(binding.number, [])
        while waiting:
            self.runtime.timers.start(0, partial(waiting.pop(0), binding))
