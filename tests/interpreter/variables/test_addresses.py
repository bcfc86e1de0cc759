"""From, To and the headers of identities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

HEADERS = """P-Asserted-Identity: <sip:boss@corp.example.com>, tel:+1
P-Preferred-Identity: "Pref Name" <sip:pref@corp.example.com:5080>
Remote-Party-ID: <sip:rpid@corp.example.com>;party=calling
Diversion: <sip:div@corp.example.com>;reason=user-busy;privacy=full
Refer-To: <sip:refer@corp.example.com?Replaces=1>
"""


def test_from(stage: Set) -> None:
    assert stage().show("$fu|$from|$fU|$from.user|$fd|$from.domain|$fn|$ft").split("|") == [
        *["sip:alice@atlanta.example.org:5062;x=1"] * 2, "alice", "alice",
        "atlanta.example.org", "atlanta.example.org", '"Alice A"', "fromtag",
    ]  # fmt: skip


def test_to(stage: Set) -> None:
    assert stage().show("$tu|$to|$tU|$to.user|$td|$to.domain|$tn|$tt").split("|") == [
        *["sip:bob@example.com;user=phone"] * 2, "bob", "bob", "example.com", "example.com", "<null>", "<null>",
    ]  # fmt: skip


def test_malformed_headers_are_null(stage: Set) -> None:
    on = stage('OPTIONS sip:a SIP/2.0\nFrom: "open <sip:a@b>;tag=1\nTo: <sip:a@b\nCSeq: 1 OPTIONS\n')
    shown = on.show("$fu|$fU|$fd|$fn|$tu|$tU|$td|$tn|$tt")
    assert set(shown.split("|")) == {"<null>"}


def test_identities(stage: Set) -> None:
    on = stage(extra=HEADERS)
    assert on.show("$ai|$pu|$pU|$pd|$pn|$re|$di|$dir|$dip|$rt").split("|") == [
        "sip:boss@corp.example.com", "sip:pref@corp.example.com:5080", "pref", "corp.example.com", '"Pref Name"',
        "sip:rpid@corp.example.com", "sip:div@corp.example.com", "user-busy", "full",
        "sip:refer@corp.example.com?Replaces=1",
    ]  # fmt: skip


def test_no_identities(stage: Set) -> None:
    assert set(stage().show("$ai|$pu|$pU|$pd|$pn|$re|$di|$dir|$dip|$rt").split("|")) == {"<null>"}
