"""Calls between real phones (sipp) through the server, their sound through a real relay."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.live.conftest import Phone, Rtpengine, Server

pytestmark = pytest.mark.live

CALLS = 10

SCRIPT = """
log_level=2
xlog_level=2
socket=udp:127.0.0.1:PORT
loadmodule "proto_udp.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "sl.so"
loadmodule "signaling.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"
loadmodule "ENGINE.so"
modparam("ENGINE", "ENGINE_sock", "NODE")
loadmodule "rtp_relay.so"

route {
	if (!mf_process_maxfwd_header(10)) {
		send_reply(483, "Too Many Hops");
		exit;
	}
	if (has_totag()) {
		if (loose_route())
			t_relay();
		exit;
	}
	t_check_trans();
	record_route();
	if (is_method("INVITE")) {
		create_dialog();
		$rtp_relay = "FLAGS";
		$rtp_relay_peer = "FLAGS";
		rtp_relay_engage("ENGINE");
	}
	t_relay();
}
"""


def script(engine: str, node: str, flags: str) -> str:
    """The script of every call here, with its relay filled in."""
    return SCRIPT.replace("ENGINE", engine).replace("NODE", node).replace("FLAGS", flags)


def place_calls(server: Server, phone: Callable[..., Phone], who_plays: str) -> tuple[Phone, Phone]:
    """Calls that all succeed, and in which the one who does not play hears the other."""
    callee = phone("callee", plays=who_plays == "callee")
    options = ("-key", "callee", f"127.0.0.1:{callee.port}", "-m", str(CALLS), "-r", str(CALLS))
    caller = phone("caller", f"127.0.0.1:{server.port}", *options, plays=who_plays == "caller")
    hearing = callee if who_plays == "caller" else caller
    heard = hearing.heard_while(caller)
    assert caller.finish() == 0, caller.text("out") + caller.text("error") + server.log.read_text()
    assert callee.end() == 0, callee.text("out") + callee.text("error")
    assert heard >= CALLS, server.log.read_text()
    return caller, callee


@pytest.mark.parametrize("who_plays", ["caller", "callee"])
def test_sound_through_rtpengine(
    serve: Callable[[str], Server], rtpengine: Rtpengine, phone: Callable[..., Phone], who_plays: str
) -> None:
    server = serve(script("rtpengine", f"udp:127.0.0.1:{rtpengine.port}", "replace-origin"))
    caller, callee = place_calls(server, phone, who_plays)
    told = caller.told_ports() | callee.told_ports()
    assert len(told) >= 2
    assert told <= set(rtpengine.media)
    rtpengine.becomes_idle()
    assert server.ask("rtp_relay_list") == []


@pytest.mark.parametrize("who_plays", ["caller", "callee"])
def test_sound_through_embedded_rtpproxy(
    serve: Callable[[str], Server], phone: Callable[..., Phone], who_plays: str
) -> None:
    server = serve(script("rtpproxy", "rtp.io:auto", "co"))
    caller, callee = place_calls(server, phone, who_plays)
    told = caller.told_ports() | callee.told_ports()
    assert len(told) >= 2
    assert not told & {caller.media, callee.media}
    relayed = server.relayed()
    assert (relayed["sessions created"], relayed["active sessions"], relayed["active streams"]) == (
        CALLS,
        0,
        0,
    )
    assert relayed["packets transmitted"] >= CALLS
    assert server.ask("rtp_relay_list") == []
