"""Dialogues of the engine with nodes of rtpproxy: what is sent, and what becomes of the call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from relayscript.engines.contract import Exchange, Outcome, Removal, Session, Wire
from relayscript.engines.errors import EngineError
from relayscript.engines.memory import MemoryNetwork
from relayscript.engines.rtpproxy.engine import RtpproxyEngine
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.sip.ids import CountingIds
from relayscript.sip.timers import Timers

A, B = "udp:10.0.0.1:7722", "udp:10.0.0.2:7722"


def sdp(*ports: int, host: str = "192.0.2.1") -> str:
    media = "".join(f"m=audio {port} RTP/AVP 0 8\r\n" for port in ports)
    return f"v=0\r\no=x 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n{media}"


@dataclass
class Node:
    """An rtpproxy: answers what is scripted, else hands out ports."""

    deaf: bool = False
    lacks: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    probes: int = 0
    ports: Iterator[int] = field(default_factory=lambda: iter(range(40000, 50000, 2)))

    def __call__(self, data: bytes) -> Iterable[bytes]:
        cookie, _, command = data.decode().partition(" ")
        if self.deaf:
            return
        yield f"{cookie} {self.reply(command)}\n".encode()

    def reply(self, command: str) -> str:
        verb = command.split()[0]
        if verb == "V":
            self.probes += 1
            return "20040107"
        if verb == "VF":
            return "0" if command.split()[1] in self.lacks else "1"
        self.commands.append(command)
        for start, error in self.errors.items():
            if command.startswith(start):
                return error
        return f"{next(self.ports)} 127.0.0.1" if verb[0] in "UL" else "0"


@dataclass
class Lab:
    """An engine, its nodes and what it told."""

    engine: RtpproxyEngine
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

    def offer(self, body: str = "", seconds: float = 0.0, **fields: str) -> Outcome:
        exchange = Exchange(body or sdp(5000), "alice", source="192.0.2.101", **fields)  # type: ignore[arg-type]
        return self.run(lambda done: self.engine.offer(self.session, exchange, done), seconds)

    def answer(self, body: str = "", seconds: float = 0.0, **fields: str) -> Outcome:
        exchange = Exchange(body or sdp(6000), "bob", "alice", source="192.0.2.102", **fields)  # type: ignore[arg-type]
        return self.run(lambda done: self.engine.answer(self.session, exchange, done), seconds)

    def delete(self, seconds: float = 0.0) -> Outcome:
        return self.run(lambda done: self.engine.delete(self.session, Removal(), done), seconds)


MakeLab = Callable[..., Lab]


@pytest.fixture
def make() -> MakeLab:
    def make(*socks: str, start: bool = True, **parameters: object) -> Lab:
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
        settings = RtpproxySettings(socks or (f"{A} {B}",), rtpproxy_timeout=1, rtpproxy_retr=2, **parameters)  # type: ignore[arg-type]
        engine = RtpproxyEngine(wire, settings)
        lab = Lab(engine, network, a, b, logs, statuses)
        if start:
            engine.start()
            network.settle()
        return lab

    return make


def test_a_call(make: MakeLab) -> None:
    lab = make(A)
    offered = lab.offer(flags="co")
    assert "c=IN IP4 127.0.0.1\r\n" in offered.body
    assert "m=audio 40000 RTP/AVP 0 8\r\na=nortpproxy:yes\r\n" in offered.body
    assert offered.media == "127.0.0.1:40000"
    assert (lab.session.node, lab.session.set) == (A, 0)
    assert "m=audio 40002" in lab.answer(flags="co", peer_flags="r").body
    lab.session.to_tag = "bob"
    assert lab.delete().ok
    assert lab.a.commands == [
        "Uc0,8 call-1 192.0.2.101 5000 alice;1",
        "Lc0,8 call-1 192.0.2.1 6000 alice;1 bob;1",
        "D call-1 alice bob",
    ]
    counters = lab.engine.counters
    assert (counters.offers, counters.answers, counters.deletes, counters.failures) == (1, 1, 1, 0)
    lab.engine.stop()
    assert lab.network.timers.pending() == 0


def test_interfaces_come_first_and_the_type_is_for_others(make: MakeLab) -> None:
    lab = make(A)
    lab.offer(in_iface="e", out_iface="i", type="SRTP", ctx_flags="s", flags="z20", peer_flags="t45")
    assert lab.a.commands == ["UEISZ20c0,8t45 call-1 192.0.2.101 5000 alice;1"]


def test_a_branch_has_its_own_name(make: MakeLab) -> None:
    lab = make(A)
    lab.session.branch = 1
    lab.offer()
    lab.delete()
    assert lab.a.commands == ["Uc0,8 call-1-1 192.0.2.101 5000 alice;1", "D call-1-1 alice"]


def test_only_what_the_node_can_do_is_asked_of_it(make: MakeLab) -> None:
    lab = make(A, start=False)
    lab.a.lacks = ("20081102", "20170313", "20071116")
    lab.engine.start()
    lab.network.settle()
    lab.offer(flags="z20t45")
    assert lab.a.commands == ["U call-1 192.0.2.101 5000 alice;1"]
    assert not lab.engine.can(A, "20081102")
    assert lab.engine.can(A, "20071218")


def test_an_offer_waits_for_the_first_probe(make: MakeLab) -> None:
    lab = make(A, start=False)
    lab.engine.start()
    lab.offer()
    assert lab.a.commands == ["Uc0,8 call-1 192.0.2.101 5000 alice;1"]


def test_lookup_instead_of_create(make: MakeLab) -> None:
    lab = make(A)
    lab.offer(flags="l")
    assert lab.a.commands == ["Lc0,8 call-1 192.0.2.101 5000 dummy;1 alice;1"]


def test_ipv6_and_a_body_that_is_kept(make: MakeLab) -> None:
    lab = make(A)
    body = sdp(5000, host="2001:db8::1").replace("IP4", "IP6")
    assert lab.offer(body, flags="rk").body == body
    assert lab.a.commands == ["U6c0,8 call-1 2001:db8::1 5000 alice;1"]


@pytest.mark.parametrize(
    ("sock", "ip", "shown"),
    [(f"{A}|203.0.113.7=2", "", "203.0.113.7"), (f"{A}|203.0.113.7", "198.51.100.1", "198.51.100.1")],
)
def test_the_address_to_be_shown(make: MakeLab, sock: str, ip: str, shown: str) -> None:
    lab = make(sock)
    for _ in range(2):  # also when the node is the session's own
        assert f"c=IN IP4 {shown}\r\n" in lab.offer(ip=ip).body


def test_a_node_that_tells_no_address(make: MakeLab) -> None:
    lab = make(A)
    lab.a.errors["U"] = "40000"
    assert "c=IN IP4 198.51.100.5\r\n" in lab.offer(received_on="198.51.100.5").body


def test_no_stream_to_relay(make: MakeLab) -> None:
    lab = make(A)
    assert lab.offer(sdp(0)).body == sdp(0) + "a=nortpproxy:yes\r\n"
    assert lab.session.node == ""
    assert lab.delete().ok
    assert lab.a.commands == []


def test_a_silent_node_is_left_and_disabled(make: MakeLab) -> None:
    lab = make()
    lab.a.deaf = True
    assert lab.offer(seconds=2).ok
    assert lab.session.node == B
    assert lab.b.commands == ["Uc0,8 call-1 192.0.2.101 5000 alice;1"]
    assert lab.statuses == [(A, True), (B, True), (A, False)]
    assert [(state.url, state.enabled, state.recheck) for state in lab.engine.nodes()] == [
        (A, False, 60.0),
        (B, True, 0.0),
    ]


def test_a_disabled_node_is_tried_again(make: MakeLab) -> None:
    lab = make()
    lab.a.deaf = True
    lab.offer(seconds=2)
    lab.network.settle(61)
    lab.a.deaf = False
    lab.network.settle(62)
    assert lab.statuses[-1] == (A, True)
    assert lab.engine.node_for("call-1") == A


def test_both_streams_move_with_the_call(make: MakeLab) -> None:
    lab = make()
    lab.offer(sdp(5000, 5002))
    assert lab.session.node == A
    lab.a.deaf = True
    lab.offer(sdp(5010, 5012), seconds=2)
    assert lab.session.node == B
    assert [command.split()[0] for command in lab.b.commands] == ["Uc0,8", "Uc0,8"]
    lab.answer(sdp(6010, 6012))
    assert len(lab.b.commands) == 4


@pytest.mark.parametrize("code", ["E71", "E85", "E98", "E99"])
def test_a_node_without_resources_is_passed_over(make: MakeLab, code: str) -> None:
    lab = make()
    lab.a.errors["U"] = code
    assert lab.offer().ok
    assert lab.session.node == B
    assert all(state.enabled for state in lab.engine.nodes())


def test_nothing_stays_on_a_node_that_failed_half_way(make: MakeLab) -> None:
    lab = make()
    lab.a.errors["Uc0,8 call-1 192.0.2.101 5002"] = "E71"
    assert lab.offer(sdp(5000, 5002)).ok
    assert lab.session.node == B
    assert lab.a.commands[-1] == "D call-1 alice"


def test_a_call_that_moves_is_deleted_where_it_was(make: MakeLab) -> None:
    lab = make()
    lab.offer()
    lab.a.errors["U"] = "E98"
    assert lab.offer().ok
    assert lab.session.node == B
    assert lab.a.commands[-1] == "D call-1 alice"


def test_a_call_that_finds_no_other_node_stays(make: MakeLab) -> None:
    lab = make(A)
    lab.offer()
    lab.a.errors["U"] = "E98"
    assert lab.offer().error == "E98"
    assert lab.session.node == A
    assert lab.a.commands[-1].startswith("U")


@pytest.mark.parametrize("code", ["E1", "E7", "E10", "0", "nonsense"])
def test_other_errors_end_the_offer_and_disable_nothing(make: MakeLab, code: str) -> None:
    lab = make()
    lab.a.errors["U"] = code
    assert not lab.offer().ok
    assert lab.b.commands == []
    assert lab.session.node == ""
    assert all(state.enabled for state in lab.engine.nodes())
    assert lab.engine.counters.failures == 1


def test_an_answer_never_moves(make: MakeLab) -> None:
    lab = make()
    lab.offer()
    lab.a.errors["L"] = "E98"
    assert lab.answer().error == "E98"
    lab.a.deaf = True
    assert not lab.answer(seconds=2).ok
    assert not lab.answer().ok
    assert lab.b.commands == []


def test_all_nodes_dead(make: MakeLab) -> None:
    lab = make()
    lab.a.deaf = lab.b.deaf = True
    assert "does not answer" in lab.offer(seconds=4).error
    lab.b.deaf = False
    assert lab.offer(seconds=1).ok  # all are tested once more
    assert lab.session.node == B


def test_all_nodes_stay_dead(make: MakeLab) -> None:
    lab = make(A)
    lab.a.deaf = True
    lab.offer(seconds=2)
    assert lab.offer(seconds=1).error == "no rtpproxy in use for set 0"


def test_sets(make: MakeLab) -> None:
    lab = make(f"1 == {A}", f"2 == {B}", default_set=2)
    for number, node, taken in ((1, A, 1), (None, B, 2), (9, B, 2)):
        lab.session = Session("call-1", set=number)
        assert lab.offer().ok
        assert (lab.session.node, lab.session.set) == (node, taken)
    assert any("no set 9" in text for text in lab.logs)


def test_a_missing_default_set(make: MakeLab) -> None:
    assert make(f"1 == {A}").offer().error == "no rtpproxy in use for set 0"


def test_a_delete_that_is_refused_is_told(make: MakeLab) -> None:
    lab = make(A)
    lab.offer()
    lab.a.errors["D"] = "E50"
    assert lab.delete().error == "call-1 on udp:10.0.0.1:7722 not deleted: E50"
    lab.session.node = "udp:10.0.0.9:7722"
    assert lab.delete().error == "udp:10.0.0.9:7722 is not in use"


def test_a_call_id_that_would_break_the_command(make: MakeLab) -> None:
    lab = make(A)
    lab.session.call_id = "a b"
    assert "cannot be sent" in lab.offer().error
    assert lab.a.commands == []


def test_management(make: MakeLab) -> None:
    lab = make()
    assert lab.engine.enable(A, 0)
    lab.network.settle(200)
    assert [(state.enabled, state.recheck) for state in lab.engine.nodes()] == [
        (False, float("inf")),
        (True, 0.0),
    ]
    assert lab.offer().ok
    assert lab.session.node == B
    assert lab.engine.enable(A, 1)
    assert lab.engine.node_for("call-1") == A
    assert lab.engine.enable(A, 2)
    assert lab.engine.node_for("call-1") == B
    lab.network.settle(261)
    assert lab.engine.node_for("call-1") == A
    assert not lab.engine.enable("udp:10.0.0.9:1", 1)


def test_any_command(make: MakeLab) -> None:
    lab = make(A)
    replies: list[str | None] = []
    lab.engine.command(A, "Q call-1 alice;1 bob;1", replies.append)
    lab.engine.command("udp:10.0.0.9:1", "Q", replies.append)
    lab.network.settle()
    assert replies == [None, "0"]
    assert lab.a.commands == ["Q call-1 alice;1 bob;1"]


def test_stopping_ends_what_is_under_way(make: MakeLab) -> None:
    lab = make()
    lab.a.deaf = lab.b.deaf = True
    outcomes: list[Outcome] = []
    lab.engine.offer(lab.session, Exchange(sdp(5000), "alice"), outcomes.append)
    lab.engine.stop()
    assert [outcome.ok for outcome in outcomes] == [False]
    assert lab.network.timers.pending() == 0
    assert lab.network.open_channels(A) == lab.network.open_channels(B) == []


def test_a_node_that_speaks_something_else(make: MakeLab) -> None:
    lab = make(A, start=False)
    lab.network.nodes[A] = lambda data: [data.split()[0] + b" 19990101"]
    lab.engine.start()
    lab.network.settle()
    assert lab.statuses == [(A, False)]
    assert any("another protocol" in text for text in lab.logs)


@pytest.mark.parametrize(
    ("flags", "offered"),
    [
        ("n", "Uc0,8 call-1 192.0.2.101 5000 alice;1 tcp:10.0.0.9:9999 Tab.cd"),
        ("n<unix:/run/n>", "Uc0,8 call-1 192.0.2.101 5000 alice;1 unix:/run/n Tab.cd"),
        ("d101", "Uc0,8 call-1 192.0.2.101 5000 alice;1 tcp:10.0.0.9:9999 I && M3:1 Ddab.cd 101"),
        ("nd", "Uc0,8 call-1 192.0.2.101 5000 alice;1 tcp:10.0.0.9:9999 Tab.cd && M3:1 Ddab.cd"),
    ],
)
def test_notifications_are_asked_for(make: MakeLab, flags: str, offered: str) -> None:
    lab = make(A, rtpp_notify_socket="tcp:10.0.0.9:9999")
    lab.offer(flags=flags, dialog_id="ab.cd")
    assert lab.a.commands == [offered]


def test_notifications_without_a_socket(make: MakeLab) -> None:
    lab = make(A)
    assert lab.offer(flags="nd", dialog_id="ab.cd").ok
    assert lab.a.commands == ["Uc0,8 call-1 192.0.2.101 5000 alice;1"]
    assert any("no socket" in text for text in lab.logs)


def test_a_definition_that_cannot_be_used(make: MakeLab) -> None:
    with pytest.raises(EngineError):
        make("http://relay")


def test_a_node_that_is_enabled_before_it_was_ever_reached(make: MakeLab) -> None:
    lab = make(A, start=False)
    lab.a.deaf = True
    lab.engine.start()
    lab.network.settle(2)
    lab.a.deaf = False
    assert lab.engine.enable(A, 1)
    lab.offer()
    assert lab.a.commands == ["Uc0,8 call-1 192.0.2.101 5000 alice;1"]


def test_a_command_that_is_too_long_is_not_sent_and_harms_no_node(make: MakeLab) -> None:
    lab = make(A)
    formats = " ".join(map(str, range(3000)))
    assert "too long" in lab.offer(sdp(5000).replace("RTP/AVP 0 8", f"RTP/AVP {formats}")).error
    assert not lab.a.commands
    assert lab.statuses == [(A, True)]
    lab.session.call_id = 9000 * "x"
    lab.session.node = A
    assert "too long" in lab.delete().error
    with pytest.raises(EngineError):
        lab.engine.command(A, 9000 * "x", lambda reply: None)


def test_a_node_that_was_cut_off_gets_its_deletes_when_it_is_back(make: MakeLab) -> None:
    lab = make()
    lab.offer()
    lab.a.deaf = True
    assert not lab.delete(seconds=2).ok
    moved = lab.session = Session("call-1x", "alice", node=A, set=0)
    assert lab.offer().ok
    assert moved.node == B
    lab.a.deaf = False
    lab.a.commands.clear()
    assert lab.engine.enable(A, 1)
    lab.network.settle()
    assert lab.a.commands == ["D call-1 alice", "D call-1x alice"]


def test_nothing_is_deleted_that_is_in_use_again(make: MakeLab) -> None:
    lab = make()
    lab.offer()
    lab.engine.enable(A, 2)
    lab.offer()
    assert lab.session.node == B
    lab.a.commands.clear()
    lab.engine.enable(A, 1)
    lab.engine.enable(B, 2)
    lab.offer()
    lab.network.settle()
    assert [each[0] for each in lab.a.commands] == ["D", "U"], "the delete is older than the offer"
