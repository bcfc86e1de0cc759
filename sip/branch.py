"""Branch parameters: what transactions are told apart by (RFC 3261 8.1.1.7, 16.11, 17.1.3, 17.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from relayscript.sip.message import Message

MAGIC_COOKIE = "z9hG4bK"

Key = tuple[str, ...]


def is_rfc3261(branch: str) -> bool:
    """Whether a branch is unique to its transaction, as all written since RFC 3261 are (8.1.1.7); the cookie alone
    is not (RFC 4475 3.2.1)."""
    return len(branch) > 7 and (branch[:7] == MAGIC_COOKIE or branch[:7].lower() == "z9hg4bk")


def stateless_branch(request: Message, secret: str = "") -> str:
    """The branch of a statelessly forwarded request: the same for its retransmissions, its CANCEL and the ACK
    to its refusal (RFC 3261 16.11). Raises SipError if the request has no readable top Via."""
    via = request.top_via
    if is_rfc3261(via.branch):
        parts: Key = (via.branch, via.sent_by)
    else:
        parts = (
            str(via),
            request.to_tag,
            request.from_tag,
            request.call_id,
            request.cseq_parts[0],
            request.uri,
        )
    digest = blake2b("\0".join(parts).encode("latin-1"), digest_size=8, key=secret.encode("utf-8")[:64])
    return f"{MAGIC_COOKIE}0{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class OldMatching:
    """Whether requests from before RFC 3261 are also told apart by their URI, and by their top Via."""

    by_uri: bool = True
    by_via: bool = True


def server_key(request: Message, method: str = "", old: OldMatching = OldMatching()) -> Key:
    """What the server transaction of a request is found by (RFC 3261 17.2.3).

    `method` overrides that of the request: `INVITE` finds the transaction that an ACK or a CANCEL is for.
    An ACK counts as INVITE by itself. `old` is for requests without a branch that is unique. Raises SipError
    if Via or CSeq cannot be read.
    """
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    via = request.top_via
    branch = via.branch
    if is_rfc3261(branch):
        return (branch, via.sent_by.lower(), method)
    uri, top = request.uri if old.by_uri else "", str(via) if old.by_via else ""
    return (uri, request.from_tag, request.call_id, request.cseq_parts[0], top, method)


def client_key(response: Message) -> tuple[str, str]:
    """What the client transaction of a response is found by: branch and CSeq method (RFC 3261 17.1.3)."""
    return (response.top_via.branch, response.method)
