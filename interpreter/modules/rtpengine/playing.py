"""Media, digits, recordings and forwarding as script functions of module rtpengine (rtp-relay.md 10)."""

from __future__ import annotations

from relayscript.engines.rtpengine.ng import NgDict
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.direct_media import Target
from relayscript.interpreter.modules.rtpengine.offering import Offering

NO_DIGIT = -2


class Playing(Offering):
    """Commands on a call beside offer, answer and delete."""

    @function(waits=True)
    def rtpengine_start_recording(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Record the call."""
        return self._done(context, "start recording", flags, sock_var)

    @function(waits=True)
    def rtpengine_stop_recording(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """End the recording."""
        return self._done(context, "stop recording", flags, sock_var)

    @function(waits=True)
    def rtpengine_pause_recording(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Interrupt the recording."""
        return self._done(context, "pause recording", flags, sock_var)

    @function(waits=True)
    def rtpengine_play_media(
        self, context: Context, flags: str, duration_var: Target | None = None, sock_var: Target | None = None
    ) -> int:
        """Play a file; its duration in ms goes into the variable, -1 if it is not known."""
        return self._noted(context, "play media", flags, sock_var, "duration", duration_var)

    @function(waits=True)
    def rtpengine_stop_media(
        self,
        context: Context,
        flags: str | None = None,
        sock_var: Target | None = None,
        last_frame_var: Target | None = None,
    ) -> int:
        """End it; how far it came (ms) goes into the variable."""
        return self._noted(context, "stop media", flags, sock_var, "last-frame-pos", last_frame_var)

    @function(waits=True)
    def rtpengine_block_media(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Let no media through."""
        return self._done(context, "block media", flags, sock_var)

    @function(waits=True)
    def rtpengine_unblock_media(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Let media through again."""
        return self._done(context, "unblock media", flags, sock_var)

    @function(waits=True)
    def rtpengine_block_dtmf(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Let no digits through."""
        return self._done(context, "block DTMF", flags, sock_var)

    @function(waits=True)
    def rtpengine_unblock_dtmf(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Let digits through again."""
        return self._done(context, "unblock DTMF", flags, sock_var)

    @function(waits=True)
    def rtpengine_start_forwarding(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Forward the call's packets to the daemon's recording consumer."""
        return self._done(context, "start forwarding", flags, sock_var)

    @function(waits=True)
    def rtpengine_stop_forwarding(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """End the forwarding."""
        return self._done(context, "stop forwarding", flags, sock_var)

    @function(waits=True)
    def rtpengine_play_dtmf(
        self, context: Context, code: str, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Send a digit into the call: 1, or -2."""
        more: NgDict = {"code": code}
        return 1 if self.told(context, "play DTMF", flags, sock_var, more) is not None else NO_DIGIT

    def _done(self, context: Context, command: str, flags: str | None, node: Target | None) -> int:
        return 1 if self.told(context, command, flags, node) is not None else -1

    def _noted(
        self,
        context: Context,
        command: str,
        flags: str | None,
        node: Target | None,
        key: str,
        target: Target | None,
    ) -> int:
        reply = self.told(context, command, flags, node)
        if reply is None:
            return -1
        if target is not None:
            number = reply.get(key)
            target.set(number if isinstance(number, int) else -1)
        return 1
