"""A script that stops: what its relays hold is given back before it is gone, or left to whoever comes next."""

from __future__ import annotations

import pytest

from .lab import RTPPROXY, Lab, sdp

KEPT = """loadmodule "db_sqlite.so"
modparam("dialog", "db_mode", 1)
modparam("dialog", "db_url", "sqlite:///calls.db")
"""


def leave(lab: Lab) -> list[str]:
    """The script is told to stop; the list has a member once it may go."""
    gone: list[str] = []
    lab.runtime.leave(lambda: gone.append("gone"))
    return gone


def with_parameter(value: int) -> str:
    return f'modparam("rtp_relay", "release_on_stop", {value})'


@pytest.mark.parametrize(
    ("target", "settings", "held"),
    [
        ("3.2", "", 0), ("4.0", "", 1), ("4.0", with_parameter(1), 0), ("3.2", with_parameter(0), 1),
        ("3.2", KEPT + with_parameter(1), 1),
    ],
)  # fmt: skip
def test_calls_are_released_or_left(target: str, settings: str, held: int) -> None:
    lab = Lab(settings=settings, target=target).establish()
    gone = leave(lab)
    lab.host.settle()
    assert gone == ["gone"]
    assert len(lab.held()) == held


def test_it_is_gone_when_the_relays_have_answered() -> None:
    lab = Lab(target="3.2")
    for number in range(250):
        lab.establish(f"call-{number}")
    gone = leave(lab)
    assert not gone
    lab.host.settle()
    assert gone == ["gone"]
    assert lab.held() == []
    deletes = [each for each in lab.wire.commands if each.startswith("D ")]
    assert len(deletes) == len(set(deletes)) == 250


def test_a_call_that_rings_is_released_too() -> None:
    lab = Lab(target="3.2")
    lab.invite(sdp("alice"))
    leave(lab)
    lab.host.settle()
    assert lab.held() == []


def test_an_offer_that_is_under_way_is_released_when_it_has_ended() -> None:
    lab = Lab(target="3.2")
    node = lab.host.relays.node(RTPPROXY)
    node.mood = "silent"
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    gone = leave(lab)
    node.mood = "answers"
    assert not gone
    lab.host.pass_time(1)
    assert gone == ["gone"]
    assert lab.held() == []


def test_a_silent_relay_is_waited_for_as_long_as_for_any_delete() -> None:
    lab = Lab(target="3.2").establish()
    lab.host.relays.node(RTPPROXY).mood = "silent"
    gone = leave(lab)
    lab.host.pass_time(4)
    assert not gone
    lab.host.pass_time(1)
    assert gone == ["gone"]


@pytest.mark.parametrize(("target", "held"), [("3.2", 0), ("4.0", 1)])
def test_calls_that_rtpproxy_engage_follows_are_released_too(target: str, held: int) -> None:
    lab = Lab("rtpproxy_engage();", target=target).establish()
    assert len(lab.held()) == 1
    gone = leave(lab)
    lab.host.settle()
    assert gone == ["gone"]
    assert len(lab.held()) == held


def test_no_message_is_taken_any_more() -> None:
    lab = Lab(target="3.2").establish()
    leave(lab)
    lab.inside("BYE")
    assert not lab.got["bob"]


def test_without_calls_it_is_gone_at_once() -> None:
    assert leave(Lab(target="3.2")) == ["gone"]
