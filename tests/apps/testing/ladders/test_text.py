"""How recorded events are drawn."""

from __future__ import annotations

from relayscript.apps.testing.ladders.building import ladder_of
from relayscript.apps.testing.ladders.text import draw
from relayscript.apps.testing.recorder import Recorder
from relayscript.apps.testing.useragent import sdp
from relayscript.sip.transport import Address, Listener

LISTENER = Listener("udp", "127.0.0.1", 5060)


def name_of(address: Address) -> str:
    return {1: "alice", 2: "bob"}[address[1]]


def test_arrows_between_lifelines_and_the_script_beside_them() -> None:
    recorder = Recorder(lambda: 0.5)
    invite = f"INVITE sip:bob@x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n{sdp('alice', '192.0.2.1', 4000)}".encode()
    recorder.message(
        False,
        LISTENER,
        ("192.0.2.1", 1),
        invite,
    )
    recorder.line("/x/a.cfg", 2)
    recorder.log(2, "engaging\n")
    recorder.relay("udp:n:1", True, "U call 192.0.2.1 4000 alice;1 and so much more that it does not fit")
    recorder.relay("udp:n:1", False, "40000 n\n")
    recorder.message(True, LISTENER, ("192.0.2.2", 2), b"SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n\r\n")
    recorder.message(False, LISTENER, ("192.0.2.2", 2), b"\0")
    recorder.flow("relay", "alice", 49)
    recorder.said("wait 2s")
    ladder = ladder_of(
        recorder.events, name_of, {"/x/a.cfg": "route {\n\texit;\n}\n"},
        columns=("alice", "proxy", "bob", "relay"), relay_name=lambda url: "relay",
    )  # fmt: skip
    assert [row.plain.rstrip() for row in draw(ladder, gap=24)] == [
        "      alice                   proxy                   bob                     relay",
        "  0.500  │── INVITE, sdp port… ─▶│                       │                       │",
        "         │                       │    2  exit;",
        "         │                       │  log: engaging",
        "  0.500  │                       │── U call 192.0.2.1 4000 alice;1 and so muc… ─▶│",
        "  0.500  │                       │◀── 40000 n ───────────────────────────────────│",
        "  0.500  │                       │── 486 Busy Here ─────▶│                       │",
        "  0.500  │                       │◀── not SIP ───────────│                       │",
        "  0.500  │◀── 49 RTP packets ────────────────────────────────────────────────────│",
        "  0.500  wait 2s",
    ]
