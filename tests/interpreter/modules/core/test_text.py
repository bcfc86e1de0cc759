"""Functions that put values into variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]



def test_printing(stage: Set) -> None:
    on = stage()
    assert on.call("pv_printf", "$var(out)", "text") == 1
    assert on.read("$var(out)") == "text"
    assert on.call("pv_printf", "$rm", "text") == -1


@pytest.mark.parametrize(
    ("parts", "uri"),
    [
        (("sip", "bob", "h", "5070", "x=1"), "sip:bob@h:5070;x=1"),
        (("sips", None, "h", None, None), "sips:h"),
        (("sip", "", "h", "", ""), "sip:h"),
        (("", "bob", "h", None, None), None),
        (("sip", "bob", "", None, None), None),
    ],
)
def test_building_a_uri(stage: Set, parts: tuple[object, ...], uri: str | None) -> None:
    on = stage()
    assert on.call("construct_uri", *parts, "$avp(u)") == (1 if uri else -1)
    assert on.read("$avp(u)") == uri


def test_the_time(stage: Set) -> None:
    on = stage()
    assert on.call("get_timestamp", "$avp(s)", "$avp(u)") == 1
    assert on.show("$avp(s) $avp(u)") == "1764000000 250000"


def test_listing_avps(stage: Set) -> None:
    on = stage()
    on.write("$avp(a)", 1)
    on.write("$avp(a)", "x")
    assert on.call("avp_print") == 1
    assert on.logged == [(3, "avp a: x, 1")]


def test_tracing(stage: Set) -> None:
    on = stage()
    assert on.call("script_trace", 3, "m=$rm", "tag") == 1
    trace = on.context.trace
    assert trace is not None
    assert (trace.level, trace.expand(on.context), trace.tag) == (3, "m=INVITE", "tag")
    assert on.call("script_trace") == 1
    assert on.context.trace is None


def test_a_trace_needs_a_format_string(stage: Set) -> None:
    on = stage()
    assert on.call("script_trace", 3, "lone $") == -1
    assert on.context.trace is None
