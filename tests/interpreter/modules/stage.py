"""A script on a virtual host, with parties that send to it and see what it sends."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.management import Management
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.message import Message

PROXY = ("127.0.0.1", 5060)
ALICE = ("192.0.2.1", 5060)
BOB = ("192.0.2.2", 5060)


class Proxy:
    """A running script; the modules are named, separated by blanks.

    What each party gets stays in `got`, oldest first, until it is taken.
    """

    def __init__(
        self,
        script: str,
        modules: str = "tm sl rr sipmsgops",
        target: str = "4.0",
        host: VirtualHost | None = None,
    ) -> None:
        loads = "".join(f'loadmodule "{name}.so"\n' for name in ("proto_udp", *modules.split()))
        parsed = parse_text(f"socket=udp:127.0.0.1:5060\nsocket=udp:127.0.0.1:5080\n{loads}{script}")
        assert parsed.script is not None, parsed.diagnostics
        self.host = host or VirtualHost()
        self.got: dict[str, list[Message]] = {"alice": [], "bob": []}
        for name, address in (("alice", ALICE), ("bob", BOB)):
            self.host.endpoints[address] = self._catch(name)
        self.runtime = Runtime(parsed.script, self.host, target=target)
        self.runtime.start()
        self.host.settle()

    def _catch(self, name: str) -> Callable[[bytes], None]:
        return lambda data: self.got[name].append(Message.parse(data))

    def send(self, text: str, source: tuple[str, int] = ALICE, listener: int = 0) -> None:
        """A party sends a message, written with bare line feeds."""
        data = text.replace("\n", "\r\n").encode("latin-1")
        self.runtime.receive(data, source, self.runtime.listeners[listener])
        self.host.settle()

    def take(self, name: str) -> Message:
        """The next message that a party got."""
        assert self.got[name], f"{name} got nothing; log: {self.log}"
        return self.got[name].pop(0)

    @property
    def log(self) -> list[str]:
        """What the script wrote to the log."""
        return [text.rstrip("\n") for _, text in self.host.logged]

    def call(self, method: str, **params: object) -> object:
        """Run a management command."""
        result = Management(self.runtime).call(method, params)
        self.host.settle()
        return result


def request(
    method: str,
    uri: str = "sip:bob@192.0.2.2",
    *,
    sender: str = "alice",
    to_tag: str = "",
    cseq: int = 1,
    call_id: str = "call-1",
    headers: str = "",
    body: str = "",
) -> str:
    """A request of alice, or of bob inside a dialog, with bare line feeds."""
    number = {"alice": 1, "bob": 2}[sender]
    other = {"alice": "bob", "bob": "alice"}[sender]
    tag = f";tag={to_tag}" if to_tag else ""
    return (
        f"{method} {uri} SIP/2.0\n"
        f"Via: SIP/2.0/UDP 192.0.2.{number}:5060;branch=z9hG4bK{sender}{method}{call_id}{cseq}\n"
        f"From: <sip:{sender}@example.com>;tag={sender}\n"
        f"To: <sip:{other}@example.com>{tag}\n"
        f"Call-ID: {call_id}\nCSeq: {cseq} {method}\nMax-Forwards: 70\n"
        f"Contact: <sip:{sender}@192.0.2.{number}>\n{headers}Content-Length: {len(body)}\n\n{body}"
    )


def reply(to: Message, status: int, reason: str = "OK", headers: str = "", body: str = "") -> str:
    """Bob's reply to a request, with his tag, with bare line feeds."""
    kept = [
        line for line, key in zip(to.lines, to.keys, strict=True)
        if key in ("via", "from", "call-id", "cseq", "record-route")
    ]  # fmt: skip
    address = to.header("to") or ""
    tagged = address if ";tag=" in address else f"{address};tag=bob"
    lines = "\n".join(kept)
    return (
        f"SIP/2.0 {status} {reason}\n{lines}\nTo: {tagged}\nContact: <sip:bob@192.0.2.2>\n"
        f"{headers}Content-Length: {len(body)}\n\n{body}"
    )
