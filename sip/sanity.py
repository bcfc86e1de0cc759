"""What a message must have before anything else looks at it (RFC 3261 8.1.1, 8.2, 16.3)."""

from __future__ import annotations

from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.uri import parse_uri


def check(message: Message) -> None:
    """Judge what every later step relies on: a readable top Via, and a CSeq, To and Content-Length that are
    readable if they are there.

    Raises SipError; its status is 0 without a Via to answer to. Missing headers and a CSeq of another method
    are left to the script and to `check_transaction`: a stateless reply is possible without.
    """
    message.top_via  # noqa: B018 - reading it judges it
    keys = message.keys
    if "cseq" in keys:
        message.cseq_parts  # noqa: B018
    if "to" in keys and not message.is_plain("to"):
        _judge_to(message)
    if "content-length" in keys:
        message.content_length  # noqa: B018


def _judge_to(message: Message) -> None:
    uri = message.to.uri
    if uri[:3].lower() != "sip":
        return
    try:
        parse_uri(uri)
    except SipError as error:
        raise SipError("to", f"To: {error}", 400, "Bad To") from None


def check_transaction(request: Message) -> None:
    """Judge what a transaction is made of: From, To, Call-ID and CSeq. Raises SipError with status 400."""
    for key, name in (("from", "From"), ("to", "To"), ("call-id", "Call-ID"), ("cseq", "CSeq")):
        if key not in request.keys:
            raise SipError(key, f"no {name} header", 400, f"Missing {name}")
