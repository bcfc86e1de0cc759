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
    -12: "bad host in Request-URI", -13: "no Max-Forwards", -14: "no Contact", -16: "no Allow in 405",
    -17: "no Min-Expires in 423", -18: "no Proxy-Authenticate in 407", -19: "no Unsupported in 420",
    -20: "no WWW-Authenticate in 401", -21: "no Content-Type", -22: "bad To", -23: "bad From",
    -24: "bad host in To", -25: "bad host in From", -26: "bad Contact", -27: "bad host in Contact",
    -30: "Contact * in a request that is no REGISTER",
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
    if length is not None and length.isdigit() and int(length) != len(message.body):
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
    if "r" in flags:
        try:
            return 1 if has_good_host(parse_uri(uri)) else -12
        except SipError:
            return -11
    return 1


def _judge_addresses(message: Message, flags: str) -> int:
    for flag, key, bad, bad_host in (("f", "from", -23, -25), ("t", "to", -22, -24)):
        if flag in flags or "h" in flags:
            try:
                uri = parse_nameaddr(message.header(key) or "").parsed_uri
            except SipError:
                return bad_host if flag in flags and _has_bad_host(message.header(key) or "") else bad
            if flag in flags and not has_good_host(uri):
                return bad_host
    return _judge_contact(message) if "c" in flags else 1


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
                return -27
        except SipError:
            return -26
    return 1


def has_good_host(uri: Uri) -> bool:
    """The host is made of characters that hosts are made of; a tel URI has none."""
    return not uri.host or _HOST.fullmatch(uri.host) is not None


def _has_bad_host(value: str) -> bool:
    """A readable address but for its host."""
    return "<" in value and "@" in value
