"""The words that a script gives to rtpengine, and what each puts into the dictionary (reference 6.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.brackets import parse_brackets, split_tokens
from relayscript.engines.rtpengine.ng import NgDict, NgValue

_REPLACE = {
    "replace-origin": "origin",
    "replace-session-connection": "session-connection",
    "replace-SDP-version": "SDP version",
    "replace-username": "username",
    "replace-session-name": "session name",
    "replace-zero-address": "zero address",
}
_PROFILE = re.compile(r"(UDP/TLS/)?RTP/(S?)AVP(F?)")
_RTCP_MUX = ("demux", "offer", "reject", "accept", "require")
_NEEDS_VALUE = frozenset(
    (
        "call-id",
        "callid",
        "from-tag",
        "media-address",
        "address-family",
        "delete-delay",
        "repacketize",
        "via-branch",
    )
)


@dataclass(slots=True)
class Profile:
    """The transport towards the receiver: words for parts of it combine, a whole one sets all parts."""

    dtls: bool = False
    secure: bool = False
    feedback: bool = False

    def __str__(self) -> str:
        return f"{'UDP/TLS/' * self.dtls}RTP/{'S' * self.secure}AVP{'F' * self.feedback}"


@dataclass(slots=True)
class Words:
    """What the words say. "" and None: nothing was said about it."""

    keys: NgDict = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    replace: list[str] = field(default_factory=list)
    rtcp_mux: list[str] = field(default_factory=list)
    profile: Profile | None = None
    in_iface: str = ""
    out_iface: str = ""
    call_id: str = ""
    from_tag: str = ""
    to_tag: str = ""
    with_to_tag: bool = False
    via_branch: str = ""
    received_from: str = ""
    force_answer: bool = False

    @property
    def direct(self) -> bool:
        """The tags are meant as they stand, whoever wrote the body."""
        return bool(self.from_tag) or "directional" in self.flags


@dataclass(frozen=True, slots=True)
class ViaBranches:
    """What `via-branch=` can refer to: the branches of the Via headers, top first, and an extra one."""

    vias: tuple[str, ...] = ()
    extra: str = ""
    in_reply: bool = False

    def find(self, which: str) -> str:
        """The value for `1`, `2`, `auto` or `extra`. EngineError for others, or if it is not there."""
        if which == "auto":
            which = "2" if self.in_reply else "1"
        if which == "extra":
            found = self.extra
        elif which in ("1", "2"):
            found = self.vias[int(which) - 1] if len(self.vias) >= int(which) else ""
        else:
            raise EngineError(f"unknown value in 'via-branch={which}'")
        if not found:
            raise EngineError(f"nothing found for 'via-branch={which}'")
        return found


NO_VIAS = ViaBranches()


def parse_words(text: str, vias: ViaBranches = NO_VIAS, into: Words | None = None) -> Words:
    """Read words in their order, a later one wins. EngineError for one that cannot be right."""
    words = into or Words()
    for token in split_tokens(text):
        key, mark, value = token.partition("=")
        if not mark:
            _flag(words, token)
        elif value.startswith("[") and value.endswith("]"):
            words.keys[key] = parse_brackets(value)
        else:
            _key(words, key, value, vias)
    return words


def _flag(words: Words, token: str) -> None:
    if token in _NEEDS_VALUE:
        raise EngineError(f"'{token}' has no value")
    if token in _REPLACE:
        words.replace.append(_REPLACE[token])
    elif token.startswith("rtcp-mux-") and token[9:] in _RTCP_MUX:
        words.rtcp_mux.append(token[9:])
    elif token in ("internal", "external"):
        if words.in_iface:
            words.out_iface = token
        else:
            words.in_iface = token
    elif token == "to-tag":
        words.with_to_tag = True
    elif token == "force-answer":
        words.force_answer = True
    elif not _profile(words, token):
        words.flags.append(token)


def _profile(words: Words, token: str) -> bool:
    now = words.profile or Profile()
    if found := _PROFILE.fullmatch(token):
        now = Profile(bool(found[1]), bool(found[2]), bool(found[3]))
        if now.dtls and not now.secure:
            return False
    elif token in ("RTP", "SRTP"):
        now.secure = token == "SRTP"
        now.dtls = now.dtls and now.secure
    elif token in ("AVP", "AVPF"):
        now.feedback = token == "AVPF"
    else:
        return False
    words.profile = now
    return True


def _key(words: Words, key: str, value: str, vias: ViaBranches) -> None:
    if key in _NEEDS_VALUE and not value:
        raise EngineError(f"'{key}' has no value")
    match key:
        case "in-iface":
            words.in_iface = value
        case "out-iface":
            words.out_iface = value
        case "call-id" | "callid":
            words.call_id = value
        case "from-tag":
            words.from_tag = value
        case "to-tag":
            words.to_tag, words.with_to_tag = value, True
        case "via-branch":
            words.via_branch = vias.find(value)
        case "via-branch-param":
            words.via_branch = value
        case "received-from":
            words.received_from = _address(value)
        case _:
            name, convert = _CONVERTED.get(key, (key, str))
            words.keys[name] = convert(value)


def _address(value: str) -> str:
    try:
        return str(ip_address(value.strip("[]"))) and value.strip("[]")
    except ValueError:
        raise EngineError(f"'{value}' is not an IP address") from None


def _family(value: str) -> NgValue:
    if value.upper() not in ("IP4", "IP6"):
        raise EngineError(f"'{value}' is neither IP4 nor IP6")
    return value.upper()


def _number(value: str) -> NgValue:
    if not value.isdecimal():
        raise EngineError(f"'{value}' is not a number")
    return int(value)


def _positive(value: str) -> NgValue:
    if _number(value) == 0:
        raise EngineError("'repacketize' must not be 0")
    return int(value)


_CONVERTED: dict[str, tuple[str, Callable[[str], NgValue]]] = {
    "address-family": ("address family", _family),
    "delete-delay": ("delete-delay", _number),
    "repacketize": ("repacketize", _positive),
}
