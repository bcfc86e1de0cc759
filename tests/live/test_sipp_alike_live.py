"""The same SIPp scenarios played by sipp on the wire and by our parties in memory: the same messages."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from relayscript.apps.testing.golden import play_files
from relayscript.apps.testing.recorder import SipSeen
from relayscript.sip.message import Message
from tests.live.conftest import HOST, SCENARIOS, program

if TYPE_CHECKING:
    from tests.live.conftest import Phone, Server

pytestmark = pytest.mark.live

SCRIPT = """
log_level=2
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

route {
	if (!mf_process_maxfwd_header(10)) {
		send_reply(483, "Too Many Hops");
		exit;
	}
	if ($rU == "service")
		$du = "sip:127.0.0.1:CALLEE";
	if (has_totag()) {
		if (loose_route() || $rU == "service")
			t_relay();
		exit;
	}
	t_check_trans();
	record_route();
	t_relay();
}
"""


def told(text: str) -> str:
    """A method, or status and method."""
    message = Message.from_text(text)
    return message.method if message.is_request else f"{message.status} {message.method}"


def on_the_wire(phone: Phone) -> list[tuple[str, str]]:
    """What a sipp sent and received, each once: its trace has every message behind a line of dashes."""
    pattern = r"UDP message (sent|received) ?\[?\(?\d+.*?\n\n(.*?)(?=\n-{20,}|\Z)"
    found = re.findall(pattern, phone.text("message"), re.DOTALL)
    return list(dict.fromkeys((way, text.replace("\r\n", "\n").replace("\n", "\r\n")) for way, text in found))


def in_memory(events: list[object], port: int) -> list[tuple[str, str]]:
    """What our party at a port sent and received."""
    seen = (each for each in events if isinstance(each, SipSeen) and each.address[1] == port)
    return [("received" if each.sent else "sent", each.data.decode("latin-1")) for each in seen]


def made_alike(text: str) -> str:
    """A message without what no two runs have in common: process, proxy's branch, ports of media."""
    text = re.sub(r"branch=z9hG4bK(?!-)[^;\s]+", "branch=MADE", text)
    text = re.sub(r"(tag=)\d+(?=SIPp|-call)", r"\1PID", text)
    text = re.sub(r"\b(z9hG4bK|\d+)-\d+(?=-\d+--?\d+|@)", r"\1-PID", text)
    media = re.search(r"m=audio (\d+)", text)
    if media is not None:
        text = text.replace(media[0], "m=audio MEDIA")
        text = re.sub(r"(Content-Length: +)(\d+)", lambda found: f"{found[1]}{int(found[2]) - len(media[1])}", text)
    return text.strip()


@pytest.mark.parametrize(
    ("caller", "callee"), [("caller", "callee"), ("actions", "callee"), ("uac", "uas"), ("regexp", "uas")]
)
def test_the_same_messages(
    serve: Callable[..., Server], phone: Callable[..., Phone], tmp_path: Path, caller: str, callee: str
) -> None:
    places = [place(name, tmp_path) for name in (caller, callee)]
    bob = phone(str(places[1].with_suffix("")))
    server = serve(SCRIPT.replace("CALLEE", str(bob.port)))
    key = f"{HOST}:{bob.port}"
    alice = phone(str(places[0].with_suffix("")), f"{HOST}:{server.port}", "-m", "1", "-key", "callee", key)
    assert alice.finish() == 0, alice.text("out") + alice.text("error")
    assert bob.end() == 0, bob.text("out") + bob.text("error")

    (tmp_path / "same.call").write_text(
        f"script live-{server.port}.cfg\n"
        f"party bob at {HOST}:{bob.port} plays {places[1]}\n"
        f"party alice at {HOST}:{alice.port} plays {places[0]} callee={key}\n"
        "until alice done\nuntil bob done\n"
    )
    played = play_files(tmp_path / "same.call")
    assert played.failure == ""
    for each in (alice, bob):
        wire, memory = on_the_wire(each), in_memory([*played.player.recorder.events], each.port)
        assert [(way, told(text)) for way, text in wire] == [(way, told(text)) for way, text in memory]
        sent = [[made_alike(text) for way, text in seen if way == "sent"] for seen in (wire, memory)]
        assert sent[0] == sent[1]
        assert len(sent[0]) >= 3


def place(name: str, folder: Path) -> Path:
    """Where a scenario is; those that are built into sipp are written down first."""
    own = SCENARIOS / f"{name}.xml"
    if own.exists():
        (folder / own.name).write_bytes(own.read_bytes())
    else:
        dumped = subprocess.run([program("sipp"), "-sd", name], capture_output=True, check=False)
        (folder / own.name).write_bytes(dumped.stdout)
    return folder / own.name
