"""A re-INVITE of ours to one side of a call, in the name of the other (rtp-relay.md 7, "Choreography")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.modules.dialog import Dialog
from relayscript.interpreter.modules.dialog.acknowledging import Acknowledgement, first_route
from relayscript.interpreter.modules.tm import Tm
from relayscript.interpreter.waiting import wait
from relayscript.sip.dialog import Direction, Leg
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from relayscript.interpreter.runtime import Runtime

NOT_SENT = 0
GLARE = 491
"""The answer of a side that makes an offer itself at the moment."""

ATTEMPTS = 3
"""How often something is tried that meets such an answer."""


def reinvite(runtime: Runtime, dialog: Dialog, way: Direction, body: str) -> tuple[int, Message | None]:
    """Send a re-INVITE that way and wait for its final answer, which is acknowledged.

    The status and the answer (None for a timeout); status 0 if it could not be sent.
    """
    tm = runtime.module(Tm)
    speaker = _leg(dialog, way)
    if tm is None or speaker is None:
        return NOT_SENT, None
    headers = f"Contact: <{speaker.contact}>\r\nContent-Type: application/sdp\r\n"
    try:
        request = Message.from_text(dialog.sip.build_request(way, "INVITE", headers, body))
        first = first_route(request)
    except (LookupError, SipError) as error:
        runtime.log(1, f"dialog {dialog.did}: no re-INVITE possible: {error}")
        return NOT_SENT, None
    request.listener = dialog.socket(way)

    acknowledgement = Acknowledgement(runtime, dialog, way)

    def start(done: Callable[[tuple[int, Message | None]], None]) -> None:
        sent = tm.local_requests.send(request, lambda status, reply: done((status, reply)), first)
        if sent is not None:
            sent.on_reply.append(acknowledgement.answered)

    return wait(start)


def pause(runtime: Runtime, way: Direction) -> None:
    """Wait before another attempt as long as whoever we speak for would after a 491 (RFC 3261 14.1)."""
    if way is Direction.DOWNSTREAM:  # for the caller, whose Call-ID it is
        seconds = 2.1 + runtime.ids.number("pause", 191) / 100
    else:
        seconds = runtime.ids.number("pause", 201) / 100

    def start(done: Callable[[None], None]) -> None:
        runtime.timers.start(seconds, lambda: done(None))

    wait(start)


def _leg(dialog: Dialog, way: Direction) -> Leg | None:
    """The side that a request that way speaks for."""
    return dialog.caller if way is Direction.DOWNSTREAM else dialog.callee
