"""Ladders of calls in all their forms, from one set of rows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.apps.testing.ladders import html, mermaid, svg, text
from relayscript.apps.testing.ladders.building import ladder_of, result_in
from relayscript.apps.testing.ladders.readable import readable, shortened
from relayscript.apps.testing.ladders.rows import Arrow, Kind, Ladder, Line, Note
from relayscript.apps.testing.recorder import Recorder
from relayscript.sip.transport import Address, Listener

LISTENER = Listener("udp", "127.0.0.1", 5060)
ALICE, BOB, CAROL = ("192.0.2.1", 5060), ("192.0.2.2", 5060), ("192.0.2.3", 5060)
NAMES = {ALICE: "alice", BOB: "bob", CAROL: "carol"}
INVITE = b"INVITE sip:bob@x SIP/2.0\r\nVia: %b\r\nCall-ID: %b\r\nCSeq: 1 INVITE\r\n\r\n"
SCRIPT = 'route {\n\txlog("<b>&\\n");\n\tt_relay();\n}\n'


def name_of(address: Address) -> str:
    return NAMES[address]


def recorded() -> Recorder:
    """Two calls, two relay nodes, a retransmission, a timer, sound, and text that must not act."""
    recorder = Recorder(lambda: 0.25)
    recorder.said("alice calls bob", done=True)
    recorder.message(False, LISTENER, ALICE, INVITE % (b"a", b"one"))
    recorder.line("/x/s.cfg", 2)
    recorder.line("/x/s.cfg", 3)
    recorder.log(2, "caf\u00c3\u00a9 </pre><script>alert(1)</script> \x1b[31m;#\n")
    recorder.relay("udp:n:1", True, "VF 20080403")
    recorder.relay("udp:n:1", False, "1")
    recorder.relay("udp:n:1", True, "U one 192.0.2.1 4000 a;1")
    recorder.relay("udp:n:2", True, "d7:call-id3:one7:command5:offere")
    recorder.relay("udp:n:2", False, "d6:result2:oke")
    for _ in range(2):
        recorder.message(True, LISTENER, BOB, INVITE % (b"p", b"one"))
    recorder.timer("fr_timeout", 5.0)
    recorder.message(False, LISTENER, CAROL, INVITE % (b"c", b"two"))
    recorder.message(True, LISTENER, CAROL, b"SIP/2.0 503 No\r\nCall-ID: two\r\nCSeq: 1 INVITE\r\n\r\n")
    recorder.flow("udp:n:1", "bob", 50)
    recorder.result('{"a": 1}')
    return recorder


@pytest.fixture
def ladder() -> Ladder:
    return ladder_of(recorded().events, name_of, {"/x/s.cfg": SCRIPT}, "x.call with s.cfg")


def test_the_rows(ladder: Ladder) -> None:
    assert ladder.columns == ("alice", "proxy", "bob", "carol", "udp:n:1", "udp:n:2")
    assert ladder.calls == ("one", "two")
    assert [(row.kind, row.label if isinstance(row, Arrow) else row.text) for row in ladder.rows] == [
        (Kind.SAID, "alice calls bob"),
        (Kind.REQUEST, "INVITE"),
        (Kind.SCRIPT, '  2  xlog("<b>&\\n");'),
        (Kind.SCRIPT, "  3  t_relay();"),
        (Kind.LOG, "café </pre><script>alert(1)</script> \\x1b[31m;#"),
        (Kind.RELAY, "U one 192.0.2.1 4000 a;1"),
        (Kind.RELAY, "offer"),
        (Kind.RELAY, "ok"),
        (Kind.REQUEST, "INVITE"),
        (Kind.REQUEST, "INVITE"),
        (Kind.TIMER, "timer fr_timeout after 5 s"),
        (Kind.REQUEST, "INVITE"),
        (Kind.FAILURE, "503 No"),
        (Kind.SOUND, "50 RTP packets"),
        (Kind.RESULT, '{"a": 1}'),
    ]
    arrows = [row for row in ladder.rows if isinstance(row, Arrow) and row.kind is Kind.REQUEST]
    assert [(row.call, row.again) for row in arrows] == [(1, False), (1, False), (1, True), (2, False)]
    assert arrows[1].lines == (
        Line(" ", "INVITE sip:bob@x SIP/2.0"), Line("-", "Via: a"), Line("+", "Via: p"),
        Line(" ", "Call-ID: one"), Line(" ", "CSeq: 1 INVITE"),
    )  # fmt: skip


def test_text_is_as_wide_as_it_may_be(ladder: Ladder) -> None:
    assert [text.gap_for(ladder, width) for width in (40, 130, 200, 400)] == [14, 19, 30, 30]
    shown = [row.plain for row in text.draw(ladder, 14)]
    assert shown[9].startswith("  0.250  │             │── [1] IN… ─▶│")
    assert any("timer fr_timeout after 5 s" in row and row.startswith("  0.250") for row in shown)


def test_mermaid(ladder: Ladder) -> None:
    rows = mermaid.written(ladder).splitlines()
    assert rows[:3] == ["sequenceDiagram", "    participant p0 as alice", "    participant p1 as proxy"]
    assert rows[7:11] == [
        "    Note over p0,p5: 0.250 alice calls bob",
        "    p0->>p1: [1] INVITE",
        "    Note over p1:   2  xlog(#34;#60;b#62;#38;#92;n#34;)#59;<br/>  3  t_relay()#59;",
        "    Note over p1: log: caf#233; #60;/pre#62;#60;script#62;alert(1)#60;/script#62; #92;x1b[31m#59;#35;",
    ]
    assert rows[15] == "    p1->>p2: [1] INVITE (again)"
    assert rows[16] == "    Note over p1: 0.250 timer fr_timeout after 5 s"
    assert rows[18] == "    p1--xp3: [2] 503 No"
    assert rows[19] == "    p4-)p2: 50 RTP packets"


def test_a_picture_is_whole(ladder: Ladder) -> None:
    root = ElementTree.fromstring(svg.written(ladder))
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "log: café </pre><script>alert(1)</script> \\x1b[31m;#" in texts
    assert "[1] INVITE (again)" in texts
    assert "prefers-color-scheme: dark" in svg.written(ladder)


class Page(HTMLParser):
    """The elements of a page, and whether they are nested as they should."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        assert not self._open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert not {"src", "href"} & {name for name, _ in attributes}
        if tag != "meta":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def test_a_page_has_the_script_beside_the_message_it_caused(ladder: Ladder) -> None:
    source = html.page(ladder)
    assert "script" not in Page(source).found
    whole = [part for part in source.split("<details") if "U one 192.0.2.1" in part]
    assert "t_relay();" in whole[0]
    assert "<del>- Via: a</del>" in source
    assert "<ins>+ Via: p</ins>" in source
    assert not re.search(r"url\(|@import", source)


def test_lines_that_ran_without_a_message_stay_with_what_came_before() -> None:
    recorder = Recorder(lambda: 0.0)
    recorder.message(False, LISTENER, ALICE, INVITE % (b"a", b"one"))
    recorder.line("/x/s.cfg", 3)
    recorder.message(False, LISTENER, BOB, INVITE % (b"b", b"two"))
    made = html.page(ladder_of(recorder.events, name_of, {"/x/s.cfg": SCRIPT}))
    first, second = made.split("<details")[1:]
    assert "t_relay();" in first
    assert "t_relay();" not in second


def test_nothing_at_all() -> None:
    empty = ladder_of([], name_of, {})
    assert empty.columns == ("proxy",)
    assert len(list(text.draw(empty))) == 1
    assert mermaid.written(empty) == "sequenceDiagram\n    participant p0 as proxy\n"
    ElementTree.fromstring(svg.written(empty))
    Page(html.page(empty))


def test_a_party_that_is_called_like_the_proxy() -> None:
    recorder = Recorder(lambda: 0.0)
    recorder.message(False, LISTENER, ALICE, INVITE % (b"a", b"one"))
    assert ladder_of(recorder.events, lambda _: "proxy", {}).columns == ("proxy (party)", "proxy")


@given(st.text(st.characters(max_codepoint=255)))
def test_any_byte_text_can_be_shown(value: str) -> None:
    shown = readable(value)
    assert not re.search("[\x00-\x1f\x7f-\x9f]", shown)
    row = Arrow(0.0, Kind.REQUEST, "a", "proxy", shown, (Line("+", shown),))
    made = Ladder(shown, ("a", "proxy"), (row, Note(0.0, Kind.LOG, shown)))
    ElementTree.fromstring(svg.written(made))
    Page(html.page(made))
    assert len(mermaid.written(made).splitlines()) == 5


def test_short_ways_to_say_it() -> None:
    assert [shortened("abcdef", room) for room in (6, 5, 1, 0)] == ["abcdef", "abcd…", "…", "…"]
    assert result_in("d6:result4:ponge") == "pong"
    assert result_in("d3:xyze") == "d3:xyze"
