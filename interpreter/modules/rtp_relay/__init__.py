"""Module rtp_relay: binds a call to a media relay and follows it until the call ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.engines.contract import Engine
from relayscript.interpreter.compiler import walk
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import Module, Parameter, command, function, variable
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.modules.rtp_relay.addressing import Addressing
from relayscript.interpreter.modules.rtp_relay.call import ALL_BRANCHES, CONTEXT_FIELDS, Engagement, RelayCall
from relayscript.interpreter.modules.rtp_relay.commands import Commands
from relayscript.interpreter.modules.rtp_relay.events import InDialog, InitialInvite
from relayscript.interpreter.modules.rtp_relay.legs import FIELDS, Legs
from relayscript.interpreter.modules.tm import Tm, Transaction
from relayscript.interpreter.values import Value, text_of

NOT_INITIAL = -2
FAILED = -1
LOCAL = "rtp_relay"
"""The key under which runs, transactions and dialogs keep their relay call."""


class RtpRelay(Module):
    """The relay of calls (rtp_relay manual)."""

    name = "rtp_relay"
    requires = ("tm",)
    parameters = (
        Parameter("route_offer", "rtp_relay_offer"), Parameter("route_answer", "rtp_relay_answer"),
        Parameter("route_delete", "rtp_relay_delete"), Parameter("route_copy_offer", "rtp_relay_copy_offer"),
        Parameter("route_copy_answer", "rtp_relay_copy_answer"),
        Parameter("route_copy_delete", "rtp_relay_copy_delete"), Parameter("branch_scope", ""),
    )  # fmt: skip

    def __init__(self, runtime: Any, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.relaying = Commands(runtime)
        scope = settings["branch_scope"] or runtime.target
        self.addressing = Addressing(branch_is_callee=scope != "3.2")
        self.calls: dict[int, RelayCall] = {}

    def start(self) -> None:
        """Follow the transactions that tm creates."""
        tm = self.runtime.module(Tm)
        if tm is not None:
            tm.on_created.append(self._transaction_created)

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """An engine named by a literal must exist."""
        for call in walk(script):
            if not isinstance(call, nodes.Call) or call.name != "rtp_relay_engage" or not call.args:
                continue
            engine = call.args[0]
            if isinstance(engine, nodes.Text) and "$" not in engine.value:
                if engine.value not in self.runtime.engines:
                    known = ", ".join(sorted(self.runtime.engines)) or "none; load rtpproxy or rtpengine"
                    text = f"no relay engine is called {engine.value!r}"
                    yield Diagnostic(Severity.ERROR, "RS320", text, engine.span, f"engines loaded: {known}")

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

    def _transaction_created(self, transaction: Transaction, context: Context) -> None:
        call = self.call_of(context)
        if call is None:
            return
        if context.message.to_tag:
            InDialog(self.runtime, self.relaying, call).transaction_created(transaction, context)
            return
        transaction.local[LOCAL] = call
        if call.engagements:
            self._attach(call, transaction)

    def _attach(self, call: RelayCall, transaction: Transaction) -> None:
        if not transaction.local.get("rtp_relay.attached"):
            transaction.local["rtp_relay.attached"] = True
            InitialInvite(self.runtime, self.relaying, call).attach(transaction)

    # ---- engaging

    @function(waits=True)
    def rtp_relay_engage(self, context: Context, engine: str, set_id: int | None = None) -> int:
        """Bind the call (or in a branch route the branch) to a relay engine (manual, `rtp_relay_engage`)."""
        message = context.message
        if message.method != "INVITE" or message.to_tag:
            self.runtime.warn_at("rtp_relay_engage: only for an initial INVITE")
            return NOT_INITIAL
        found: Engine | None = self.runtime.engines.get(engine)
        if found is None:
            self.runtime.warn_at(f"rtp_relay_engage: no relay engine is called {engine!r}", level=-1)
            return FAILED
        dialogs = self.runtime.module(DialogModule)
        if dialogs is None or not message.from_tag:
            self.runtime.warn_at("rtp_relay_engage: needs the dialog module and a From tag", level=-1)
            return FAILED
        call = self.need_call(context)
        branch = context.branch_index if context.kind is Kind.BRANCH else ALL_BRANCHES
        call.engagements.append(Engagement(found, set_id, branch))
        self._bind_dialog(call, dialogs, context)
        if context.transaction is not None:
            self._attach(call, context.transaction)
        return 1

    def _bind_dialog(self, call: RelayCall, dialogs: DialogModule, context: Context) -> None:
        if call.dialog is not None:
            return
        dialog = dialogs.current(context) or dialogs.create(context)
        if dialog is None:
            return
        dialog.local[LOCAL] = call
        self.calls[id(call)] = call
        InDialog(self.runtime, self.relaying, call).attach(dialog)
        dialog.on_end.append(lambda *_: self.calls.pop(id(call), None))

    # ---- variables

    @variable("rtp_relay", parameter="optional", index=True)
    def own(self, context: Context, field: str | None, index: int | str | None) -> Value:
        """A setting of the current participant."""
        return self._read(context, field, index, peer=False)

    @own.setter
    def set_own(self, context: Context, field: str | None, index: int | str | None, op: str, value: Value) -> bool:
        """Set it."""
        return self._write(context, field, index, value, peer=False)

    @variable("rtp_relay_peer", parameter="optional", index=True)
    def peer(self, context: Context, field: str | None, index: int | str | None) -> Value:
        """A setting of the other participant."""
        return self._read(context, field, index, peer=True)

    @peer.setter
    def set_peer(self, context: Context, field: str | None, index: int | str | None, op: str, value: Value) -> bool:
        """Set it."""
        return self._write(context, field, index, value, peer=True)

    def _read(self, context: Context, field: str | None, index: int | str | None, *, peer: bool) -> Value:
        call = self.call_of(context)
        if call is None:
            return None
        leg = self.addressing.find(call, context, index, peer=peer, create=False)
        name = (field or "flags").lower()
        return leg.read(name) if leg is not None and name in FIELDS else None

    def _write(self, context: Context, field: str | None, index: int | str | None, value: Value, *, peer: bool) -> bool:
        name = (field or "flags").lower()
        if name not in FIELDS:
            return False
        leg = self.addressing.find(self.need_call(context), context, index, peer=peer, create=True)
        return leg is not None and leg.write(name, value)

    @variable("rtp_relay_ctx", parameter="optional")
    def ctx(self, context: Context, field: str | None) -> Value:
        """A value of the whole call; NULL if it is not set."""
        call = self.call_of(context)
        name = _context_field(field)
        return (call.value(name) or None) if call is not None and name else None

    @ctx.setter
    def set_ctx(self, context: Context, field: str | None, op: str, value: Value) -> bool:
        """Set it; NULL clears it."""
        name = _context_field(field)
        if name is None:
            return False
        call, text = self.need_call(context), text_of(value) if not isinstance(value, int) else str(int(value))
        if text:
            call.values[name] = text
        else:
            call.values.pop(name, None)
        return True

    # ---- management

    @command("rtp_relay:list", "rtp_relay_list")
    def list(self, engine: str | None = None, set: int | None = None, node: str | None = None) -> object:  # noqa: A002
        """All established calls, the latest first (manual, `rtp_relay_list`)."""
        if engine is not None and engine not in self.runtime.engines:
            raise CommandError(404, "unknown RTP  Relay engine")
        established = [call for call in self.calls.values() if call.established is not None]
        return [
            call.to_json()
            for call in reversed(established)
            if (session := call.established) is not None
            and engine in (None, session.engine.name)
            and set in (None, session.session.set)
            and node in (None, session.session.node)
        ]


def _context_field(field: str | None) -> str | None:
    """The field of `$rtp_relay_ctx` that a name means; None if there is none."""
    name = (field or "callid").lower().replace("-", "_")
    name = {"call_id": "callid", "fromtag": "from_tag", "totag": "to_tag"}.get(name, name)
    return name if name in CONTEXT_FIELDS else None
