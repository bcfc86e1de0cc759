"""Module signaling: replies through whichever of tm and sl fits (signaling manual)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function, variable
from relayscript.interpreter.modules.sl import Sl
from relayscript.interpreter.modules.tm import Tm
from relayscript.interpreter.values import Value


class Signaling(Module):
    """Answers statefully in a transaction, statelessly outside of one."""

    name = "signaling"

    def reply(self, context: Context, status: int, reason: str) -> int:
        """Answer the request of a run; what the function of tm or sl returns, -1 if neither is loaded."""
        tm, sl = self.runtime.module(Tm), self.runtime.module(Sl)
        if tm is not None and (context.transaction is not None or sl is None):
            return tm.t_reply(context, status, reason)
        if sl is not None:
            return sl.sl_send_reply(context, status, reason)
        context.log(-1, "send_reply: neither tm nor sl is loaded")
        return -1

    @function()
    def send_reply(self, context: Context, code: int, reason: str) -> int:
        """Answer the request: 1; -1 if it cannot be answered."""
        return self.reply(context, code, reason)

    @variable("sig_local_totag")
    def local_totag(self, context: Context) -> Value:
        """The To tag that an answer of ours to this request has."""
        tm, sl = self.runtime.module(Tm), self.runtime.module(Sl)
        if tm is not None and context.transaction is not None:
            return tm.local_tag(context.transaction)
        return sl.tag(context) if sl is not None and context.message.is_request else None
