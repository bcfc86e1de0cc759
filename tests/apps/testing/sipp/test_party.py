"""Parties that play SIPp scenarios: their calls, and within a scenario of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.apps.testing.golden import Played, play_files
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.watching import files_of
from tests.apps.testing.sipp.lab import Lab, acts, reply, scenario, send

SCRIPT = """
socket=udp:127.0.0.1:5060
socket=tcp:127.0.0.1:5061
loadmodule "proto_udp.so"
loadmodule "proto_tcp.so"
loadmodule "sl.so"
loadmodule "tm.so"
route { t_relay(); }
"""
URI = "sip:bob@192.0.2.2"
CALLER = send("INVITE", 'retrans="500"') + '<recv response="100" optional="true"/><recv response="200"/>'
CALLER = CALLER.replace("sip:b@[remote_ip]", URI) + send("ACK").replace("sip:b@[remote_ip]", URI)
CALLEE = '<recv request="INVITE"/>' + reply(200, 'retrans="500"') + '<recv request="ACK"/>'


def play(folder: Path, lines: str, caller: str = CALLER, callee: str = CALLEE) -> Played:
    (folder / "s.cfg").write_text(SCRIPT)
    (folder / "caller.xml").write_text(scenario(caller))
    (folder / "callee.xml").write_text(scenario(callee))
    (folder / "s.call").write_text(lines)
    return play_files(folder / "s.call")


def messages(played: Played) -> list[str]:
    """The lines of the transcript that are messages, without their times."""
    return [line[10:] for line in played.transcript.splitlines() if " -> " in line[:20] or " <- " in line[:20]]


def test_a_call_between_two_parties(tmp_path: Path) -> None:
    played = play(
        tmp_path, "party alice plays caller.xml\nparty bob plays callee.xml\nuntil alice done\nexpect bob done\n"
    )
    assert played.failure == ""
    assert messages(played) == [
        f"alice -> INVITE {URI}", "alice <- 100 INVITE", f"bob <- INVITE {URI}", "bob -> 200 INVITE",
        "alice <- 200 INVITE", f"alice -> ACK {URI}", f"bob <- ACK {URI}",
    ]  # fmt: skip


def test_a_party_of_ours_calls_one_that_plays(tmp_path: Path) -> None:
    played = play(tmp_path, "party bob plays callee.xml\nalice calls bob\nexpect bob done\nexpect nothing at bob\n")
    assert (played.failure, messages(played)[-1]) == ("", "bob <- ACK sip:bob@192.0.2.1")


def test_over_another_transport(tmp_path: Path) -> None:
    played = play(tmp_path, "party alice over tcp plays caller.xml\nparty bob plays callee.xml\nuntil alice done\n")
    assert played.failure == ""
    assert "Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK-1001-1-0" in str(played.player.recorder.events)


@pytest.mark.parametrize(
    ("lines", "failure"),
    [
        (
            "party alice plays caller.xml\nuntil alice done within 5s",
            "2: until alice done within 5s: alice is at caller.xml:11 and waits for 100 or 200",
        ),
        (
            "party alice plays caller.xml",
            "1: alice is at caller.xml:11 and waits for 100 or 200; say `until alice done`",
        ),
        ("party bob plays callee.xml\nexpect bob done", "2: expect bob done: bob has taken 0 of 1 calls"),
        ("alice -> OPTIONS\nexpect alice done", "2: expect alice done: alice plays no SIPp scenario"),
        ("party bob plays callee.xml\nbob -> OPTIONS alice", "2: bob plays callee.xml and does nothing else"),
        ("party bob plays other.xml", "1: other.xml:1: cannot be read: no such file or directory"),
        (
            "party bob plays callee.xml calls=0",
            "1: callee.xml:1: expected calls as a whole number from 1 and rate above 0",
        ),
        ("party bob plays callee.xml rate=soon", "1: callee.xml:1: expected a number from 0 as rate, found soon"),
        ("party bob over tls plays callee.xml", "1: the script has no socket for tls"),
        (
            "party bob plays callee.xml\nalice -> BYE bob",
            "2: bob failed: callee.xml:2: expected INVITE; BYE arrived\n  0.000  bob <- BYE sip:bob@192.0.2.1 SIP/2.0",
        ),
        (
            "alice -> OPTIONS bob\nparty bob plays callee.xml",
            "2: bob is there already; say what it plays before it does anything",
        ),
    ],
)
def test_what_fails(tmp_path: Path, lines: str, failure: str) -> None:
    played = play(tmp_path, f"{lines}\n", caller=CALLER.replace(URI, "sip:bob@192.0.2.99"))
    assert played.failure.removeprefix(f"{tmp_path}/s.call:") == failure


def test_a_failure_ends_a_wait_at_once(tmp_path: Path) -> None:
    played = play(tmp_path, "party bob plays callee.xml\nalice -> BYE bob\nuntil bob done within 1h\n")
    assert played.failure.startswith(f"{tmp_path}/s.call:2: bob failed: callee.xml:2: expected INVITE; BYE arrived")
    assert played.player.host.timers.now == 0


def test_calls_begin_at_their_rate(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(send("OPTIONS") + '<recv response="200"/>'), calls=3, rate=2)
    counts = [len(lab.sent)]
    for _ in range(4):
        lab.pass_time(0.5)
        counts.append(len(lab.sent))
    assert counts == [1, 2, 3, 3, 3]
    assert len({each.call_id for each in lab.sent}) == 3
    for request in lab.sent:
        assert lab.party.unfinished != ""
        lab.answer(200, request=request)
    assert lab.party.unfinished == ""


def test_variables_that_all_calls_share(tmp_path: Path) -> None:
    counted = acts('<add assign_to="n" value="1"/>', '<add assign_to="own" value="1"/>')
    around = '<Global variables="n,given"/><init>' + acts('<assign assign_to="n" value="5"/>') + "</init>"
    steps = counted + send("OPTIONS", more="N: [$n] [$own] [$given]")
    lab = Lab(tmp_path, scenario(steps, around), calls=2, given="x")
    lab.pass_time(1)
    assert [each.header("n") for each in lab.sent] == ["6.000000 1.000000 x", "7.000000 1.000000 x"]


def test_a_call_id_may_have_something_in_front(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(send("OPTIONS").replace("[call_id]", "x///[call_id]") + '<recv response="200"/>'))
    lab.answer(200)
    assert lab.party.lack == ""


def test_what_is_not_sip_and_what_belongs_to_no_call_is_passed_over(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(send("OPTIONS") + '<recv response="200"/>'))
    lab.arrive("\0\0\0\0")
    lab.ask("INVITE")
    assert lab.party.failure == ""


@pytest.mark.parametrize("text", ["", "EACH\na", "SEQUENTIAL,PRINTF=9\na", "RANDOM\n# none\n"])
def test_injection_files_that_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(SippError, match=r"^x\.csv:\d: "):
        Lab(tmp_path, scenario(send("OPTIONS")), inf="x.csv")


def test_the_transcript_has_what_a_party_logs(tmp_path: Path) -> None:
    lines = "party alice plays caller.xml\nparty bob plays callee.xml\nuntil alice done\n"
    played = play(tmp_path, lines, acts('<log message="call [call_number]"/>') + CALLER)
    assert "   0.000  | alice logs: call 1\n" in played.transcript


def test_a_scenario_is_made_of_what_its_parties_play_too(tmp_path: Path) -> None:
    play(tmp_path, "party bob plays callee.xml inf=users.csv\n")
    assert {tmp_path / "callee.xml", tmp_path / "users.csv"} <= files_of(tmp_path / "s.call")
