"""Judges a message beyond what routing needs (sipmsgops manual, `sipmsg_validate`)."""

from __future__ import annotations

import re

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.formats import Reference
from relayscript.sip.dialog import session_description
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.sdp import Description
from relayscript.sip.uri import Uri, parse_uri

ADDRESSES = ("from", "to", "route", "record-route")
_USER = re.compile(r"(?:[A-Za-z0-9_.!~*'()&=+$,;?/-]|%[0-9A-Fa-f]{2})*")
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")
NEEDS_CONTACT = ("INVITE", "SUBSCRIBE", "REFER", "UPDATE")
REPLY_NEEDS = {
    401: ("www-authenticate", -20), 405: ("allow", -16), 407: ("proxy-authenticate", -18),
    420: ("unsupported", -19), 423: ("min-expires", -17),
}  # fmt: skip
MANDATORY = (("call-id", -3), ("cseq", -7), ("from", -8), ("to", -9), ("via", -10))
REASONS = {
    -3: "no Call-ID", -4: "no Content-Length", -5: "wrong Content-Length", -6: "bad session description",
    -7: "no CSeq", -8: "no From", -9: "no To", -10: "no Via", -11: "bad Request-URI",
    -12: "bad host in Request-URI", -13: "no Max-Forwards", -14: "no Contact",
    -15: "Path in a request that is no REGISTER", -16: "no Allow in 405",
    -17: "no Min-Expires in 423", -18: "no Proxy-Authenticate in 407", -19: "no Unsupported in 420",
    -20: "no WWW-Authenticate in 401", -21: "no Content-Type", -22: "bad To", -23: "bad host in To",
    -24: "bad From", -25: "bad host in From", -26: "bad Contact", -27: "bad user in Request-URI",
    -28: "bad user in From", -29: "bad user in To", -30: "Contact * in a request that is no REGISTER",
}  # fmt: skip


class ValidationFunctions(Module):
    """`sipmsg_validate`."""

    @function()
    def sipmsg_validate(self, context: Context, flags: str | None = None, reason: Reference | None = None) -> int:
        """Whether a message is well-formed: 1, or a negative number for what is wrong with it.

        Flags ask for more (s session description, h headers, r R-URI, f From, t To, c Contact) or for less
        (m no Max-Forwards needed). `reason` gets the number as text.
        """
        code = judge(context.message, context.branch.uri, flags or "")
        if code < 0 and reason is not None:
            reason.set(REASONS.get(code, "malformed message"))
        return code


def judge(message: Message, uri: str, flags: str) -> int:
    """1 for a good message, else the number of the first fault."""
    for key, code in MANDATORY:
        if key not in message.keys:
            return code
    steps = (_judge_body(message, flags), _judge_kind(message, uri, flags))
    return next((each for each in steps if each < 0), 1) if min(steps) < 0 else _judge_addresses(message, flags)


def _judge_body(message: Message, flags: str) -> int:
    length = message.header("content-length")
    if length is None and message.listener is not None and message.listener.protocol != "udp":
        return -4
    if length is not None and (not length.isdigit() or int(length) != len(message.body)):
        return -5
    if message.body and "content-type" not in message.keys:
        return -21
    return -6 if "s" in flags and not _is_good_sdp(session_description(message)) else 1


def _is_good_sdp(text: str) -> bool:
    if not text:
        return True
    description = Description(text)
    return text.startswith("v=") and all(stream.transport for stream in description.streams)


def _judge_kind(message: Message, uri: str, flags: str) -> int:
    if not message.is_request:
        key, code = REPLY_NEEDS.get(message.status, ("via", 1))
        return 1 if key in message.keys else code
    if "m" not in flags and "max-forwards" not in message.keys:
        return -13
    if "path" in message.keys and message.method != "REGISTER":
        return -15
    return _judge_uri(uri) if "r" in flags else 1


def _judge_uri(text: str) -> int:
    try:
        uri = parse_uri(text)
    except SipError:
        return -11
    if not has_good_host(uri):
        return -12
    return 1 if has_good_user(uri) else -27


def _judge_addresses(message: Message, flags: str) -> int:
    if "h" in flags and not _has_good_headers(message):
        return -2
    for flag, key, bad, bad_host, bad_user in (("f", "from", -24, -25, -28), ("t", "to", -22, -23, -29)):
        if flag in flags:
            try:
                uri = parse_nameaddr(message.header(key) or "").parsed_uri
            except SipError:
                return bad_host if _has_bad_host(message.header(key) or "") else bad
            if not has_good_host(uri) or not has_good_user(uri):
                return bad_user if has_good_host(uri) else bad_host
    return _judge_contact(message) if "c" in flags else 1


def _has_good_headers(message: Message) -> bool:
    """What can be read without looking into URIs can be read."""
    try:
        for key in ADDRESSES:
            for value in message.headers(key):
                for each in split_list(value):
                    parse_nameaddr(each)
        message.cseq_parts, message.vias  # noqa: B018 - to be read is all
    except SipError:
        return False
    return True


def _judge_contact(message: Message) -> int:
    values = [each for value in message.headers("contact") for each in split_list(value)]
    if not values:
        return -14 if message.is_request and message.method in NEEDS_CONTACT else 1
    for value in values:
        if value.strip() == "*":
            if message.method != "REGISTER":
                return -30
            continue
        try:
            if not has_good_host(parse_nameaddr(value).parsed_uri):
                return -26
        except SipError:
            return -26
    return 1


def has_good_host(uri: Uri) -> bool:
    """The host is made of characters that hosts are made of; a tel URI has none."""
    return not uri.host or _HOST.fullmatch(uri.host) is not None


def has_good_user(uri: Uri) -> bool:
    """The user is made of characters that users are made of (RFC 3261 25.1)."""
    return _USER.fullmatch(uri.user) is not None


def _has_bad_host(value: str) -> bool:
    """A readable address but for its host."""
    return "<" in value and "@" in value
