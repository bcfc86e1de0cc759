"""One server with all relays for each module of tests, and phones for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.live.conftest import Ports
from tests.live.relays.scene import Scene, scene_at
from tests.live.relays.stage import PLACES, Stage, set_up

SETTINGS = 'modparam("rtp_relay", "reanchor", 1)'
Scenery = Callable[[str], Scene]


@pytest.fixture(scope="session")
def signalling() -> Ports:
    """Ports for control and signalling."""
    return Ports(24500, 100)


@pytest.fixture(scope="session")
def media() -> Ports:
    """Ports for sound."""
    return Ports(40000, 1000)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, signalling: Ports, media: Ports) -> Iterator[Stage]:
    """A server and its relays."""
    with set_up(tmp_path_factory.mktemp("stage"), signalling, media, SETTINGS) as made:
        yield made


@pytest.fixture
def scenery(stage: Stage) -> Iterator[Scenery]:
    """Phones for calls at a place; in the end everything has been released."""
    yield partial(scene_at, stage)
    stage.close_talkers()


@pytest.fixture(params=list(PLACES))
def scene(request: pytest.FixtureRequest, scenery: Scenery) -> Scene:
    """Phones for a call at each of the places."""
    return scenery(request.param)
