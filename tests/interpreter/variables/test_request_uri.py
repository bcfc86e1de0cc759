"""The request URI and its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.values import Named

REPLY = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\nFrom: <sip:a@b>\nTo: <sip:a@b>\nCall-ID: 1\nCSeq: 1 INVITE\n"
ALL = "$ru|$ruri|$rU|$ruri.user|$rd|$ruri.domain|$rp|$rP|$ru_q"
FIVE = Named(5, None)


def test_the_uri_as_it_came(stage: Set) -> None:
    uri = "sip:bob@example.com:5070;user=phone"
    assert stage().show(ALL) == f"{uri}|{uri}|bob|bob|example.com|example.com|5070|udp|-1"
    assert stage().show("$ou|$ouri|$oU|$od|$op|$oP") == f"{uri}|{uri}|bob|example.com|5070|udp"


def test_a_reply_has_none(stage: Set) -> None:
    on = stage(REPLY)
    assert set(on.show(ALL).split("|")) == {"<null>"}
    assert set(on.show("$ou|$oU|$od|$op|$oP").split("|")) == {"<null>"}
    assert not on.write("$ru", "sip:a@b")
    assert not on.write("$ru_q", 5)


@pytest.mark.parametrize(
    ("uri", "variable", "value", "after"),
    [
        ("sip:a@h:1;p", "$rU", "b", "sip:b@h:1;p"),
        ("sip:a@h:1;p", "$rU", None, "sip:h:1;p"),
        ("sip:a@h:1;p", "$rU", "", "sip:h:1;p"),
        ("sip:h;p", "$rU", "b", "sip:b@h;p"),
        ("sip:a@h:1;p", "$rU", 7, "sip:7@h:1;p"),
        ("sip:a@h:1;p", "$rU", FIVE, None),
        ("sip:a:pw@h", "$rU", "b", "sip:b:pw@h"),
        ("sip:a:pw@h", "$rU", None, "<invalid>"),
        ("sip:a@h:1;p?x=y", "$rd", "k", "sip:a@k:1;p?x=y"),
        ("sip:a@h:1", "$rd", None, None),
        ("sip:a@h;maddr=m;p", "$rd", "k", "sip:a@k;p"),
        ("sip:a@h:1;p", "$rp", 2, "sip:a@h:2;p"),
        ("sip:a@h:1;p", "$rp", FIVE, "sip:a@h:5;p"),
        ("sip:a@h:1;p", "$rp", "2", "sip:a@h:2;p"),
        ("sip:a@h:1;p", "$rp", None, "sip:a@h;p"),
        ("sip:a@h:1;p", "$rp", "x", "<invalid>"),
        ("sips:a@h", "$rd", "k", "sips:a@k"),
        ("sip:a@h", "$ru", "sip:b@k", "sip:b@k"),
        ("sip:a@h", "$ru", "nothing", "<invalid>"),
        ("sip:a@h", "$ru", None, None),
        ("sip:a@h", "$ru", 5, None),
    ],
)
def test_writing(stage: Set, uri: str, variable: str, value: str | int | None, after: str | None) -> None:
    """`after` None: the write fails and changes nothing; `<invalid>`: what is written is no URI."""
    on = stage()
    on.write("$ru", uri)
    assert on.write(variable, value) is (after is not None)
    assert on.read("$ru") == (None if after == "<invalid>" else after or uri)


def test_parts_of_what_is_no_uri_cannot_be_written(stage: Set) -> None:
    on = stage()
    on.write("$ru", "nothing")
    assert not on.write("$rU", "a")
    assert not on.write("$rd", "a")
    assert not on.write("$rp", 5)


@pytest.mark.parametrize(
    ("uri", "port", "protocol"),
    [
        ("sip:h", 5060, "udp"),
        ("sip:h:5071;transport=TCP", "5071", "tcp"),
        ("sips:h", 5061, "tls"),
        ("sip:h;transport=tls", 5061, "tls"),
    ],
)
def test_the_port_has_a_default(stage: Set, uri: str, port: str | int, protocol: str) -> None:
    on = stage()
    on.write("$ru", uri)
    assert (on.read("$rp"), on.read("$rP")) == (port, protocol)


def test_q(stage: Set) -> None:
    on = stage()
    assert on.write("$ru_q", 500)
    assert on.context.branch.q == 500
    assert not on.write("$ru_q", 1001)
    assert not on.write("$ru_q", "x")
    assert on.write("$ru_q", None)
    assert on.read("$ru_q") == -1
