"""Refusals before the script runs: made without a transaction, and their ACKs taken (RFC 3261 8.2.6, 17.1.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.sip.message import Message
from relayscript.sip.response import build_response, is_stateless_ack, response_destination, stateless_tag

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

ACKS_COME_FOR = 32.0
"""Seconds after a refusal in which its ACK may come, 64 times T1 (RFC 3261 17.1.1.2)."""


class Refusals:
    """Refuses requests that no route is to see."""

    __slots__ = ("_listens_until", "_runtime", "_secret")

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._secret = runtime.ids.token("refusal")
        self._listens_until = -1.0

    def refuse(self, request: Message, status: int, reason: str, headers: str = "") -> bool:
        """Answer a request; False for an ACK, which has no answer. `headers` are lines, each with its CRLF.

        A retransmission is answered alike, with the same To tag. Raises SipError without a readable Via.
        """
        listener = request.listener
        if request.method == "ACK" or listener is None:
            return False
        runtime = self._runtime
        tag = stateless_tag(request, self._secret)
        text = build_response(request, status, reason, tag, runtime.globals.signature + headers)
        runtime.send(listener, response_destination(request.top_via, request.source), text)
        if request.method == "INVITE":
            self._listens_until = runtime.timers.now + ACKS_COME_FOR
        return True

    def takes(self, request: Message) -> bool:
        """Whether it is the ACK to a refusal made here, and so ends here. Raises SipError for a malformed one."""
        if request.method != "ACK" or self._runtime.timers.now > self._listens_until:
            return False
        return is_stateless_ack(request, self._secret)
