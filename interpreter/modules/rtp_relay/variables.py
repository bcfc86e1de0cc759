"""`$rtp_relay`, `$rtp_relay_peer` and `$rtp_relay_ctx` (rtp-relay.md 3)."""

from __future__ import annotations

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import variable
from relayscript.interpreter.modules.rtp_relay.call import context_field
from relayscript.interpreter.modules.rtp_relay.core import RelayCore
from relayscript.interpreter.modules.rtp_relay.legs import FIELDS
from relayscript.interpreter.values import Value, text_of

Index = int | str | None


class RelayVariables(RelayCore):
    """The settings of participants and of the whole call, as scripts see them."""

    @variable("rtp_relay", parameter="optional", index=True, words=True)
    def own(self, context: Context, field: str | None, index: Index) -> Value:
        """A setting of the current participant."""
        return self._read(context, field, index, peer=False)

    @own.setter
    def set_own(self, context: Context, field: str | None, index: Index, op: str, value: Value) -> bool:
        """Set it."""
        return self._write(context, field, index, value, peer=False)

    @variable("rtp_relay_peer", parameter="optional", index=True, words=True)
    def peer(self, context: Context, field: str | None, index: Index) -> Value:
        """A setting of the other participant."""
        return self._read(context, field, index, peer=True)

    @peer.setter
    def set_peer(self, context: Context, field: str | None, index: Index, op: str, value: Value) -> bool:
        """Set it."""
        return self._write(context, field, index, value, peer=True)

    def _read(self, context: Context, field: str | None, index: Index, *, peer: bool) -> Value:
        call = self.call_of(context)
        if call is None:
            return None
        leg = self.addressing.find(call, context, index, peer=peer, create=False)
        name = (field or "flags").lower()
        return leg.read(name) if leg is not None and name in FIELDS else None

    def _write(self, context: Context, field: str | None, index: Index, value: Value, *, peer: bool) -> bool:
        name = (field or "flags").lower()
        if name not in FIELDS:
            self.runtime.warn_at(f"rtp_relay: there is no field {field!r}", level=-1)
            return False
        call = self.need_call(context)
        leg = self.addressing.find(call, context, index, peer=peer, create=True)
        if leg is None:
            self.runtime.warn_at(f"rtp_relay: there is no participant {index!r}")
            return False
        if context.kind is Kind.BRANCH and leg is call.legs.caller and not context.message.to_tag:
            call.legs.change_caller(context.branch_index)
        return leg.write(name, value)

    @variable("rtp_relay_ctx", parameter="optional")
    def ctx(self, context: Context, field: str | None) -> Value:
        """A value of the whole call; NULL if it is not set."""
        call = self.call_of(context)
        name = context_field(field)
        return (call.value(name) or None) if call is not None and name else None

    @ctx.setter
    def set_ctx(self, context: Context, field: str | None, op: str, value: Value) -> bool:
        """Set it; NULL clears it."""
        name = context_field(field)
        if name is None:
            self.runtime.warn_at(f"rtp_relay_ctx: there is no field {field!r}", level=-1)
            return False
        call, text = (
            self.need_call(context),
            text_of(value) if not isinstance(value, int) else str(int(value)),
        )
        call.set_value(name, text)
        return True
