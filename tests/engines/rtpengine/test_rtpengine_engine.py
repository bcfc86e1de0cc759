"""Dialogues of the engine with nodes of rtpengine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from relayscript.engines.contract import Exchange, Outcome, Removal, Session, Wire
from relayscript.engines.errors import EngineError
from relayscript.engines.memory import MemoryNetwork
from relayscript.engines.rtpengine.engine import RtpengineEngine
from relayscript.engines.rtpengine.ng import NgDict, decode, encode
from relayscript.engines.rtpengine.settings import RtpengineSettings
from relayscript.sip.ids import CountingIds
from relayscript.sip.timers import Timers

A, B = "udp:10.0.0.1:2223", "udp:10.0.0.2:2223"


@dataclass
class Node:
    """An rtpengine: answers what is scripted (a dictionary, or bytes that are none)."""

    deaf: bool = False
    replies: list[NgDict | bytes] = field(default_factory=list)
    commands: list[NgDict] = field(default_factory=list)
    pings: int = 0

    def __call__(self, data: bytes) -> Iterable[bytes]:
        cookie, _, command = data.partition(b" ")
        if self.deaf:
            return
        reply = self.reply(decode(command))
        yield cookie + b" " + (reply if isinstance(reply, bytes) else encode(reply))

    def reply(self, command: NgDict) -> NgDict | bytes:
        if command["command"] == "ping":
            self.pings += 1
            return {"result": "pong"}
        self.commands.append(command)
        if self.replies:
            return self.replies.pop(0)
        return {"sdp": f"relayed {command['sdp']}", "result": "ok"} if "sdp" in command else {"result": "ok"}

    @property
    def verbs(self) -> list[str]:
        return [str(command["command"]) for command in self.commands]


@dataclass
class Lab:
    """An engine, its nodes and what it told."""

    engine: RtpengineEngine
    network: MemoryNetwork
    a: Node
    b: Node
    logs: list[str]
    statuses: list[tuple[str, bool]]
    session: Session = field(default_factory=lambda: Session("call-1", "alice"))

    def run(self, operation: Callable[[Callable[[Outcome], None]], None], seconds: float = 0.0) -> Outcome:
        outcomes: list[Outcome] = []
        operation(outcomes.append)
        self.network.settle(seconds)
        (outcome,) = outcomes
        return outcome

    def offer(self, flags: str = "", seconds: float = 0.0, body: str = "v=0") -> Outcome:
        exchange = Exchange(body, "alice", flags=flags)
        return self.run(lambda done: self.engine.offer(self.session, exchange, done), seconds)

    def answer(self, seconds: float = 0.0) -> Outcome:
        return self.run(
            lambda done: self.engine.answer(self.session, Exchange("v=1", "bob", "alice"), done), seconds
        )

    def delete(self, removal: Removal | None = None, seconds: float = 0.0) -> Outcome:
        return self.run(lambda done: self.engine.delete(self.session, removal or Removal(), done), seconds)


MakeLab = Callable[..., Lab]


@pytest.fixture
def make() -> MakeLab:
    def make(*socks: str, **parameters: object) -> Lab:
        timers = Timers()
        network, a, b = MemoryNetwork(timers), Node(), Node()
        network.nodes.update({A: a, B: b})
        logs: list[str] = []
        statuses: list[tuple[str, bool]] = []
        wire = Wire(
            network,
            timers,
            CountingIds(),
            log=lambda level, text: logs.append(text),
            status=lambda engine, node, number, active: statuses.append((node, active)),
        )
        settings = RtpengineSettings(socks or (f"{A} {B}",), rtpengine_tout=1, rtpengine_retr=2, **parameters)  # type: ignore[arg-type]
        lab = Lab(RtpengineEngine(wire, settings), network, a, b, logs, statuses)
        lab.engine.start()
        network.settle()
        return lab

    return make


def refusal(reason: str) -> NgDict:
    return {"result": "error", "error-reason": reason}


def test_a_call(make: MakeLab) -> None:
    lab = make(A)
    assert lab.offer().body == "relayed v=0"
    assert (lab.session.node, lab.session.set) == (A, 0)
    assert lab.answer().body == "relayed v=1"
    assert lab.delete().ok
    assert lab.a.verbs == ["offer", "answer", "delete"]
    assert lab.a.pings == 1
    counters = lab.engine.counters
    assert (counters.offers, counters.answers, counters.deletes, counters.failures) == (1, 1, 1, 0)
    lab.engine.stop()
    assert lab.network.timers.pending() == 0
    assert lab.network.open_channels(A) == []


def test_the_hash_chooses_and_a_silent_node_is_left(make: MakeLab) -> None:
    lab = make()
    lab.a.deaf = True
    assert lab.offer(seconds=2).ok
    assert lab.session.node == B
    assert lab.statuses == [(A, False)]
    lab.network.settle(61)
    lab.a.deaf = False
    lab.network.settle(62)
    assert lab.statuses == [(A, False), (A, True)]


def test_no_node_is_left(make: MakeLab) -> None:
    lab = make()
    lab.a.deaf = lab.b.deaf = True
    assert lab.offer(seconds=4).error == f"{B} does not answer"
    assert lab.offer().error == "no rtpengine in use for set 0"
    assert lab.engine.counters.failures == 2


@pytest.mark.parametrize("reason", ["Load limit exceeded", "ran out of ports", "Sorry, busy"])
def test_a_full_node_is_passed_over_but_stays_in_use(make: MakeLab, reason: str) -> None:
    lab = make(extra_failover_error=("^sorry",))
    lab.a.replies.append(refusal(reason))
    assert lab.offer().ok
    assert lab.session.node == B
    assert lab.engine.node_for("call-1") == A


def test_the_reason_of_an_error_is_told(make: MakeLab) -> None:
    lab = make()
    lab.a.replies.append(refusal("Not today"))
    assert lab.offer().error == "Not today"
    assert lab.b.commands == []
    assert lab.session.node == ""


def test_a_reply_that_cannot_be_read_is_asked_for_again_once(make: MakeLab) -> None:
    lab = make()
    lab.a.replies += [b"junk", {"result": "ok", "sdp": "second"}]
    assert lab.offer().body == "second"
    lab.session = Session("call-1", "alice")
    lab.a.replies += [b"junk", b"d"]
    assert lab.offer().ok
    assert lab.session.node == B


def test_a_reply_without_a_description(make: MakeLab) -> None:
    lab = make()
    lab.a.replies.append({"result": "ok"})
    assert "no session description" in lab.offer().error


def test_a_call_that_moves_is_deleted_where_it_was(make: MakeLab) -> None:
    lab = make()
    lab.offer()
    lab.a.replies.append(refusal("Load limit exceeded"))
    assert lab.offer().ok
    assert lab.session.node == B
    assert lab.a.verbs == ["offer", "offer", "delete"]


def test_answers_and_deletes_never_move(make: MakeLab) -> None:
    lab = make()
    lab.offer()
    lab.a.replies.append(refusal("Load limit exceeded"))
    assert lab.answer().error == "Load limit exceeded"
    lab.a.deaf = True
    assert lab.answer(seconds=2).error == f"{A} does not answer"
    assert lab.answer().error == f"{A} is not in use"
    assert lab.delete().error == f"{A} is not in use"
    assert lab.b.commands == []


def test_an_answer_of_a_direct_function_goes_where_the_hash_says(make: MakeLab) -> None:
    lab = make()
    assert lab.answer().ok
    assert lab.a.verbs == ["answer"]


def test_a_delete_that_fails_is_told_and_a_warning_is_not_a_failure(make: MakeLab) -> None:
    lab = make(A)
    assert lab.delete().ok
    lab.offer()
    lab.a.replies += [refusal("Not now"), {"result": "ok", "warning": "Call-ID not found"}]
    assert lab.delete().error == "Not now"
    assert lab.delete().ok
    assert any("Call-ID not found" in text for text in lab.logs)
    assert lab.delete(Removal(flags="delete-delay=x")).error == "'x' is not a number"


def test_a_flag_that_cannot_be_right_stops_it(make: MakeLab) -> None:
    lab = make(A)
    assert "in-iface" in lab.offer("in-iface=a").error
    assert lab.a.commands == []


def test_sets(make: MakeLab) -> None:
    lab = make(f"1 == {A}", f"2 == {B}", default_set=2)
    for number, node, taken in ((1, A, 1), (None, B, 2), (9, B, 2)):
        lab.session = Session("call-1", set=number)
        assert lab.offer().ok
        assert (lab.session.node, lab.session.set) == (node, taken)
    assert lab.engine.has_set(1)
    assert not lab.engine.has_set(9)


def test_idle_nodes_are_pinged(make: MakeLab) -> None:
    lab = make(ping_enabled=True)
    lab.network.settle(4)
    lab.offer()
    lab.network.settle(2)
    assert (lab.a.pings, lab.b.pings) == (1, 2)
    lab.b.deaf = True
    lab.network.settle(8)
    assert lab.statuses == [(B, False)]
    lab.engine.stop()
    assert lab.network.timers.pending() == 0


def test_management(make: MakeLab) -> None:
    lab = make()
    assert lab.engine.enable(A, 2)
    assert [state.enabled for state in lab.engine.nodes()] == [False, True]
    assert lab.engine.node_for("call-1") == B
    assert lab.engine.enable(A, 1)
    assert lab.statuses == [(A, False), (A, True)]
    assert not lab.engine.enable("udp:10.0.0.9:1", 0)


def test_any_request(make: MakeLab) -> None:
    lab = make(A)
    replies: list[NgDict | None] = []
    lab.a.replies += [{"result": "ok", "duration": 5}, b"junk"]
    for url in (A, A, "udp:10.0.0.9:1"):
        lab.engine.request(url, {"command": "play media"}, replies.append)
    lab.network.settle()
    assert replies == [None, {"result": "ok", "duration": 5}, None]


def test_stopping_ends_what_is_under_way(make: MakeLab) -> None:
    lab = make()
    lab.a.deaf = lab.b.deaf = True
    outcomes: list[Outcome] = []
    lab.engine.offer(lab.session, Exchange("v=0", "alice"), outcomes.append)
    lab.engine.stop()
    assert [outcome.ok for outcome in outcomes] == [False]
    assert lab.network.timers.pending() == 0


@pytest.mark.parametrize("parameters", [{"extra_failover_error": ("[",)}, {"rtpengine_sock": ("",)}])
def test_parameters_that_cannot_be_used(parameters: dict[str, tuple[str, ...]]) -> None:
    wire = Wire(MemoryNetwork(Timers()), Timers(), CountingIds())
    with pytest.raises(EngineError):
        RtpengineEngine(wire, RtpengineSettings(**{"rtpengine_sock": (A,), **parameters}))  # type: ignore[arg-type]


def test_a_description_that_no_datagram_carries_is_not_sent_and_harms_no_node(make: MakeLab) -> None:
    lab = make(A)
    assert "too long" in lab.offer(body=100_000 * "x").error
    assert not lab.a.commands
    assert not lab.statuses


def test_an_empty_description_is_none(make: MakeLab) -> None:
    lab = make()
    lab.a.replies.append({"result": "ok", "sdp": ""})
    assert "no session description" in lab.offer().error


def test_a_node_that_was_cut_off_gets_its_deletes_when_it_is_back(make: MakeLab) -> None:
    lab = make()
    lab.offer()
    lab.a.deaf = True
    assert not lab.delete(seconds=2).ok
    lab.session = Session("call-1x", "alice", node=A, set=0)
    assert lab.offer().ok
    assert lab.session.node == B
    lab.a.deaf = False
    lab.a.commands.clear()
    lab.engine.enable(A, 1)
    lab.network.settle()
    assert lab.a.verbs == ["delete", "delete"]
