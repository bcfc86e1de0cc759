"""`rtp_relay_engage` (rtp-relay.md 2)."""

from __future__ import annotations

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import function
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.core import RelayCore
from relayscript.interpreter.modules.rtp_relay.session import ALL_BRANCHES, Engagement

NOT_INITIAL = -2
FAILED = -1


class Engaging(RelayCore):
    """Binds calls to relays."""

    @function(waits=True)
    def rtp_relay_engage(self, context: Context, engine: str, set_id: int | None = None) -> int:
        """Bind the call, or in a branch route the branch, to a relay engine: 1.

        -2 if the request is not an initial INVITE, -1 if there is no such engine or the call cannot be
        followed. Nothing is sent to the relay yet.
        """
        message = context.message
        if message.method != "INVITE" or message.to_tag:
            self.runtime.warn_at("rtp_relay_engage: only for an initial INVITE")
            return NOT_INITIAL
        found = self.runtime.engines.get(engine)
        if found is None:
            self.runtime.warn_at(f"rtp_relay_engage: no relay engine is called {engine!r}", level=-1)
            return FAILED
        dialogs = self.runtime.module(DialogModule)
        if dialogs is None or not message.from_tag:
            self.runtime.warn_at("rtp_relay_engage: needs the dialog module and a From tag", level=-1)
            return FAILED
        call = self.need_call(context)
        branch = context.branch_index if context.kind is Kind.BRANCH else ALL_BRANCHES
        call.engagements = (*call.engagements, Engagement(found, set_id, branch))
        self._with_dialog(call, dialogs, context)
        if context.transaction is not None:
            self.follow(call, context.transaction)
        return 1

    def _with_dialog(self, call: RelayCall, dialogs: DialogModule, context: Context) -> None:
        """Bind the call to its dialog, which is created if the script did not."""
        if (
            call.dialog is None
            and (dialog := dialogs.current(context) or dialogs.create(context)) is not None
        ):
            self.bind(call, dialog)
