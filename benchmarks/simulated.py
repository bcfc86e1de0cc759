"""Simulated calls per second, their media relay engaged: the script of the first example on a virtual host."""

from __future__ import annotations

import time
from functools import partial

from benchmarks.servers import HERE
from relayscript.apps.serving.server import settle_collector
from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.player import Player
from relayscript.apps.testing.scenario import parse
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.transport import Address

SCRIPT = HERE.parent / "examples" / "first-call" / "first-call.cfg"
ALICE, BOB = ("192.0.2.1", 5060), ("192.0.2.2", 5060)
CALLS, PLAYED = 2000, 300
BETWEEN = 0.01
"""Virtual seconds between two calls, in which transactions of earlier calls end."""

HEAD = (
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-{call}-{method}\r\n{route}"
    "From: <sip:alice@192.0.2.1>;tag=a{call}\r\nTo: <sip:bob@192.0.2.2>{tag}\r\nCall-ID: call-{call}@192.0.2.1\r\n"
    "CSeq: {cseq} {method}\r\nContact: <sip:alice@192.0.2.1>\r\nMax-Forwards: 70\r\n"
)
SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
COPIED = ("via:", "record-route:", "from:", "to:", "call-id:", "cseq:")


def with_body(head: str, body: str) -> bytes:
    """A message with a session description, or without one if it is empty."""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()


class Phones:
    """Alice, who calls, and Bob, who answers: as little work as a call can be for its ends.

    Alice hangs up at once, unless `hang_up` is off.
    """

    def __init__(self, runtime: Runtime, host: VirtualHost) -> None:
        self._runtime, self._host = runtime, host
        self.hang_up = True
        self.answered = self.ended = self.relayed = 0
        self._call = 0
        host.endpoints[ALICE] = self._alice
        host.endpoints[BOB] = self._bob

    def call(self) -> None:
        """One call: from the INVITE to the answer to the BYE, or to the ACK."""
        self._call += 1
        head = HEAD.format(call=self._call, method="INVITE", route="", tag="", cseq=1)
        self._send(ALICE, with_body(f"INVITE sip:bob@192.0.2.2 SIP/2.0\r\n{head}", SDP.format(host=ALICE[0])))
        self._host.pass_time(BETWEEN)

    def _send(self, source: Address, data: bytes) -> None:
        listener = self._runtime.listeners[0]
        self._host.timers.start(0.0, partial(self._runtime.receive, data, source, listener))

    def _alice(self, data: bytes) -> None:
        text = data.decode()
        if text.startswith("SIP/2.0 200"):
            if "CSeq: 1 INVITE" in text:
                self.answered += 1
                self.relayed += "m=audio 4000 " not in text
                self._request(text, "ACK", 1)
                if self.hang_up:
                    self._request(text, "BYE", 2)
            else:
                self.ended += 1

    def _request(self, answer: str, method: str, cseq: int) -> None:
        route = next(line for line in answer.split("\r\n") if line.startswith("Record-Route:"))[7:] + "\r\n"
        head = HEAD.format(call=self._call, method=method, route=route, tag=";tag=b", cseq=cseq)
        self._send(ALICE, with_body(f"{method} sip:bob@192.0.2.2 SIP/2.0\r\n{head}", ""))

    def _bob(self, data: bytes) -> None:
        text = data.decode()
        if text.startswith("INVITE"):
            self.relayed += "m=audio 4000 " not in text
            self._send(BOB, self._response(text, "180 Ringing", ""))
            self._send(BOB, self._response(text, "200 OK", SDP.format(host=BOB[0])))
        elif text.startswith("BYE"):
            self._send(BOB, self._response(text, "200 OK", ""))

    def _response(self, request: str, status: str, body: str) -> bytes:
        copied = [line for line in request.split("\r\n") if line.lower().startswith(COPIED)]
        lines = [f"{line};tag=b" if line[:3] == "To:" and "tag=" not in line else line for line in copied]
        head = "\r\n".join([f"SIP/2.0 {status}", *lines, "Contact: <sip:bob@192.0.2.2>", ""])
        return with_body(head, body)


def calls_per_second() -> float:
    """Calls in a second of processor time, between phones that cost next to nothing."""
    host = VirtualHost()
    runtime = Runtime.load(str(SCRIPT), host)
    runtime.start()
    phones = Phones(runtime, host)
    for _ in range(CALLS // 10):
        phones.call()
    settle_collector()
    before, ended = time.process_time(), phones.ended
    for _ in range(CALLS):
        phones.call()
    spent = time.process_time() - before
    if phones.ended - ended != CALLS:
        raise RuntimeError(f"{phones.ended - ended} of {CALLS} simulated calls came to their end")
    if phones.relayed != 2 * phones.ended:
        raise RuntimeError("sound went past the relay")
    runtime.stop()
    return CALLS / spent


def played_per_second() -> float:
    """The same as scenario lines, which are checked and recorded, as `relayscript sim --no-lines` does it."""
    host = VirtualHost()
    player = Player(Runtime.load(str(SCRIPT), host), host, trace=False)
    lines = "alice calls bob\nbob rings\nbob answers\nwait 10ms\nalice hangs up\n"
    scenario = parse(lines * PLAYED, "benchmark")
    settle_collector()
    before = time.process_time()
    player.play(scenario)
    return PLAYED / (time.process_time() - before)
