"""Via: reading it however it is spaced, filling in where the message came from, several in one line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.errors import SipError
from relayscript.sip.via import Via, parse_via, split_first, split_vias, stamp

HERE = ("192.0.2.9", 5071)

READ = {
    "SIP/2.0/UDP h;branch=z9hG4bK1": Via("SIP/2.0", "UDP", "h", None, "branch=z9hG4bK1"),
    "SIP/2.0/TCP [2001:db8::9]:5070;rport": Via("SIP/2.0", "TCP", "[2001:db8::9]", 5070, "rport"),
    "SIP  / 2.0\r\n /UDP\r\n    192.0.2.2 : 5060 ;branch=390skdjuw": Via(
        "SIP/2.0", "UDP", "192.0.2.2", 5060, "branch=390skdjuw"
    ),
    "SIP/2.0/UNKNOWN t4.example.com": Via("SIP/2.0", "UNKNOWN", "t4.example.com"),
}


@pytest.mark.parametrize("text", READ)
def test_a_via_is_read(text: str) -> None:
    assert parse_via(text) == READ[text]
    assert parse_via(str(READ[text])) == READ[text]


@pytest.mark.parametrize(
    "text",
    ["", "SIP/2.0/UDP", "SIP/2.0 h", "SIP/2.0/UDP h:port", "SIP/2.0/UDP h:99999", "SIP/2.0/UDP h junk",
     "SIP/2.0/UDP [::1", "SIP/2.0/UDP ;branch=1", "/2.0/UDP h"],
)  # fmt: skip
def test_a_malformed_via_is_refused(text: str) -> None:
    with pytest.raises(SipError) as caught:
        parse_via(text)
    assert (caught.value.kind, caught.value.status) == ("via", 400)
    if not text.startswith("SIP/2.0/UDP h"):
        with pytest.raises(SipError):
            stamp(text, HERE)


def test_its_parameters() -> None:
    via = parse_via("SIP/2.0/UDP h:1;received=192.0.2.1; Branch = z9;rport;ttl=3")
    assert (via.received, via.branch, via.rport, via.param("ttl"), via.sent_by) == (
        "192.0.2.1",
        "z9",
        "",
        "3",
        "h:1",
    )
    bare = parse_via("SIP/2.0/UDP h")
    assert (bare.received, bare.branch, bare.rport, bare.param("x"), bare.sent_by) == (
        "",
        "",
        None,
        None,
        "h",
    )


@pytest.mark.parametrize(
    ("value", "force", "forwarding", "expected"),
    [
        ("SIP/2.0/UDP 192.0.2.9:5060;branch=1", False, False, "SIP/2.0/UDP 192.0.2.9:5060;branch=1"),
        ("SIP/2.0/UDP 192.0.2.9:1;rport;branch=1", False, False,
         "SIP/2.0/UDP 192.0.2.9:1;received=192.0.2.9;rport=5071;branch=1"),
        ("SIP/2.0/UDP 10.1.2.3:1;branch=1;rport", False, True,
         "SIP/2.0/UDP 10.1.2.3:1;received=192.0.2.9;branch=1;rport=5071"),
        ("SIP/2.0/UDP name.invalid;branch=1", False, True,
         "SIP/2.0/UDP name.invalid;received=192.0.2.9;branch=1"),
        ("SIP/2.0/UDP 192.0.2.9;branch=1", True, False,
         "SIP/2.0/UDP 192.0.2.9;received=192.0.2.9;rport=5071;branch=1"),
        ("SIP/2.0/UDP 10.9.9.9:1;branch=1", True, True,
         "SIP/2.0/UDP 10.9.9.9:1;rport=5071;received=192.0.2.9;branch=1"),
        ("SIP/2.0/UDP 10.9.9.9:1;branch=1;received=1.2.3.4", True, False,
         "SIP/2.0/UDP 10.9.9.9:1;received=192.0.2.9;rport=5071;branch=1;received=1.2.3.4"),
        ("SIP/2.0/UDP 10.9.9.9:1, SIP/2.0/UDP h;rport", False, True,
         "SIP/2.0/UDP 10.9.9.9:1;received=192.0.2.9, SIP/2.0/UDP h;rport"),
        ("SIP / 2.0 / UDP  h ; rport ; x", False, True,
         "SIP / 2.0 / UDP  h;received=192.0.2.9 ;rport=5071; x"),
    ],
)  # fmt: skip
def test_where_it_came_from_is_filled_in(value: str, force: bool, forwarding: bool, expected: str) -> None:
    assert stamp(value, HERE, force_rport=force, forwarding=forwarding) == expected


def test_an_ipv6_source_is_compared_without_brackets() -> None:
    value = "SIP/2.0/UDP [2001:db8::9]:5060;branch=1"
    assert stamp(value, ("2001:db8::9", 5060)) == value
    assert ";received=::1;" in stamp(value, ("::1", 5060))


@pytest.mark.parametrize(
    ("value", "first", "rest"),
    [
        ("a", "a", ""),
        ("a;x , b,\r\n c", "a;x", "b,\r\n c"),
        ('a;x="1,2" , b', 'a;x="1,2"', "b"),
        ('a;x="1,2"', 'a;x="1,2"', ""),
    ],
)
def test_the_first_of_several(value: str, first: str, rest: str) -> None:
    assert split_first(value) == (first, rest)
    assert split_vias(value)[0] == first


vias = st.builds(
    Via,
    st.just("SIP/2.0"),
    st.sampled_from(["UDP", "TCP", "TLS-SCTP", "x"]),
    st.sampled_from(["h", "192.0.2.1", "[::1]", "a-b.example"]),
    st.none() | st.integers(0, 65535),
    st.sampled_from(["", "branch=z9hG4bK1", 'x="a,b;c"', "rport;received=::1"]),
)


@given(st.lists(vias, min_size=1, max_size=4))
@settings(max_examples=100)
def test_a_line_of_vias_survives_being_written(known: list[Via]) -> None:
    assert [parse_via(value) for value in split_vias(" ,\r\n ".join(map(str, known)))] == known


@given(vias, st.integers(1, 65535), st.booleans(), st.booleans())
@settings(max_examples=60)
def test_a_stamped_via_still_says_the_rest(via: Via, port: int, force: bool, forwarding: bool) -> None:
    stamped = parse_via(stamp(str(via), ("198.51.100.1", port), force_rport=force, forwarding=forwarding))
    assert (stamped.transport, stamped.sent_by, stamped.branch) == (via.transport, via.sent_by, via.branch)
    assert stamped.received == "198.51.100.1"
    assert stamped.rport == (str(port) if force or via.rport is not None else None)


@given(st.text(st.characters(max_codepoint=255), max_size=30) | st.text("SIP/2.0UD h:1;,[]", max_size=24))
@settings(max_examples=100)
def test_any_text_is_read_or_refused(text: str) -> None:
    for work in (parse_via, lambda value: stamp(value, HERE)):
        try:
            work(text)
        except SipError:
            continue


@settings(max_examples=100)
@given(
    st.from_regex(r"(SIP|sip)/2\.0/[A-Za-z]{2,4} [a-z0-9.-]{1,8}(:[0-9]{1,5})?(;[!-~]{0,12})?", fullmatch=True)
)
def test_a_usual_value_is_read_as_one_that_is_spaced_oddly(text: str) -> None:
    def read(value: str) -> Via | str:
        try:
            return parse_via(value)
        except SipError as error:
            return error.kind

    assert read(text) == read(f" {text}")
