"""Which complaints of a flood reach the log."""

from __future__ import annotations

from relayscript.interpreter.flood import FloodGate
from relayscript.sip.timers import Timers


def test_each_kind_passes_once_per_second_and_tells_what_was_held() -> None:
    timers = Timers()
    gate = FloodGate(timers)
    assert gate.admit("junk", "not SIP") == "not SIP"
    assert gate.admit("junk", "not SIP") is None
    assert gate.admit("via", "no Via") == "no Via"
    timers.fire(0.9)
    assert gate.admit("junk", "not SIP") is None
    timers.fire(1.0)
    assert gate.admit("junk", "not SIP") == "not SIP (2 more like this since)"
    timers.fire(2.5)
    assert gate.admit("junk", "not SIP") == "not SIP"
