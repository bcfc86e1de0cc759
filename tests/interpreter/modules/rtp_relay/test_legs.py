"""Settings of participants: inheritance, clearing, and who is found by what."""

from __future__ import annotations

import pytest

from relayscript.interpreter.modules.rtp_relay.legs import TEXT_FIELDS, Leg, Legs
from relayscript.interpreter.values import Value


def test_a_branch_inherits_each_field_that_it_does_not_set() -> None:
    legs = Legs("alice")
    legs.callee.write("flags", "co")
    legs.callee.write("ip", "192.0.2.1")
    legs.callee_of(1).write("flags", "r")
    assert legs.callee_of(1).get("flags") == "r"
    assert legs.callee_of(1).get("ip") == "192.0.2.1"
    assert legs.callee_of(0).get("flags") == "co"


def test_a_value_that_is_set_later_for_all_branches_is_inherited_too() -> None:
    legs = Legs("alice")
    branch = legs.callee_of(0)
    legs.callee.write("type", "SRTP")
    assert branch.get("type") == "SRTP"


def test_an_empty_text_hides_the_inherited_value_and_null_shows_it_again() -> None:
    legs = Legs("alice")
    legs.callee.write("flags", "co")
    branch = legs.callee_of(0)
    branch.write("flags", "")
    assert branch.get("flags") == ""
    branch.write("flags", None)
    assert branch.get("flags") == "co"


def test_reading_a_branch_without_settings_does_not_provision_it() -> None:
    legs = Legs("alice")
    assert legs.callee_of(2).get("flags") == ""
    assert not legs.is_provisioned(2)
    legs.callee_of(2).write("iface", "e")
    assert legs.is_provisioned(2)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1, "disabled"),
        (0, "enabled"),
        ("x", "disabled"),
        ("0", "enabled"),
        ("", "enabled"),
        (None, "enabled"),
    ],
)
def test_disabled_can_be_switched_on_and_off(value: Value, shown: str) -> None:
    leg = Leg()
    leg.write("disabled", 1)
    leg.write("disabled", value)
    assert leg.read("disabled") == shown


def test_numbers_are_kept_as_decimal_text() -> None:
    leg = Leg()
    leg.write("iface", 7)
    assert leg.read("iface") == "7"


def test_an_unset_field_reads_as_empty_text() -> None:
    assert all(Leg().read(field) == "" for field in TEXT_FIELDS)


def test_the_caller_may_be_tuned_for_one_branch() -> None:
    legs = Legs("alice")
    legs.caller.write("flags", "co")
    legs.own_caller_of(1).write("flags", "cor")
    assert legs.caller_of(0).get("flags") == "co"
    assert legs.caller_of(1).get("flags") == "cor"
    assert legs.caller_of(1).tag == "alice"


def test_legs_are_found_by_tag() -> None:
    legs = Legs("alice")
    legs.callee_of(0).tag = "bob"
    assert legs.with_tag("bob") is legs.callee_of(0)
    assert legs.with_tag("alice") is legs.caller
    assert legs.with_tag("1") is None


def test_only_what_is_set_is_listed() -> None:
    leg = Leg(tag="bob")
    leg.write("ip", "192.0.2.1")
    leg.write("iface", "e")
    assert leg.to_json() == {"tag": "bob", "IP": "192.0.2.1", "interface": "e"}
