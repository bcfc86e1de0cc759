"""Texts with keywords: how they are cut, and what is no keyword."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.keywords import Keyword, Template, Words

WORDS = Words("x.xml", {"callee"})


def test_text_and_keywords_in_turn() -> None:
    assert WORDS.template("a [call_id]\n[branch-2][last_Via:] [$1] [field3] [callee]", 5).parts == (
        "a ", Keyword("call_id", "", 5), "\n", Keyword("branch", "", 6, -2), Keyword("header", "Via", 6), " ",
        Keyword("variable", "1", 6), " ", Keyword("field", "3", 6), " ", Keyword("key", "callee", 6),
    )  # fmt: skip


def test_arguments_may_have_keywords_in_them() -> None:
    (found,) = WORDS.template('[authentication username=[field0] password="a b"]', 1).parts
    assert isinstance(found, Keyword)
    assert found.argument("username") == Template((Keyword("field", "0", 1),))
    assert found.argument("password") == Template(("a b",))
    assert found.argument("aka_OP") is None


def test_a_message_loses_its_indentation_and_gets_its_ends_of_lines() -> None:
    text = "\n\n   OPTIONS sip:b SIP/2.0\n\tA: x\\x41 \n\n   one\n     two\n\n   three\n\n  "
    assert WORDS.message(text, 3).parts == ("OPTIONS sip:b SIP/2.0\r\nA: xA\r\n\r\none\r\ntwo\r\n\r\nthree\r\n",)


def test_a_message_without_body_ends_with_an_empty_line() -> None:
    assert WORDS.message("\nOPTIONS sip:b SIP/2.0\n  A: 1\n\n ", 3).parts == ("OPTIONS sip:b SIP/2.0\r\nA: 1\r\n\r\n",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n[nothing]", "x.xml:2: expected a keyword of SIPp or a key given to the party, found [nothing]"),
        ("[call_id+1]", "x.xml:1: expected a keyword of SIPp or a key given to the party, found [call_id+1]"),
        ("a [call_id", "x.xml:1: expected ], found the end of the text: a keyword begins with this ["),
        ("[tdmmap]", "x.xml:1: the keyword [tdmmap] is not supported in scenarios"),
        ("[authentication username]", "x.xml:1: expected NAME=VALUE in a keyword, found username"),
        ("[$]", "x.xml:1: expected a keyword of SIPp or a key given to the party, found [$]"),
    ],
)
def test_what_is_no_keyword(text: str, message: str) -> None:
    with pytest.raises(SippError) as caught:
        WORDS.template(text, 1)
    assert str(caught.value) == message


def test_an_empty_message_is_none() -> None:
    with pytest.raises(SippError, match=r"^x\.xml:2: expected a SIP message, found nothing$"):
        WORDS.message("\n \n", 2)


@settings(max_examples=100)
@given(st.text(st.sampled_from('[]$+-0=" \n\\x') | st.characters(max_codepoint=255), max_size=30))
def test_any_text_is_cut_or_refused(text: str) -> None:
    try:
        parts = WORDS.template(text, 1).parts
    except SippError:
        return
    assert "".join(part for part in parts if isinstance(part, str)).count("[") == 0
