"""What is read from rtpengine's statistics."""

from __future__ import annotations

import pytest

from relayscript.engines.rtpengine.ng import NgDict
from relayscript.interpreter.modules.rtpengine.replies import quality, totals

REPLY: NgDict = {
    "totals": {"RTP": {"packets": 10, "bytes": 1720, "errors": 1}, "RTCP": {"packets": 2, "bytes": 100, "errors": 0}},
    "SSRC": {
        "11": {
            "average MOS": {"MOS": 43, "jitter": 2}, "lowest MOS": {"MOS": 40, "jitter": 5, "reported at": 100},
            "highest MOS": {"MOS": 44, "jitter": 1, "reported at": 120},
            "MOS progression": {"interval": 1, "entries": [{"MOS": 42, "jitter": 7, "reported at": 110}]},
        },
        "22": {"average MOS": {"MOS": 37, "jitter": 4}},
    },
    "tags": {"alice": {"medias": [{"streams": [{"SSRC": 11}]}]}, "bob": {"medias": [{"streams": [{"SSRC": 22}]}]}},
}  # fmt: skip


def test_totals_are_told_in_words() -> None:
    assert totals(REPLY) == "RTP: 1720 bytes, 10 packets, 1 errors; RTCP: 100 bytes, 2 packets, 0 errors"
    assert totals({}) is None


@pytest.mark.parametrize(
    ("name", "tag", "value"),
    [
        ("MOS-average", None, 40), ("mos-average", "alice", 43), ("MOS-min", None, 40), ("MOS-max-at", None, 120),
        ("jitter-max", "alice", 7), ("jitter-max-at", "alice", 110), ("jitter-min", "bob", None),
        ("roundtrip-average", None, None), ("nonsense-max", None, None), ("MOS-middle", None, None),
        ("MOS-max-ever", None, None), ("MOS-average", "carol", None),
    ],
)  # fmt: skip
def test_qualities(name: str, tag: str | None, value: int | None) -> None:
    assert quality(REPLY, name, tag) == value
