"""URIs: what is read, what is refused and with which status, and that writing gives the same back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.errors import SipError
from relayscript.sip.uri import Uri, is_loose, parse_uri

READ = {
    "sip:example.com": Uri("sip", host="example.com"),
    "sip:bob@example.com": Uri("sip", "bob", host="example.com"),
    "sips:bob:secret@example.com:5061;transport=tcp;lr?Subject=x&To=y": Uri(
        "sips", "bob", "secret", "example.com", 5061, "transport=tcp;lr", "Subject=x&To=y"
    ),
    "sip:bob@[2001:db8::1]": Uri("sip", "bob", host="[2001:db8::1]"),
    "sip:[::ffff:192.0.2.1]:5066;transport=udp": Uri(
        "sip", host="[::ffff:192.0.2.1]", port=5066, params="transport=udp"
    ),
    "tel:+1-201-555-0123;phone-context=x": Uri("tel", "+1-201-555-0123", params="phone-context=x"),
    "urn:service:sos.police": Uri("urn", "service:sos.police"),
    # RFC 4475: 3.1.1.2, 3.1.1.3, 3.1.1.9
    "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@example.com": Uri(
        "sip", "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", "&it+has=1,weird!*pas$wo~d", "example.com"
    ),
    "sip:sips%3Auser%40example.com@example.net": Uri("sip", "sips%3Auser%40example.com", host="example.net"),
    "sip:user;par=u%40example.net@example.com": Uri("sip", "user;par=u%40example.net", host="example.com"),
}  # fmt: skip

MALFORMED = (
    "", "bob", "sip:", "sip:bob@", "sip:@example.com", "sip:bob@example.com:port",
    "sip:bob@example.com:99999", "<sip:bob@example.com>", "sip:bob@exa mple.com", "sips:bob@", "sip:bob@[::1",
    "sip:a@b@c", "sip:h:", "tel:", "sip:bob@example.com;a b", "sip:bob@example.com\n", "sip:bob@h:\u00b2",
)  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_uri_is_read_and_written_as_it_was(text: str) -> None:
    assert parse_uri(text) == READ[text]
    assert str(parse_uri(text)) == text


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_uri_is_a_bad_request(text: str) -> None:
    with pytest.raises(SipError) as caught:
        parse_uri(text)
    assert (caught.value.kind, caught.value.status) == ("uri", 400)


@pytest.mark.parametrize(
    "text", ["http://example.com/", "nobodyKnowsThisScheme:totallyopaque", "soap.beep://h"]
)
def test_an_unknown_scheme_is_unsupported(text: str) -> None:
    with pytest.raises(SipError) as caught:
        parse_uri(text)
    assert caught.value.status == 416


def test_the_scheme_is_lower_case_and_the_rest_as_written() -> None:
    assert parse_uri("SIP:Bob@Example.COM;LR") == Uri("sip", "Bob", host="Example.COM", params="LR")


def test_parameters() -> None:
    uri = parse_uri("sip:h;Transport=TCP;lr;x=")
    assert (uri.param("transport"), uri.param("lr"), uri.param("x"), uri.param("y")) == ("TCP", "", "", None)
    assert (uri.transport, is_loose(uri)) == ("tcp", True)
    assert (parse_uri("sip:h").transport, parse_uri("sips:h").transport) == ("", "tls")
    assert not is_loose(parse_uri("sip:lr@h;mylr"))


def test_a_changed_uri_is_written_with_the_change() -> None:
    uri = replace(parse_uri("sip:bob@[::1]:5066;transport=udp"), user="six", port=5067)
    assert str(uri) == "sip:six@[::1]:5067;transport=udp"
    assert str(replace(uri, user="", port=None, params="")) == "sip:[::1]"


user = st.text("abcAZ09-_.!~*'()&=+$,;?/%", min_size=1, max_size=12)
uris = st.builds(
    Uri,
    st.sampled_from(["sip", "sips"]),
    user,
    st.text("abc09&=+$,-_.!~*'()%", max_size=8),
    st.sampled_from(["example.com", "192.0.2.1", "[2001:db8::1]", "h"]),
    st.none() | st.integers(0, 65535),
    st.sampled_from(["", "lr", "transport=tcp;lr=on", "a=%41;b"]),
    st.sampled_from(["", "Subject=a%20b&x=y"]),
)


@given(uris)
@settings(max_examples=100)
def test_any_uri_survives_being_written(uri: Uri) -> None:
    assert parse_uri(str(uri)) == uri


@given(st.text(st.characters(max_codepoint=255), max_size=30) | st.text("sip:@[];?<> 0a", max_size=16))
@settings(max_examples=100)
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, "sip:" + text):
        try:
            uri = parse_uri(candidate)
        except SipError:
            continue
        assert parse_uri(str(uri)) == uri
