"""The requests a client transaction makes out of the one it sent: ACK to a refusal, and CANCEL."""

from __future__ import annotations

from relayscript.sip.message import Message
from relayscript.sip.via import split_first

_MAX_FORWARDS = "Max-Forwards: 70"


def build_ack(sent: str | Message, response: Message) -> str:
    """The ACK to a final response above 299, as byte text (RFC 3261 17.1.1.3).

    `sent` is the INVITE as it went out: the Request-URI, the top Via value alone, From, Call-ID, CSeq number
    and Route are its own; To is that of the response.
    """
    invite = _message(sent)
    to = _line(response, "to") or _line(invite, "to")
    return _request("ACK", invite, to, "")


def build_cancel(sent: str | Message, headers: str = "") -> str:
    """The CANCEL of a request that was sent, as byte text (RFC 3261 9.1).

    As the ACK, but To is that of the request; `headers` are more lines (Reason), each with its CRLF.
    """
    request = _message(sent)
    return _request("CANCEL", request, _line(request, "to"), headers)


def _message(sent: str | Message) -> Message:
    return sent if isinstance(sent, Message) else Message.from_text(sent)


def _request(method: str, sent: Message, to: list[str], headers: str) -> str:
    lines = [
        f"{method} {sent.uri} SIP/2.0",
        *_top_via(sent),
        *_line(sent, "from"),
        *to,
        *_line(sent, "call-id"),
        f"CSeq: {sent.cseq_parts[0]} {method}",
        _MAX_FORWARDS,
        *(sent.lines[index] for index in sent.indexes("route")),
    ]
    return "\r\n".join(lines) + f"\r\n{headers}Content-Length: 0\r\n\r\n"


def _line(message: Message, key: str) -> list[str]:
    return [message.lines[message.keys.index(key)]] if key in message.keys else []


def _top_via(sent: Message) -> list[str]:
    if "via" not in sent.keys:
        return []
    index = sent.keys.index("via")
    return [sent.line_with(index, split_first(sent.value(index))[0])]
