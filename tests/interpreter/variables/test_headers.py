"""Headers by name, contacts, the body and its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

EXTRA = """X-Empty:
X-Spaces:    padded value   \t
X-Tab:\ttabbed
X-Colon: a: b
s: short subject
Path: <sip:p1;lr>
"""
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
MIXED = (
    "--sep\r\nContent-Type: application/pidf+xml\r\n\r\n1234\r\n"
    f"--sep\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n"
    "--sep\r\nContent-Type: text/plain\r\n\r\nhello\r\n--sep--\r\n"
)


class TestHeaders:
    """$hdr and those of every message"""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("$hdr(X-Multi)", "one"),
            ("$(hdr(x-multi)[1]) $(hdr(X-Multi)[-1]) $(hdr(X-Multi)[3])", "two three <null>"),
            ("$(hdr(X-Multi)[*])", "one, two, three"),
            ("$hdrcnt(X-MULTI) $hdrcnt(X-None) $hdrcnt(Via)", "3 0 2"),
            ("$hdr(X-None) $(hdr(X-None)[*])", "<null> <null>"),
            ("[$hdr(X-Empty)]", "[]"),
            ("[$hdr(X-Spaces)]", "[padded value   \t]"),
            ("[$hdr(X-Tab)] [$hdr(X-Colon)]", "[tabbed] [a: b]"),
            ("$hdr(Subject) $hdr(s) $hdr(S)", "short subject short subject short subject"),
            ("$hdr(To)", "<sip:bob@example.com;user=phone>"),
            ("$hdr_name $(hdr_name[3]) $(hdr_name[-1]) $(hdr_name[99])", "Via t Content-Length <null>"),
            ("$ci $cs $ua $cl $path", "call-1 314159 Probe/1 0 <null>"),
        ],
    )
    def test_they_show(self, stage: Set, text: str, shown: str) -> None:
        assert stage(extra=EXTRA).show(text) == shown

    def test_all_names(self, stage: Set) -> None:
        assert stage().show("$(hdr_name[*])").startswith("Via, Via, From, t, Call-ID, ")

    def test_a_folded_value_keeps_its_folds(self, stage: Set) -> None:
        assert stage(extra="X-Folded: first\n second\n").read("$hdr(X-Folded)") == "first\r\n second"

    def test_missing_ones_are_null(self, stage: Set) -> None:
        on = stage("OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/UDP h\n")
        assert on.show("$ci|$cs|$ua") == "<null>|<null>|<null>"

    def test_the_path_is_that_of_the_branch(self, stage: Set) -> None:
        on = stage()
        on.context.branch.path = "<sip:p;lr>"
        assert on.read("$path") == "<sip:p;lr>"


class TestContacts:
    """$ct"""

    def test_they_are_counted_over_all_headers(self, stage: Set) -> None:
        on = stage(extra="m: sip:third@192.0.2.9\n")
        first = '"Al" <sip:alice@192.0.2.1>;q=0.7;expires=120;+x'
        assert on.read("$ct") == first
        assert on.read("$(ct[1])") == "sip:plain@192.0.2.5"
        assert on.read("$(ct[-1])") == "sip:third@192.0.2.9"
        assert on.read("$(ct[3])") is None
        assert on.read("$(ct[*])") == f"{first}, sip:plain@192.0.2.5, sip:third@192.0.2.9"

    @pytest.mark.parametrize(
        ("field", "value"),
        [("name", '"Al"'), ("URI", "sip:alice@192.0.2.1"), ("q", "0.7"), ("expires", "120"), ("received", None),
         ("methods", None), ("params", "q=0.7;expires=120;+x"), ("nothing", None)],
    )  # fmt: skip
    def test_their_fields(self, stage: Set, field: str, value: str | None) -> None:
        assert stage().read(f"$ct.fields({field})") == value

    def test_fields_by_index(self, stage: Set) -> None:
        on = stage()
        assert (
            on.show("$(ct.fields(uri)[1]) $(ct.fields(q)[1]) $(ct.fields(uri)[2])")
            == "sip:plain@192.0.2.5 <null> <null>"
        )
        assert on.show("$(ct.fields(q)[*])") == "0.7"

    def test_a_malformed_one_is_null(self, stage: Set) -> None:
        on = stage("OPTIONS sip:a SIP/2.0\nContact: <sip:open\n")
        assert on.read("$ct.fields(uri)") is None


class TestBody:
    """$rb and $cT"""

    def test_one_part(self, stage: Set) -> None:
        on = stage(body=SDP, content_type="application/sdp")
        assert on.read("$rb") == SDP
        assert on.read("$rb(application/sdp)") == SDP
        assert on.read("$rb(text/plain)") is None
        assert on.show("$cT $(cT[0]) $(cT[1])") == "application/sdp application/sdp <null>"

    def test_several_parts(self, stage: Set) -> None:
        on = stage(body=MIXED, content_type="multipart/mixed;boundary=sep")
        assert on.show("$(cT[0]) $(cT[1]) $(cT[-1])") == "application/pidfxml application/sdp text/plain"
        assert on.read("$(cT[*])") == "multipart/mixed;boundary=sep,application/pidfxml,application/sdp,text/plain"
        assert on.show("$(rb[0]) $rb(TEXT/plain) $(rb[1]{s.len})") == f"1234 hello {len(SDP)}"

    def test_none(self, stage: Set) -> None:
        assert set(stage().show("$rb|$rb(text/plain)|$(rb[0])|$cT|$(cT[0])|$(cT[*])").split("|")) == {"<null>"}
