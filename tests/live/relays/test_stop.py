"""What becomes of calls at real relays when the server itself is told to stop (SIGTERM)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.live.conftest import Ports, stop, until
from tests.live.relays.scene import Scene, scene_at
from tests.live.relays.stage import Stage, set_up

pytestmark = pytest.mark.live

PLACES = ("rtpproxy", "rtpengine")


@pytest.fixture
def calls(request: pytest.FixtureRequest, tmp_path: Path, signalling: Ports, media: Ports) -> Iterator[list[Scene]]:
    """A call at each daemon, on a server with the settings that the test wants."""
    with ExitStack() as stack:
        stage = stack.enter_context(set_up(tmp_path, signalling, media, request.param))
        stack.callback(stage.close_talkers)
        yield [call_at(stage, place) for place in PLACES]


def call_at(stage: Stage, place: str) -> Scene:
    """A call that is up."""
    made = scene_at(stage, place)
    made.invite()
    made.accept()
    assert made.node.held() == 1
    return made


@pytest.mark.parametrize("calls", [""], indirect=True, ids=["usual"])
def test_a_server_that_stops_gives_relays_back(calls: list[Scene]) -> None:
    assert stop(calls[0].stage.server.process, 2.0) == 0
    until(lambda: not any(each.node.held() for each in calls), "everything is released")


@pytest.mark.parametrize("calls", ['modparam("rtp_relay", "release_on_stop", 0)'], indirect=True, ids=["kept"])
def test_calls_go_on_without_the_server_if_that_is_wanted(calls: list[Scene]) -> None:
    assert stop(calls[0].stage.server.process, 2.0) == 0
    for each in calls:
        assert each.node.held() == 1
        assert each.knows()
        assert each.talk()
