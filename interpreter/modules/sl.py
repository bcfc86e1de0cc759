"""Module sl: stateless replies (sl manual)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function
from relayscript.interpreter.forwarding import send_reply
from relayscript.sip.response import build_response, is_stateless_ack, response_destination, stateless_tag

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

REPLY_HEADERS = "reply.headers"
"""Where a run, or its transaction if it has one, keeps the header lines for replies, each with its CRLF."""

REPLY_BODY = "reply.body"
"""Where a run keeps the body that `append_body_to_reply` queued."""

SERVER_ERROR = (500, "Server error occurred (1/SL)")


def queue_reply_headers(context: Context, lines: str) -> None:
    """Add header lines, each with its CRLF, to all replies made here to the request of a run."""
    kept = context.local if context.transaction is None else context.transaction.local
    kept[REPLY_HEADERS] = kept.get(REPLY_HEADERS, "") + lines


def reply_headers(context: Context) -> str:
    """The header lines queued for replies made here, each with its CRLF."""
    kept = context.local if context.transaction is None else context.transaction.local
    queued: str = kept.get(REPLY_HEADERS, "")
    return queued


class Sl(Module):
    """Answers requests without keeping a transaction, and takes the ACK to such a refusal."""

    name = "sl"
    parameters = (Parameter("enable_stats", 1),)
    statistics = (
        "1xx_replies", "2xx_replies", "3xx_replies", "4xx_replies", "5xx_replies", "6xx_replies",
        "sent_replies", "sent_err_replies", "received_ACKs",
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self._secret = runtime.ids.token("secret")
        self._refused = False
        self._counts = bool(settings["enable_stats"])

    def start(self) -> None:
        """Watch for ACKs to our refusals."""
        self.runtime.before_request.append(self._is_for_script)

    def tag(self, context: Context) -> str:
        """The To tag of a stateless reply to this request."""
        return stateless_tag(context.message, self._secret)

    def reply(self, context: Context, status: int, reason: str) -> bool:
        """Answer the request of a run statelessly; False for an ACK, which has no answer.

        What `append_to_reply` and `append_body_to_reply` queued goes with it.
        """
        request = context.message
        if request.method == "ACK" or request.listener is None:
            context.log(1, "no stateless reply to an ACK")
            return False
        force_rport = "force-rport" in context.via_flags
        headers = self.runtime.globals.signature + reply_headers(context)
        body = context.local.pop(REPLY_BODY, "")
        text = build_response(
            request, status, reason, self.tag(context), headers, body, force_rport=force_rport
        )
        address = response_destination(request.top_via, request.source, force_rport=force_rport)
        send_reply(self.runtime, request.listener, address, text.encode("latin-1"), context.flags)
        self._refused = self._refused or (request.method == "INVITE" and status >= 300)
        self._count(f"{status // 100}xx_replies")
        self._count("sent_replies")
        return True

    def _is_for_script(self, context: Context) -> bool:
        """False for the ACK to a refusal of ours: it ends here."""
        if context.message.method != "ACK" or not self._refused:
            return True
        if not is_stateless_ack(context.message, self._secret):
            return True
        self._count("received_ACKs")
        return False

    def _count(self, statistic: str) -> None:
        if self._counts:
            self.runtime.count(f"sl:{statistic}")

    @function()
    def sl_send_reply(self, context: Context, code: int, reason: str) -> int:
        """Answer statelessly: 1; -1 for an ACK or a code that is none."""
        if not 100 <= code <= 699:
            context.log(-1, f"sl_send_reply: {code} is no status code")
            return -1
        return 1 if self.reply(context, code, reason) else -1

    @function()
    def sl_reply_error(self, context: Context) -> int:
        """Answer 500, when the script does not know what went wrong: 1; -1 for an ACK."""
        if not self.reply(context, *SERVER_ERROR):
            return -1
        self._count("sent_err_replies")
        return 1
