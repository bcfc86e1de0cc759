"""The rows of the event table up to the answer, with each real daemon's own view after each step."""

from __future__ import annotations

import pytest

from tests.live.conftest import until
from tests.live.relays.scene import Scene, at_host

pytestmark = pytest.mark.live

RELIABLE = (("Require", "100rel"), ("RSeq", "1"))


def per_branch(scene: Scene, branches: int) -> int:
    """What is held for that many branches: rtpproxy has a session for each, rtpengine one call."""
    return 1 if scene.place == "rtpengine" else branches


def test_invite_ringing_and_answer(scene: Scene) -> None:
    scene.invite()
    scene.holds(1)
    for _ in range(2):
        scene.bob.agent.respond(180, method="INVITE")
    scene.alice.next("180")
    scene.holds(1)
    scene.accept()
    scene.holds(1)
    scene.hang_up()


def test_early_media_in_several_provisional_replies(scene: Scene) -> None:
    scene.invite()
    for reason in ("Please Wait", "Nearly There"):
        scene.bob.agent.respond(183, reason, scene.bob.description(), method="INVITE")
        scene.alice.next("183")
        assert scene.talk()
        assert scene.knows()
        scene.holds(1)
    scene.accept()
    scene.holds(1)
    scene.hang_up(scene.bob)


def test_the_callee_offers_in_the_answer(scene: Scene) -> None:
    scene.invite("")
    scene.holds(0)
    scene.bob.agent.respond(180, method="INVITE")
    scene.alice.next("180")
    scene.holds(0)
    scene.bob.agent.respond(200, body=scene.bob.description(), method="INVITE")
    scene.alice.next("200")
    scene.holds(1)
    scene.alice.agent.ack(scene.alice.description())
    scene.bob.next("ACK")
    assert scene.talk()
    assert scene.knows()
    scene.holds(1)
    scene.hang_up()


def test_the_callee_offers_in_a_reliable_reply_and_prack_answers(scene: Scene) -> None:
    scene.invite("")
    scene.bob.agent.respond(183, body=scene.bob.description(), headers=RELIABLE, method="INVITE")
    scene.alice.join(scene.alice.next("183"))
    scene.holds(1)
    scene.alice.agent.request("PRACK", body=scene.alice.description(), headers=[("RAck", "1 1 INVITE")])
    scene.bob.answer("PRACK", 200)
    scene.alice.next("200")
    assert scene.talk()
    assert scene.knows()
    scene.holds(1)
    scene.bob.agent.respond(200, method="INVITE")
    scene.alice.next("200")
    scene.alice.agent.ack()
    scene.bob.next("ACK")
    assert scene.talk()
    scene.hang_up()


def test_prack_with_an_offer_of_its_own(scene: Scene) -> None:
    scene.invite()
    scene.bob.agent.respond(183, body=scene.bob.description(), headers=RELIABLE, method="INVITE")
    scene.alice.join(scene.alice.next("183"))
    scene.alice.agent.request("PRACK", body=scene.alice.description(), headers=[("RAck", "1 1 INVITE")])
    scene.bob.answer("PRACK", 200, scene.bob.description())
    scene.alice.next("200")
    assert scene.talk()
    scene.holds(1)
    scene.bob.agent.respond(200, method="INVITE")
    scene.alice.next("200")
    scene.alice.agent.ack()
    scene.bob.next("ACK")
    assert scene.talk()
    scene.hang_up()


@pytest.mark.parametrize("status", [486, 603])
def test_a_callee_who_refuses(scene: Scene, status: int) -> None:
    scene.invite()
    scene.holds(1)
    scene.bob.agent.respond(status, method="INVITE")
    scene.alice.next(str(status))
    scene.stage.is_idle()


def test_a_caller_who_gives_up(scene: Scene) -> None:
    scene.invite()
    scene.bob.agent.respond(183, body=scene.bob.description(), method="INVITE")
    scene.alice.next("183")
    assert scene.talk()
    scene.alice.agent.cancel()
    scene.bob.answer("CANCEL", 200)
    scene.bob.agent.respond(487, method="INVITE")
    scene.alice.next("487")
    scene.stage.is_idle()


def test_the_loser_of_a_fork_is_released(scene: Scene) -> None:
    scene.invite(headers=[("X-Fork", at_host(scene.carol))])
    scene.carol.next("INVITE")
    scene.holds(per_branch(scene, 2))
    for each in (scene.bob, scene.carol):
        each.agent.respond(180, f"{each.name} Rings", method="INVITE")
        scene.alice.next("180")
    scene.holds(per_branch(scene, 2))
    scene.bob.agent.respond(200, body=scene.bob.description(), method="INVITE")
    scene.alice.next("200")
    scene.holds(1)
    scene.carol.answer("CANCEL", 200)
    scene.carol.agent.respond(487, method="INVITE")
    scene.alice.agent.ack()
    scene.bob.next("ACK")
    scene.holds(1)
    assert scene.talk()
    scene.hang_up()


def test_both_branches_of_a_fork_have_early_media(scene: Scene) -> None:
    scene.invite(headers=[("X-Fork", at_host(scene.carol))])
    scene.carol.next("INVITE")
    for each in (scene.bob, scene.carol):
        each.agent.respond(183, f"{each.name} Plays", each.description(), method="INVITE")
        scene.alice.next("183")
        assert each.hears(scene.alice)
        assert scene.alice.hears(each)
    scene.holds(per_branch(scene, 2))
    scene.carol.agent.respond(200, body=scene.carol.description(), method="INVITE")
    scene.alice.next("200")
    scene.holds(1)
    until(lambda: scene.place != "rtpengine" or not scene.knows(), "the branch of the loser is gone")
    scene.bob.answer("CANCEL", 200)
    scene.bob.agent.respond(487, method="INVITE")
    scene.alice.agent.ack()
    scene.carol.next("ACK")
    scene.holds(1)
    assert scene.carol.hears(scene.alice)
    assert scene.alice.hears(scene.carol)
    scene.bob, scene.carol = scene.carol, scene.bob
    scene.hang_up()


def test_the_next_in_turn_gets_a_session_of_its_own(scene: Scene) -> None:
    scene.invite(headers=[("X-Next", at_host(scene.carol))])
    scene.holds(1)
    scene.bob.agent.respond(486, method="INVITE")
    scene.carol.next("INVITE")
    scene.holds(1)
    scene.bob, scene.carol = scene.carol, scene.bob
    scene.bob.agent.respond(200, body=scene.bob.description(), method="INVITE")
    scene.alice.next("200")
    scene.alice.agent.ack()
    scene.bob.next("ACK")
    assert scene.talk()
    scene.holds(1)
    scene.hang_up()


def test_the_last_in_turn_refuses_too(scene: Scene) -> None:
    scene.invite(headers=[("X-Next", at_host(scene.carol))])
    scene.bob.agent.respond(486, method="INVITE")
    scene.carol.answer("INVITE", 480)
    scene.alice.next("480")
    until(lambda: scene.node.held() == 0, "everything is released")
    scene.stage.is_idle()
