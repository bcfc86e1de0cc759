"""What happens to a message from the moment it arrives: checks, hooks, the script's routes, tm, forwarding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import CompiledRoute
from relayscript.interpreter.failing import malformed
from relayscript.interpreter.flood import FloodGate
from relayscript.interpreter.forwarding import forward_reply
from relayscript.interpreter.hops import Hops
from relayscript.interpreter.senders import look_sender_up
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.sanity import check
from relayscript.sip.timers import Timer
from relayscript.sip.transport import DEFAULT_PORTS, Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm
    from relayscript.interpreter.runtime import Runtime


STATISTICS = (
    "rcv_requests", "rcv_replies", "fwd_requests", "fwd_replies", "drop_requests", "drop_replies",
    "err_requests", "err_replies", "bad_URIs_rcvd", "bad_msg_hdr", "slow_messages",
)  # fmt: skip
"""The statistics of the group `core`."""


class Pipeline:
    """Routes messages through a script."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._timers: list[Timer] = []
        self._find_routes()
        self.tm: Tm | None = runtime.modules.get("tm")  # type: ignore[assignment]
        self._complaints = FloodGate(runtime.timers)
        self._looks_senders_up = bool(runtime.globals.dns or runtime.globals.rev_dns)
        self._hops = Hops(runtime)
        for name in STATISTICS:
            runtime.statistics.setdefault(f"core:{name}", 0)

    def _find_routes(self) -> None:
        self.main = self.runtime.route("route")
        self.onreply = self.runtime.route("onreply_route")
        self.error = self.runtime.route("error_route")

    def adopt_routes(self) -> None:
        """The routes of the script are new: use them, and count the intervals of the timer routes anew."""
        self._find_routes()
        for timer in self._timers:
            timer.cancel()
        self._start_timers()

    def start(self) -> None:
        """Run the startup route, then start the timer routes."""
        startup = self.runtime.route("startup_route")
        if startup is not None:
            self.runtime.run(startup, self.runtime.dummy_context(Kind.STARTUP))
        self._start_timers()

    def _start_timers(self) -> None:
        routes = self.runtime.timer_routes
        self._timers = [self._start_timer(number, *each) for number, each in enumerate(routes)]

    def _start_timer(self, number: int, route: CompiledRoute, seconds: int) -> Timer:
        def fire() -> None:
            self._timers[number] = self._start_timer(number, route, seconds)
            self.runtime.spawn(self.runtime.run, route, self.runtime.dummy_context(Kind.TIMER))

        return self.runtime.timers.start(seconds, fire)

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

    def undeliverable(self, listener: Listener, destination: Address, was_sent: bool) -> None:
        """What was sent through a socket of ours did not get there (`Host.undeliverable`)."""
        if self.tm is not None:
            self.tm.branching.undeliverable(listener, destination, was_sent=was_sent)

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
        if self.runtime.refusals.takes(message):
            return
        if (refusal := self._hops.judge(message)) is not None:
            self._turn_back(message, *refusal)
            return
        if self._looks_senders_up:
            look_sender_up(self.runtime, message)
        context = Context(self.runtime, message, Kind.REQUEST)
        for before in self.runtime.before_request:
            if before(context) is False:
                return
        self._route(self.main, context)

    def _route(self, route: CompiledRoute | None, context: Context) -> None:
        try:
            if route is not None:
                self.runtime.run(route, context)
            for after in self.runtime.after_request:
                after(context)
        finally:
            if self.tm is not None:
                self.tm.request_done(context)

    def _turn_back(self, message: Message, status: int, reason: str) -> None:
        """A request that has come too far: no route sees it."""
        self.complain(reason.lower().replace(" ", "-"), f"{message.method} from {message.source[0]}: {reason}")
        self.runtime.refusals.refuse(message, status, reason)

    def _refuse(self, message: Message, error: SipError) -> None:
        """A request whose headers do not parse is for the error route to answer, and dropped without one.

        Without a Via there is nobody to answer to, and no route runs (language.md 3.7).
        """
        self.complain(error.kind, f"{message.method} from {message.source[0]}:{message.source[1]}: {error}")
        self.runtime.count("core:bad_msg_hdr")
        self.runtime.count("core:err_requests")
        if self.error is not None and error.status:
            context = Context(self.runtime, message, Kind.ERROR)
            context.error = malformed(error)
            self._route(self.error, context)

    # ---- replies

    def _reply(self, message: Message) -> None:
        self.runtime.count("core:rcv_replies")
        check(message)
        if self.runtime.globals.check_via and not self._is_ours(message):
            raise SipError("foreign-reply", "a reply whose top Via is not of this proxy")
        context = Context(self.runtime, message, Kind.ONREPLY)
        for before in self.runtime.before_reply:
            if before(context) is False:
                return
        if self.onreply is not None and not self.runtime.run(self.onreply, context) and message.status < 200:
            self.runtime.count("core:drop_replies")
            return
        if self.tm is not None and self.tm.receive_reply(context):
            return
        if self.runtime.forwards_statelessly:
            forward_reply(context)

    def _is_ours(self, reply: Message) -> bool:
        """The top Via of a reply names a socket of ours (global parameter `check_via`)."""
        via = reply.top_via
        return self.runtime.is_myself(via.host, via.port or DEFAULT_PORTS.get(via.transport.lower(), 5060))
