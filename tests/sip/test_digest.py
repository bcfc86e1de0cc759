"""Answers to challenges: the examples of RFC 2617 3.5 and RFC 7616 3.9.1, and what cannot be answered."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.sip.digest import Challenge, Credentials, answer, fields_of, parse_challenge

MUFASA = Credentials("Mufasa", "Circle Of Life")
RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def response(challenge: str, credentials: Credentials, uri: str, cnonce: str) -> str:
    """The response to a challenge, for a GET."""
    parsed = parse_challenge(challenge)
    assert parsed is not None
    made = fields_of(answer(parsed, credentials, "GET", uri, "", cnonce) or "")
    assert made is not None
    return made["response"]


def test_the_example_of_rfc_2617() -> None:
    assert response(RFC_2617, MUFASA, "/dir/index.html", "0a4f113b") == "6629fae49393a05397450978507c4ef1"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, expected: str) -> None:
    credentials, cnonce = Credentials("Mufasa", "Circle of Life"), "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    assert response(RFC_7616.format(algorithm), credentials, "/dir/index.html", cnonce) == expected


def test_a_hash_in_the_place_of_the_password() -> None:
    hashed = Credentials("Mufasa", "0x939e7578ed9e3c518a452acee763bce9")
    assert response(RFC_2617, hashed, "/dir/index.html", "0a4f113b") == "6629fae49393a05397450978507c4ef1"


def test_what_an_answer_says() -> None:
    parsed = parse_challenge(RFC_7616.format("MD5-sess"))
    assert parsed is not None
    fields = fields_of(answer(parsed, MUFASA, "INVITE", "sip:b@h", "", "c", 2) or "")
    assert fields is not None
    assert (fields["algorithm"], fields["qop"], fields["nc"], fields["cnonce"]) == ("MD5-sess", "auth", "00000002", "c")
    assert fields["opaque"] == parsed.opaque


def test_an_old_challenge_gets_an_old_answer() -> None:
    """Without qop there is neither nc nor cnonce (RFC 2069)."""
    made = answer(Challenge("r", "n"), MUFASA, "INVITE", "sip:b@h", "", "c") or ""
    assert re.findall(r"(\w+)=", made) == ["username", "realm", "nonce", "uri", "response"]


@pytest.mark.parametrize(
    "challenge", [Challenge("r", "n", "ROT13"), Challenge("r", "n", qops=("token",)), Challenge("r", "n", "AKAv1-MD5")]
)
def test_challenges_that_cannot_be_answered(challenge: Challenge) -> None:
    assert answer(challenge, MUFASA, "INVITE", "sip:b@h", "", "c") is None


@pytest.mark.parametrize("text", ["Basic realm=x", "Digest", 'Digest realm="x"', "", "Digest nonce=x"])
def test_values_that_are_no_challenge(text: str) -> None:
    assert parse_challenge(text) is None


@given(st.text('abc =,"\\', max_size=30), st.text('abc =,"\\', max_size=30))
def test_what_is_quoted_comes_back(realm: str, nonce: str) -> None:
    made = answer(Challenge(realm, nonce), MUFASA, "INVITE", "sip:b@h", "", "c") or ""
    fields = fields_of(made)
    assert fields is not None
    assert (fields["realm"], fields["nonce"]) == (realm, nonce)
