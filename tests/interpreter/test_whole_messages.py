"""Whole messages, real ones and what mistakes make of them, through a script: no error in us, nothing left behind."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sip.torture.messages import messages
from tests.sip.torture.test_run import Lab

CALL = tuple(
    text.replace("\n", "\r\n").encode()
    for text in (
        "INVITE sip:b@192.0.2.99 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKf;rport\nMax-Forwards: 70\n"
        "From: <sip:a@h>;tag=1\nTo: <sip:b@h>\nCall-ID: f\nCSeq: 1 INVITE\nContact: <sip:a@192.0.2.77>\nl: 0\n\n",
        "CANCEL sip:b@192.0.2.99 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKf;rport\nMax-Forwards: 70\n"
        "From: <sip:a@h>;tag=1\nTo: <sip:b@h>\nCall-ID: f\nCSeq: 1 CANCEL\nl: 0\n\n",
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKbranch1.0\n"
        "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKf;received=192.0.2.77;rport=5060\n"
        "From: <sip:a@h>;tag=1\nTo: <sip:b@h>;tag=2\nCall-ID: f\nCSeq: 1 INVITE\nContact: <sip:b@192.0.2.99>\nl: 0\n\n",
        "ACK sip:b@192.0.2.99 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKg;rport\nMax-Forwards: 70\n"
        "Route: <sip:127.0.0.1;lr>\nFrom: <sip:a@h>;tag=1\nTo: <sip:b@h>;tag=2\nCall-ID: f\nCSeq: 1 ACK\nl: 0\n\n",
        "BYE sip:b@192.0.2.99 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKh;rport\nMax-Forwards: 70\n"
        "Route: <sip:127.0.0.1;lr>\nFrom: <sip:a@h>;tag=1\nTo: <sip:b@h>;tag=2\nCall-ID: f\nCSeq: 2 BYE\nl: 0\n\n",
    )
)

PIECES = (
    b"\r\n", b"\r\n ", b"\0", b'"', b"<", b">", b";", b",", b":", b"@", b"[", b"]", b"%", b" ", b"\xff", b"-1",
    b"9" * 40,
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A message in which a few bytes were changed, left out, put in, doubled, or exchanged with another's."""
    data = draw(st.sampled_from(CALL) | st.sampled_from([each.data for each in messages()]))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 30)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4) | st.just(data[at:end] * 2))
        data = data[:at] + piece + data[end:]
    return data


@given(st.lists(mutated(), min_size=1, max_size=6))
@settings(max_examples=60)
def test_no_error_and_nothing_left(sequence: list[bytes]) -> None:
    lab = Lab()
    for data in sequence:
        lab.play(data)
    lab.host.pass_time(600)
    assert lab.runtime.statistics.get("core:internal_errors", 0) == 0, lab.host.logged
    assert len(lab.runtime.modules["tm"].table) == 0  # type: ignore[attr-defined]
    assert lab.runtime.statistics["tm:inuse_transactions"] == 0
    assert lab.runtime.pending == 0
