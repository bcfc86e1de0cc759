"""The line language of calls: what is read, what is written, and that both are the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relayscript.apps.testing.scenario import Line, Scenario, ScenarioError, parse, parse_line
from relayscript.apps.testing.statements import (
    Act,
    Comment,
    Detail,
    Expect,
    Include,
    Manage,
    Mock,
    Name,
    Network,
    Packet,
    Party,
    Raw,
    Relay,
    Repeat,
    Run,
    Script,
    Statement,
    Tag,
    Wait,
)
from relayscript.apps.testing.words import spoken_duration
from relayscript.grammar import scenario_words as language

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True).filter(
    lambda name: name not in (*language.KEYWORDS, *language.DETAILS)
)
URIS = st.from_regex(r"(sips?:([a-z0-9]{1,4}@)?[a-z0-9.]{1,8}(:[0-9]{1,4})?|tel:\+[0-9]{2,6})", fullmatch=True)
TARGETS = NAMES | URIS
METHODS = st.sampled_from(["INVITE", "BYE", "ACK", "OPTIONS", "REFER"])
TEXT = st.text(st.characters(max_codepoint=255, exclude_categories=["Cs"]), max_size=8)
HEADERS = st.sampled_from(["Subject", "X-Account", "From", "no-such", "within2"])
TIMES = st.integers(0, 10**8)
DETAILS = st.lists(
    st.builds(Detail, HEADERS | st.sampled_from(["line", "body", "call", "phrase"]), TEXT, st.booleans())
    | st.builds(Detail, st.just("no"), HEADERS)
    | st.builds(Detail, st.just("sdp"), st.sampled_from(["", "4000", "192.0.2.1:4000", "sendonly"]))
    | TIMES.map(lambda count: Detail("within", spoken_duration(count))),
    max_size=3,
).map(tuple)
PATHS = st.sampled_from(["x.cfg", "../a b/x.cfg", "100"])
GIVEN = TEXT | st.integers(-9, 99) | st.none()
VARIABLES = st.sampled_from(["$rU", "$var(a)", "$(ru{uri.user})", "$(avp(x)[1])", "$rtp_relay(ip)[*]"])
PARAMETERS = st.lists(st.tuples(st.sampled_from(["engine", "set"]), TEXT | st.integers(-9, 99))).map(tuple)
LISTS = st.lists(TEXT | st.integers(-9, 99), min_size=1, max_size=3).map(tuple)
ONE = TEXT | st.sampled_from(["[1]", "[a"]) | st.integers(-9, 99)
ARGUMENTS = st.lists(st.tuples(st.just("set"), ONE | LISTS)).map(tuple)
WITHIN = st.just(-1) | st.integers(0, 10**6)
PACKETS = st.builds(Packet, NAMES, st.just("->"), METHODS, st.just("") | TARGETS, st.just(""), DETAILS) | st.builds(
    Packet, NAMES, st.just("->"), st.just("") | METHODS, st.just(""), st.sampled_from(["100", "486"]), DETAILS
)
DELAYS = st.tuples(TIMES, TIMES).map(sorted)
FACTS = st.one_of(
    st.builds(Expect, st.sampled_from(["log", "result"]), st.just(""), TEXT, st.booleans(), WITHIN),
    st.builds(Expect, st.just("relay"), st.sampled_from(["", "udp:a:1"]), TEXT, st.booleans(), WITHIN),
    st.builds(Expect, st.just("statistic"), st.just("tm:x-1"), st.integers(-9, 99), within=WITHIN),
    st.builds(Expect, st.just("returns"), st.just(""), st.integers(-9, 99), within=WITHIN),
    st.builds(Expect, st.sampled_from(["nothing", "done"]), NAMES, within=WITHIN),
    st.builds(Expect, st.just("variable"), VARIABLES, GIVEN, within=WITHIN),
)
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
    st.builds(Repeat, NAMES, st.just("") | METHODS, st.sampled_from(["", "180", "200"])),
    st.builds(Raw, NAMES, TEXT),
    st.builds(Relay, st.just("udp:127.0.0.1:22222"), st.just("ports"), TIMES.map(str)),
    st.builds(Wait, TIMES),
    st.builds(Manage, st.sampled_from(["rtp_relay:list", "ps"]), ARGUMENTS, st.booleans()),
    st.builds(Script, PATHS, st.sampled_from(["", "3.2", "4.0"])),
    st.builds(Include, PATHS),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda names: Tag(tuple(names))),
    st.builds(Party, NAMES, st.just(""), st.sampled_from(["", "tcp", "wss"]), PATHS, PARAMETERS),
    st.builds(Relay, st.just("rtp.io:auto"), st.just("slow"), TIMES.map(str)),
    st.builds(Relay, st.just("rtp.io:auto"), st.just("dies"), st.sampled_from(["offer", "answer", "delete"])),
    st.builds(Name, st.just("_sip._udp.x"), st.just(()), st.sampled_from(["SRV 10 5 5060 a.x", "A 192.0.2.1"])),
    DELAYS.map(lambda times: Network(5, 0, 100, times[0], times[1] or 1, 7)),
    st.builds(Mock, st.just("variable"), VARIABLES, GIVEN),
    st.builds(Mock, st.sampled_from(["function", "route"]), st.sampled_from(["t_relay", "x"]), st.integers(-9, 99)),
    st.builds(Run, st.sampled_from(["route", "onreply_route"]), st.sampled_from(["", "relay", "a-b"]), PACKETS),
    FACTS,
)


@settings(max_examples=100)
@given(st.lists(STATEMENTS, max_size=5))
@example([Manage("ps", (("set", "12"),)), Packet("no", "->", "BYE", "", "", (Detail("Subject", '\\"\n'),))])
def test_what_is_written_is_read_as_the_same(statements: list[Statement]) -> None:
    scenario = Scenario("x.call", tuple(Line(number, each) for number, each in enumerate(statements, 1)))
    assert parse(str(scenario), "x.call") == scenario


VERBS = "'->' | '<-' | 'repeats' | 'calls' | 'rings' | 'answers' | 'refuses' | 'cancels' | 'hangs up'"


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
        ("dns _sip._udp.example.com SRV 10  5 5060 a.example.com",
         Name("_sip._udp.example.com", (), "SRV 10 5 5060 a.example.com")),
        ("script ../x.cfg target 3.2", Script("../x.cfg", "3.2")),
        ("party bob over tcp plays uas.xml key=1", Party("bob", "", "tcp", "uas.xml", (("key", 1),))),
        ("relay udp:a:1 dies at answer", Relay("udp:a:1", "dies", "answer")),
        ("relay udp:a:1 slow 0.5s", Relay("udp:a:1", "slow", "500")),
        ("network loss 5% delay 20ms", Network(loss=5, least=20, most=20)),
        ("mock route[relay] returns -1", Mock("route", "relay", -1)),
        ("mock $avp(x) = <null>", Mock("variable", "$avp(x)", None)),
        ("run route[relay] with alice -> INVITE bob sdp",
         Run("route", "relay", Packet("alice", "->", "INVITE", "bob", "", (Detail("sdp"),)))),
        ('expect no log "late"', Expect("log", "", "late", absent=True)),
        ("until $(ru{uri.user}) = 3 within 2s", Expect("variable", "$(ru{uri.user})", 3, within=2000)),
        ("expect alice done", Expect("done", "alice")),
        ("until log done within 1m", Expect("done", "log", within=60_000)),
        ("expect returns -1", Expect("returns", "", -1)),
        ("bob <- INVITE From~\"alice\" line=\"a=sendonly\"",
         Packet("bob", "<-", "INVITE", "", "", (Detail("From", "alice", True), Detail("line", "a=sendonly")))),
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
        ("relay x y", "x.call:2:9: expected 'answers' | 'silent' | 'refuses' | 'slow' | 'dies' | 'ports', found 'y'"),
        ("bob rings twice", "x.call:2:11: expected end of text, found 'twice'"),
        ("alice calls", "x.call:2:12: expected party or URI, found the end of the line"),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(f"# first\n{text}\n", "x.call")
    assert str(caught.value) == message
