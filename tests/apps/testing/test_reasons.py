"""Why a call ended as it did."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from relayscript.apps.cli import main

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "sipmsgops.so"
route {
	if (is_method("OPTIONS")) { sl_send_reply(200, "OK"); exit; }
	$avp(account) = $fU;
	t_on_failure("next");
	route(relay);
}
route[relay] {
	if ($avp(account) == "alice" && !($rU =~ "^c")) t_relay();
}
failure_route[next] {
	if (t_check_status("486")) {
		xlog("busy");
		t_reply(480, "Later");
	}
}
"""
SCENARIO = """bob -> OPTIONS sip:x@127.0.0.1
alice calls bob
bob refuses 486
"""


def why(folder: Path, call: str) -> list[str]:
    (folder / "x.cfg").write_text(SCRIPT)
    (folder / "x.call").write_text(SCENARIO)
    done = CliRunner().invoke(main, ["trace", str(folder / "x.call"), "--why", call])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_conditions_and_values_up_to_the_final_reply(tmp_path: Path) -> None:
    assert why(tmp_path, "alice-1") == [
        "   0.000  alice -> INVITE sip:bob@192.0.2.1 SIP/2.0",
        "            in route",
        '              x.cfg:7: is_method("OPTIONS")  false',
        "            in route[relay]",
        '              x.cfg:13: $avp(account) == "alice"  true  ($avp(account) is "alice")',
        '              x.cfg:13: $rU =~ "^c"  false  ($rU is "bob")',
        "   0.000  alice <- 100 Giving it a try (INVITE)",
        "   0.000  bob <- INVITE sip:bob@192.0.2.1 SIP/2.0",
        "   0.000  bob -> 486 Busy Here (INVITE)",
        "   0.000  bob <- ACK sip:bob@192.0.2.1 SIP/2.0",
        "            in failure_route[next]",
        '              x.cfg:16: t_check_status("486")  true',
        "              log: busy",
        "   0.000  alice <- 480 Later (INVITE)",
    ]


def test_other_calls_are_left_out(tmp_path: Path) -> None:
    rows = why(tmp_path, "bob-1")
    assert rows[0] == "   0.000  bob -> OPTIONS sip:x@127.0.0.1 SIP/2.0"
    assert rows[-1] == "   0.000  bob <- 200 OK (OPTIONS)"
    assert len(rows) == 4


def test_a_call_that_is_not_there(tmp_path: Path) -> None:
    assert why(tmp_path, "nobody") == ["the call nobody had no final reply"]


def test_trace_alone_shows_a_ladder(tmp_path: Path) -> None:
    why(tmp_path, "")
    done = CliRunner().invoke(main, ["trace", str(tmp_path / "x.call")])
    assert "  0.000  bob refuses 486" in done.stdout
    assert "──▶│" in done.stdout
