"""Timers of a script that fire have their place in transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.apps.testing.golden import play_files

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sipmsgops.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "dialog.so"
loadmodule "rtp_relay.so"
loadmodule "rtpproxy.so"
loadmodule "rtpengine.so"
modparam("tm", "fr_timeout", 4)
modparam("tm", "fr_inv_timeout", 9)
modparam("dialog", "default_timeout", 60)
modparam("rtpproxy", "rtpproxy_sock", "udp:192.0.2.90:7890")
modparam("rtpproxy", "rtpproxy_retr", 2)
modparam("rtpengine", "rtpengine_sock", "udp:192.0.2.91:2223")
route {
	if (has_totag()) { loose_route(); t_relay(); exit; }
	if (is_method("CANCEL")) { t_relay(); exit; }
	if (is_method("INVITE")) create_dialog();
	record_route();
	if ($rU == "relayed") rtp_relay_engage("rtpproxy");
	if ($rU == "engine") rtp_relay_engage("rtpengine");
	if ($rU == "parked") { t_newtran(); t_reply(180, "Ringing"); exit; }
	t_relay();
}
"""


def timers(folder: Path, scenario: str) -> list[str]:
    """The rows of the transcript that tell of timers."""
    (folder / "x.cfg").write_text(SCRIPT)
    (folder / "x.call").write_text(scenario)
    played = play_files(folder / "x.call")
    assert not played.failure
    return [row for row in played.transcript.splitlines() if "timer " in row]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("alice -> INVITE bob\nalice <- 408\n", ["   4.000  |   timer fr_timeout after 4 s"]),
        ("alice -> OPTIONS bob\nalice <- 408\n", ["   4.000  |   timer fr_timeout after 4 s"]),
        (
            "alice calls bob\nbob rings\nalice <- 408 INVITE\nwait 5s\n",
            ["   9.000  |   timer fr_inv_timeout after 9 s", "  13.000  |   timer fr_timeout after 4 s"],
        ),
        (
            "alice -> INVITE sip:parked@x\nalice <- 180\nalice <- 408\n",
            ["   9.000  |   timer fr_inv_timeout after 9 s"],
        ),
        (
            "alice calls bob\nbob answers\nwait 2m\n",
            ["  60.000  |   timer dialog lifetime after 60 s"],
        ),
        ("alice calls bob\nbob answers\nalice hangs up\nwait 2m\n", []),
        (
            "party relayed at 192.0.2.9\nrelay udp:192.0.2.90:7890 silent\nalice calls relayed sdp\n",
            [
                "   1.000  |   timer rtpproxy_timeout of udp:192.0.2.90:7890 after 1 s",
                "   2.000  |   timer rtpproxy_timeout of udp:192.0.2.90:7890 after 1 s",
            ],
        ),
    ],
)  # fmt: skip
def test_timers_that_fire_are_shown(tmp_path: Path, scenario: str, expected: list[str]) -> None:
    assert timers(tmp_path, scenario) == expected


def test_an_rtpengine_that_is_silent(tmp_path: Path) -> None:
    rows = timers(tmp_path, "party engine at 192.0.2.9\nrelay udp:192.0.2.91:2223 silent\nalice calls engine sdp\n")
    assert rows
    assert all(row.endswith("timer rtpengine_tout of udp:192.0.2.91:2223 after 1 s") for row in rows)
