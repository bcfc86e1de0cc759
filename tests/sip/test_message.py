"""Messages: nothing is lost, edits touch only what they name, and no bytes can do harm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.errors import SipError
from relayscript.sip.message import Changes, Message, header_key
from relayscript.sip.nameaddr import parse_nameaddr
from relayscript.sip.uri import parse_uri

INVITE = (
    "INVITE sip:bob@example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1\r\n"
    "From: \"A\" <sip:alice@example.com>;tag=a1\r\n"
    "t: <sip:bob@example.com>\r\n"
    "Call-ID : c1@h\r\n"
    "CSEQ:  7   INVITE\r\n"
    "Max-Forwards: 70\r\n"
    "X-Long: one,\r\n\ttwo\r\n"
    "l: 5\r\n\r\nhello"
)  # fmt: skip


def message(text: str = INVITE) -> Message:
    return Message.parse(text.encode("latin-1"))


def reply(*lines: str) -> Message:
    return message("\r\n".join(("SIP/2.0 200 OK", *lines, "", "")))


def headers(**known: str) -> Message:
    return Message("OPTIONS sip:h SIP/2.0", [f"{name}: {value}" for name, value in known.items()])


def test_a_request() -> None:
    invite = message()
    assert (invite.is_request, invite.method, invite.uri, invite.status) == (
        True,
        "INVITE",
        "sip:bob@example.com",
        0,
    )
    assert (invite.from_tag, invite.to_tag, invite.call_id, invite.cseq) == ("a1", "", "c1@h", (7, "INVITE"))
    assert (invite.from_.uri, invite.to.uri) == ("sip:alice@example.com", "sip:bob@example.com")
    assert (invite.top_via.branch, invite.top_via.port) == ("z9hG4bK1", 5070)
    assert (invite.header("x-long"), invite.header("x-none")) == ("one,\r\n\ttwo", None)
    assert (invite.content_length, invite.body) == (5, "hello")


def test_a_response_takes_its_method_from_cseq() -> None:
    answer = reply("CSeq: 4 BYE")
    assert (answer.is_request, answer.status, answer.reason, answer.method) == (False, 200, "OK", "BYE")
    assert reply("CSeq: junk").method == ""
    assert message("SIP/2.0 100 \r\n\r\n").reason == ""


@pytest.mark.parametrize(
    "junk",
    ["", "\r\n\r\n", "\0\0\0\0", "jaK", "hello world\r\n\r\n", "".join(map(chr, range(256))),
     "INVITE\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "INVITE sip:x@y\r\n\r\n",
     "INVITE sip:a b SIP/2.0\r\n\r\n", "SIP/2.0 99999 Much\r\n\r\n",
     "SIP/2.0 2\u00b20 OK\r\n\r\n", "SIP/2.0 099 Low\r\n\r\n",
     "SIP/2.0  200 OK\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_message_is_dropped_without_an_answer(junk: str) -> None:
    with pytest.raises(SipError) as caught:
        message(junk)
    assert (caught.value.kind, caught.value.status) == ("first-line", 0)


def test_another_version_is_named() -> None:
    with pytest.raises(SipError) as caught:
        message("OPTIONS sip:h SIP/7.0\r\n\r\n")
    assert (caught.value.kind, caught.value.status) == ("version", 505)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("A sip:h SIP/2.0\nTo: x\n\none\r\ntwo\n", "one\r\ntwo\n"),
        ("\r\n\n\r\nA sip:h SIP/2.0\r\nTo: x\r\n\r\nb", "b"),
        ("A sip:h SIP/2.0\r\nTo: x\n\r\nb\n\nc", "b\n\nc"),
        ("A sip:h SIP/2.0\r\nTo: x\r\n", ""),
        ("A sip:h SIP/2.0\nTo: x", ""),
        ("A sip:h SIP/2.0\r\nTo: x\r\n\n\r\n\r\nb", "\r\n\r\nb"),
    ],
)
def test_line_ends_of_any_kind(text: str, body: str) -> None:
    got = message(text)
    assert (got.method, got.lines, got.body) == ("A", ["To: x"], body)


@pytest.mark.parametrize(
    ("line", "body", "trailer"),
    [
        ("X: y", "hello", ""),
        ("Content-Length: 5", "hello", ""),
        ("Content-Length: 4", "hell", ""),
        ("l: 0", "", "hello"),
        ("Content-Length: 400", "hello", ""),
        ("Content-Length: -1", "hello", ""),
        ("Content-Length: 99999999999999999999", "hello", ""),
    ],
)
def test_the_body_is_what_content_length_says(line: str, body: str, trailer: str) -> None:
    got = message(f"A sip:h SIP/2.0\r\n{line}\r\n\r\nhello")
    assert (got.body, got.trailer) == (body, trailer)
    assert got.render("B", None).endswith(f"\r\n\r\n{body}{trailer}")


@pytest.mark.parametrize("value", ["-1", "five", "", "5;x", "+5", "\u00b2", "9" * 20, "9" * 5000])
def test_a_content_length_that_is_no_number(value: str) -> None:
    with pytest.raises(SipError) as caught:
        _ = headers(L=value).content_length
    assert (caught.value.kind, caught.value.status) == ("content-length", 400)


@pytest.mark.parametrize("value", ["OPTIONS", "1", "8 OPTIONS extra", "9\r\n OPTIONS"])
def test_a_cseq_that_is_not_two_words(value: str) -> None:
    with pytest.raises(SipError) as caught:
        _ = headers(CSeq=value).cseq_parts
    assert (caught.value.kind, caught.value.status) == ("cseq", 400)


@pytest.mark.parametrize("value", ["x OPTIONS", "4294967296 OPTIONS", "-1 OPTIONS", "1" * 5000 + " OPTIONS"])
def test_a_cseq_whose_number_is_none(value: str) -> None:
    odd = headers(CSeq=value)
    assert odd.cseq_parts == tuple(value.split())
    with pytest.raises(SipError):
        _ = odd.cseq


def test_missing_headers() -> None:
    bare = headers(X="y")
    assert (bare.call_id, bare.from_tag, bare.to_tag, bare.cseq_parts, bare.vias()) == (
        "",
        "",
        "",
        ("", ""),
        [],
    )
    assert bare.content_length is None
    for read, kind in ((lambda: bare.from_, "from"), (lambda: bare.to, "to"), (lambda: bare.cseq, "cseq")):
        with pytest.raises(SipError) as caught:
            read()
        assert (caught.value.kind, caught.value.status) == (kind, 400)
    for find in (lambda: bare.top_via, bare.received_via, bare.popped_via):
        with pytest.raises(SipError) as caught:
            find()
        assert (caught.value.kind, caught.value.status) == ("via", 0)


@pytest.mark.parametrize(
    "value",
    ["<sip:a@h>;tag=x", "<sip:a@h>", "<sip:a@h>;tag=x;y=z", "<sip:a@h>;y;tag=x", "<sip:a@h> ; Tag = x",
     "sip:a@h;tag=x", '"n" <sip:a@h>;tag=x', '"n;tag=no>" <sip:a@h>;tag=x', '"<a>;tag=no" <sip:a@h>',
     '<sip:a@h>;y="<;tag=no";tag=x',
     '<sip:a@h>;y=">;tag=no"', "<sip:a@h;tag=no>", "<sip:a@h>;TAG=x;tag=y", "<sip:a@h>;tag"],
)  # fmt: skip
def test_the_tag_read_alone_is_that_of_the_parsed_address(value: str) -> None:
    assert headers(From=value).from_tag == parse_nameaddr(value).tag
    assert headers(t=value).to_tag == parse_nameaddr(value).tag


@given(st.text('<>";= \\tagsip:', max_size=24))
@settings(max_examples=100)
def test_any_tag_read_alone_is_that_of_the_parsed_address(value: str) -> None:
    try:
        expected = parse_nameaddr(value.strip()).tag
    except SipError:
        return
    assert headers(From=value).from_tag == expected


def test_a_line_without_a_colon_is_kept_and_never_found() -> None:
    got = message("A sip:h SIP/2.0\r\nvia\r\nTo: x\r\n\r\n")
    assert (got.header("via"), got.lines) == (None, ["via", "To: x"])


def test_lookup_names() -> None:
    assert [header_key(name) for name in ("v", "CALL-ID", "Via \t", "X-Y")] == [
        "via",
        "call-id",
        "via",
        "x-y",
    ]


# ---- vias


def test_vias_over_lines_and_commas() -> None:
    got = reply("Via: SIP/2.0/UDP a, SIP/2.0/TCP b", "v: SIP/2.0/UDP c")
    assert [via.host for via in got.vias()] == ["a", "b", "c"]
    assert got.top_via.host == "a"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Via: SIP/2.0/UDP a", None),
        ("v :  SIP/2.0/UDP a;x=\"1,2\"", None),
        ("v :  SIP/2.0/UDP a;x=\"1,2\" ,\r\n SIP/2.0/UDP b", "v :  SIP/2.0/UDP b"),
        ("Via: SIP/2.0/UDP a,SIP/2.0/UDP b,SIP/2.0/UDP c", "Via: SIP/2.0/UDP b,SIP/2.0/UDP c"),
        ("Via: SIP/2.0/UDP a,", None),
    ],
)  # fmt: skip
def test_taking_off_the_topmost_via(line: str, left: str | None) -> None:
    assert reply("To: x", line).popped_via() == (1, left)


def test_filling_in_where_a_message_came_from() -> None:
    invite = message()
    invite.source = ("192.0.2.1", 5070)
    assert invite.received_via() is None
    invite.source = ("192.0.2.2", 5070)
    assert invite.received_via() == (0, "Via: SIP/2.0/UDP 192.0.2.1:5070;received=192.0.2.2;branch=z9hG4bK1")
    assert invite.received_via(force_rport=True, forwarding=False) == (
        0,
        "Via: SIP/2.0/UDP 192.0.2.1:5070;received=192.0.2.2;rport=5070;branch=z9hG4bK1",
    )


# ---- edits


def test_unchanged_it_goes_out_as_it_came() -> None:
    invite = message()
    assert invite.render(invite.first_line) == INVITE
    assert invite.render(invite.first_line, Changes()) == INVITE


def test_edits_touch_what_they_name() -> None:
    invite, changes = message(), Changes()
    changes.removed = {2, 3}
    changes.replaced = {1: "From: new"}
    changes.after = {3: ["Y: 1", "Y: 2"], 0: ["Z: 1"]}
    changes.first, changes.last = ["Record-Route: r"], ["End: 1"]
    assert invite.render("X", changes, ("Via: ours",)).split("\r\n") == [
        "X", "Record-Route: r", "Via: ours", "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1", "Z: 1",
        "From: new", "Y: 1", "Y: 2", "CSEQ:  7   INVITE", "Max-Forwards: 70", "X-Long: one,", "\ttwo", "l: 5",
        "End: 1", "", "hello",
    ]  # fmt: skip
    assert invite.render(invite.first_line) == INVITE


def test_a_replaced_line_wins_over_its_removal() -> None:
    invite, changes = message(), Changes()
    changes.removed, changes.replaced = {1}, {1: "From: new"}
    assert "\r\nFrom: new\r\n" in invite.render("X", changes)


def test_content_length_follows_a_new_body() -> None:
    invite, changes = message(), Changes()
    changes.body, changes.content_type = "longer body", "text/plain"
    text = invite.render("X", changes)
    assert text.endswith("\r\nl: 11\r\nContent-Type: text/plain\r\n\r\nlonger body")
    changes.body = ""
    assert invite.render("X", changes).endswith("\r\nl: 0\r\n\r\n")


def test_copied_edits_go_on_alone() -> None:
    changes = Changes()
    changes.after[0] = ["a"]
    other = changes.copy()
    other.removed.add(1)
    other.replaced[1] = "x"
    other.after[0].append("b")
    other.first.append("f")
    other.last.append("l")
    assert (changes.removed, changes.replaced, changes.after) == (set(), {}, {0: ["a"]})
    assert (changes.first, changes.last) == ([], [])


@pytest.mark.parametrize(
    ("line", "expected"),
    [("CSEQ:  7   INVITE", "CSEQ:  8 BYE"), ("x :y \t", "x :8 BYE \t"), ("E:", "E: 8 BYE"),
     ("E:  ", "E: 8 BYE"), ("F:\r\n a\r\n b", "F:\r\n 8 BYE")],
)  # fmt: skip
def test_another_value_in_the_same_line(line: str, expected: str) -> None:
    assert Message("A sip:h SIP/2.0", [line]).line_with(0, "8 BYE") == expected


def test_notes_of_readers() -> None:
    got = message()
    assert got.cached("x") is None
    got.cache("x", 5)
    assert got.cached("x") == 5


# ---- any bytes

lines = st.lists(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), min_size=1, max_size=30)
    .filter(lambda line: line[0] not in " \t")
    .map(lambda line: f"X{line}")
    | st.sampled_from(
        ["Via: SIP/2.0/UDP h;branch=1", "F: one,\r\n two", "To:x", "v:SIP/2.0/UDP a, SIP/2.0/UDP b"]
    ),
    max_size=6,
)
byte_text = st.text(st.characters(max_codepoint=255), max_size=40)


@given(lines, byte_text)
@settings(max_examples=100)
def test_any_message_goes_out_byte_for_byte(known: list[str], body: str) -> None:
    data = "\r\n".join(("A sip:h SIP/2.0", *known, "", body)).encode("latin-1")
    got = Message.parse(data)
    assert got.render(got.first_line).encode("latin-1") == data


@given(lines, byte_text, byte_text)
@settings(max_examples=100)
def test_an_edit_leaves_the_other_bytes_alone(known: list[str], body: str, new: str) -> None:
    got = Message.parse("\r\n".join(("A sip:h SIP/2.0", *known, "", body)).encode("latin-1"))
    for index in range(len(known)):
        changes = Changes()
        changes.replaced[index] = f"N: {new}"
        expected = [*known[:index], f"N: {new}", *known[index + 1 :]]
        assert got.render("B", changes) == "\r\n".join(("B", *expected, "", body))


fragments = st.sampled_from(
    ["SIP/2.0 200 OK", "INVITE sip:a@h SIP/2.0", "\r\n", "\n", "\r", " ", "\t", ":", ",", ";", '"', "<", ">",
     "v:", "Via: SIP/2.0/UDP h", "From: ", "To: <sip:a@h>", "CSeq: 1 INVITE", "Content-Length: ", "5",
     "\0", "\xff"]
)  # fmt: skip


@given(
    st.binary(max_size=80)
    | st.lists(fragments, max_size=16).map(lambda parts: "".join(parts).encode("latin-1"))
)
@settings(max_examples=100)
def test_no_bytes_raise_anything_but_siperror(data: bytes) -> None:
    for candidate in (data, b"OPTIONS sip:h SIP/2.0\r\n" + data):
        try:
            got = Message.parse(candidate)
        except SipError:
            continue
        for name in (
            "cseq",
            "cseq_parts",
            "content_length",
            "from_",
            "to",
            "from_tag",
            "to_tag",
            "top_via",
            "call_id",
        ):
            try:
                getattr(got, name)
            except SipError:
                continue
        for work in (got.vias, got.received_via, got.popped_via):
            try:
                work()
            except SipError:
                continue
        got.render(got.first_line, Changes()).encode("latin-1")


@settings(max_examples=100)
@given(
    st.sampled_from(["", "Bob ", '"Bob" ', '"B<b" ', '"a" b ']),
    st.sampled_from(["<sip:b@h>", "<sips:b.o-b@10.0.0.1:61>", "<sip:b;x@h>", "<tel:1>", "<sip:@h>", "<sip:b@h:99999>"]),
    st.sampled_from(["", ";tag=a.b", ";tag=", ";tag=a;x=y", ";x;tag=a", " ;tag=a", ";TAG=a"]),
)
def test_an_address_that_is_plain_can_be_read_and_has_the_tag(name: str, uri: str, params: str) -> None:
    message = message_of(f"To: {name}{uri}{params}")
    if message.is_plain("to"):
        assert message.to_tag == parse_nameaddr(f"{name}{uri}{params}").tag
        assert parse_uri(message.to.uri).host


def test_most_addresses_are_plain() -> None:
    assert message_of('To: "Bob" <sip:bob@192.0.2.1:5060>;tag=x').is_plain("to")
    assert not message_of("To: <tel:1>").is_plain("to")
    assert not message_of("Subject: x").is_plain("to")


def test_names_of_headers_are_found_however_they_are_written() -> None:
    usual, mixed = message_of("Call-ID: a\r\nCSeq: 1 INVITE"), message_of("call-id: a\r\nOdd: y\r\nCSEQ : 1 INVITE")
    assert usual.keys[-2:] == ["call-id", "cseq"]
    assert mixed.keys[-3:] == ["call-id", "odd", "cseq"]


def message_of(lines: str) -> Message:
    return Message.from_text(f"INVITE sip:h SIP/2.0\r\n{lines}\r\n\r\n")
