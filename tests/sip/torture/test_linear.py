"""Nothing that can be in a message costs more than its length: eight times the text, not sixty-four times the work.

The work is processor time, the least of several tries, and only its growth is judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from relayscript.sip import message, nameaddr, uri
from relayscript.sip.bodies import sdp_parts
from relayscript.sip.digest import fields_of, parse_challenge
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.multipart import Part, join, split
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.params import find_param, parse_params, split_outside_quotes, unquote
from relayscript.sip.routing import route_set
from relayscript.sip.sanity import check, check_transaction
from relayscript.sip.sdp import Description
from relayscript.sip.stream import Framer
from relayscript.sip.uri import parse_uri
from relayscript.sip.via import parse_via, split_vias, stamp

SMALL, TIMES = 4_000, 8
MOST_GROWTH = 24.0
"""Work that grows with the length grows 8 times, work that grows with its square 64 times."""

FLOOR = 2e-4
"""Seconds below which a measurement says nothing."""

Use = Callable[[str], object]

UNITS = (
    "a", " ", "\t", '"', '\\"', "\\", ";", ",", "<", ">", "<>", '"<', ':', "@", "%41", "=", ";a", ";a=b", ',"', "[",
    "]",    "::", "/", "?", "\r\n ", "a:", ";=", '="', '";"', "sip:", "sip:a@", "SIP/2.0/UDP ", ";rport", ";rport ",
    ";boundary=", ';boundary="', "<sip:a@b>,", "a b ", "\0", "\xff",
)  # fmt: skip

STARTS = ("", "sip:", "sip:a", '"', "<sip:", "SIP/2.0/UDP h", "Digest a=", "multipart/mixed;boundary=")


def described(text: str) -> None:
    """Read a session description and ask it what relays ask."""
    description = Description(text)
    for section in description.sections:
        for stream in section.streams:
            description.direction(section, stream)
            description.connection_of(section, stream)
            for line, _ in description.attributes(stream.line, stream.end, "rtcp"):
                description.address(line)
    for line in range(len(description.lines)):
        description.address(line)
    str(description)


def took_in(text: str) -> None:
    """What happens to every message."""
    found = Message.parse(text.encode("latin-1"))
    check(found)
    check_transaction(found)
    found.vias()
    route_set(found, upstream=True)
    for tag in ("from_tag", "to_tag"):
        getattr(found, tag)
    found.render(found.first_line)


TEXTS: dict[str, Use] = {
    "uri": parse_uri, "nameaddr": parse_nameaddr, "list": split_list, "via": parse_via, "vias": split_vias,
    "stamp": lambda text: stamp(text, ("192.0.2.1", 5060), force_rport=True), "params": parse_params,
    "param": lambda text: find_param(text, "zz"), "quotes": lambda text: split_outside_quotes(text, ","),
    "unquote": lambda text: unquote(f'"{text}"'), "digest": fields_of, "challenge": parse_challenge,
    "parts": lambda text: sdp_parts(text, "x"), "split": lambda text: split(text, "x"), "sdp": described,
}  # fmt: skip


CACHES = (nameaddr._known, uri._known, message._known_key)


def work(use: Use, text: str) -> float:
    """The processor time that it takes, refused or not."""
    best = float("inf")
    for _ in range(2):
        for cache in CACHES:
            cache.cache_clear()
        begun = time.process_time()
        with suppress(SipError):
            use(text)
        best = min(best, time.process_time() - begun)
    return best


def grows_linearly(use: Use, make: Callable[[int], str]) -> bool:
    """Whether eight times the text is about eight times the work; too little work to measure is fine."""
    large = work(use, make(SMALL * TIMES))
    return large < FLOOR or large < MOST_GROWTH * max(work(use, make(SMALL)), FLOOR / TIMES)


@pytest.mark.measured
@pytest.mark.parametrize("name", TEXTS)
def test_every_parser_on_every_repetition(name: str) -> None:
    slow = [
        (start, unit)
        for start in STARTS
        for unit in UNITS
        if not grows_linearly(TEXTS[name], lambda size, start=start, unit=unit: start + unit * (size // len(unit)))  # type: ignore[misc]
    ]
    assert slow == []


HEAD = "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
REST = "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"

FLOODS: dict[str, str] = {
    "empty names": ":\r\n", "short headers": "a:\r\n", "unknown headers": "X-{n}: y\r\n", "no colon": "nothing\r\n",
    "vias": "Via: SIP/2.0/UDP h{n}\r\n", "record-routes": "Record-Route: <sip:h{n};lr>\r\n",
    "routes": "Route: <sip:h{n};lr>\r\n", "contacts": "Contact: <sip:a@h{n}>\r\n", "folds": " x\r\n", "tabs": "\t\r\n",
    "lengths": "l: 0\r\n", "tos": "To: <sip:b@h>\r\n",
}  # fmt: skip


@pytest.mark.measured
@pytest.mark.parametrize("name", FLOODS)
def test_floods_of_headers(name: str) -> None:
    unit = FLOODS[name]

    def flood(size: int) -> str:
        return HEAD + REST + "".join(unit.format(n=n) for n in range(size // len(unit))) + "\r\n"

    assert grows_linearly(took_in, flood)


def test_a_hundred_thousand_headers_are_read() -> None:
    found = Message.parse((HEAD + REST + "a:\r\n" * 100_000 + "\r\n").encode())
    assert len(found.keys) == 100_005
    check(found)


@pytest.mark.parametrize("value", ["x" * 60_000, '"' + "\\" * 60_000, "<" * 60_000, ";" * 60_000])
@pytest.mark.parametrize("key", ["To", "From", "Via", "CSeq", "Contact", "Call-ID"])
def test_one_header_of_sixty_kilobytes(key: str, value: str) -> None:
    data = f"{HEAD}{REST}".replace(f"{key}: ", f"{key}: {value}") if key != "Contact" else f"{HEAD}{REST}{key}: {value}"
    with suppress(SipError):
        took_in(f"{data}\r\n\r\n")


SDP = "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\n"


@pytest.mark.measured
@pytest.mark.parametrize(
    ("session", "stream"),
    [
        ("a=x\r\n", "m=audio 1 RTP/AVP 0\r\n"), ("a=inactive\r\n", "m=audio 1 RTP/AVP 0\r\n"),
        ("c=IN IP4 h\r\n", "m=\r\n"), ("v=0\r\n", "m=a 1 b c\r\n"),
        ("", "m=audio 1 RTP/AVP 0\r\na=rtcp:1 IN IP4 h\r\n"),
        ("c= IP4 IP4 IP4 \r\n", "c=IN IP4\t\r\n"), ("\n", "m=audio 1/2 x" + " 0" * 20 + "\r\n"),
    ],
)  # fmt: skip
def test_session_descriptions(session: str, stream: str) -> None:
    def make(size: int) -> str:
        sessions = session * (size // 2 // max(len(session), 1)) if session else ""
        return SDP + sessions + stream * (size // 2 // len(stream))

    assert grows_linearly(described, make)


NESTED = "--a\r\nContent-Type: multipart/mixed;boundary=a\r\n\r\n"


PARTS = (NESTED, "--a\r\n\r\nx\r\n", "--a", "--a  ", "\r\n--a", "--a--\r\n", "--a \t", "\r\n\r\n")


@pytest.mark.measured
@pytest.mark.parametrize("unit", PARTS)
def test_multipart_bodies(unit: str) -> None:
    kind = "multipart/mixed;boundary=a"
    for use in (sdp_parts, split):
        assert grows_linearly(lambda body, use=use: use(kind, body), lambda size: unit * (size // len(unit)))  # type: ignore[misc]


def test_what_is_remembered_of_messages_is_bounded() -> None:
    """In number and in length: what somebody sends is no way to fill the memory."""
    for number in range(5000):
        took_in(f"{HEAD}{REST}X{number}: y\r\n\r\n".replace("@h", f"@h{number}").replace("UDP h", f"UDP h{number}"))
    for cache in CACHES:
        found = cache.cache_info()
        assert found.currsize <= (found.maxsize or 0) <= 4096
        cache.cache_clear()
    long = "h" * 300
    took_in(f"{HEAD}{REST}{long}: y\r\n\r\n".replace("@h", f"@{long}").replace("UDP h", f"UDP {long}"))
    assert [cache.cache_info().currsize for cache in CACHES[:2]] == [0, 0]


def test_depth_of_multipart_is_bounded() -> None:
    body = "".join(f"--{n}\r\nContent-Type: multipart/mixed;boundary={n + 1}\r\n\r\n" for n in range(2000))
    assert sdp_parts("multipart/mixed;boundary=0", body) == ()


def test_a_boundary_is_found_whatever_the_parts_hold() -> None:
    def body(size: int) -> str:
        return "".join(f"OSS-unique-boundary-42-{n} " for n in range(size // 28)) + "OSS-unique-boundary-42-9999999999"

    parts = [Part.of(body(8_000), "text/plain"), Part.of("x", "text/plain")]
    content_type, text = join(parts)
    assert len(split(content_type, text)) == 2
    assert grows_linearly(lambda text: join([Part.of(text, "a/b")] * 2), body)


PIECES = ("\r\n", "\r\n\r\n", "x", "x\r\n", "a: b\r\n", "l:0\r\n\r\n", "X\r\nl:0\r\n\r\n", "l:\r\n ")


@pytest.mark.parametrize("unit", PIECES)
@pytest.mark.parametrize("piece", [1, 7, 1460])
def test_streams(unit: str, piece: int) -> None:
    def frame(text: str) -> None:
        framer, data = Framer(), text.encode()
        for start in range(0, len(data), piece):
            framer.receive(data[start : start + piece])

    assert grows_linearly(frame, lambda size: unit * (size // len(unit)))
