"""`$rtp_relay`, `$rtp_relay_peer` and `$rtp_relay_ctx` (rtp-relay.md 3)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import variable
from relayscript.interpreter.modules.rtp_relay.call import CONTEXT_FIELDS
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
            self.runtime.warn_at(f"rtp_relay_ctx: there is no field {field!r}", level=-1)
            return False
        call, text = (
            self.need_call(context),
            text_of(value) if not isinstance(value, int) else str(int(value)),
        )
        if text:
            call.values[name] = text
        else:
            call.values.pop(name, None)
        return True


def _context_field(field: str | None) -> str | None:
    """The field of `$rtp_relay_ctx` that a name means; None if there is none."""
    name = (field or "callid").lower().replace("-", "_")
    name = {"call_id": "callid", "fromtag": "from_tag", "totag": "to_tag"}.get(name, name)
    return name if name in CONTEXT_FIELDS else None
