"""The rows of the event table after the answer, and all ends of a call, with each real daemon's own view."""

from __future__ import annotations

import pytest

from relayscript.apps.testing.useragent import sdp
from tests.live.conftest import HOST
from tests.live.relays.scene import Scene

pytestmark = pytest.mark.live


def ends_by_the_server(scene: Scene) -> None:
    """Both phones get a BYE; nothing is held then."""
    for each in (scene.alice, scene.bob):
        each.answer("BYE", 200)
    scene.stage.is_idle()


@pytest.mark.parametrize("who", ["alice", "bob"])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_new_offer(scene: Scene, who: str, method: str) -> None:
    scene.establish()
    scene.offer(getattr(scene, who), method, 200)
    assert scene.talk()
    assert scene.knows()
    scene.holds(1)
    scene.hang_up(getattr(scene, who))


@pytest.mark.parametrize("who", ["alice", "bob"])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_refused_offer_of_another_port_changes_nothing(scene: Scene, who: str, method: str) -> None:
    scene.establish()
    author = getattr(scene, who)
    elsewhere = sdp(author.name, HOST, scene.stage.media.block(), 9)
    scene.offer(author, method, 488, elsewhere)
    assert scene.talk()
    assert scene.knows()
    scene.holds(1)
    scene.hang_up()


def test_offers_of_both_sides_one_after_the_other(scene: Scene) -> None:
    scene.establish()
    for author in (scene.alice, scene.bob, scene.bob, scene.alice):
        scene.offer(author, "INVITE", 200)
        assert scene.talk()
        scene.holds(1)
    scene.hang_up(scene.bob)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_an_offer_in_the_answer_to_an_empty_request(scene: Scene, who: str) -> None:
    scene.establish()
    author = getattr(scene, who)
    other = scene.other(author)
    author.agent.request("INVITE")
    other.answer("INVITE", 200, other.description())
    author.next("200")
    author.agent.ack(author.description())
    other.next("ACK")
    assert scene.talk()
    assert scene.knows()
    scene.holds(1)
    scene.hang_up()


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_hold_and_resume(scene: Scene, who: str) -> None:
    scene.establish()
    author = getattr(scene, who)
    other = scene.other(author)
    scene.offer(author, "INVITE", 200, author.description("sendonly"), other.description("recvonly"))
    assert scene.knows()
    scene.holds(1)
    scene.offer(author, "INVITE", 200)
    assert scene.talk()
    scene.holds(1)
    scene.hang_up()


def test_hold_with_a_null_address_and_resume(scene: Scene) -> None:
    scene.establish()
    held = scene.alice.description().replace(f"c=IN IP4 {HOST}", "c=IN IP4 0.0.0.0")
    scene.offer(scene.alice, "INVITE", 200, held)
    scene.holds(1)
    scene.offer(scene.alice, "INVITE", 200)
    assert scene.talk()
    scene.hang_up(scene.bob)


def test_the_time_of_a_call_is_over(scene: Scene) -> None:
    scene.establish(headers=[("X-Seconds", "1")])
    ends_by_the_server(scene)


def test_management_ends_a_call(scene: Scene) -> None:
    scene.establish()
    assert scene.stage.ask("dlg_end_dlg", dialog_id=scene.call_id) == "OK"
    ends_by_the_server(scene)


def test_many_calls_at_all_places(scene: Scene) -> None:
    for count in range(1, 6):
        scene.invite()
        scene.holds(count)
        scene.accept()
    shown = {each["callid"] for each in scene.stage.ask("rtp_relay:list")}
    calls = list(scene.alice.agent.calls.values())
    assert shown == {each.call_id for each in calls}
    for left, call in enumerate(calls, 1 - len(calls)):
        scene.alice.agent.call = call
        scene.alice.agent.request("BYE")
        scene.bob.answer("BYE", 200)
        scene.alice.next("200")
        scene.holds(-left)
    scene.stage.is_idle()
