"""Scenarios on real sockets go as in memory: parties, relay nodes, a bad network, time."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from relayscript.apps.cli.main import main
from relayscript.apps.testing.collecting import scenarios_in
from relayscript.apps.testing.golden import Played, play_files
from relayscript.apps.testing.live import loop
from relayscript.apps.testing.live.stage import LiveStage
from relayscript.apps.testing.stage import NotOnThisStage
from relayscript.apps.testing.verdict import judge

ROOT = Path(__file__).parents[4]
EXAMPLES = ROOT / "examples"

SCRIPT = """socket=udp:127.0.0.1:5060
socket=udp:[::1]:5060
socket=tcp:127.0.0.1:5060
socket=ws:127.0.0.1:5080
socket=wss:127.0.0.1:5443
log_level=2
loadmodule "proto_udp.so"
loadmodule "proto_tcp.so"
loadmodule "proto_ws.so"
loadmodule "proto_wss.so"
loadmodule "tls_mgm.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"
loadmodule "rtpproxy.so"
modparam("rtpproxy", "rtpproxy_sock", "NODE")
loadmodule "rtp_relay.so"

route {
	if (has_totag()) {
		loose_route();
		t_relay();
		exit;
	}
	if (is_method("CANCEL")) {
		t_relay();
		exit;
	}
	record_route();
	if (is_method("INVITE")) {
		create_dialog();
		rtp_relay_engage("rtpproxy");
	}
	t_relay();
}
"""

CALL = """alice calls bob
bob rings
bob answers
wait 300s
alice hangs up
alice calls bob
bob refuses 486
bob calls alice
bob cancels
"""


def both(folder: Path, scenario: str, node: str = "udp:127.0.0.1:22222") -> tuple[Played, Played]:
    """A scenario in memory, and on real sockets."""
    (folder / "x.cfg").write_text(SCRIPT.replace("NODE", node))
    path = folder / "x.call"
    path.write_text(scenario)
    simulated = play_files(path)
    assert not simulated.failure, simulated.failure
    return simulated, play_files(path, live=True)


@pytest.mark.parametrize("node", ["udp:127.0.0.1:22222", "udp:relay.example:7", "unix:/nowhere/relay", "rtp.io:auto"])
@pytest.mark.parametrize(
    "begin",
    [
        "",
        "party alice at 192.0.2.99:6000\n",
        "party alice at [2001:db8::7]:5070\n",
        "party alice over tcp\n",
        "party alice over tcp\nparty bob over tcp\n",
        "party alice at 198.51.100.7:40001 over ws\n",
        "relay NODE slow 100ms\n",
        'relay NODE refuses "E7"\n',
        "relay NODE dies at answer\n",
        "network duplicate 20% delay 5ms..90ms reorder 30% seed 3\n",
    ],
)
def test_a_call_goes_the_same_way_as_in_memory(tmp_path: Path, begin: str, node: str) -> None:
    simulated, live = both(tmp_path, begin.replace("NODE", node) + CALL, node)
    assert not live.failure, live.failure
    assert live.transcript == simulated.transcript


def test_lost_messages_are_sent_again_in_virtual_time(tmp_path: Path) -> None:
    lossy = "network loss 30% seed 5\nalice -> INVITE bob\nuntil statistic tm:received_replies = 1\nwait 40s\n"
    path = tmp_path / "x.call"
    (tmp_path / "x.cfg").write_text(SCRIPT.replace("NODE", "udp:127.0.0.1:22222"))
    path.write_text(lossy)
    simulated, live = play_files(path), play_files(path, live=True)
    assert live.transcript == simulated.transcript
    assert simulated.transcript.count("bob <- INVITE") > 1


def test_what_is_sent_to_nobody_of_the_scenario_does_not_leave_the_stage(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        simulated, live = both(tmp_path, f"alice -> MESSAGE sip:x@127.0.0.1:{port}\nwait 40s\n")
        assert live.transcript == simulated.transcript
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.recv(100)


def test_what_cannot_be_had_live_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.cfg").write_text(SCRIPT.replace("NODE", "udp:127.0.0.1:22222"))
    path = tmp_path / "x.call"
    path.write_text("party alice over wss\n")
    with pytest.raises(NotOnThisStage, match="parties over wss"):
        play_files(path, live=True)
    verdict = judge(path, live=True)
    assert (verdict.passed, verdict.left_out) == (True, True)
    done = CliRunner().invoke(main, ["test", "--live", str(path)])
    assert done.exit_code == 0
    assert done.stdout.startswith(f"left out {path}: live there is not: parties over wss\n0 passed, 1 left out in ")


def test_a_scenario_that_fails_live_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.cfg").write_text(SCRIPT.replace("NODE", "udp:127.0.0.1:22222"))
    path = tmp_path / "x.call"
    path.write_text("alice -> OPTIONS bob\nalice <- 500\n")
    verdict = judge(path, live=True)
    assert not verdict.passed
    wrong = "expected alice <- 500; alice got SIP/2.0 408 Request Timeout: another message"
    assert verdict.text.endswith(f"{path}:2: {wrong}")


def test_a_party_is_reached_over_every_transport(tmp_path: Path) -> None:
    simulated, live = both(
        tmp_path,
        "party bob over tcp\nalice -> MESSAGE sip:bob@192.0.2.1\nbob <- MESSAGE\nbob -> 200\nalice <- 200\n"
        "alice -> MESSAGE sip:x@192.0.2.2;transport=tcp\nalice <- MESSAGE\nalice -> 202\nalice <- 202\n",
    )
    assert live.transcript == simulated.transcript


def test_bytes_that_a_stream_does_not_take_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "LIMIT", 0.0)
    _, live = both(tmp_path, 'party alice over tcp\nalice -> "\\r\\n\\r\\n"\n')
    assert live.failure.endswith("x.call: a message to tcp:127.0.0.1:5060 did not arrive within 0 s")


def test_sipp_scenarios_are_played_live(tmp_path: Path) -> None:
    for name in ("caller.xml", "callee.xml"):
        (tmp_path / name).write_bytes((ROOT / "tests" / "live" / "sipp" / name).read_bytes())
    simulated, live = both(
        tmp_path,
        "party bob at 192.0.2.7:5070 plays callee.xml\n"
        "party alice plays caller.xml callee=192.0.2.7:5070 calls=2 rate=10\nuntil alice done\n",
    )
    assert live.transcript == simulated.transcript


def test_golden_files_are_not_written_live(tmp_path: Path) -> None:
    (tmp_path / "x.call").write_text("wait 1s\n")
    done = CliRunner().invoke(main, ["test", "--live", "--update", str(tmp_path)])
    assert (done.exit_code, "golden files are simulated" in done.output) == (2, True)


def test_a_stage_on_which_nothing_began_ends() -> None:
    LiveStage().end()


@pytest.mark.parametrize("path", scenarios_in([EXAMPLES]), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_examples_pass_live_with_the_same_golden_files(path: Path) -> None:
    verdict = judge(path, live=True)
    assert verdict.passed, verdict.text
    assert not verdict.left_out or "over wss" in path.read_text() or "over tls" in path.read_text(), verdict.text
