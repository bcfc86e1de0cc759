"""Overload: what begins something new is refused before it costs anything, so that calls go on (docs/overload.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.flood import FloodGate
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm
    from relayscript.interpreter.runtime import Runtime

REASONS = ("transactions", "pending", "delay", "memory")
"""What there can be too much of; the statistic `overload:<reason>` counts the requests refused for it."""

STATISTICS = ("overload:requests", *(f"overload:{reason}" for reason in REASONS))

ENDING = ("ACK", "CANCEL", "BYE", "PRACK", "UPDATE")
"""Methods that begin nothing."""

FAR = 2
"""How many times a limit is reached when requests inside of dialogs are refused too."""

MEGABYTE = 1 << 20


class Shedder:
    """Decides which packets are taken, by how much is under way; refuses the others with 503 and Retry-After.

    Over a limit a request without a To tag is refused, unless it is an ACK, CANCEL, BYE, PRACK or UPDATE, or the
    retransmission of one that was taken. Over twice the number of transactions or of pending runs the others are
    refused too, but for ACK and CANCEL. Responses are always taken. A limit of 0 is none.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._tm: Tm | None = runtime.modules.get("tm")  # type: ignore[assignment]
        self._complaints = FloodGate(runtime.timers)
        limits = runtime.globals
        self._transactions = limits.max_transactions or float("inf")
        self._pending = limits.max_pending or float("inf")
        self._delay = limits.max_queue_delay / 1000 or float("inf")
        self._memory = limits.max_memory * MEGABYTE or float("inf")
        for name in STATISTICS:
            runtime.statistics.setdefault(name, 0)

    def takes(self, data: bytes, source: Address, listener: Listener) -> bool:
        """Whether a packet is to be handled; if not, it was answered. Never raises for what it contains."""
        reason = self._excess()
        if not reason or data.startswith(b"SIP/2.0 "):
            return True
        try:
            request = Message.parse(data)
            if not request.is_request or self._is_served(request):
                return True
            request.source, request.listener = source, listener
            for observer in self._runtime.observers:
                observer.message(False, listener, source, data)
            self._refuse(request, reason)
        except SipError:
            return False
        return False

    def _excess(self, factor: int = 1) -> str:
        """What there is too much of; empty if nothing. With a factor only what grows with each request counts."""
        if self._tm is not None and len(self._tm.table) >= self._transactions * factor:
            return "transactions"
        if self._runtime.pending >= self._pending * factor:
            return "pending"
        if factor > 1:
            return ""
        if self._runtime.host.lag > self._delay:
            return "delay"
        return "memory" if self._runtime.host.resident > self._memory else ""

    def _is_served(self, request: Message) -> bool:
        method = request.method
        if method in ("ACK", "CANCEL"):
            return True
        if (method in ENDING or request.to_tag) and not self._excess(FAR):
            return True
        return self._tm is not None and self._tm.table.of_request(request) is not None

    def _refuse(self, request: Message, reason: str) -> None:
        runtime = self._runtime
        after = f"Retry-After: {runtime.globals.shed_retry_after}\r\n"
        runtime.refusals.refuse(request, 503, "Service Unavailable", after)
        runtime.count("overload:requests")
        runtime.count(f"overload:{reason}")
        text = f"overload ({reason}): refused {request.method} from {request.source[0]}:{request.source[1]}"
        if (admitted := self._complaints.admit("overload", text)) is not None:
            runtime.log(1, admitted)
