"""A proxy that relays calls, its parties, and relay nodes in memory that say what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.management import Management
from relayscript.interpreter.modules.rtp_relay import RtpRelay
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.message import Message

HOSTS = {
    "alice": "192.0.2.1",
    "bob": "192.0.2.2",
    "carol": "192.0.2.3",
    "dave": "192.0.2.4",
    "erin": "192.0.2.5",
}
PORTS = {"alice": 5000, "bob": 6000, "carol": 7000, "dave": 8000, "erin": 9000}
RTPPROXY, SPARE = "udp:10.0.0.1:22222", "udp:10.0.0.2:22222"
RTPENGINE = "udp:10.0.0.3:2223"
MODULES = "proto_udp tm sl rr sipmsgops dialog"
ENGINES = f"""
loadmodule "rtpproxy.so"
modparam("rtpproxy", "rtpproxy_sock", "1 == {RTPPROXY}")
modparam("rtpproxy", "rtpproxy_sock", "2 == {SPARE}")
modparam("rtpproxy", "default_set", 1)
loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "1 == {RTPENGINE}")
loadmodule "rtp_relay.so"
"""
MOMENT = 0.01
"""Seconds in which everything is written that happened before."""

ENGAGED = 'rtp_relay_engage("rtpproxy", 1);'


def sdp(owner: str, port: int = 0) -> str:
    """A description that a party writes, with bare line feeds."""
    host = HOSTS[owner]
    return (
        f"v=0\no={owner} 1 1 IN IP4 {host}\ns=-\nc=IN IP4 {host}\nt=0 0\n"
        f"m=audio {port or PORTS[owner]} RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"
    )


class Wire:
    """An observer that keeps what was said to relays."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def relay(self, node: str, sent: bool, text: str) -> None:
        """A command or a reply; probes are left out."""
        if sent and not text.startswith(("V", "d7:command4:ping")):
            self.commands.append(text)

    def message(self, *args: object) -> None:
        """Not of interest."""

    def statement(self, *args: object) -> None:
        """Not of interest."""

    def log(self, level: int, text: str) -> None:
        """Not of interest."""

    def timer(self, name: str, seconds: float) -> None:
        """Not of interest."""


class Lab:
    """One script; `initial` is what its main route does with an INVITE before it is relayed.

    `script` is a whole one to be used instead.
    """

    def __init__(
        self, initial: str = ENGAGED, *, inside: str = "", more: str = "", settings: str = "", to: str = "bob",
        target: str = "4.0", script: str = "",
    ) -> None:  # fmt: skip
        loads = "".join(f'loadmodule "{name}.so"\n' for name in MODULES.split())
        branches = "".join(f'append_msg_branch("sip:{each}@{HOSTS[each]}");' for each in to.split()[1:])
        text = f"""socket=udp:127.0.0.1:5060
        {loads}{ENGINES}{settings}
        route {{
            if (is_method("CANCEL")) {{ t_relay(); exit; }}
            if (has_totag()) {{ loose_route(); {inside} t_relay(); exit; }}
            record_route();
            {branches}
            {initial}
            t_relay();
        }}
        {more}
        """
        parsed = parse_text(script or text)
        assert parsed.script is not None, parsed.diagnostics
        self.host = VirtualHost()
        self.got: dict[str, list[Message]] = {name: [] for name in HOSTS}
        for name, host in HOSTS.items():
            self.host.endpoints[host, 5060] = self._catch(name)
        self.parsed, self.target = parsed.script, target
        self.wire = Wire()
        self.cseq = 1
        self._start()

    def _start(self) -> None:
        self.runtime = Runtime(self.parsed, self.host, target=self.target)
        self.runtime.observers.append(self.wire)
        self.runtime.start()
        self.host.settle()
        self.wire.commands.clear()
        module = self.runtime.module(RtpRelay)
        assert module is not None
        self.module = module

    def restart(self, *, killed: bool = True) -> None:
        """The proxy is killed a moment later, or stopped, and started again."""
        self.host.pass_time(MOMENT if killed else 0)
        if not killed:
            self.end()
        self.host = self.host.successor()
        self._start()

    def end(self) -> None:
        """The proxy ends as asked."""
        self.runtime.leave(lambda: None)
        self.host.settle()
        self.runtime.stop()

    def _catch(self, name: str) -> Callable[[bytes], None]:
        return lambda data: self.got[name].append(Message.parse(data))

    # ---- what parties do

    def request(
        self, method: str, sender: str = "alice", other: str = "bob", *, tag: str = "", body: str = "",
        cseq: int = 0, route: str = "", call_id: str = "call-1", headers: str = "",
    ) -> None:  # fmt: skip
        """A party sends a request; `tag` is the other one's."""
        self.cseq += 1
        number, host = cseq or self.cseq, HOSTS[sender]
        mark = f";tag={tag}" if tag else ""
        content = "Content-Type: application/sdp\n" if body else ""
        body = body.replace("\n", "\r\n")
        branch = f"z9hG4bK{sender}{method.replace('CANCEL', 'INVITE')}{call_id}{number}"
        text = (
            f"{method} sip:{other}@{HOSTS[other]} SIP/2.0\n"
            f"Via: SIP/2.0/UDP {host}:5060;branch={branch}\n"
            f"From: <sip:{sender}@example.com>;tag={sender}\nTo: <sip:{other}@example.com>{mark}\n"
            f"Call-ID: {call_id}\nCSeq: {number} {method}\nMax-Forwards: 70\n{route}"
            f"Contact: <sip:{sender}@{host}>\n{headers}{content}Content-Length: {len(body)}\n\n"
        )
        self._receive(text.replace("\n", "\r\n") + body, sender)

    def reply(self, to: Message, status: int, sender: str = "bob", body: str = "", tag: str = "") -> None:
        """A party answers."""
        names = ("via", "from", "call-id", "cseq", "record-route")
        kept = "\n".join(line for line, key in zip(to.lines, to.keys, strict=True) if key in names)
        address = to.header("to") or ""
        tagged = address if ";tag=" in address else f"{address};tag={tag or sender}"
        content = "Content-Type: application/sdp\n" if body else ""
        body = body.replace("\n", "\r\n")
        text = (
            f"SIP/2.0 {status} Whatever\n{kept}\nTo: {tagged}\nContact: <sip:{sender}@{HOSTS[sender]}>\n"
            f"{content}Content-Length: {len(body)}\n\n"
        )
        self._receive(text.replace("\n", "\r\n") + body, sender)

    def _receive(self, text: str, sender: str) -> None:
        self.runtime.receive(text.encode("latin-1"), (HOSTS[sender], 5060), self.runtime.listeners[0])
        self.host.settle()

    def take(self, party: str, what: str = "") -> Message:
        """The next message for a party, the next of that method or status if given."""
        for message in self.got[party]:
            if what in ("", message.method if message.is_request else str(message.status)):
                self.got[party].remove(message)
                return message
        raise AssertionError(f"{party} got no {what}; log: {self.log}")

    # ---- whole steps

    def invite(self, body: str = "", callee: str = "bob", call_id: str = "call-1") -> Message:
        """Alice calls; the INVITE as a callee gets it."""
        self.request("INVITE", body=body, cseq=1, call_id=call_id)
        return self.take(callee, "INVITE")

    def establish(self, call_id: str = "call-1") -> Lab:
        """Alice calls, bob answers, alice acknowledges."""
        invite = self.invite(sdp("alice"), call_id=call_id)
        self.route = f"Route: {invite.header('record-route')}\n"
        self.reply(invite, 200, body=sdp("bob"))
        self.take("alice", "200")
        self.inside("ACK", cseq=1, call_id=call_id)
        self.take("bob", "ACK")
        return self

    def inside(
        self, method: str, sender: str = "alice", body: str = "", *, cseq: int = 0, call_id: str = "call-1"
    ) -> None:
        """A party of an established call sends a request."""
        other = "bob" if sender == "alice" else "alice"
        self.request(
            method, sender, other, tag=other, body=body, cseq=cseq, route=self.route, call_id=call_id
        )

    def hang_up(self) -> None:
        """Alice ends the call."""
        self.inside("BYE")
        self.reply(self.take("bob", "BYE"), 200)
        self.take("alice", "200")

    # ---- what there is

    def held(self) -> list[str]:
        """What all nodes hold."""
        return [each for node in self.host.relays.nodes.values() for each in node.sessions()]

    def manage(self, method: str, **params: object) -> Answer:
        """Start a management command, which may end later."""
        answer = Answer()

        def run() -> None:
            try:
                answer.result = Management(self.runtime).call(method, params)
            except Exception as error:  # the test looks at it
                answer.error = error

        self.runtime.spawn(run)
        self.host.settle()
        return answer

    def listed(self) -> list[dict[str, Any]]:
        """The relayed calls as management lists them."""
        found = self.manage("rtp_relay:list").result
        assert isinstance(found, list)
        return found

    @property
    def log(self) -> list[str]:
        """What was written to the log."""
        return [text.rstrip("\n") for _, text in self.host.logged]


def requests(messages: list[Message]) -> list[Message]:
    """Those that are no replies."""
    return [each for each in messages if each.is_request]


class Answer:
    """What a management command answered: nothing yet, a result, or an error."""

    def __init__(self) -> None:
        self.result: object = None
        self.error: Exception | None = None


def port(message: Message) -> int:
    """The media port in a message's description."""
    body = description(message)
    assert body is not None
    return int(next(line for line in body.splitlines() if line.startswith("m=")).split()[1])


def is_relayed(message: Message) -> bool:
    """Its description leads to a relay, not to a party."""
    body = description(message) or ""
    return any(f"c=IN IP4 10.0.0.{number}" in body for number in (1, 2, 3))
