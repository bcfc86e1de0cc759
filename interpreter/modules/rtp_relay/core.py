"""What all parts of module rtp_relay share: the calls, and the call that a run belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.modules.rtp_relay.addressing import Addressing
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.in_dialog import InDialog
from relayscript.interpreter.modules.rtp_relay.initial import InitialInvite
from relayscript.interpreter.modules.rtp_relay.legs import Legs
from relayscript.interpreter.modules.rtp_relay.operations import Operations
from relayscript.interpreter.modules.rtp_relay.persistence import Persistence
from relayscript.interpreter.modules.rtp_relay.route_engine import RouteEngine
from relayscript.interpreter.modules.rtp_relay.session import RelaySession
from relayscript.interpreter.modules.rtp_relay.verifying import findings
from relayscript.interpreter.modules.tm import Tm, Transaction, TransactionBranch
from relayscript.interpreter.releases import Releases

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

LOCAL = "rtp_relay"
"""The key under which runs, transactions and dialogs keep their relay call."""

FOLLOWED = "rtp_relay.followed"
NO_RELAY = "E_RTP_RELAY_UNAVAILABLE"
BY_TARGET = -1
"""A parameter whose value depends on the OpenSIPS version that is meant."""

OPERATIONS = ("offer", "answer", "delete", "copy_offer", "copy_answer", "copy_delete")


class RelayCore(Module):
    """Keeps the relay calls of one running script.

    Our own parameters: `branch_scope` is the OpenSIPS version whose meaning `$rtp_relay` has in a branch route
    (`3.2` or `4.0`; without it that of the target). `no_relay_reply` is the status that a branch fails with
    when no relay is available for it (0: it is sent without relay). `reanchor` moves the calls of a node that
    fails to others. `update_at_once` is how many calls are updated at a time. `release_on_stop` says whether
    the relays are given back what they hold when the script stops, or calls go on without us, as with OpenSIPS;
    left out (-1), they are given it back up to target 3.2. If dialogs are kept in a database, they never are.
    `answer_elsewhere` has a call whose node is gone when the answer comes go on at another node, and leads the
    callee there with a re-INVITE; left out (-1), up to target 3.2, for in 4.0 an answer never fails over.
    """

    parameters = (
        *(Parameter(f"route_{each}", f"rtp_relay_{each}") for each in OPERATIONS),
        Parameter("branch_scope", ""), Parameter("no_relay_reply", 0), Parameter("reanchor", 0),
        Parameter("update_at_once", 20), Parameter("release_on_stop", BY_TARGET),
        Parameter("answer_elsewhere", BY_TARGET),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        if settings["branch_scope"] not in ("", "3.2", "4.0"):
            raise ValueError(f"branch_scope is 3.2 or 4.0, not {settings['branch_scope']!r}")
        scope = settings["branch_scope"] or runtime.target
        self.addressing = Addressing(branch_is_callee=scope != "3.2")
        self.operations = Operations(runtime, takes_over=self._wants("answer_elsewhere"))
        self.operations.on_answered.append(self._answered)
        self.calls: dict[int, RelayCall] = {}
        self.bound: dict[int, RelayCall] = {}
        runtime.engines["route"] = RouteEngine(
            runtime, {each: settings[f"route_{each}"] for each in OPERATIONS}
        )

    def start(self) -> None:
        """Follow the transactions that tm creates, and add to what is listed of a dialog."""
        for name in self.runtime.engines:
            self.operations.measures.add(name)
        tm, dialogs = self.runtime.module(Tm), self.runtime.module(DialogModule)
        if tm is not None:
            tm.on_created.append(self._transaction_created)
        if dialogs is not None:
            dialogs.on_list_context.append(self._list_context)
            Persistence(self, LOCAL).attach(dialogs)

    def leave(self, done: Callable[[], None]) -> None:
        """Give back what the relays hold, if that is wanted."""
        calls = [*self.bound.values()] if self._releases_on_stop() else []
        for call in calls:
            call.ended = True
        held = [(call, session) for call in calls for session in call.sessions.values()]
        Releases((partial(self._release, *each) for each in held), done).start()

    def _release(self, call: RelayCall, session: RelaySession, then: Callable[[], None]) -> None:
        self.operations.delete(call, session, then=then)

    def _releases_on_stop(self) -> bool:
        dialogs = self.runtime.module(DialogModule)
        if dialogs is not None and dialogs.is_persistent:
            return False  # whoever starts next carries on with the calls
        return self._wants("release_on_stop")

    def _wants(self, parameter: str) -> bool:
        """Whether something is on; where nobody says, it is up to target 3.2 and not after."""
        wanted = self.settings[parameter]
        return bool(wanted) if wanted != BY_TARGET else self.runtime.target == "3.2"

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """Engines and fields named by literals must exist."""
        return findings(script, self.runtime.engines)

    # ---- the call of a run

    def call_of(self, context: Context) -> RelayCall | None:
        """The relay call that a run belongs to: of its dialog, its own, or of its transaction."""
        dialogs = self.runtime.module(DialogModule)
        dialog = dialogs.current(context) if dialogs is not None else None
        for place in (dialog, context, context.transaction):
            if place is not None and (found := place.local.get(LOCAL)) is not None:
                return found  # type: ignore[no-any-return]
        return None

    def need_call(self, context: Context) -> RelayCall:
        """The relay call of a run, made if there is none yet."""
        call = self.call_of(context)
        if call is None:
            message = context.message
            call = RelayCall(message.call_id, Legs(message.from_tag))
            place = context.transaction if context.transaction is not None else context
            place.local[LOCAL] = call
        return call

    # ---- following

    def _transaction_created(self, transaction: Transaction, context: Context) -> None:
        call = self.call_of(context)
        if call is None:
            return
        if context.message.to_tag:
            InDialog(self.operations, call).transaction_created(transaction, context)
            return
        transaction.local[LOCAL] = call
        if call.engagements:
            self.follow(call, transaction)

    def follow(self, call: RelayCall, transaction: Transaction) -> None:
        """Follow the transaction of an engaged call's INVITE."""
        if not transaction.local.get(FOLLOWED):
            transaction.local[FOLLOWED] = True
            InitialInvite(self.operations, call, self._unavailable).attach(transaction)

    def bind(self, call: RelayCall, dialog: Dialog) -> None:
        """The dialog keeps the call from now on, and ends it."""
        dialog.local[LOCAL] = call
        InDialog(self.operations, call).attach(dialog)
        self.bound[id(call)] = call
        dialog.on_end.append(self._unbound)

    def _unbound(self, dialog: Dialog, reason: str, downstream: bool | None) -> None:
        call: RelayCall = dialog.local[LOCAL]
        self.calls.pop(id(call), None)
        self.bound.pop(id(call), None)

    def _answered(self, call: RelayCall, session: RelaySession) -> None:
        """A first answer establishes the call."""
        if call.established is None:
            call.established = session
        if call.dialog is not None and id(call) not in self.calls and not call.ended:
            self.calls[id(call)] = call

    def _unavailable(self, call: RelayCall, session: RelaySession, branch: TransactionBranch) -> None:
        """No relay for a branch: an event, and if the script wants it the end of the branch."""
        self.runtime.raise_event(
            NO_RELAY,
            {
                "callid": call.call_id, "branch": branch.index, "engine": session.engine.name,
                "set": session.engagement.set,
            },
        )  # fmt: skip
        branch.refused = self.settings["no_relay_reply"]

    def _list_context(self, dialog: Dialog, made: dict[str, Any]) -> None:
        call: RelayCall | None = dialog.local.get(LOCAL)
        if call is not None and call.is_listed:
            made["rtp_relay"] = {name: value for name, value in call.to_json().items() if name != "callid"}

    def followed(self) -> list[RelayCall]:
        """All calls with a dialog, the one established last at the end."""
        return list(self.calls.values())
