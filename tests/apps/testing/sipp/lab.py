"""A party that plays a SIPp scenario, alone: what it sends is written down, what reaches it is typed in."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from relayscript.apps.testing.sipp.party import SippParty, chance_for, read_part
from relayscript.apps.testing.sipp.station import Station
from relayscript.apps.testing.statements import Party
from relayscript.apps.testing.useragent import UserAgent
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.timers import Timers

WALL = 1_767_225_600.25
LOCAL = ("192.0.2.1", 5060)
PROXY = ("127.0.0.1", 5070)

HEADERS = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:a@[local_ip]>;tag=[pid]a[call_number]
      To: <sip:b@[remote_ip]>[peer_tag_param]
      Call-ID: [call_id]"""


def scenario(steps: str, around: str = "") -> str:
    """A document with these steps."""
    return f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="x">{around}{steps}</scenario>'


def send(method: str, attributes: str = "", more: str = "", actions: str = "") -> str:
    """A step that sends a request; `more` are header lines."""
    lines = f"{method} sip:b@[remote_ip] SIP/2.0\n{HEADERS}\nCSeq: [cseq] {method}\n{more}\nContent-Length: [len]"
    return f"<send {attributes}><![CDATA[\n{lines.replace(chr(10) * 2, chr(10))}\n\n]]>{actions}</send>"


def reply(status: int, attributes: str = "", more: str = "") -> str:
    """A step that answers the last request."""
    lines = f"SIP/2.0 {status} X\n[last_Via:]\n[last_From:]\n[last_To:];tag=b\n[last_Call-ID:]\n[last_CSeq:]\n{more}"
    return f"<send {attributes}><![CDATA[\n\n{lines.rstrip()}\nContent-Length: 0\n\n]]></send>"


def acts(*actions: str) -> str:
    """A step with nothing but actions."""
    return f"<nop><action>{''.join(actions)}</action></nop>"


def shows(*names: str) -> str:
    """A step that sends the values of variables, in the headers V0, V1..."""
    return send("INFO", more="\n".join(f"V{at}: <[${name}]>" for at, name in enumerate(names)))


class Lab:
    """One party with its XML in `folder`; `sent` are the messages that it sent, `said` what it told."""

    def __init__(self, folder: Path, xml: str, **given: str | int) -> None:
        (folder / "x.xml").write_text(xml, "latin-1")
        self.timers = Timers()
        self.sent: list[Message] = []
        self.said: list[str] = []
        transport = str(given.pop("over", ""))
        statement = Party("alice", "", transport, "x.xml", tuple(given.items()))
        part = read_part(statement, folder)
        self.agent = UserAgent("alice", LOCAL, PROXY, self._sent, transport)
        chance = chance_for("alice", part.seed)
        station = Station(self.agent, 4000, 7, self.timers, lambda: WALL + self.timers.now, self.said.append, chance)
        self.party = SippParty(self.agent, 4000, part, station)
        self.party.prepare()
        self.party.begin()
        self.pass_time(0)

    def _sent(self, data: bytes) -> None:
        with suppress(SipError):
            self.sent.append(Message.parse(data))

    @property
    def last(self) -> Message:
        """What it sent last."""
        return self.sent[-1]

    @property
    def flow(self) -> list[str]:
        """What it sent: methods and statuses."""
        return [each.method if each.is_request else str(each.status) for each in self.sent]

    def values(self) -> list[str | None]:
        """What `shows` sent."""
        values = [self.last.header(f"v{at}") for at in range(9)]
        return [value[1:-1] for value in values if value is not None]

    def pass_time(self, seconds: float) -> None:
        """Time passes."""
        self.timers.fire(self.timers.now + seconds)

    def answer(self, status: int, more: str = "", body: str = "", request: Message | None = None) -> None:
        """An answer to the last request, or to another one, with more header lines."""
        to = request or next(each for each in reversed(self.sent) if each.is_request)
        lines = [f"SIP/2.0 {status} X", *(f"Via: {each}" for each in to.headers("via"))]
        lines += [f"From: {to.header('from')}", f"To: {(to.header('to') or '').partition(';')[0]};tag=peer"]
        lines += [f"Call-ID: {to.call_id}", f"CSeq: {to.header('cseq')}", *more.splitlines()]
        self.arrive("\r\n".join((*lines, f"Content-Length: {len(body)}", "", body)))

    def ask(self, method: str, cseq: int = 1, call: str = "c1", more: str = "") -> None:
        """A request of a call."""
        lines = [
            f"{method} sip:alice@192.0.2.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK{method}{cseq}",
        ]
        lines += ["From: <sip:x@y>;tag=far", "To: <sip:alice@192.0.2.1>", f"Call-ID: {call}", f"CSeq: {cseq} {method}"]
        self.arrive("\r\n".join((*lines, *more.splitlines(), "Content-Length: 0", "", "")))

    def arrive(self, text: str) -> None:
        """Byte text reaches the party."""
        self.party.receive(text.encode("latin-1"))
        self.pass_time(0)
