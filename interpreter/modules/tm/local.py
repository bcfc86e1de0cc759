"""Requests that are made here: from the script, from a management command, or a dialog's BYE at its timeout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.modules.tm.transaction import Transaction
from relayscript.interpreter.values import Value
from relayscript.sip.message import Message
from relayscript.sip.transport import Listener

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm.core import TmCore

Done = Callable[[int, Message | None], None]

FIRST_CSEQ = 10
CONTEXT_AVP = "uac_ctx"
"""The AVP in which the local route finds what the maker of the request handed to it."""


class LocalRequests:
    """Sends requests of our own as transactions without a caller."""

    def __init__(self, core: TmCore) -> None:
        self.core = core
        self.runtime = core.runtime

    def send(
        self,
        request: Message,
        done: Done,
        next_hop: str | None = None,
        socket: Listener | None = None,
        avps: dict[str, list[Value]] | None = None,
        fr_timeout: float | None = None,
    ) -> Transaction | None:
        """Send a request (without Via); `done(status, reply)` is called once, with the final answer.

        `next_hop` is the URI of the first Route, or None for the Request-URI; `socket` forces the sending
        socket, `fr_timeout` the seconds to wait for an answer. The local route runs first and sees `avps`. A
        request that cannot be sent ends with status 500 and no reply.
        """
        context = Context(self.runtime, request, Kind.LOCAL)
        context.branch.duri, context.branch.socket = next_hop, socket
        context.avps = avps if avps is not None else {}
        transaction = self.core.begin_local(request)
        context.transaction = transaction
        transaction.avps, transaction.flags = context.avps, context.flags
        transaction.fr_timeout = fr_timeout
        route = self.runtime.route("local_route")
        if route is not None:
            self.runtime.run(route, context)
        context.branches = []
        transaction.on_final.append(lambda _, status: self._finish(transaction, status, done))
        if self.core.branching.relay(transaction, context) < 0:
            self.core.end(transaction)
            done(500, None)
            return None
        self._show(transaction)
        return transaction

    def _show(self, transaction: Transaction) -> None:
        """Run the `local_request_route` on what was sent, to look at it."""
        name = self.core.settings["local_request_route"]
        route = self.runtime.route("route", name) if name else None
        if route is not None:
            for branch in transaction.branches:
                if branch.sent:
                    self.runtime.run(route, Context(self.runtime, Message.from_text(branch.sent), Kind.REQUEST))

    @staticmethod
    def _finish(transaction: Transaction, status: int, done: Done) -> None:
        best = next((branch for branch in transaction.branches if branch.status == status), None)
        done(status, best.reply if best is not None else None)

    def build(
        self, method: str, uri: str, from_: str, to: str, body: str = "", content_type: str = "", headers: str = ""
    ) -> Message:  # fmt: skip
        """A request out of nothing: `from_` and `to` are values without tags, `headers` lines with CRLF."""
        ids = self.runtime.ids
        lines = [
            f"To: {to}",
            f"From: {from_};tag={ids.token('tag')}",
            f"CSeq: {FIRST_CSEQ} {method}",
            f"Call-ID: {ids.token('call-id')}",
            "Max-Forwards: 70",
            *headers.rstrip("\r\n").split("\r\n"),
            self.runtime.globals.user_agent_header,
        ]
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        lines.append(f"Content-Length: {len(body)}")
        return Message(f"{method} {uri} SIP/2.0", [line for line in lines if line], body)
