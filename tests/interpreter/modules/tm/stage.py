"""A proxy with one caller and three callees: datagrams and time in, datagrams out."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.modules.tm import Tm
from relayscript.interpreter.waiting import wait
from relayscript.sip.message import Message
from tests.interpreter.modules.stage import Proxy, reply, request

CALLEES = {"bob": ("192.0.2.2", 5060), "carol": ("192.0.2.3", 5060), "dave": ("192.0.2.4", 5060)}
BOB, CAROL, DAVE = (f"sip:{name}@{host}" for name, (host, _) in CALLEES.items())
FORK = f"""
    $ru = "{BOB}";
    append_msg_branch("{CAROL}");
"""


class Stage(Proxy):
    """Plays alice and the callees; each message is shown as its method or status, with the CSeq of a reply."""

    def __init__(self, script: str, modules: str = "tm sl sipmsgops") -> None:
        super().__init__(script, modules)
        for name in ("carol", "dave"):
            self.got[name] = []
            self.host.endpoints[CALLEES[name]] = self._catch(name)

    def invite(self, call_id: str = "call-1", method: str = "INVITE", headers: str = "") -> Message:
        """Alice sends a request to sip:bob@192.0.2.2."""
        text = request(method, call_id=call_id, headers=headers)
        self.send(text)
        return Message.from_text(text)

    def cancel(self, invite: Message, headers: str = "") -> None:
        """Alice cancels."""
        self.send(follow_up(invite, "CANCEL", headers=headers))

    def ack(self, invite: Message, to_tag: str = "x") -> None:
        """Alice acknowledges a refusal."""
        self.send(follow_up(invite, "ACK", to_tag))

    def answer(self, name: str, sent: Message, status: int, reason: str = "X", headers: str = "") -> None:
        """A callee answers a request."""
        text = reply(sent, status, reason, headers).replace(";tag=bob", f";tag={name}")
        self.send(text, CALLEES[name])

    def seen(self, name: str) -> list[str]:
        """What a party got since it was last asked: `INVITE`, `180`, `200 CANCEL` ..."""
        found, self.got[name] = self.got[name], []
        return [shown(message) for message in found]

    def let(self, seconds: float) -> None:
        """Time passes."""
        self.host.pass_time(seconds)

    def pause(self, *_: object) -> None:
        """A media relay is asked: a hook that takes 0.4 seconds."""

        def start(done: Callable[[None], None]) -> None:
            self.host.timers.start(0.4, lambda: done(None))

        wait(start)

    @property
    def tm(self) -> Tm:
        """The module."""
        tm = self.runtime.modules["tm"]
        assert isinstance(tm, Tm)
        return tm

    def statistic(self, name: str) -> int:
        """A statistic of tm."""
        return self.runtime.statistics[f"tm:{name}"]

    @property
    def leaks(self) -> tuple[int, int, int]:
        """What is left: transactions counted, transactions known, timers."""
        known = len(self.tm.table.transactions())
        return self.statistic("inuse_transactions"), known, self.host.timers.pending()


def shown(message: Message) -> str:
    """A message in a word or two."""
    if message.is_request:
        return message.method
    return str(message.status) if message.method == "INVITE" else f"{message.status} {message.method}"


def follow_up(invite: Message, method: str, to_tag: str = "", headers: str = "") -> str:
    """The CANCEL or the ACK to a refusal of an INVITE that alice sent."""
    via, from_, to = (invite.header(key) for key in ("via", "from", "to"))
    tag = f";tag={to_tag}" if to_tag else ""
    return (
        f"{method} {invite.uri} SIP/2.0\nVia: {via}\nFrom: {from_}\nTo: {to}{tag}\nCall-ID: {invite.call_id}\n"
        f"CSeq: {invite.cseq[0]} {method}\nMax-Forwards: 70\n{headers}Content-Length: 0\n\n"
    )
