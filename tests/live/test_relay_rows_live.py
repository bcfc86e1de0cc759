"""Calls through `relayscript run`, step by step: what the real daemon itself says that it holds (event table)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import HOST, Ports, ask_relay, until
from tests.live.talker import PATIENCE, Talker, bound

if TYPE_CHECKING:
    from tests.live.conftest import Rtpengine, Server

pytestmark = pytest.mark.live

SCRIPT = """
log_level=2
socket=udp:127.0.0.1:PORT
loadmodule "proto_udp.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "sl.so"
loadmodule "signaling.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"
loadmodule "rtpproxy.so"
modparam("rtpproxy", "rtpproxy_sock", "rtp.io:auto")
DAEMON
loadmodule "rtp_relay.so"

route {
	if (is_method("CANCEL")) {
		t_relay();
		exit;
	}
	if (has_totag()) {
		loose_route();
		t_relay();
		exit;
	}
	t_check_trans();
	record_route();
	FORK
	if (is_method("INVITE"))
		rtp_relay_engage("ENGINE");
	t_relay();
}
"""

DAEMON = """
loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:CONTROL")
"""


@pytest.fixture
def ports() -> Ports:
    """Free ports of a range of our own."""
    made = Ports("")
    made._next, made._end = 30000, 31000
    return made


@dataclass(frozen=True, slots=True)
class Scene:
    """Phones, the server between them, and the daemons' own views. Carol rings only where a call is forked."""

    alice: Talker
    bob: Talker
    carol: Talker
    server: Server
    daemon: Rtpengine | None
    engine: str

    def held(self, engine: str = "") -> int:
        """How many sessions the daemon says that it holds."""
        if (engine or self.engine) == "rtpengine":
            return len(self.daemon.calls()) if self.daemon is not None else 0
        return self.server.relayed()["active sessions"]

    def knows(self) -> bool:
        """The daemon knows the call with both its participants."""
        call, tags = "alice-1", ("alice", "bob")
        if self.daemon is not None and self.engine == "rtpengine":
            found = self.daemon.command(command="query", **{"call-id": call})
            return found[b"result"] == b"ok" and {tag.encode() for tag in tags} <= set(found[b"tags"])
        reply = ask_relay(self.server.relay, f"Q {call} {tags[0]};1 {tags[1]};1".encode())
        return bool(reply) and not reply.startswith(b"E")

    def invite(self, body: str | None = None) -> None:
        """Alice calls bob, whose phone gets the INVITE."""
        target = self.bob.agent.uri
        self.alice.agent.invite(target, self.alice.description() if body is None else body)
        self.bob.next("INVITE")

    def establish(self) -> None:
        """The call is answered, and sound goes both ways."""
        self.invite()
        assert self.held() == 1
        self.bob.agent.respond(200, body=self.bob.description(), method="INVITE")
        self.alice.next("200")
        self.alice.agent.ack()
        self.bob.next("ACK")
        assert self.talk()
        assert self.knows()

    def talk(self) -> bool:
        """Sound goes both ways, and none past the relay."""
        past = {self.alice.media, self.bob.media} & {self.alice.remote[1], self.bob.remote[1]}
        return not past and self.bob.hears(self.alice) and self.alice.hears(self.bob)

    def reinvite(self, author: Talker, status: int, direction: str = "") -> None:
        """One of them makes a new offer, which the other answers with a status."""
        other = self.bob if author is self.alice else self.alice
        author.agent.request("INVITE", body=author.description(direction))
        other.next("INVITE")
        told = other.description({"sendonly": "recvonly"}.get(direction, direction)) if status == 200 else ""
        other.agent.respond(status, body=told, method="INVITE")
        author.next(str(status))
        if status == 200:
            author.agent.ack()
            other.next("ACK")

    def hang_up(self) -> None:
        """Alice ends the call; no daemon holds anything then."""
        self.alice.agent.request("BYE")
        self.bob.next("BYE")
        self.bob.agent.respond(200, method="BYE")
        self.alice.next("200")
        self.is_over()

    def is_over(self) -> None:
        """No daemon holds anything."""
        until(lambda: self.held("rtpproxy") == self.held("rtpengine") == 0, "everything is released")
        assert self.server.ask("rtp_relay:list") == []
        assert b"ERROR" not in self.server.log.read_bytes()


Scenery = Callable[..., Scene]


@pytest.fixture
def scenery(
    serve: Callable[[str], Server], ports: Ports, request: pytest.FixtureRequest
) -> Iterator[Scenery]:
    """Sets scenes: with an engine, with the daemon even if it is not the engine, with carol rung as well."""
    talkers: list[Talker] = []

    def start(engine: str, *, daemon: bool = False, fork: bool = False) -> Scene:
        rtpengine: Rtpengine | None = None
        if daemon or engine == "rtpengine":
            rtpengine = request.getfixturevalue("rtpengine")
        loads = DAEMON.replace("CONTROL", str(rtpengine.port)) if rtpengine is not None else ""
        phones = [ports.block() for _ in range(3)]
        branch = (
            f'if (is_method("INVITE")) append_msg_branch("sip:carol@{HOST}:{phones[2]}");' if fork else ""
        )
        server = serve(SCRIPT.replace("DAEMON", loads).replace("FORK", branch).replace("ENGINE", engine))
        for name, port in zip(("alice", "bob", "carol"), phones, strict=True):
            talkers.append(Talker(name, port, ports.block(), (HOST, server.port)))
        alice, bob, carol = talkers
        return Scene(alice, bob, carol, server, rtpengine, engine)

    yield start
    for each in talkers:
        each.close()


@pytest.fixture(params=["rtpproxy", "rtpengine"])
def scene(request: pytest.FixtureRequest, scenery: Scenery) -> Scene:
    """A scene with each engine."""
    return scenery(request.param)


def test_a_call_is_held_and_resumed(scene: Scene) -> None:
    scene.establish()
    scene.reinvite(scene.alice, 200, "sendonly")
    assert scene.knows()
    assert scene.held() == 1
    scene.reinvite(scene.alice, 200)
    assert scene.talk()
    assert scene.held() == 1
    scene.hang_up()


def test_the_callee_makes_a_new_offer_and_another_is_refused(scene: Scene) -> None:
    scene.establish()
    scene.reinvite(scene.bob, 200)
    assert scene.talk()
    told = scene.bob.remote
    scene.reinvite(scene.alice, 488)
    scene.bob.remote = told
    assert scene.talk()
    scene.hang_up()


def test_the_callee_makes_the_first_offer(scene: Scene) -> None:
    scene.invite("")
    assert scene.held() == 0
    scene.bob.agent.respond(200, body=scene.bob.description(), method="INVITE")
    scene.alice.next("200")
    assert scene.held() == 1
    scene.alice.agent.ack(scene.alice.description())
    scene.bob.next("ACK")
    assert scene.talk()
    scene.hang_up()


def test_a_busy_callee(scene: Scene) -> None:
    scene.invite()
    assert scene.held() == 1
    scene.bob.agent.respond(486, method="INVITE")
    scene.alice.next("486")
    scene.is_over()


def test_a_caller_who_gives_up_after_early_media(scene: Scene) -> None:
    scene.invite()
    scene.bob.agent.respond(183, body=scene.bob.description(), method="INVITE")
    scene.alice.next("183")
    assert scene.talk()
    scene.alice.agent.cancel()
    scene.bob.next("CANCEL")
    scene.bob.agent.respond(200, method="CANCEL")
    scene.bob.agent.respond(487, method="INVITE")
    scene.alice.next("487")
    scene.is_over()


@pytest.mark.parametrize(("engine", "both", "one"), [("rtpproxy", 2, 1), ("rtpengine", 1, 1)])
def test_the_loser_of_a_fork_is_released(scenery: Scenery, engine: str, both: int, one: int) -> None:
    scene = scenery(engine, fork=True)
    scene.invite()
    scene.carol.next("INVITE")
    scene.carol.agent.respond(180, method="INVITE")
    scene.alice.next("180")
    assert scene.held() == both, "rtpproxy has a session for each branch, rtpengine one call"
    assert scene.bob.remote != scene.carol.remote or engine == "rtpengine"
    scene.bob.agent.respond(200, body=scene.bob.description(), method="INVITE")
    scene.alice.next("200")
    scene.carol.next("CANCEL")
    scene.carol.agent.respond(200, method="CANCEL")
    scene.carol.agent.respond(487, method="INVITE")
    scene.alice.agent.ack()
    scene.bob.next("ACK")
    until(lambda: scene.held() == one, "the loser is released")
    assert scene.talk()
    scene.hang_up()


def test_a_call_moves_from_rtpproxy_to_rtpengine(scenery: Scenery) -> None:
    scene = scenery("rtpproxy", daemon=True)
    assert scene.daemon is not None
    scene.establish()
    params = {"callid": "alice-1", "engine": "rtpengine", "set": 0}
    request = {"jsonrpc": "2.0", "id": 1, "method": "rtp_relay:update_callid", "params": params}
    with bound(0, PATIENCE) as client:
        client.sendto(json.dumps(request).encode(), (HOST, scene.server.management))
        for each in (scene.alice, scene.bob):
            each.next("INVITE")
            each.agent.respond(200, body=each.description(), method="INVITE")
            each.next("ACK")
        assert json.loads(client.recv(65536))["result"] == "Sessions: 1"
    until(lambda: scene.held("rtpproxy") == 0, "rtpproxy is left")
    assert scene.held("rtpengine") == 1
    assert scene.talk()
    assert {scene.alice.remote[1], scene.bob.remote[1]} <= set(scene.daemon.media)
    scene.hang_up()
