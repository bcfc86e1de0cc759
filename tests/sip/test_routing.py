"""Route sets in both directions, and counting Max-Forwards down."""

from __future__ import annotations

import pytest

from relayscript.sip.errors import SipError
from relayscript.sip.message import Changes, Message
from relayscript.sip.routing import decrement_max_forwards, max_forwards, route_set, values


def message(*lines: str) -> Message:
    return Message("INVITE sip:h SIP/2.0", list(lines))


def test_route_sets() -> None:
    invite = message("Record-Route: <sip:a;lr>, <sip:b;lr>", "X: y", 'record-route: "c,d" <sip:c;lr>')
    known = ("<sip:a;lr>", "<sip:b;lr>", '"c,d" <sip:c;lr>')
    assert route_set(invite, upstream=True) == known
    assert route_set(invite, upstream=False) == known[::-1]
    assert values(invite, "route") == []


@pytest.mark.parametrize(("value", "left"), [("70", 69), ("1", 0), ("007", 6), ("300", 299)])
def test_one_hop_less(value: str, left: int) -> None:
    invite, changes = message("To: x", f"MAX-FORWARDS:{value} "), Changes()
    assert decrement_max_forwards(invite, changes) == left
    assert changes.replaced == {1: f"MAX-FORWARDS:{left} "}


def test_a_missing_one_is_added() -> None:
    changes = Changes()
    assert max_forwards(message()) is None
    assert decrement_max_forwards(message(), changes) == 70
    assert changes.last == ["Max-Forwards: 70"]


@pytest.mark.parametrize(
    ("value", "status"),
    [("0", 483), ("-1", 400), ("ten", 400), ("", 400), ("\u00b2", 400), ("2147483648", 400)],
)
def test_no_hop_left_or_no_number(value: str, status: int) -> None:
    with pytest.raises(SipError) as caught:
        decrement_max_forwards(message(f"Max-Forwards: {value}"), Changes())
    assert (caught.value.kind, caught.value.status) == ("max-forwards", status)
