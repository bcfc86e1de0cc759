"""The command `dialog:send_sequential`: requests inside a dialog, to one side or to both (dialog manual)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.declaration import command
from relayscript.interpreter.management import BAD_PARAMETERS, CommandError
from relayscript.interpreter.modules.dialog.acknowledging import Acknowledgement
from relayscript.interpreter.modules.dialog.bodies import last_sent, opposite
from relayscript.interpreter.modules.dialog.core import DialogCore
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.pinging import PINGED
from relayscript.interpreter.waiting import wait
from relayscript.sip.dialog import Direction, session_description
from relayscript.sip.message import Message

Json = dict[str, object]
SDP = "application/sdp"
CHALLENGE = "challenge"
INVITE = "INVITE"
REASONS = {408: "Request Timeout", 500: "Send failed"}
Answer = tuple[int, Message | None]


class SequentialCommands(DialogCore):
    """Sends requests in the name of the other side."""

    @command("dialog:send_sequential", "dlg_send_sequential")
    def send_sequential(
        self, callid: str, method: str = INVITE, body: str = "none", mode: str = "caller", headers: str = ""
    ) -> Json:
        """Send a request to `caller` or `callee` and wait for its answer: its code and reason.

        In mode `challenge` (`challenge-caller`, `challenge-callee`) what that side answers with is then sent to
        the other one, and the answer of that one is told. `body` is `none`, `inbound` (the latest description that
        the other side sent), `outbound` (the latest that was sent to this side) or `custom:TYPE:BODY`.
        """
        dialog = next((each for each in self.table.live(callid) if each.is_answered), None)
        if dialog is None:
            raise CommandError(404, "Requested Dialog not found")
        challenge, _, side = mode.partition("-") if mode.startswith(CHALLENGE) else ("", "", mode)
        way = PINGED.get(side or "caller")
        if way is None or (challenge and method not in (INVITE, "UPDATE")):
            raise CommandError(*BAD_PARAMETERS, f"Bad mode {mode!r} for {method}")
        kind, text = self._body(dialog, way, body)
        lines = headers.rstrip("\r\n") + "\r\n" if headers else ""
        if challenge:
            return told(self._challenge(dialog, way, method, lines, kind, text))
        return told(self._ask(dialog, way, method, lines, kind, text))

    @staticmethod
    def _body(dialog: Dialog, way: Direction, body: str) -> tuple[str, str]:
        """Content type and text of the body that is asked for. Raises CommandError."""
        if body == "inbound":
            return SDP, dialog.sdp(way)
        if body == "outbound":
            return SDP, last_sent(dialog, way)
        word, _, rest = body.partition(":")
        if word == "custom" and ":" in rest:
            kind, _, text = rest.partition(":")
            return kind, text
        if body != "none":
            raise CommandError(*BAD_PARAMETERS, f"Bad body {body[:40]!r}")
        return "", ""

    def _challenge(self, dialog: Dialog, way: Direction, method: str, headers: str, kind: str, text: str) -> Answer:
        """Ask one side, then the other with what the first one answered; the first one gets its ACK at the end,
        with the answer to its offer if it made one."""
        acknowledgement = Acknowledgement(self.runtime, dialog, way, held=True)
        status, reply = self._ask(dialog, way, method, headers, kind, text, acknowledgement)
        if reply is None or not 200 <= status < 300:
            return status, reply
        told_other = self._ask(dialog, opposite(way), method, "", SDP, session_description(reply))
        answer = session_description(told_other[1]) if told_other[1] is not None and told_other[0] < 300 else ""
        acknowledgement.release("" if text else answer)
        return told_other

    def _ask(
        self, dialog: Dialog, way: Direction, method: str, headers: str, kind: str, text: str,
        acknowledgement: Acknowledgement | None = None,
    ) -> Answer:  # fmt: skip
        def start(done: Callable[[Answer], None]) -> None:
            sent = self.requests.send(
                dialog, way, method, headers, text, lambda status, reply: done((status, reply)), content_type=kind,
                acknowledgement=acknowledgement,
            )  # fmt: skip
            if not sent:
                done((500, None))

        return once(start)


def once(start: Callable[[Callable[[Answer], None]], object]) -> Answer:
    """Wait for the first of perhaps several answers."""

    def first(done: Callable[[Answer], None]) -> None:
        given: list[Answer] = []

        def take(answer: Answer) -> None:
            if not given:
                given.append(answer)
                done(answer)

        start(take)

    return wait(first)


def told(answer: Answer) -> Json:
    """An answer as the command tells it."""
    status, reply = answer
    return {"Code": status, "Reason": reply.reason if reply is not None else REASONS.get(status, "")}
