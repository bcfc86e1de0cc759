"""Addresses and lists of them: quotes and angle brackets protect what is inside."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr, split_list
from relayscript.sip.params import quote

READ = {
    "sip:a@h": NameAddr("", "sip:a@h"),
    "sip:a@h;tag=1": NameAddr("", "sip:a@h", "tag=1"),
    "sip:a@h;tag=1 ;x=\"<sip:evil>\"": NameAddr("", "sip:a@h", 'tag=1 ;x="<sip:evil>"'),
    "<sip:a@h;lr>;tag=1": NameAddr("", "sip:a@h;lr", "tag=1"),
    "caller<sip:caller@example.com>;tag=323": NameAddr("caller", "sip:caller@example.com", "tag=323"),
    'Ann Bee <sip:a@h> ; tag = x': NameAddr("Ann Bee", "sip:a@h", "tag = x"),
    '"J Rosenberg \\\\\\""       <sip:j@e.com>\r\n  ;\r\n  tag = 98asjd8': NameAddr(
        '"J Rosenberg \\\\\\""', "sip:j@e.com", "tag = 98asjd8"
    ),
    '"a>b <sip:evil@h>;tag=9, \\" " <sip:a@h>;tag=1': NameAddr(
        '"a>b <sip:evil@h>;tag=9, \\" "', "sip:a@h", "tag=1"
    ),
    "*": NameAddr("", "*"),
}  # fmt: skip

MALFORMED = ("", "   ", "<>", "<sip:a@h", '"open <sip:a@h>', "<sip:a@h> junk", "<sip:a@h> junk;tag=1",
             ";tag=1", "sip:a b@h", '"x"')  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_an_address_is_read(text: str) -> None:
    address = parse_nameaddr(text)
    assert address == READ[text]
    assert parse_nameaddr(str(address)) == address


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_address_is_refused(text: str) -> None:
    with pytest.raises(SipError) as caught:
        parse_nameaddr(text)
    assert caught.value.status == 400


def test_name_tag_and_parameters() -> None:
    address = parse_nameaddr('"Bob \\"B\\"" <sip:b@h>;TAG=x;q=0.5')
    assert (address.name, address.tag, address.param("q"), address.param("z")) == (
        'Bob "B"',
        "x",
        "0.5",
        None,
    )
    assert address.parsed_uri.user == "b"
    assert parse_nameaddr("<sip:b@h>").tag == ""


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        (" a ", ["a"]),
        ("<sip:a@h>,<sip:b@h;x=1,2>", ["<sip:a@h>", "<sip:b@h;x=1,2>"]),
        ('"a,b" <sip:a@h> ,\r\n "c\\",d" <sip:b@h>', ['"a,b" <sip:a@h>', '"c\\",d" <sip:b@h>']),
        (",a,,b,", ["a", "b"]),
        ("a,<open,b", ["a", "<open,b"]),
    ],
)
def test_lists(text: str, values: list[str]) -> None:
    assert split_list(text) == values


addresses = st.builds(
    NameAddr,
    st.sampled_from(["", "Bob", "two words"])
    | st.text(st.characters(max_codepoint=255), max_size=20).map(quote),
    st.sampled_from(["sip:a@h", "sip:a@h;lr", "sips:[::1]:5061", "tel:+1"]),
    st.sampled_from(["", "tag=1", 'x="a;,>";tag=2', "lr"]),
)


@given(st.lists(addresses, min_size=1, max_size=4))
@settings(max_examples=100)
def test_a_list_of_addresses_survives_being_written(known: list[NameAddr]) -> None:
    values = split_list(", ".join(map(str, known)))
    assert [parse_nameaddr(value) for value in values] == known


@given(st.text(st.characters(max_codepoint=255), max_size=30) | st.text('<>";, \\sip:a=', max_size=20))
@settings(max_examples=100)
def test_any_text_is_read_or_refused(text: str) -> None:
    split_list(text)
    try:
        address = parse_nameaddr(text)
    except SipError:
        return
    assert address.uri


def test_hostile_lengths_take_linear_time_and_no_cache() -> None:
    quotes = '""' * 30000
    assert len(split_list(quotes + ",<" + "," * 30000)) == 2
    with pytest.raises(SipError):
        parse_nameaddr(quotes)
    assert parse_nameaddr(quotes + "<sip:a@h>" + ";x" * 10000).tag == ""
