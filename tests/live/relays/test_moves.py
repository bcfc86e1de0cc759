"""Calls that management moves between real relays while their sound flows."""

from __future__ import annotations

import pytest

from tests.live.conftest import until
from tests.live.relays.conftest import Scenery
from tests.live.relays.scene import Scene

pytestmark = pytest.mark.live

WAYS = [
    ("rtpproxy", "rtpproxy-2"), ("rtpengine", "rtpengine-2"), ("embedded", "rtpproxy"), ("rtpproxy", "embedded"),
    ("rtpproxy", "rtpengine"), ("rtpengine", "rtpproxy"), ("embedded", "rtpengine"), ("rtpengine", "embedded"),
]  # fmt: skip
SETS = {"embedded": 0, "rtpproxy": 1, "rtpengine": 1, "rtpproxy-2": 2, "rtpengine-2": 2}


def is_at(scene: Scene, place: str) -> None:
    """The call has left where it was and is at that place, where its sound goes through."""
    scene.place = place
    until(lambda: scene.stage.nodes[place].held() == 1, f"{place} has it")
    others = [each for name, each in scene.stage.nodes.items() if name != place]
    until(lambda: not any(each.held() for each in others), "the old place is left")
    assert scene.talk()
    assert scene.knows()


def engine_of(place: str) -> str:
    """The engine's name in scripts."""
    return "rtpengine" if "rtpengine" in place else "rtpproxy"


@pytest.mark.parametrize(("start", "end"), WAYS)
def test_a_call_moves(scenery: Scenery, start: str, end: str) -> None:
    scene = scenery(start)
    scene.establish()
    place = {"engine": engine_of(end), "set": SETS[end]}
    asked = scene.stage.begin("rtp_relay:update_callid", callid=scene.call_id, **place)
    scene.updated()
    assert asked.result() == "Sessions: 1"
    is_at(scene, end)
    (shown,) = scene.stage.ask("rtp_relay:list")
    assert (shown["relay"], shown["set"]) == (place["engine"], place["set"])
    scene.offer(scene.bob, "INVITE", 200)
    is_at(scene, end)
    scene.hang_up()


@pytest.mark.parametrize("start", ["rtpproxy", "rtpengine"])
@pytest.mark.parametrize("by", ["new_set", "new_node"])
def test_all_calls_of_a_set_move(scenery: Scenery, start: str, by: str) -> None:
    scene = scenery(start)
    scene.establish()
    node = scene.stage.nodes[f"{start}-2"]
    where = {"new_set": 2} if by == "new_set" else {"new_node": node.url}
    asked = scene.stage.begin("rtp_relay:update", engine=start, set=1, **where)
    scene.updated()
    assert asked.result() == "Sessions: 1"
    (shown,) = scene.stage.ask("rtp_relay:list")
    assert shown["node"] == node.url
    is_at(scene, f"{start}-2")
    scene.hang_up()


def test_a_call_is_negotiated_anew_where_it_is(scene: Scene) -> None:
    scene.establish()
    asked = scene.stage.begin("rtp_relay:update")
    scene.updated()
    assert asked.result() == "Sessions: 1"
    is_at(scene, scene.place)
    scene.hang_up()


@pytest.mark.parametrize("refuser", ["alice", "bob"])
@pytest.mark.parametrize(("start", "end"), WAYS[:2] + WAYS[4:6])
def test_a_refused_move_leaves_the_call_where_it_was(scenery: Scenery, start: str, end: str, refuser: str) -> None:
    scene = scenery(start)
    scene.establish()
    place = {"engine": engine_of(end), "set": SETS[end]}
    asked = scene.stage.begin("rtp_relay:update_callid", callid=scene.call_id, **place)
    before = scene.alice.remote, scene.bob.remote
    if refuser == "bob":
        scene.alice.answer("INVITE", 200, scene.alice.description())
        scene.alice.next("ACK")
        scene.bob.answer("INVITE", 488)
        scene.alice.answer("INVITE", 200, scene.alice.description())
        scene.alice.next("ACK")
        scene.bob.remote = before[1]
        assert scene.alice.remote == before[0]
    else:
        scene.alice.answer("INVITE", 488)
        scene.alice.remote = before[0]
    assert asked.result() is None
    is_at(scene, start)
    scene.hang_up()
