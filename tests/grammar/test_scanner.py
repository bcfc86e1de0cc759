"""Script text to tokens."""

from __future__ import annotations

from collections.abc import Container

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relayscript.dsl.tree import Items
from relayscript.grammar.loader import load
from relayscript.grammar.scanner import ScriptToken, Trouble

SCANNER = load(Items)[1]


def scan(text: str, accepts: Container[str] = ()) -> tuple[list[ScriptToken], list[tuple[Trouble, int, int]]]:
    """The tokens without `$END`, and what is wrong with the text."""
    troubles: list[tuple[Trouble, int, int]] = []
    found = list(SCANNER.tokens(text, lambda: accepts, lambda *trouble: troubles.append(trouble)))
    assert found.pop().type == "$END"
    return found, troubles


def shapes(text: str, accepts: Container[str] = ()) -> list[tuple[str, str]]:
    """Types and texts of the tokens."""
    return [(token.type, token.value) for token in scan(text, accepts)[0]]


def texts(text: str) -> list[str]:
    """The texts of the tokens."""
    return [token.value for token in scan(text)[0]]


def test_numbers_words_and_operators() -> None:
    assert shapes("if 0x1F 017 yes name1 <<=") == [
        ("IF", "if"), ("NUMBER", "0x1F"), ("NUMBER", "017"), ("BOOLEAN", "yes"), ("ID", "name1"),
        ("SHIFT_LEFT", "<<"), ("ASSIGN", "="),
    ]  # fmt: skip


def test_the_longest_operator_is_taken() -> None:
    assert texts("a=~5 != !~ <= < == := += &&") == ["a", "=~", "5", "!=", "!~", "<=", "<", "==", ":=", "+=", "&&"]


def test_an_octal_number_ends_before_an_eight() -> None:
    assert texts("08") == ["0", "8"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10.0.0.1", "IP4"), ("10.0.0.0/8", "IPNET"), ("192.0.2.0/255.255.255.0", "IPNET"), ("2001:db8::1", "IP6"),
        ("::1", "IP6"), ("fe80::/10", "IPNET"), ("1:2:3:4:5:6:7:8", "IP6"),
    ],
)  # fmt: skip
def test_addresses_are_one_token(text: str, kind: str) -> None:
    assert shapes(text) == [(kind, text)]


def test_an_address_has_no_leading_zeros() -> None:
    assert shapes("10.0.0.01")[0] != ("IP4", "10.0.0.01")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$rU == 1", ["$rU", "==", "1"]),
        ("$hdr(order);", ["$hdr(order)", ";"]),
        ("$xx_or_y", ["$xx_", "or_y"]),
        ("$challenge.algorithm", ["$challenge.alg", "orithm"]),
        ("$(challenge.algorithm)", ["$(challenge.algorithm)"]),
        ("$avp(x)[0]", ["$avp(x)", "[", "0", "]"]),
        ("$ru{uri.user};", ["$ru{uri.user}", ";"]),
        ("$rp]", ["$rp]"]),
        ("($rU)", ["(", "$rU", ")"]),
        ("$var(x):=1", ["$var(x)", ":=", "1"]),
        ("$rU:$rd", ["$rU:$rd"]),
        ("$(rU{s.substr,(1),2} {s.len})+1", ["$(rU{s.substr,(1),2} {s.len})", "+", "1"]),
        ('$(avp(x)[$var(i)]{s.index,"#;"}) # end', ['$(avp(x)[$var(i)]{s.index,"#;"})']),
        ("$rU,$rd", ["$rU", ",", "$rd"]),
        ("$rU!=$rd", ["$rU", "!=", "$rd"]),
    ],
)
def test_where_a_variable_ends(text: str, wanted: list[str]) -> None:
    assert texts(text) == wanted


def test_comments_nest_and_are_kept() -> None:
    text = "a /* one /* two */ # */ b # rest"
    (first, second), troubles = scan(text)
    assert (first.value, second.value, troubles) == ("a", "b", [])
    assert [text[start:end] for start, end in second.comments] == ["/* one /* two */ # */"]


def test_an_empty_line_is_remembered() -> None:
    assert [token.blank_before for token in scan("a\nb\n\nc")[0]] == [False, False, True]


def test_a_backslash_before_a_line_end_is_a_blank() -> None:
    assert texts("a \\\n b") == ["a", "b"]


def test_words_between_blanks_are_keywords_only_where_they_are_taken() -> None:
    assert shapes("x as y", {"AS"})[1] == ("AS", "as")
    assert shapes("x as y")[1] == ("ID", "as")
    assert shapes("as y", {"AS"})[0] == ("ID", "as")
    assert shapes("x\n tos = 16", {"TOS_OPTION"})[1] == ("TOS", "tos")
    assert shapes("x = on # note")[2] == ("BOOLEAN", "on")
    assert shapes("x scale  up to 5", {"SCALE_UP_TO"})[1] == ("SCALE_UP_TO", "scale  up to")


def test_socket_words_come_in_two_cases_and_with_dashes() -> None:
    kinds = [kind for kind, _ in shapes("allow-proxy_protocol ALLOW_PROXY proxy frag FRAG proxying")]
    assert kinds == ["ALLOW_PROXY", "ALLOW_PROXY", "PROXY", "FRAG", "FRAG", "ID"]


@pytest.mark.parametrize(
    ("text", "trouble", "start", "end"),
    [
        ('a "open\nb', Trouble.OPEN_STRING, 2, 7),
        ("a /* open", Trouble.OPEN_COMMENT, 2, 4),
        ("$var(a = 1;\nb", Trouble.OPEN_VARIABLE, 0, 11),
        ("a ` b", Trouble.JUNK, 2, 3),
        ("a\0b", Trouble.NUL, 1, 2),
    ],
)
def test_trouble_is_reported_with_its_place(text: str, trouble: Trouble, start: int, end: int) -> None:
    assert scan(text)[1] == [(trouble, start, end)]


@given(st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
@example("/*/**/")
@example('"\\')
@example("$($(")
@example("\\")
def test_any_bytes_are_scanned_to_their_end(text: str) -> None:
    found, _ = scan(text, SCANNER.keywords)
    position = 0
    for token in found:
        assert position <= token.start_pos < token.end_pos
        assert text[token.start_pos : token.end_pos] == token.value
        position = token.end_pos


def test_a_parameter_of_ours_is_a_name_elsewhere() -> None:
    assert shapes("max_hops") == [("ID", "max_hops")]
    assert shapes("max_hops", {"OWN_PARAMETER"}) == [("OWN_PARAMETER", "max_hops")]
