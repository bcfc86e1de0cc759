"""Requests made here inside a dialog: the BYE to both sides, pings, PRACKs, what management asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.interpreter.modules.dialog.acknowledging import Acknowledgement, first_route
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.tm import Tm
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog.core import DialogCore

WITH_CONTACT = frozenset(("INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"))
SDP = "application/sdp"
Done = Callable[[int, Message | None], None]


class Requests:
    """Sends requests in the name of one side to the other."""

    def __init__(self, module: DialogCore) -> None:
        self.module = module
        self.runtime = module.runtime

    def send(
        self,
        dialog: Dialog,
        way: Direction,
        method: str,
        headers: str = "",
        body: str = "",
        done: Done | None = None,
        *,
        content_type: str = "",
        tag: str = "",
        fr_timeout: float | None = None,
        acknowledgement: Acknowledgement | None = None,
    ) -> bool:
        """Send a request to the side that lies that way; False if that is impossible.

        `headers` are more lines, each with its CRLF; a body without any type given is a session description.
        `done(status, reply)` gets the final answer, with reply None if there was none (408) within `fr_timeout`
        seconds. Of several callees the one with that `tag` is meant. A re-INVITE's 2xx is acknowledged.
        """
        if body and not content_type and "content-type:" not in headers.lower():
            content_type = SDP
        headers += self._more(dialog, way, method, tag, headers, content_type if body else "")
        tm = self.runtime.module(Tm)
        if tm is None:
            return False
        try:
            request = Message.from_text(dialog.sip.build_request(way, method, headers, body, tag))
            next_hop = first_route(request)
        except (LookupError, SipError) as error:
            self.runtime.log(1, f"dialog {dialog.did}: no {method} possible: {error}")
            return False
        self.module.persistence.changed(dialog)
        request.listener = dialog.socket(way)
        for hook in dialog.on_own_request:
            hook(dialog, way, request)
        sent = tm.local_requests.send(request, done or _ignore, next_hop, fr_timeout=fr_timeout)
        if sent is not None and method == "INVITE":
            sent.on_reply.append((acknowledgement or Acknowledgement(self.runtime, dialog, way)).answered)
        return sent is not None

    @staticmethod
    def _more(dialog: Dialog, way: Direction, method: str, tag: str, headers: str, content_type: str) -> str:
        """Header lines that a request needs besides those given: Contact where it is a target refresh or forms a
        dialog of its own (RFC 3261 12.2.1.1), the type of the body."""
        speaker = dialog.sip.speaker(way, tag if way is Direction.UPSTREAM else "")
        lines = ""
        if method in WITH_CONTACT and speaker is not None and speaker.contact and "contact:" not in headers.lower():
            lines = f"Contact: <{speaker.contact}>\r\n"
        return f"{lines}Content-Type: {content_type}\r\n" if content_type else lines


def _ignore(status: int, reply: Message | None) -> None:
    """Whatever the answer is."""
