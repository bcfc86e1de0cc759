"""Scenarios played against a stand-in for a script: what comes true, what does not, what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.golden import written
from relayscript.apps.testing.player import Player, ScenarioFailure
from relayscript.apps.testing.recorder import Result, SipSeen
from relayscript.apps.testing.scenario import parse
from relayscript.interpreter.declaration import CommandDeclaration
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.waiting import wait
from relayscript.sip.message import Message
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.observer import Observer
    from relayscript.interpreter.runtime import Runtime

LISTENER = Listener("udp", "127.0.0.1", 5060)
VIA = "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKmade-up"


class Forwarder:
    """Sends requests on to their Request-URI and replies back, with a Via of its own."""

    def __init__(self, host: VirtualHost) -> None:
        self.host = host
        self.observers: list[Observer] = []
        self.listeners = (LISTENER,)
        self.files = frozenset({"forward.cfg"})
        self.script = SimpleNamespace(items=())
        self.modules: dict[str, object] = {}
        self.catalogue = SimpleNamespace(core=SimpleNamespace(commands={}), modules={})
        self.commands = {
            name: (CommandDeclaration(name, method), getattr(self, method))
            for name, method in (("test:shown", "shown"), ("test:slow", "slow"), ("test:never", "never"))
        }

    def start(self) -> None:
        self.host.log(3, "started")

    def stop(self) -> None:
        pass

    def shown(self, number: int = 0) -> list[object]:
        if number > 9:
            raise CommandError(404, "no such number", str(number))
        return [{"number": number}, {"tag": "alice"}]

    def slow(self) -> str:
        def start(done: Callable[[str], None]) -> None:
            self.host.timers.start(1.0, lambda: done("at last"))

        return wait(start)

    def never(self) -> str:
        return wait(lambda done: None)

    def receive(self, data: bytes, source: Address, listener: Listener) -> None:
        for observer in self.observers:
            observer.message(False, listener, source, data)
            observer.line("forward.cfg", 3)  # type: ignore[attr-defined]
        message = Message.parse(data)
        if message.is_request:
            destination = message.uri.rpartition("@")[2]
            text = message.render(message.first_line, top=(VIA,))
        else:
            at = message.keys.index("via")
            del message.lines[at], message.keys[at]
            destination = message.headers("via")[0].split()[1].partition(";")[0]
            text = message.render(message.first_line)
        address, _, port = destination.partition(":")
        to = (address, int(port or 5060))
        for observer in self.observers:
            observer.message(True, listener, to, text.encode())
        self.host.send(listener, to, text.encode())


def player() -> Player:
    host = VirtualHost()
    return Player(cast("Runtime", Forwarder(host)), host, trace=False)


def play(text: str) -> str:
    """The transcript of a scenario that comes true."""
    made = player()
    made.play(parse(text))
    return written(made)


ACTS = """\
alice calls bob
bob rings
bob answers
wait 2s
alice hangs up
"""


def test_acts_are_whole_exchanges() -> None:
    rows = play(ACTS).splitlines()
    assert [row for row in rows if "|" not in row] == [
        "   0.000  alice -> INVITE sip:bob@192.0.2.2 sdp=192.0.2.1:4000",
        "   0.000  bob <- INVITE sip:bob@192.0.2.2 sdp=192.0.2.1:4000",
        "   0.000  bob -> 180 INVITE",
        "   0.000  alice <- 180 INVITE",
        "   0.000  bob -> 200 INVITE sdp=192.0.2.2:4010",
        "   0.000  alice <- 200 INVITE sdp=192.0.2.2:4010",
        "   0.000  alice -> ACK sip:bob@192.0.2.2",
        "   0.000  bob <- ACK sip:bob@192.0.2.2",
        "   0.000  wait 2s",
        "   2.000  alice -> BYE sip:bob@192.0.2.2",
        "   2.000  bob <- BYE sip:bob@192.0.2.2",
        "   2.000  bob -> 200 BYE",
        "   2.000  alice <- 200 BYE",
    ]
    assert rows[:4] == [
        "   0.000  | alice calls bob",
        "   0.000  alice -> INVITE sip:bob@192.0.2.2 sdp=192.0.2.1:4000",
        "          |   forward.cfg: 3",
        "   0.000  bob <- INVITE sip:bob@192.0.2.2 sdp=192.0.2.1:4000",
    ]
    assert rows[4] == "          |   + Via: SIP/2.0/UDP 127.0.0.1;branch=<branch 1>"


def test_a_transcript_is_a_scenario_that_gives_the_same_messages() -> None:
    first = play(ACTS)
    again = play(first)
    assert [row for row in again.splitlines() if "|" not in row] == [
        row for row in first.splitlines() if "|" not in row
    ]


def test_a_transcript_is_the_same_each_time() -> None:
    assert play(ACTS) == play(ACTS)


def test_the_other_acts() -> None:
    refused = play("alice calls bob\nbob refuses 603\n")
    assert "alice <- 603 INVITE" in refused
    assert "bob <- ACK" in refused
    cancelled = play("alice calls bob\nalice cancels\n")
    assert "bob -> 487 INVITE" in cancelled


def test_messages_of_an_act_may_be_expected_or_passed_over() -> None:
    play("alice calls bob\nbob rings\nbob answers\nalice <- 200 sdp\nbob <- ACK\nbob -> INFO\nalice <- INFO\n")
    play("alice calls bob\nbob answers\nbob -> INFO\nalice <- INFO\n")
    with pytest.raises(ScenarioFailure, match="alice got INFO"):
        play("alice calls bob\nbob answers\nbob -> INFO\nalice <- BYE\n")


def test_single_messages_and_what_is_expected_of_them() -> None:
    play(
        "party carol at 192.0.2.9:5070\n"
        'alice -> INVITE carol sdp=4444 Subject="hello" no Contact\n'
        'carol <- INVITE carol sdp=192.0.2.2:4444 Subject="hello" no Contact within 1s\n'
        "carol -> 100\n"
        "carol -> 183 sdp\n"
        "alice <- 183 INVITE sdp=192.0.2.9:4000\n"
        "carol -> 302\n"
        "alice <- 3xx no sdp\n"
    )


GOT = "bob got BYE sip:bob@192.0.2.2 SIP/2.0"


@pytest.mark.parametrize(
    ("expected", "failure"),
    [
        ("bob <- INVITE", f"{GOT}: another message"),
        ("bob <- 200", f"{GOT}: another message"),
        ("bob <- BYE alice", f"{GOT}: its Request-URI is not sip:alice@192.0.2.1"),
        ("bob <- BYE sdp", f"{GOT}: it has no session description"),
        ('bob <- BYE X="1"', f"{GOT}: it has no X"),
        ('bob <- BYE Max-Forwards="1"', f"{GOT}: its Max-Forwards is 70"),
        ("bob <- BYE no Via", f"{GOT}: it has Via"),
        ("alice <- 200 within 500ms", "nothing reached alice within 0.5 s"),
        ("carol <- INVITE", "nothing reached carol within 32 s"),
    ],
)
def test_another_message_than_expected(expected: str, failure: str) -> None:
    with pytest.raises(ScenarioFailure) as caught:
        play(f"# first\nalice -> BYE bob\n{expected}\n")
    assert (str(caught.value), caught.value.line) == (f"expected {expected}; {failure}", 3)


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("alice rings", "alice has no INVITE to answer"),
        (
            "alice calls sip:nobody@198.51.100.1",
            "alice calls sip:nobody@198.51.100.1: it was not over within 32 s",
        ),
        ("mi never", "mi never: no result within 32 s"),
    ],
)
def test_what_does_not_come_true(text: str, failure: str) -> None:
    with pytest.raises(ScenarioFailure) as caught:
        play(text)
    assert (str(caught.value), caught.value.line) == (failure, 1)


def test_management_commands_and_their_results() -> None:
    text = play("mi shown number=3\nmi slow\nmi shown number=10\nmi no_such\n")
    assert text.splitlines() == [
        "   0.000  mi shown number=3",
        '          |   = {"number": 3}',
        '          |   = {"tag": "alice"}',
        "   0.000  mi slow",
        '   1.000  |   = "at last"',
        "   1.000  mi shown number=10",
        "          |   = error 404 no such number: 10",
        "   1.000  mi no_such",
        "          |   = error -32601 Method not found",
    ]


def test_relays_and_names_are_set() -> None:
    made = player()
    made.play(parse('relay udp:10.0.0.9:22222 refuses "E7"\ndns Sip.Example = 192.0.2.8, ::1\ndns gone.example =\n'))
    node = made.host.node("udp:10.0.0.9:22222")
    assert (node.mood, node.reason, node.host) == ("refuses", "E7", "10.0.0.9")
    found: list[list[str]] = []
    for name in ("sip.example", "gone.example", "other.example"):
        made.host.resolve(name, found.append)
    assert found == [["192.0.2.8", "::1"], [], []]


def test_a_ping_that_is_not_sip_is_passed_over() -> None:
    made = player()
    made.actor("alice").receive(b"\0\0\0\0")
    made.play(parse("alice -> OPTIONS bob\nbob <- OPTIONS\nexpect nothing at alice\n"))


def test_a_call_may_have_a_name_of_its_own_and_answers_a_phrase() -> None:
    rows = play(
        'alice -> INVITE bob call="one"\nbob <- INVITE call="one"\nalice -> INVITE bob call="two"\n'
        'bob <- INVITE call~"t.o"\nbob -> 486 INVITE call="one" phrase="Not now"\n'
        'alice <- 486 phrase="Not now" call="one"\n'
    )
    assert rows.count("alice <- 486 INVITE") == 1
    with pytest.raises(ScenarioFailure, match="it is of the call one"):
        play('alice -> INVITE bob call="one"\nbob <- INVITE call="two"\n')
    with pytest.raises(ScenarioFailure, match="its phrase is Busy Here"):
        play('alice -> INVITE bob\nbob <- INVITE\nbob -> 486\nalice <- 486 phrase="Not now"\n')


def test_a_message_is_repeated_byte_for_byte() -> None:
    made = player()
    made.play(parse("alice -> INVITE bob\nbob -> 180\nalice repeats\nalice repeats INVITE\nbob repeats 180 INVITE\n"))
    sent = [each for each in made.recorder.events if isinstance(each, SipSeen) and not each.sent]
    assert sent[0].data == sent[2].data == sent[3].data
    assert sent[1].data == sent[4].data
    assert len(made.actor("bob").inbox) == 1
    with pytest.raises(ScenarioFailure, match="alice has sent no BYE to repeat"):
        made.play(parse("alice repeats BYE\n"))


def test_bytes_are_sent_as_they_are() -> None:
    made = player()
    seen: list[bytes] = []
    made.runtime.receive = lambda data, source, listener: seen.append(data)  # type: ignore[method-assign]
    made.play(parse('alice -> "\\r\\n\xff"\n'))
    assert seen == [b"\r\n\xff"]


def test_the_media_ports_of_a_node_go_on_where_told() -> None:
    made = player()
    made.play(parse("relay udp:127.0.0.1:1 ports 42000\n"))
    assert made.host.node("udp:127.0.0.1:1").next_port() == 42000


def test_a_command_that_begins_is_not_waited_for() -> None:
    made = player()
    made.play(parse("mi test:slow begins\n"))
    assert not [each for each in made.recorder.events if isinstance(each, Result)]
    made.play(parse('until result "at last"\n'))
    assert made.host.timers.now == 1.0
