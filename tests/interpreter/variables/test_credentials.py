"""Credentials and challenges."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

FULL = (
    'Digest username="al@atlanta", realm="at,lanta", nonce="n\\"1", uri="sip:a", response="77", '
    'cnonce="c", opaque="o", algorithm=MD5, qop=auth, nc=00000001'
)
ALL = "$au|$ad|$aU|$ar|$adu|$an|$auth.nonce|$auth.resp|$auth.cnonce|$auth.opaque|$auth.alg|$auth.qop|$auth.nc"
REPLY = "SIP/2.0 {status} X\nVia: SIP/2.0/UDP h\nFrom: <sip:a@b>\nTo: <sip:a@b>\nCall-ID: 1\nCSeq: 1 INVITE\n"


def test_credentials(stage: Set) -> None:
    shown = stage(extra=f"Authorization: {FULL}\n").show(ALL).split("|")
    assert shown == ["al", "atlanta", "al@atlanta", "at,lanta", "sip:a", *['n"1'] * 2, "77", "c", "o", "MD5", "auth",
                     "00000001"]  # fmt: skip


def test_those_for_a_proxy_come_first(stage: Set) -> None:
    extra = f'Authorization: {FULL}\nProxy-Authorization: Digest username="bob", realm="r", nonce=""\n'
    assert stage(extra=extra).show("$au|$ad|$aU|$ar|$an") == "bob|<null>|bob|r|<null>"


@pytest.mark.parametrize("extra", ["", "Authorization: Basic abc\n", "Authorization: nonsense\n"])
def test_none(stage: Set, extra: str) -> None:
    assert set(stage(extra=extra).show(ALL).split("|")) == {"<null>"}


def test_an_ack_has_none(stage: Set) -> None:
    on = stage(f"ACK sip:a SIP/2.0\nCSeq: 1 ACK\nAuthorization: {FULL}\n")
    assert on.read("$aU") is None


def test_the_account(stage: Set) -> None:
    on = stage(extra=f"Authorization: {FULL}\n")
    assert on.read("$Au") == "alice@atlanta.example.org"
    on.context.local["core.authorized"] = "al@atlanta"
    assert on.read("$Au") == "al@atlanta"


def test_no_account(stage: Set) -> None:
    assert stage("OPTIONS sip:a SIP/2.0\nFrom: <sip:host>\n").read("$Au") is None
    assert stage("OPTIONS sip:a SIP/2.0\nFrom: <sip:host\n").read("$Au") is None


@pytest.mark.parametrize(("status", "key"), [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")])
def test_a_challenge(stage: Set, status: int, key: str) -> None:
    on = stage(REPLY.format(status=status), extra=f'{key}: Digest realm="r", nonce="n", qop="auth,auth-int"\n')
    text = "$challenge.realm|$challenge.nonce|$challenge.qop|$challenge.opaque|$challenge.ik|$challenge.ck"
    assert on.show(text) == "r|n|auth,auth-int|||"
    assert on.read("$(challenge.algorithm)") == ""


def test_no_challenge(stage: Set) -> None:
    assert stage().read("$challenge.realm") is None
    assert stage(REPLY.format(status=200)).read("$challenge.realm") is None
    assert stage(REPLY.format(status=401)).read("$challenge.realm") is None
