"""Recorded calls played against scripts: the same script sends the same, another one does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from relayscript.apps.simulator import EPOCH
from relayscript.apps.testing.capture.circumstances import Circumstances, staged
from relayscript.apps.testing.capture.packets import Piece
from relayscript.apps.testing.capture.proxy import proxy_in
from relayscript.apps.testing.capture.reading import Capture, Carried, read
from relayscript.apps.testing.capture.replaying import replay
from relayscript.apps.testing.capture.report import Kind, Report
from relayscript.apps.testing.capture.writing import pieces_of, write
from relayscript.apps.testing.collecting import scenarios_in
from relayscript.apps.testing.golden import play_files, script_of
from relayscript.apps.testing.recorder import Recorder
from relayscript.apps.testing.scenario import Scenario
from relayscript.apps.testing.scenario import read as read_scenario
from relayscript.apps.testing.statements import Manage, Name, Party, Relay, Run, Script, Tag
from relayscript.sip.ids import CountingIds
from relayscript.sip.message import Message
from relayscript.sip.transport import Listener

EXAMPLES = Path(__file__).parents[4] / "examples"
FIRST = EXAMPLES / "first-call" / "first-call.call"


class OtherIds(CountingIds):
    """Nothing that these make up is what a scenario's own identifiers are."""

    def token(self, kind: str) -> str:
        return f"Q{kind[::-1].replace('-', '')}{1000 - self._next(kind)}q"

    def number(self, kind: str, limit: int) -> int:
        return (self._next(kind) * 7 + 77) % limit


READING = ("list", "dump", "fetch", "size")
"""How management commands end that change nothing."""


def changes_on_the_way(scenario: Scenario) -> bool:
    """Something happens that is in no capture: routes run alone, commands act, relays or names change."""
    statements = [line.statement for line in scenario.lines]
    if any(isinstance(each, Run) for each in statements):
        return True
    if any(isinstance(each, Manage) and not each.command.endswith(READING) for each in statements):
        return True
    before = (Relay, Name, Party, Script, Tag)
    begun = next((at for at, each in enumerate(statements) if not isinstance(each, before)), 0)
    return any(isinstance(each, Relay | Name) for each in statements[begun:])


STEADY = [path for path in scenarios_in([EXAMPLES]) if not changes_on_the_way(read_scenario(path))]


def captured(path: Path, folder: Path) -> Capture:
    """The capture of a scenario."""
    player = play_files(path, lines=False).player
    write(folder / "x.pcap", player.recorder.events, player.runtime.listeners[0])
    return read(folder / "x.pcap")


def replayed(capture: Capture, script: Path, around: Circumstances | None = None) -> Report:
    proxy = proxy_in(capture.messages)
    assert proxy is not None
    return replay(capture, proxy, script, around or Circumstances(ids=OtherIds()))[0]


@pytest.mark.parametrize("path", STEADY, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_examples_go_as_they_went(path: Path, tmp_path: Path) -> None:
    capture = captured(path, tmp_path)
    scenario = read_scenario(path)
    around = staged(scenario, Circumstances(ids=OtherIds(), lead=capture.messages[0].time - EPOCH))
    report = replayed(capture, script_of(scenario), around)
    assert report.is_same, "\n".join(report.rows())
    assert report.same


# ---- what differs


def other(folder: Path, change: Callable[[str], str]) -> Path:
    """The first script, changed."""
    text = change(script_of(read_scenario(FIRST)).read_text("latin-1"))
    (folder / "other.cfg").write_text(text, "latin-1")
    return folder / "other.cfg"


def found(report: Report) -> list[tuple[Kind, str]]:
    return [(kind, str(sent.message.status or sent.message.method)) for kind, sent, _ in report.found]


def test_a_header_more_and_the_relay_less(tmp_path: Path) -> None:
    script = other(tmp_path, lambda text: text.replace('rtp_relay_engage("rtpproxy");', 'append_hf("X-New: 1\\r\\n");'))
    report = replayed(captured(FIRST, tmp_path), script)
    assert found(report) == [(Kind.CHANGED, "INVITE"), (Kind.CHANGED, "200")]
    lines = report.found[0][2]
    assert "+ X-New: 1" in lines
    assert {"- c=IN IP4 127.0.0.1", "+ c=IN IP4 192.0.2.1", "- a=nortpproxy:yes"} <= set(lines)
    assert list(report.rows())[-2].endswith("of what it sent: 5 the same, 2 changed")


def test_calls_that_are_refused_now(tmp_path: Path) -> None:
    script = other(tmp_path, lambda text: text.replace("\trecord_route();", '\tsend_reply(403, "No"); exit;'))
    report = replayed(captured(FIRST, tmp_path), script)
    kinds = found(report)
    assert (Kind.NEW, "403") in kinds
    assert {(Kind.MISSING, "INVITE"), (Kind.MISSING, "200"), (Kind.MISSING, "180")} <= set(kinds)
    assert any("403 INVITE (alice-1) is sent now, was not sent then" in row for row in report.rows())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"branch=z9hG4bKbranch", b"x=1;branch=z9hG4bKbranch"),
        (b"<sip:127.0.0.1:5060;lr;", b"<sip:127.0.0.1:5060;r2=on;lr;"),
    ],
)
def test_a_call_that_was_written_in_another_way_is_followed(tmp_path: Path, old: bytes, new: bytes) -> None:
    """What the recorded proxy put into Via and Record-Route differs in form, and is found again all the same."""
    capture = captured(FIRST, tmp_path)
    changed = tuple(with_text(each, each.data.replace(old, new)) for each in capture.messages)
    report = replayed(replace(capture, messages=changed), script_of(read_scenario(FIRST)))
    assert {kind for kind, _ in found(report)} == {Kind.CHANGED}
    row = next(line for _, _, lines in report.found for line in lines if line.startswith("- "))
    assert new.decode()[:8] in row
    assert report.played == 6


def test_made_up_values_are_named_in_what_differs(tmp_path: Path) -> None:
    capture = captured(FIRST, tmp_path)
    changed = tuple(with_text(each, each.data.replace(b";lr;", b";lr=on;")) for each in capture.messages)
    report = replayed(replace(capture, messages=changed), script_of(read_scenario(FIRST)))
    assert report.found[0][2][0].startswith("- Record-Route: <sip:127.0.0.1:5060;lr=on;ftag=alice;did=")


def with_text(carried: Carried, data: bytes) -> Carried:
    return replace(carried, data=data, message=Message.parse(data))


def test_messages_of_a_proxy_elsewhere(tmp_path: Path) -> None:
    """The script takes the place of the recorded proxy, wherever that was."""
    path = tmp_path / "x.pcap"
    script = other(tmp_path, lambda text: text.replace("udp:127.0.0.1:5060", "udp:203.0.113.9:5099"))
    player = play_files(FIRST, script, lines=False).player
    write(path, player.recorder.events, player.runtime.listeners[0])
    capture = read(path)
    proxy = proxy_in(capture.messages)
    assert proxy is not None
    assert proxy.address == ("203.0.113.9", 5099)
    assert replayed(capture, script_of(read_scenario(FIRST))).is_same


def test_order_counts_if_the_times_are_clearly_apart(tmp_path: Path) -> None:
    capture = captured(FIRST, tmp_path)
    texts = [each.message.first_line for each in capture.messages]
    trying = texts.index("SIP/2.0 100 Giving it a try")
    invite = trying + 1
    assert texts[invite].startswith("INVITE")

    def swapped(apart: float) -> Report:
        messages = list(capture.messages)
        messages[trying], messages[invite] = messages[invite], messages[trying]
        later = [replace(each, time=each.time + apart * (at >= invite)) for at, each in enumerate(messages)]
        return replayed(replace(capture, messages=tuple(later)), script_of(read_scenario(FIRST)))

    assert swapped(0.004).is_same
    assert found(swapped(0.05)) == [(Kind.MISPLACED, "100")]


def another_call(capture: Capture, number: int) -> list[Carried]:
    """The call of a capture once more, a bit later: other identifiers, the same addresses and ports."""

    def renamed(data: bytes) -> bytes:
        for old in (b"alice-1", b"z9hG4bK", b"did="):
            data = data.replace(old, old + b"%dn" % number)
        return data

    return [replace(with_text(each, renamed(each.data)), time=each.time + number) for each in capture.messages]


def test_calls_after_and_during_each_other_use_the_same_ports(tmp_path: Path) -> None:
    capture = captured(FIRST, tmp_path)
    calls = [each for number in range(4) for each in another_call(capture, 7 * number)]
    calls.sort(key=lambda each: each.time)
    report = replayed(replace(capture, messages=tuple(calls)), script_of(read_scenario(FIRST)))
    assert report.is_same, "\n".join(report.rows())
    assert (report.played, report.same) == (24, 28)


def test_repeated_messages_are_compared_once(tmp_path: Path) -> None:
    capture = captured(FIRST, tmp_path)
    twice = tuple(copy for each in capture.messages for copy in (each, each))
    assert replayed(replace(capture, messages=twice), script_of(read_scenario(FIRST))).is_same


def test_the_proxy_is_the_busiest_address_or_the_one_that_is_named(tmp_path: Path) -> None:
    messages = captured(FIRST, tmp_path).messages
    for host, port, address in (
        ("", 0, ("127.0.0.1", 5060)),
        ("192.0.2.2", 0, ("192.0.2.2", 5060)),
        ("192.0.2.2", 5060, ("192.0.2.2", 5060)),
    ):
        proxy = proxy_in(messages, host, port)
        assert proxy is not None
        assert proxy.address == address
    assert proxy_in(messages, "192.0.2.2", 1) is None
    assert proxy_in([]) is None


def test_streams_are_written_as_streams() -> None:
    recorder = Recorder(lambda: 1.5)
    listener = Listener("tcp", "127.0.0.1", 5060)
    for sent, data in ((False, b"one"), (False, b"three"), (True, b"back")):
        recorder.message(sent, listener, ("192.0.2.1", 40000), data)
    recorder.relay("udp:192.0.2.9:22222", True, "V")
    recorder.relay("udp:192.0.2.9:22222", False, "20040107")
    recorder.relay("udp:192.0.2.9:22222", True, "silence")
    recorder.timer("rtpproxy_timeout of udp:192.0.2.9:22222", 1.0)
    recorder.relay("udp:192.0.2.9:22222", True, "V")
    recorder.relay("udp:192.0.2.9:22222", False, "1")
    recorder.relay("tcp6:[2001:db8::9]:22222", True, "V")
    recorder.relay("unix:/run/x", True, "V")
    alice, ours, control = ("192.0.2.1", 40000), ("127.0.0.1", 5060), ("127.0.0.1", 22221)
    assert list(pieces_of(recorder.events, listener)) == [
        Piece(EPOCH + 1.5, "tcp", alice, ours, b"one", 1, 1),
        Piece(EPOCH + 1.5, "tcp", alice, ours, b"three", 4, 1),
        Piece(EPOCH + 1.5, "tcp", ours, alice, b"back", 1, 9),
        Piece(EPOCH + 1.5, "udp", control, ("192.0.2.9", 22222), b"1 V", 1, 1),
        Piece(EPOCH + 1.5, "udp", ("192.0.2.9", 22222), control, b"1 20040107", 1, 4),
        Piece(EPOCH + 1.5, "udp", control, ("192.0.2.9", 22222), b"2 silence", 4, 11),
        Piece(EPOCH + 1.5, "udp", control, ("192.0.2.9", 22222), b"3 V", 13, 11),
        Piece(EPOCH + 1.5, "udp", ("192.0.2.9", 22222), control, b"3 1", 11, 16),
        Piece(EPOCH + 1.5, "tcp", control, ("2001:db8::9", 22222), b"V\n", 1, 1),
        Piece(EPOCH + 1.5, "udp", control, ("127.0.0.1", 22222), b"4 V", 1, 1),
    ]
