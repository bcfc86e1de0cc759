"""A call whose two relay nodes die and come back when the trial says; its parties answer by themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from relayscript.interpreter.descriptions import description
from relayscript.interpreter.management import CommandError
from relayscript.sip.message import Message

from .lab import HOSTS, Lab, requests, sdp

NODES = {
    "rtpproxy": {"A": "udp:10.0.0.1:22222", "B": "udp:10.0.0.2:22222"},
    "rtpengine": {"A": "udp:10.0.0.3:2223", "B": "udp:10.0.0.4:2223"},
}
DIRECT = "direct"
EVENTS = """
event_route[E_RTPPROXY_STATUS] { xlog("event: $param(socket) $param(status)\\n"); }
event_route[E_RTPENGINE_STATUS] { xlog("event: $param(socket) $param(status)\\n"); }
event_route[E_RTP_RELAY_UNAVAILABLE] { xlog("event: no relay\\n"); }
"""
PATIENCE = 60.0
"""Virtual seconds after which something that should have happened is a failure."""


class Trial:
    """Two nodes in one set: A, and B, which has no weight and serves only when A does not.

    The parties are in call-1; other calls only ask the nodes something. `faults` are what befalls the nodes just
    before a party answers its next INVITE, `refusals` the statuses that parties refuse their next one with. `told`
    is where the latest description that a party got leads it: a node, or `direct`.
    """

    def __init__(self, engine: str, settings: str = "") -> None:
        self.engine = engine
        self.nodes = NODES[engine]
        spare = f'modparam("{engine}", "{engine}_sock", "1 == {self.nodes["B"]}=0")'
        engage = f'rtp_relay_engage("{engine}", 1);'
        self.lab = Lab(engage, settings=spare + settings, more=EVENTS, target="3.2")
        self.lab.host.logged.clear()
        self.faults: dict[str, Callable[[], None]] = {}
        self.refusals: dict[str, int] = {}
        self.told: dict[str, str] = {}
        self.waited = 0.0
        self.number = 20
        self.status = 0
        self.others = 0
        for party, host in HOSTS.items():
            receive = self.lab.host.endpoints[host, 5060]
            self.lab.host.endpoints[host, 5060] = partial(self._told, party, receive)

    def _told(self, party: str, receive: Callable[[bytes], None], data: bytes) -> None:
        message = Message.parse(data)
        body = description(message)
        if body is not None and message.call_id == "call-1":
            self.told[party] = self._place(body)
        receive(data)

    def _place(self, body: str) -> str:
        hosts = {url.split(":")[1]: name for name, url in self.nodes.items()}
        address = next(line for line in body.splitlines() if line.startswith("c=")).split()[-1]
        return hosts.get(address, DIRECT)

    # ---- what befalls nodes

    def die(self, *names: str) -> None:
        """Nodes crash: they are silent, and what they held is gone."""
        for name in names:
            node = self.lab.host.relays.node(self.nodes[name])
            node.mood, node.daemon = "silent", None

    def cut_off(self, name: str) -> None:
        """A node cannot be reached; it goes on with what it holds."""
        self.lab.host.relays.node(self.nodes[name]).mood = "silent"

    def come_back(self, name: str) -> None:
        """A node answers again."""
        self.lab.host.relays.node(self.nodes[name]).mood = "answers"

    # ---- what the parties do

    def call(self, number: int = 1) -> Trial:
        """Alice calls bob, who answers as soon as he gets the INVITE."""
        lab, began, call_id = self.lab, self.lab.host.timers.now, f"call-{number}"
        lab.request("INVITE", body=sdp("alice"), cseq=1, call_id=call_id)
        final = self._final("alice", 1, call_id)
        self.waited = lab.host.timers.now - began
        self.status = final.status
        self.others += number != 1
        if final.status == 200:
            lab.route = f"Route: {final.header('record-route')}\n"
            lab.inside("ACK", cseq=1, call_id=call_id)
        return self

    def reinvite(self, status: int = 200) -> Trial:
        """Alice makes a new offer; it gets this status."""
        began = self.lab.host.timers.now
        self.number += 1
        self.lab.inside("INVITE", body=sdp("alice"), cseq=self.number)
        assert self._final("alice", self.number, "call-1").status == status
        self.waited = self.lab.host.timers.now - began
        if status == 200:
            self.lab.inside("ACK", cseq=self.number)
        return self

    def update(self, **params: object) -> str:
        """Management negotiates the call anew; what it says of that."""
        answer = self.lab.manage("rtp_relay:update", **params)
        self.go(lambda: answer.result is not None or answer.error is not None)
        if isinstance(answer.error, CommandError):
            return answer.error.message
        return str(answer.result)

    def hang_up(self) -> None:
        """Everything that is under way comes to its end, then alice ends the call."""
        self.lab.inside("BYE", cseq=40)
        assert self._final("alice", 40, "call-1").status == 200
        self.lab.host.pass_time(PATIENCE / 2)

    def _final(self, party: str, number: int, call_id: str) -> Message:
        def finals() -> list[Message]:
            every = [each for each in self.lab.got[party] if not each.is_request and each.status >= 200]
            return [each for each in every if each.cseq[0] == number and each.call_id == call_id]

        self.go(finals)
        return finals()[0]

    def rest(self, seconds: float = 61.0) -> None:
        """Time passes: dead nodes are tested again, and parties answer what they are asked."""
        end = self.lab.host.timers.now + seconds
        while self.lab.host.until(self._asked, end - self.lab.host.timers.now):
            self._answer()
        self.lab.host.pass_time(max(0.0, end - self.lab.host.timers.now))

    def go(self, done: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Let time pass until something is so; whoever is asked something answers at once."""
        host, end = self.lab.host, self.lab.host.timers.now + seconds
        while not done():
            self._answer()
            moved = host.until(lambda: done() or self._asked(), end - host.timers.now)
            assert moved, f"it did not happen; log: {self.lab.log}"

    def _asked(self) -> list[tuple[str, Message]]:
        return [(party, each) for party in ("alice", "bob") for each in requests(self.lab.got[party])]

    def _answer(self) -> None:
        for party, request in self._asked():
            self.lab.got[party].remove(request)
            if request.method == "ACK":
                continue
            is_invite = request.method == "INVITE"
            if is_invite and party in self.faults:
                self.faults.pop(party)()
            status = self.refusals.pop(party, 200) if is_invite else 200
            self.lab.reply(request, status, party, sdp(party) if is_invite and status == 200 else "")

    # ---- what came of it

    @property
    def sound(self) -> str:
        """Who hears whom: each sends to where it was told."""
        hears = {"alice": self._carries(self.told.get("bob")), "bob": self._carries(self.told.get("alice"))}
        if all(hears.values()):
            return "both"
        return next((f"only {party} hears" for party, well in hears.items() if well), "none")

    def _carries(self, place: str | None) -> bool:
        if place in (None, DIRECT):
            return place is not None
        node = self.lab.host.relays.node(self.nodes[str(place)])
        known = any("alice" in each and "bob" in each for each in node.sessions())
        return node.mood == "answers" and known

    @property
    def path(self) -> str:
        """Where the sound to bob and to alice was led last."""
        to_bob, to_alice = self.told.get("alice", "-"), self.told.get("bob", "-")
        return to_bob if to_bob == to_alice else f"{to_bob} to bob, {to_alice} to alice"

    @property
    def events(self) -> str:
        """What the script was told."""
        names = {url: name for name, url in self.nodes.items()}
        told = (text.removeprefix("event: ") for text in self.lab.log if text.startswith("event: "))
        return ", ".join(
            names[text.split()[0]] + " " + text.split()[1] if text[0] == "u" else text for text in told
        )

    def held(self) -> int:
        """How many sessions the nodes hold for the call."""
        return sum(each.startswith("call-1 ") for each in self.lab.held())
