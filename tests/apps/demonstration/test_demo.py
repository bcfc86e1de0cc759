"""The demo with its real sockets, real relay and real sound."""

from __future__ import annotations

import io

from rich.console import Console

from relayscript.apps.demonstration.demo import demonstrate


def test_sound_goes_both_ways_and_is_shown() -> None:
    out = io.StringIO()
    assert demonstrate(Console(file=out, width=130)) == 0
    text = out.getvalue()
    for words in (
        "── INVITE, sdp port",
        'rtp_relay_engage("rtpproxy");',
        "RTP packets",
        "── D alice-1 alice bob",
        '"relay": "rtpproxy"',
        "rtp_relay_list after the hang-up: []",
        "Sound went both ways through the relay.",
    ):
        assert words in text
