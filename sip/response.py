"""Responses made here, and where they go (RFC 3261 8.2.6, 18.2.2; RFC 3581)."""

from __future__ import annotations

from hashlib import blake2b

from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.params import LWS
from relayscript.sip.transport import DEFAULT_PORTS, Address
from relayscript.sip.via import Via

_COPIED = frozenset(("via", "from", "to", "call-id", "cseq"))
_FORMING = frozenset(("INVITE", "SUBSCRIBE", "REFER", "NOTIFY"))


def build_response(
    request: Message,
    status: int,
    reason: str,
    to_tag: str = "",
    headers: str = "",
    body: str = "",
    content_type: str = "",
    *,
    force_rport: bool = False,
) -> str:
    """The response to a request, as byte text (RFC 3261 8.2.6).

    Via, From, To, Call-ID and CSeq are copied as they came, those that are there; the top Via says where
    the request came from. `to_tag` goes to a To without a tag unless the status is 100. Record-Route is
    copied where the response may form a dialog (101 to 299, RFC 3261 12.1.1), Timestamp to a 100 (8.2.6.1).
    `headers` are more lines, each with its CRLF. An unreadable Via is copied unchanged.
    """
    copied = _COPIED
    if status == 100:
        copied = copied | {"timestamp"}
    elif status < 300 and request.method in _FORMING:
        copied = copied | {"record-route"}
    lines = [f"SIP/2.0 {status} {reason}"]
    lines += [line for line, key in zip(request.lines, request.keys, strict=True) if key in copied]
    _stamp_via(request, lines, force_rport)
    if to_tag and status > 100:
        _tag_to(request, lines, to_tag)
    if body and content_type:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join(lines) + f"\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}"


def _stamp_via(request: Message, lines: list[str], force_rport: bool) -> None:
    try:
        mark = request.received_via(force_rport=force_rport, forwarding=False)
    except SipError:
        return
    if mark is not None:
        lines[lines.index(request.lines[mark[0]], 1)] = mark[1]


def _tag_to(request: Message, lines: list[str], tag: str) -> None:
    if "to" not in request.keys:
        return
    line = request.lines[request.keys.index("to")]
    try:
        known = request.to_tag
    except SipError:
        return
    if not known:
        lines[lines.index(line, 1)] = f"{line.rstrip(LWS)};tag={tag}"


def response_destination(via: Via, source: Address, *, force_rport: bool = False) -> Address:
    """Where the response to a request with this top Via goes.

    Over a reliable transport back to the source address, as on the connection that it came in on. Over UDP
    to `maddr` if the Via has one, else back to the source address; to its port if rport is asked for, else
    to the port of the sent-by or the default one (RFC 3261 18.2.2, RFC 3581 4).
    """
    if force_rport or via.rport is not None or via.transport.upper() != "UDP":
        return source
    port = via.port if via.port is not None else DEFAULT_PORTS.get(via.transport.lower(), 5060)
    maddr = via.param("maddr")
    return (maddr.strip("[]") if maddr else source[0], port)


def relay_destination(via: Via) -> Address:
    """Where a response that is passed on goes, by the Via that is topmost once ours is off (RFC 3261 18.2.2).

    The host may be a name (to be looked up); an IPv6 address comes without brackets.
    """
    rport, port = via.rport, via.port
    if rport and rport.isascii() and rport.isdigit() and 0 < int(rport[:6]) < 65536:
        port = int(rport)
    host = via.received or via.param("maddr") or via.host
    return (host.strip("[]"), DEFAULT_PORTS.get(via.transport.lower(), 5060) if port is None else port)


def stateless_tag(request: Message, secret: str) -> str:
    """The To tag of a stateless reply, the same for a request, its retransmissions and its ACK.

    Hidden behind `secret`, a random text that lives as long as the server (RFC 3261 8.2.7, 19.3). A malformed
    From or CSeq is no obstacle: it can be what is refused.
    """
    via = request.top_via
    number = "".join((request.header("cseq") or "").split(None, 1)[:1])
    parts = (request.call_id, _from_tag(request), number, via.sent_by, via.branch)
    digest = blake2b("\0".join(parts).encode("latin-1"), digest_size=8, key=secret.encode("utf-8")[:64])
    return digest.hexdigest()


def _from_tag(request: Message) -> str:
    try:
        return request.from_tag
    except SipError:
        return ""


def is_stateless_ack(ack: Message, secret: str) -> bool:
    """Whether an ACK is for a stateless refusal of ours, so that it ends here. SipError for a bad one."""
    return ack.method == "ACK" and bool(ack.to_tag) and ack.to_tag == stateless_tag(ack, secret)
