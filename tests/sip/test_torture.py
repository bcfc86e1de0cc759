"""Torture messages after RFC 4475: what is odd but valid is understood, what is broken is refused."""

from __future__ import annotations

import pytest

from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.routing import max_forwards
from relayscript.sip.sanity import check, check_transaction
from relayscript.sip.uri import parse_uri


def message(*lines: str) -> Message:
    return Message.parse("\r\n".join((*lines, "")).encode("latin-1"))


VIA = "Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw"
REST = (
    VIA,
    "From: <sip:a@example.com>;tag=1",
    "To: sip:b@example.com",
    "Call-ID: x",
    "CSeq: 1 OPTIONS",
    "",
    "",
)


def options(uri: str = "sip:b@example.com", *more: str) -> Message:
    return message(f"OPTIONS {uri} SIP/2.0", *more, *REST)


def test_3_1_1_1_a_short_tortuous_invite() -> None:
    got = message(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0", "TO :",
        " sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
        "  ;", "  tag = 98asjd8", "MaX-fOrWaRdS: 0068", "Call-ID: wsinv.ndaksdj@192.0.2.1",
        "Content-Length   : 150", "cseq: 0009", "  INVITE", "Via  : SIP  /   2.0", " /UDP",
        "    192.0.2.2;branch=390skdjuw", "s :",
        "NewFangledHeader:   newfangled value", " continued newfangled value",
        "UnknownHeaderWithUnusualValue: ;;,,;;,;", "Content-Type: application/sdp", "Route:",
        " <sip:services.example.com;lr;unknownwith=value;unknown-no-value>",
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;", "  branch  =   z9hG4bK9ikj8  ,",
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=", " z9hG4bK30239",
        'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =', "      newvalue ;",
        "  secondparam ; q = 0.33", "", "v=0",
    )  # fmt: skip
    assert (got.to_tag, got.from_tag, got.call_id) == ("1918181833n", "98asjd8", "wsinv.ndaksdj@192.0.2.1")
    assert (got.from_.name, max_forwards(got), got.content_length) == ('J Rosenberg \\"', 68, 150)
    assert [(via.host, via.branch) for via in got.vias()] == [
        ("192.0.2.2", "390skdjuw"), ("spindle.example.com", "z9hG4bK9ikj8"),
        ("192.168.255.111", "z9hG4bK30239"),
    ]  # fmt: skip
    assert parse_nameaddr(got.header("route") or "").parsed_uri.param("unknownwith") == "value"
    contact = parse_nameaddr(got.header("contact") or "")
    assert (contact.param("newparam"), contact.param("q")) == ("newvalue", "0.33")
    assert (got.header("subject"), got.header("newfangledheader")) == (
        "", "newfangled value\r\n continued newfangled value",
    )  # fmt: skip
    assert got.body == "v=0\r\n"


def test_3_1_1_2_wide_range_of_valid_characters() -> None:
    uri = "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too@example.com"
    got = message(
        f"!interesting-Method0123456789_*+`.%indeed'~ {uri} SIP/2.0", VIA,
        'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)@example.com>',
        "From: t1~` token2'+_ token3*%!.- <sip:mundane@h>;fromParam''~+*_!.-%=\"\xd1\x80\xd0\";tag=_tok~1'-!",
        "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~", "", "",
    )  # fmt: skip
    check(got)
    assert got.method == got.cseq[1] == "!interesting-Method0123456789_*+`.%indeed'~"
    assert (got.uri, parse_uri(got.uri).host) == (uri, "example.com")
    assert (got.from_tag, got.from_.display) == ("_tok~1'-!", "t1~` token2'+_ token3*%!.-")
    assert got.to.name == "BEL:\x07 NUL:\x00 DEL:\x7f"


def test_3_1_1_6_no_blank_between_name_and_bracket() -> None:
    got = message(
        "OPTIONS sip:user@example.com SIP/2.0", VIA, "From: caller<sip:caller@example.com>;tag=323", "", ""
    )
    assert (got.from_.display, got.from_tag) == ("caller", "323")


def test_3_1_1_7_long_values() -> None:
    name, tag = "I have a user name of " + "extreme " * 200, "1982424" * 300
    got = message(
        "INVITE sip:u@h SIP/2.0", VIA, f'F: "{name}" <sip:a@h>;tag={tag}', "v: SIP/2.0/TCP a" * 40, "", ""
    )
    assert (got.from_.name, got.from_tag) == (name, tag)


def test_3_1_1_8_what_follows_the_body_is_dropped() -> None:
    got = message(
        "REGISTER sip:example.com SIP/2.0", VIA, "Content-Length: 2", "", "abINVITE sip:joe@h SIP/2.0", ""
    )
    assert got.body == "ab"
    assert got.render(got.first_line).endswith("\r\n\r\nab")


def test_3_1_1_10_unknown_transports() -> None:
    got = message(
        "OPTIONS sip:h SIP/2.0", "Via: SIP/2.0/UDP t1;branch=1", "Via: SIP/2.0/UNKNOWN t4;branch=4", "", ""
    )
    assert [via.transport for via in got.vias()] == ["UDP", "UNKNOWN"]


def test_3_1_1_13_an_empty_reason() -> None:
    assert message("SIP/2.0 100 ", VIA, "", "").reason == ""


def test_3_1_2_1_commas_and_semicolons_to_spare() -> None:
    got = message(
        "INVITE sip:h SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.15;;,;,,",
        'Contact: "Joe" <sip:joe@example.org>;;;;',
        "",
        "",
    )
    assert got.top_via.host == "192.0.2.15"
    assert split_list(got.header("contact") or "") == ['"Joe" <sip:joe@example.org>;;;;']
    with pytest.raises(SipError):
        got.vias()


@pytest.mark.parametrize(("length", "kind"), [("-999", "content-length"), ("9999", "")])
def test_3_1_2_2_and_3_content_length(length: str, kind: str) -> None:
    got = options("sip:h", f"Content-Length: {length}")
    if not kind:
        check(got)
        return
    with pytest.raises(SipError) as caught:
        check(got)
    assert (caught.value.kind, caught.value.status) == (kind, 400)


def test_3_1_2_4_numbers_too_large() -> None:
    got = message(
        "REGISTER sip:h SIP/2.0",
        VIA,
        "CSeq: 36893488147419103232 REGISTER",
        "Max-Forwards: " + "9" * 30,
        "",
        "",
    )
    with pytest.raises(SipError):
        _ = got.cseq
    with pytest.raises(SipError):
        max_forwards(got)


@pytest.mark.parametrize(
    "value",
    [
        '"Mr. J. User <sip:j.user@example.com>',
        "<sip:j.user@example.com",
        '"Watson, Thomas" < sip:t.watson@example.org',
    ],
)
def test_3_1_2_6_quotes_and_brackets_left_open(value: str) -> None:
    got = message("INVITE sip:h SIP/2.0", VIA, f"To: {value}", "", "")
    with pytest.raises(SipError) as caught:
        check(got)
    assert (caught.value.kind, caught.value.status) == ("to", 400)


@pytest.mark.parametrize(
    "line",
    ["INVITE <sip:user@example.com> SIP/2.0", "INVITE sip:user@example.com; lr SIP/2.0",
     "INVITE  sip:user@h  SIP/2.0", "INVITE sip:user@h SIP/2.0  "],
)  # fmt: skip
def test_3_1_2_7_to_10_the_request_line(line: str) -> None:
    with pytest.raises(SipError) as caught:
        parse_uri(message(line, *REST).uri)
    assert caught.value.kind in ("uri", "first-line")


def test_3_1_2_16_an_unknown_version() -> None:
    with pytest.raises(SipError) as caught:
        message("OPTIONS sip:t.watson@example.org SIP/7.0", *REST)
    assert caught.value.status == 505


def test_3_1_2_19_a_status_of_four_digits() -> None:
    with pytest.raises(SipError):
        message("SIP/2.0 4294967301 better not break the receiver", *REST)


def test_3_3_1_missing_headers() -> None:
    got = message(
        "INVITE sip:user@example.com SIP/2.0", "CSeq: 193942 INVITE", VIA, "Content-Length: 0", "", ""
    )
    check(got)
    with pytest.raises(SipError) as caught:
        check_transaction(got)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "uri", ["nobodyKnowsThisScheme:totallyopaquecontent", "soap.beep://192.0.2.103:3002"]
)
def test_3_3_2_and_3_unknown_schemes(uri: str) -> None:
    with pytest.raises(SipError) as caught:
        parse_uri(options(uri).uri)
    assert caught.value.status == 416


def test_3_3_8_the_first_of_doubled_headers_counts() -> None:
    got = options("sip:h", "CSeq: 5 OPTIONS", "Call-ID: first", "From: <sip:z@h>;tag=first")
    assert (got.cseq[0], got.call_id, got.from_tag) == (5, "first", "first")


def test_3_4_1_a_client_of_rfc_2543() -> None:
    got = message(
        "INVITE sip:UserB@example.com SIP/2.0", "Via: SIP/2.0/UDP iftgw.example.com",
        "From: <sip:+13035551111@ift.client.example.net;user=phone>",
        "Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>",
        "To: sip:+16505552222@ss1.example.net;user=phone", "Call-ID: x", "CSeq: 1 INVITE", "", "",
    )  # fmt: skip
    check(got)
    check_transaction(got)
    assert (got.from_tag, got.to.params, got.top_via.branch) == ("", "user=phone", "")
