"""The request that routes without a message of their own see (language.md 3.8)."""

from __future__ import annotations

from relayscript.sip.message import Message

_LINES = (
    "Via: SIP/2.0/UDP 127.0.0.1",
    "From: <sip:from@dummy.com>;tag=1",
    "To: <sip:to@dummy.com>",
    "Call-ID: dummy-1",
    "CSeq: 1 DUMMY",
)


def dummy_request() -> Message:
    """A fresh `DUMMY sip:user@dummy.com`, without body, from 0.0.0.0:0."""
    return Message("DUMMY sip:user@dummy.com SIP/2.0", list(_LINES))
