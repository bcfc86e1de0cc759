"""The line language of calls: what is read, what is written, and that both are the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relayscript.apps.testing.scenario import (
    Act,
    Comment,
    Detail,
    Line,
    Manage,
    Name,
    Packet,
    Party,
    Relay,
    Scenario,
    ScenarioError,
    Statement,
    Wait,
    parse,
    parse_line,
    spoken_duration,
)

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True).filter(
    lambda name: name not in ("party", "relay", "dns", "wait", "mi", "sdp", "no", "within")
)
URIS = st.from_regex(r"(sips?:([a-z0-9]{1,4}@)?[a-z0-9.]{1,8}(:[0-9]{1,4})?|tel:\+[0-9]{2,6})", fullmatch=True)
TARGETS = NAMES | URIS
METHODS = st.sampled_from(["INVITE", "BYE", "ACK", "OPTIONS", "REFER"])
TEXT = st.text(st.characters(max_codepoint=255, exclude_categories=["Cs"]), max_size=8)
HEADERS = st.sampled_from(["Subject", "X-Account", "From", "no-such", "within2"])
TIMES = st.integers(0, 10**8)
DETAILS = st.lists(
    st.builds(Detail, HEADERS, TEXT)
    | st.builds(Detail, st.just("no"), HEADERS)
    | st.builds(Detail, st.just("sdp"), st.sampled_from(["", "4000", "192.0.2.1:4000", "sendonly"]))
    | TIMES.map(lambda count: Detail("within", spoken_duration(count))),
    max_size=3,
).map(tuple)
STATEMENTS: st.SearchStrategy[Statement] = st.one_of(
    st.sampled_from(["", "# a comment", "#"]).map(Comment),
    st.builds(Party, NAMES, st.sampled_from(["", "192.0.2.1", "192.0.2.1:5070", "[2001:db8::1]", "[::1]:5070"])),
    st.builds(Relay, st.just("udp:127.0.0.1:22222"), st.sampled_from(["answers", "silent", "refuses"]), TEXT),
    st.builds(Name, st.just("example.com"), st.lists(st.sampled_from(["192.0.2.1", "2001:db8::1"])).map(tuple)),
    st.builds(Packet, NAMES, st.sampled_from(["->", "<-"]), METHODS, st.just("") | TARGETS, st.just(""), DETAILS),
    st.builds(
        Packet,
        NAMES,
        st.just("<-"),
        st.just("") | METHODS,
        st.just(""),
        st.sampled_from(["200", "4xx"]),
        DETAILS,
    ),
    st.builds(Act, NAMES, st.just("calls"), TARGETS, st.just(""), DETAILS),
    st.builds(Act, NAMES, st.just("refuses"), st.just(""), st.sampled_from(["", "486", "603"]), DETAILS),
    st.builds(
        Act,
        NAMES,
        st.sampled_from(["rings", "answers", "cancels", "hangs"]),
        st.just(""),
        st.just(""),
        DETAILS,
    ),
    st.builds(Wait, TIMES),
    st.builds(
        Manage,
        st.sampled_from(["rtp_relay:list", "ps"]),
        st.lists(st.tuples(st.sampled_from(["engine", "set"]), TEXT | st.integers(-9, 99))).map(tuple),
    ),
)


@settings(max_examples=100)
@given(st.lists(STATEMENTS, max_size=5))
@example([Manage("ps", (("set", "12"),)), Packet("no", "->", "BYE", "", "", (Detail("Subject", '\\"\n'),))])
def test_what_is_written_is_read_as_the_same(statements: list[Statement]) -> None:
    scenario = Scenario("x.call", tuple(Line(number, each) for number, each in enumerate(statements, 1)))
    assert parse(str(scenario), "x.call") == scenario


VERBS = "'->' | '<-' | 'calls' | 'rings' | 'answers' | 'refuses' | 'cancels' | 'hangs up'"


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("party carol at 192.0.2.9:5070", Party("carol", "192.0.2.9:5070")),
        ("  # note  ", Comment("# note")),
        (
            "alice -> INVITE bob sdp=4000",
            Packet("alice", "->", "INVITE", "bob", "", (Detail("sdp", "4000"),)),
        ),
        ("alice -> INVITE sip:bob@x;a=b", Packet("alice", "->", "INVITE", "sip:bob@x;a=b")),
        ("bob <- INVITE no Route", Packet("bob", "<-", "INVITE", "", "", (Detail("no", "Route"),))),
        ("bob -> 200 INVITE", Packet("bob", "->", "INVITE", "", "200")),
        (
            'bob -> 302 Contact="<sip:c@x>"',
            Packet("bob", "->", "", "", "302", (Detail("Contact", "<sip:c@x>"),)),
        ),
        ("alice hangs up", Act("alice", "hangs")),
        ("wait 1.5m", Wait(90_000)),
        ('mi update set=2 node="2"', Manage("update", (("set", 2), ("node", "2")))),
        ('relay udp:a:1 refuses "E72"', Relay("udp:a:1", "refuses", "E72")),
        ("dns none.example =", Name("none.example", ())),
    ],
)
def test_statements(text: str, statement: Statement) -> None:
    assert parse_line(text) == statement


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alice waves", f"x.call:2:7: expected {VERBS}, found 'waves'"),
        ("wait long", "x.call:2:6: expected duration like 500ms, 2s, 5m or 12h, found 'long'"),
        ("  party wait", "x.call:2:9: expected party, found 'wait'"),
        ("relay udp:x", "x.call:2:12: expected 'answers' | 'silent' | 'refuses', found the end of the line"),
        ("bob rings twice", "x.call:2:11: expected end of text, found 'twice'"),
        ("alice calls", "x.call:2:12: expected party or URI, found the end of the line"),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(f"# first\n{text}\n", "x.call")
    assert str(caught.value) == message
