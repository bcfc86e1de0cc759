"""What happens to a message from the moment it arrives: checks, hooks, the script's routes, tm, forwarding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import CompiledRoute
from relayscript.interpreter.flood import FloodGate
from relayscript.interpreter.forwarding import forward_reply
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.response import build_response, response_destination
from relayscript.sip.sanity import check
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm
    from relayscript.interpreter.runtime import Runtime


class Pipeline:
    """Routes messages through a script."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.main = runtime.route("route")
        self.onreply = runtime.route("onreply_route")
        self.tm: Tm | None = runtime.modules.get("tm")  # type: ignore[assignment]
        self._complaints = FloodGate(runtime.timers)

    def start(self) -> None:
        """Run the startup route, then start the timer routes."""
        startup = self.runtime.route("startup_route")
        if startup is not None:
            self.runtime.run(startup, self.runtime.dummy_context(Kind.STARTUP))
        for route, seconds in self.runtime.timer_routes:
            self._start_timer(route, seconds)

    def _start_timer(self, route: CompiledRoute, seconds: int) -> None:
        def fire() -> None:
            self._start_timer(route, seconds)
            self.runtime.spawn(self.runtime.run, route, self.runtime.dummy_context(Kind.TIMER))

        self.runtime.timers.start(seconds, fire)

    # ---- arrival

    def receive(self, data: bytes, source: Address, listener: Listener) -> None:
        """A datagram came in."""
        if not data.strip(b"\r\n\t \0"):
            return
        for observer in self.runtime.observers:
            observer.message(False, listener, source, data)
        try:
            message = Message.parse(data)
            message.source, message.listener = source, listener
            if message.is_request:
                self._request(message)
            else:
                self._reply(message)
        except SipError as error:
            self.complain(error.kind, f"dropped a packet from {source[0]}:{source[1]}: {error}")

    def complain(self, kind: str, text: str) -> None:
        """Count a bad packet and log it, once per kind and second."""
        self.runtime.count(f"core:bad_{kind}")
        if (admitted := self._complaints.admit(kind, text)) is not None:
            self.runtime.log(1, admitted)

    # ---- requests

    def _request(self, message: Message) -> None:
        self.runtime.count("core:rcv_requests")
        try:
            check(message)
        except SipError as error:
            self._refuse(message, error)
            return
        context = Context(self.runtime, message, Kind.REQUEST)
        for before in self.runtime.before_request:
            if before(context) is False:
                return
        try:
            if self.main is not None:
                self.runtime.run(self.main, context)
            for after in self.runtime.after_request:
                after(context)
        finally:
            if self.tm is not None:
                self.tm.request_done(context)

    def _refuse(self, message: Message, error: SipError) -> None:
        """Answer a malformed request as RFC 3261 asks for, if it can be answered at all."""
        self.complain(error.kind, f"{message.method} from {message.source[0]}:{message.source[1]}: {error}")
        if not error.status or message.method == "ACK":
            return
        assert message.listener is not None
        text = build_response(
            message, error.status, error.reason or "Bad Request", self.runtime.ids.token("tag")
        )
        address = response_destination(message.top_via, message.source)
        self.runtime.send(message.listener, address, text)

    # ---- replies

    def _reply(self, message: Message) -> None:
        self.runtime.count("core:rcv_replies")
        check(message)
        context = Context(self.runtime, message, Kind.ONREPLY)
        for before in self.runtime.before_reply:
            if before(context) is False:
                return
        if self.onreply is not None and not self.runtime.run(self.onreply, context) and message.status < 200:
            return
        if self.tm is not None and self.tm.receive_reply(context):
            return
        if self.runtime.forwards_statelessly:
            forward_reply(context)
