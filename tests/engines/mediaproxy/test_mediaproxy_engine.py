"""Dialogues of the engine with a dispatcher of mediaproxy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from relayscript.engines.contract import Exchange, Outcome, Removal, Session, Wire
from relayscript.engines.mediaproxy.engine import MediaproxyEngine
from relayscript.engines.mediaproxy.settings import MediaproxySettings
from relayscript.engines.memory import MemoryNetwork
from relayscript.sip.ids import CountingIds
from relayscript.sip.timers import Timers

PATH = "/run/dispatcher.sock"
URL = f"unix:{PATH}"
SDP = "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n"


@dataclass
class Lab:
    engine: MediaproxyEngine
    network: MemoryNetwork
    outcomes: list[Outcome] = field(default_factory=list)
    session: Session = field(default_factory=lambda: Session("call-1", "alice", "bob"))

    def offer(self, body: str = SDP, **fields: str) -> None:
        self.engine.offer(self.session, Exchange(body, "alice", **fields), self.outcomes.append)  # type: ignore[arg-type]

    def reply(self, line: bytes) -> None:
        self.network.open_channels(URL)[-1].receive(line)

    @property
    def verbs(self) -> list[str]:
        return [data.decode().split("\r\n")[0] for _, data in self.network.sent]


@pytest.fixture
def lab() -> Lab:
    network = MemoryNetwork(Timers())
    wire = Wire(network, network.timers, CountingIds())
    engine = MediaproxyEngine(wire, MediaproxySettings(PATH, ice_candidate="low-priority"))
    engine.start()
    return Lab(engine, network)


def test_a_call(lab: Lab) -> None:
    lab.offer()
    lab.reply(b"203.0.113.9 40000\r\n")
    answer = Exchange(SDP, "bob", "alice", in_reply=True)
    lab.engine.answer(lab.session, answer, lab.outcomes.append)
    lab.reply(b"203.0.113.9 400")
    lab.reply(b"02\r\n")
    assert lab.session.node == PATH
    lab.engine.delete(lab.session, Removal(), lab.outcomes.append)
    lab.reply(b"removed\r\n")
    assert [outcome.media for outcome in lab.outcomes] == ["203.0.113.9:40000", "203.0.113.9:40002", ""]
    assert "m=audio 40002 RTP/AVP 0" in lab.outcomes[1].body
    assert lab.verbs == ["update", "update", "remove"]
    lab.engine.stop()
    assert lab.network.timers.pending() == 0
    assert lab.network.open_channels(URL) == []


def test_one_request_at_a_time(lab: Lab) -> None:
    lab.offer()
    lab.offer()
    assert lab.verbs == ["update"]
    lab.reply(b"203.0.113.9 40000\r\n")
    assert lab.verbs == ["update", "update"]
    assert len(lab.outcomes) == 1


def test_an_address_of_ones_own_and_ice(lab: Lab) -> None:
    body = SDP + "a=candidate:1 1 UDP 1 192.0.2.1 5000 typ host\r\n"
    lab.offer(body, ip="198.51.100.1")
    lab.offer(body, flags="ice=none")
    lab.reply(b"203.0.113.9 40000\r\n")
    lab.reply(b"203.0.113.9 40000\r\n")
    assert lab.outcomes[0].body.count("198.51.100.1") == 3
    assert "typ relay" not in lab.outcomes[1].body


def test_silence_keeps_it_out_of_use_for_a_while(lab: Lab) -> None:
    lab.offer()
    lab.offer()
    lab.network.settle(0.5)
    lab.offer()
    assert [outcome.error for outcome in lab.outcomes] == [
        f"{PATH} does not answer", f"{PATH} does not answer", "the dispatcher of mediaproxy is not in use",
    ]  # fmt: skip
    lab.network.settle(10.5)
    lab.offer()
    assert lab.verbs == ["update", "update"]
    assert len(lab.network.open_channels(URL)) == 1


@pytest.mark.parametrize("fail", [lambda lab: lab.reply(b""), lambda lab: lab.engine.stop()])
def test_a_connection_that_ends(lab: Lab, fail: Callable[[Lab], None]) -> None:
    lab.offer()
    fail(lab)
    assert not lab.outcomes[0].ok


def test_a_connection_that_is_refused(lab: Lab) -> None:
    lab.network.refused.add(URL)
    lab.offer()
    lab.network.settle()
    assert not lab.outcomes[0].ok
    assert [state.enabled for state in lab.engine.nodes()] == [False]
    assert lab.engine.enable(PATH, 1)


def test_what_the_dispatcher_refuses(lab: Lab) -> None:
    lab.offer()
    lab.reply(b"error\r\n")
    lab.session.node = PATH
    lab.engine.delete(lab.session, Removal(), lab.outcomes.append)
    lab.reply(b"error\r\n")
    assert [outcome.ok for outcome in lab.outcomes] == [False, False]
    assert lab.engine.counters.failures == 2


def test_what_is_not_even_asked(lab: Lab) -> None:
    lab.offer("v=0\r\n")
    lab.offer(SDP + "a=remote-candidates:1 192.0.2.1 5\r\n")
    lab.session.node = ""
    lab.engine.delete(lab.session, Removal(), lab.outcomes.append)
    assert [outcome.ok for outcome in lab.outcomes] == [False, True, True]
    assert lab.outcomes[1].body == SDP + "a=remote-candidates:1 192.0.2.1 5\r\n"
    assert lab.verbs == []
