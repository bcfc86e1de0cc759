"""What a scenario sets up and asks for beyond messages: mocks, single routes, facts, a bad network, moods of relays."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.apps.simulator.impairment import Impairment
from relayscript.apps.testing.golden import Played, play_files
from relayscript.apps.testing.scenario import ScenarioError, read
from relayscript.dsl.diagnostics import ScriptError

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "sipmsgops.so"
loadmodule "rr.so"
loadmodule "dialog.so"
loadmodule "rtpproxy.so"
loadmodule "rtp_relay.so"
loadmodule "textops.so"
modparam("rtpproxy", "rtpproxy_sock", "udp:127.0.0.1:22222")

route {
	if (is_method("OPTIONS")) {
		if ($rU == "ping") sl_send_reply(200, "$avp(answer)");
		exit;
	}
	if (has_totag()) {
		if (loose_route()) t_relay();
		exit;
	}
	t_check_trans();
	record_route();
	if (is_method("INVITE")) rtp_relay_engage("rtpproxy");
	route(relay, 3);
}

route[relay] {
	$var(tries) = $param(1);
	xlog("relaying to $rU\\n");
	t_on_reply("answered");
	if (!t_relay()) sl_send_reply(500, "No");
	return(7);
}

route[search] {
	if (search("premium")) $ru = "sip:found@192.0.2.2";
	return(2);
}

onreply_route[answered] {
	append_hf("X-Seen: $rs\\r\\n");
	$var(seen) = $rs;
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x.cfg").write_text(SCRIPT)
    return tmp_path


def play(folder: Path, text: str) -> Played:
    (folder / "x.call").write_text(text)
    return play_files(folder / "x.call")


def test_a_route_runs_alone(folder: Path) -> None:
    played = play(
        folder,
        """mock function search returns 1
run route[search] with alice -> INVITE sip:bob@example.com
expect returns 2
expect $ru = "sip:found@192.0.2.2"
expect $rU = "found"
expect $avp(none) = <null>
expect nothing at alice
""",
    )
    assert not played.failure
    assert "|   = returns 2" in played.transcript


def test_a_reply_route_runs_alone(folder: Path) -> None:
    run = "run onreply_route[answered] with bob -> 180 INVITE\n"
    assert not play(folder, f"{run}expect $var(seen) = 180\nexpect returns 1\n").failure


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("expect returns 3", "it returned 2"),
        ('expect $rU = "bob"', '$rU is "found"'),
        ("expect $rU = <null>", '$rU is "found"'),
        ('expect log "never"', "there is no such log line"),
        ('expect statistic tm:none = 0', "there is no statistic tm:none"),
        ("expect statistic tm:inuse_transactions = 2", "tm:inuse_transactions is 0"),
        ("expect $nosuch = 1", "nosuch"),
        ('until log "never" within 5s', "there is no such log line"),
    ],
)
def test_what_is_not_so_is_told_with_what_is(folder: Path, line: str, said: str) -> None:
    begin = "mock function search returns 1\nrun route[search] with alice -> INVITE bob\n"
    played = play(folder, f"{begin}{line}\n")
    assert said in played.failure
    assert ":3: " in played.failure


def test_mocks_stand_for_functions_routes_and_variables(folder: Path) -> None:
    played = play(
        folder,
        """mock $avp(answer) = "pong"
mock route[relay] returns -1
alice -> OPTIONS sip:ping@127.0.0.1
alice <- 200
alice -> INVITE sip:bob@192.0.2.2 sdp
wait 1s
expect nothing at bob
expect no log "relaying"
""",
    )
    assert not played.failure
    assert "pong" not in played.transcript.replace("200 OPTIONS", "")


def test_a_function_that_does_not_run_can_be_mocked(folder: Path) -> None:
    script = SCRIPT.replace("textops", "ldap").replace('search("premium")', 'ldap_search("ldap://x/$rU")')
    (folder / "x.cfg").write_text(script)
    run = "run route[search] with alice -> INVITE bob\nexpect returns 2\n"
    with pytest.raises(ScriptError, match="ldap_search"):
        play(folder, run)
    assert not play(folder, f'mock function ldap_search returns 1\n{run}expect $rU = "found"\n').failure


def test_a_mock_of_a_route_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(ScenarioError, match=r"x\.call:1:1: the script has no route\[nosuch\]"):
        play(folder, "mock route[nosuch] returns 1\n")


def test_a_route_that_is_not_there_is_refused_with_those_that_are(folder: Path) -> None:
    failure = play(folder, "run route[none] with alice -> INVITE bob").failure
    assert "it has route, route[relay], route[search]" in failure


def test_log_relay_and_results_are_looked_for(folder: Path) -> None:
    played = play(
        folder,
        """alice calls bob
expect log "relaying to bob"
expect relay "alice-1 192.0.2.1"
expect no relay udp:127.0.0.1:1 "alice-1"
bob answers
mi rtp_relay_list
expect result "alice-1"
expect statistic dialog:active_dialogs = 1
alice hangs up
expect relay "D alice-1"
until statistic tm:inuse_transactions = 0 within 1m
""",
    )
    assert not played.failure


def test_messages_are_written_and_checked_in_detail(folder: Path) -> None:
    played = play(
        folder,
        """alice -> INVITE bob sdp line="a=sendonly" line="s=talk" Subject="x"
bob <- INVITE Subject~"^x$" line="a=sendonly" line="s=talk" body~"m=audio"
bob -> 183 INVITE sdp
alice <- 183 X-Seen="183"
bob -> 486 INVITE
alice <- 4xx no Contact
""",
    )
    assert not played.failure


@pytest.mark.parametrize("mood", ["dies at offer", "silent"])
def test_a_relay_that_dies_is_told_and_the_call_goes_on(folder: Path, mood: str) -> None:
    assert not play(folder, f"relay udp:127.0.0.1:22222 {mood}\nalice -> INVITE bob sdp\nbob <- INVITE\n").failure


def test_a_relay_that_dies_at_the_answer_has_taken_the_offer(folder: Path) -> None:
    played = play(folder, "relay udp:127.0.0.1:22222 dies at answer\nalice calls bob\nbob answers\nalice hangs up\n")
    assert not played.failure
    assert "bob <- INVITE sip:bob@192.0.2.2 sdp=127.0.0.1:40000" in played.transcript


def test_a_slow_relay_takes_its_time(folder: Path) -> None:
    played = play(folder, "relay udp:127.0.0.1:22222 slow 300ms\nalice calls bob\nbob answers\nalice hangs up\n")
    assert not played.failure
    assert "   0.300  bob <- INVITE" in played.transcript


def test_a_lossy_network_is_the_same_each_time(folder: Path) -> None:
    network = "network loss 30% duplicate 30% reorder 20% delay 5ms..40ms seed 5\n"
    text = f"{network}alice -> INVITE bob\nbob <- INVITE within 4s\n"
    first, second = play(folder, text), play(folder, text)
    assert not first.failure
    assert first.transcript == second.transcript


def test_a_network_that_loses_everything(folder: Path) -> None:
    assert "nothing reached bob" in play(folder, "network loss 100%\nalice -> INVITE bob\nbob <- INVITE\n").failure


def test_chances_are_kept() -> None:
    network = Impairment(loss=0.25, duplicate=0.5, least=0.01, most=0.02, seed=1)
    copies = [network.delays() for _ in range(2000)]
    assert 400 < sum(not each for each in copies) < 600
    assert 600 < sum(len(each) == 2 for each in copies) < 900
    assert all(0.01 <= delay <= 0.02 for each in copies for delay in each)


def test_another_scenario_is_included(folder: Path) -> None:
    (folder / "begin.call").write_text("alice calls bob\n")
    assert not play(folder, "include begin.call\nbob answers\nalice hangs up\n").failure
    (folder / "begin.call").write_text("include x.call\n")
    with pytest.raises(ScenarioError, match="includes itself"):
        read(folder / "x.call")
    (folder / "begin.call").unlink()
    with pytest.raises(ScenarioError, match=r"x\.call:1:1: cannot include begin\.call: no such file"):
        read(folder / "x.call")


def test_the_script_and_the_tags_are_named(folder: Path) -> None:
    (folder / "other.cfg").write_text(SCRIPT)
    options = "alice -> OPTIONS sip:ping@127.0.0.1\nalice <- 200\n"
    (folder / "x.call").write_text(f"tag slow nightly\nscript x.cfg target 3.2\n{options}")
    assert read(folder / "x.call").tags == {"slow", "nightly"}
    assert not play_files(folder / "x.call").failure
