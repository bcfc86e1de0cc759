"""Real relays die (SIGKILL) or hang (SIGSTOP) under calls; each test has two nodes, of which the first serves."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.live.conftest import until
from tests.live.relays.conftest import Scenery
from tests.live.relays.nodes import Node
from tests.live.relays.scene import Scene
from tests.live.relays.stage import PAIR, Stage

pytestmark = pytest.mark.live


@pytest.fixture(params=["rtpproxy", "rtpengine"])
def scene(request: pytest.FixtureRequest, stage: Stage, scenery: Scenery) -> Iterator[Scene]:
    """A call at the first of two nodes; in the end both are up again."""
    stage.nodes_may_fail = True
    made = scenery(request.param)
    made.set = PAIR
    yield made
    for each in (stage.nodes[request.param], spare(made)):
        if not each.is_up:
            each.start()
        assert stage.ask(f"{request.param}:enable", url=each.url, enable=1) == "OK"


def spare(scene: Scene) -> Node:
    """The second node."""
    return scene.stage.nodes[f"{scene.node.engine}-2"]


def goes_on_at_the_spare(scene: Scene) -> None:
    """The sound goes through the second node now."""
    scene.place = f"{scene.node.engine}-2"
    assert scene.talk()
    assert scene.knows()
    scene.holds(1)


def test_a_node_dies_in_a_call_which_is_led_to_another(scene: Scene, scenery: Scenery) -> None:
    scene.establish()
    scene.node.crash()
    other = scenery(scene.place)
    other.set = PAIR
    other.invite()
    scene.updated()
    other.bob.agent.respond(486, method="INVITE")
    other.alice.next("486")
    goes_on_at_the_spare(scene)
    scene.hang_up()


def test_a_node_is_dead_before_the_offer(scene: Scene) -> None:
    scene.node.crash()
    scene.invite()
    scene.place = f"{scene.node.engine}-2"
    scene.holds(1)
    scene.accept()
    scene.hang_up(scene.bob)


def test_a_node_dies_between_offer_and_answer(scene: Scene) -> None:
    scene.invite()
    scene.node.crash()
    scene.bob.agent.respond(200, body=scene.bob.description(), method="INVITE")
    scene.alice.next("200")
    scene.alice.agent.ack()
    scene.bob.next("ACK")
    scene.updated()
    goes_on_at_the_spare(scene)
    scene.hang_up()


def test_a_node_dies_between_the_offers_of_both_sides(scene: Scene) -> None:
    scene.establish()
    scene.offer(scene.bob, "UPDATE", 200)
    scene.node.crash()
    scene.offer(scene.bob, "UPDATE", 200)
    goes_on_at_the_spare(scene)
    scene.hang_up(scene.bob)


def test_a_node_dies_while_its_call_moves(scene: Scene) -> None:
    scene.establish()
    asked = scene.stage.begin("rtp_relay:update_callid", callid=scene.call_id, node=spare(scene).url)
    scene.alice.next("INVITE")
    scene.node.crash()
    scene.alice.agent.respond(200, body=scene.alice.description(), method="INVITE")
    scene.alice.next("ACK")
    scene.bob.answer("INVITE", 200, scene.bob.description())
    scene.bob.next("ACK")
    assert asked.result() == "Sessions: 1"
    goes_on_at_the_spare(scene)
    scene.hang_up()


def test_both_nodes_are_dead_and_one_returns(scene: Scene) -> None:
    for each in (scene.node, spare(scene)):
        each.crash()
    scene.invite()
    scene.bob.agent.respond(200, body=scene.bob.description(), method="INVITE")
    scene.alice.next("200")
    scene.alice.agent.ack()
    scene.bob.next("ACK")
    assert scene.alice.remote[1] == scene.bob.media
    assert scene.bob.hears(scene.alice)
    assert scene.alice.hears(scene.bob)
    scene.hang_up()
    scene.node.start()
    assert scene.stage.ask(f"{scene.place}:enable", url=scene.node.url, enable=1) == "OK"
    scene.establish()
    scene.hang_up()


def test_a_node_restarts_in_a_call(scene: Scene) -> None:
    scene.establish()
    scene.node.crash()
    scene.node.start()
    scene.holds(0)
    scene.offer(scene.alice, "INVITE", 200)
    assert scene.talk()
    assert scene.knows()
    scene.holds(1)
    scene.hang_up()


def test_a_node_that_hung_gives_back_what_another_took_over(scene: Scene) -> None:
    scene.establish()
    hung = scene.node
    assert hung.process is not None
    hung.process.send_signal(signal.SIGSTOP)
    scene.offer(scene.alice, "INVITE", 200)
    hung.process.send_signal(signal.SIGCONT)
    assert scene.stage.ask(f"{hung.engine}:enable", url=hung.url, enable=1) == "OK"
    until(lambda: hung.held() == 0, "the node that hung has given the call back")
    goes_on_at_the_spare(scene)
    scene.hang_up()
