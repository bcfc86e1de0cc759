"""What mediaproxy changes in a session description."""

from __future__ import annotations

import pytest

from relayscript.engines.errors import EngineError
from relayscript.engines.mediaproxy.requests import RelayPorts
from relayscript.engines.mediaproxy.rewriting import medias, rewrite
from relayscript.sip.sdp import Description

HEAD = "v=0\no=x 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n"


def rewritten(text: str, *ports: int, ice: str = "none", host: str = "203.0.113.9") -> str:
    description = Description(text)
    rewrite(description, medias(description), RelayPorts(host, ports), ice)
    return str(description)


def test_all_streams_supported() -> None:
    text = (
        HEAD + "m=audio 5000 RTP/AVP 0\na=rtcp:5001\nm=image 5002 udptl t38\n"
        "c=IN IP4 192.0.2.2\na=rtcp:9 IN IP4 192.0.2.2\n"
    )
    assert rewritten(text, 40000, 40002) == (
        "v=0\no=x 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 203.0.113.9\nt=0 0\n"
        "m=audio 40000 RTP/AVP 0\na=rtcp:40001\nm=image 40002 udptl t38\n"
        "c=IN IP4 203.0.113.9\na=rtcp:40003 IN IP4 203.0.113.9\n"
    )


def test_a_stream_that_is_not_supported_keeps_its_address() -> None:
    text = HEAD + "m=audio 5000 RTP/AVP 0\na=sendonly\nm=message 5010 TCP/MSRP *\n"
    assert rewritten(text, 40000) == (
        "v=0\no=x 1 1 IN IP4 192.0.2.1\ns=-\nt=0 0\n"
        "m=audio 40000 RTP/AVP 0\nc=IN IP4 203.0.113.9\na=sendonly\n"
        "m=message 5010 TCP/MSRP *\nc=IN IP4 192.0.2.1\n"
    )


def test_null_addresses_and_inactive_streams_stay() -> None:
    text = (
        HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0")
        + "m=audio 5000 RTP/AVP 0\nm=audio 0 RTP/AVP 0\n"
    )
    assert rewritten(text, 40000, 0) == text.replace("5000", "40000")
    assert rewritten(HEAD + "m=audio 5000 RTP/AVP 0\n", 0).endswith("m=audio 5000 RTP/AVP 0\n")


CANDIDATE = "a=candidate:1 1 UDP 1 192.0.2.1 5000 typ host\n"


@pytest.mark.parametrize(
    ("ice", "priorities"),
    [("high-priority", (2197815295, 2197815294)), ("low-priority", (16777215, 16777214))],
)
def test_relay_candidates_come_first(ice: str, priorities: tuple[int, int]) -> None:
    text = HEAD + "m=audio 5000 RTP/AVP 0\n" + CANDIDATE
    assert rewritten(text, 40000, ice=ice).endswith(
        "m=audio 40000 RTP/AVP 0\n"
        f"a=candidate:Rcb007109 1 UDP {priorities[0]} 203.0.113.9 40000 typ relay\n"
        f"a=candidate:Rcb007109 2 UDP {priorities[1]} 203.0.113.9 40001 typ relay\n" + CANDIDATE
    )
    assert "relay" not in rewritten(HEAD + "m=audio 5000 RTP/AVP 0\n", 40000, ice=ice)
    assert "typ relay" not in rewritten(text, 40000, ice=ice, host="relay.example.com")


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD,
        HEAD * 2 + "m=audio 1 RTP/AVP 0\n",
        HEAD + "m=audio 1 RTP/AVP 0\n" * 33,
        HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 224.2.1.1/127") + "m=audio 1 RTP/AVP 0\n",
        "v=0\nm=audio 1 RTP/AVP 0\n",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(EngineError):
        medias(Description(text))
