"""Functions that rewrite the request URI."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

REPLY = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\nCSeq: 1 INVITE\n"


@pytest.mark.parametrize(
    ("uri", "function", "argument", "after"),
    [
        ("sip:a:pw@h:1;p", "setuser", "b", "sip:b:pw@h:1;p"),
        ("sip:a@h:1;p", "setuser", "", "sip:h:1;p"),
        ("sip:a:pw@h", "setuserpass", "b:x", "sip:b:x@h"),
        ("sip:a:pw@h", "setuserpass", "b", "sip:b@h"),
        ("sip:a@h:1;p", "sethost", "k", "sip:a@k:1;p"),
        ("sip:a@h:1;p", "sethostport", "k:2", "sip:a@k:2;p"),
        ("sip:a@h:1;p", "sethostport", "k", "sip:a@k;p"),
        ("sip:a@h:1", "sethostport", "[::1]:2", "sip:a@[::1]:2"),
        ("sip:a@h:1;p", "setport", "2", "sip:a@h:2;p"),
        ("sip:a@h:1;p", "setport", "", "sip:a@h;p"),
        ("sip:a@h", "prefix", "+", "sip:+a@h"),
        ("sip:h", "prefix", "+", "sip:+@h"),
        ("sip:0040712345@h;x", "strip", 2, "sip:40712345@h;x"),
        ("sip:0040712345@h;x", "strip_tail", 3, "sip:0040712@h;x"),
        ("sip:0040712345@h;x", "strip", 50, "sip:h;x"),
        ("sip:0040712345@h;x", "strip_tail", 10, "sip:h;x"),
        ("sip:a@h", "seturi", "sip:b@k", "sip:b@k"),
    ],
)
def test_rewriting(stage: Set, uri: str, function: str, argument: str | int, after: str) -> None:
    on = stage()
    on.write("$ru", uri)
    assert on.call(function, argument) == 1
    assert on.context.branch.uri == after


def test_stripping_too_much_is_a_warning(stage: Set) -> None:
    on = stage()
    on.call("strip", 50)
    assert [level for level, _ in on.logged] == [1]


@pytest.mark.parametrize(
    ("function", "argument"),
    [("setuser", "a"), ("sethost", "h"), ("setport", "1"), ("prefix", "1"), ("strip", 1), ("setuserpass", "a")],
)
def test_what_is_no_uri_cannot_be_rewritten(stage: Set, function: str, argument: str | int) -> None:
    on = stage()
    on.write("$ru", "nothing")
    assert on.call(function, argument) == -1
    assert on.context.branch.uri == "nothing"
    assert stage(REPLY).call(function, argument) == -1


def test_empty_and_negative_arguments(stage: Set) -> None:
    on = stage()
    assert on.call("sethost", "") == -1
    assert on.call("strip", -1) == -1
    assert on.call("setdsturi", "") == -1


def test_reverting(stage: Set) -> None:
    on = stage()
    before = on.read("$ru")
    on.call("seturi", "sip:x@h")
    assert on.call("revert_uri") == 1
    assert on.read("$ru") == before
    assert stage(REPLY).call("revert_uri") == -1
    assert stage(REPLY).call("seturi", "sip:a@b") == -1


def test_the_next_hop(stage: Set) -> None:
    on = stage()
    assert on.call("isdsturiset") == -1
    assert on.call("setdsturi", "sip:192.0.2.14") == 1
    assert on.call("isdsturiset") == 1
    assert on.read("$du") == "sip:192.0.2.14"
    assert on.call("resetdsturi") == 1
    assert on.read("$du") is None
