"""XML as elements with lines, and the documents that are refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.apps.testing.sipp.document import read_document
from relayscript.apps.testing.sipp.errors import SippError

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE x [
  <!ENTITY a "ha">
  <!ENTITY b "&a;&a;&a;">
]>
<scenario>&b;</scenario>
"""


def test_elements_know_their_lines_and_texts() -> None:
    data = b'<?xml version="1.0"?>\n<!DOCTYPE s SYSTEM "sipp.dtd">\n'
    data += b'<s>\n<a x="1&lt;"\n y="2">\n<![CDATA[text]]></a><b/></s>'
    root = read_document(data, "x.xml")
    first, second = root.children
    assert (root.name, root.line, [first.name, second.name]) == ("s", 3, ["a", "b"])
    assert (first.line, first.attributes, first.text, first.text_line) == (4, {"x": "1<", "y": "2"}, "\ntext", 5)


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-8", "windows-1252", "no-such"])
def test_bytes_stay_what_they_are_in_every_encoding(encoding: str) -> None:
    data = f'\ufeff<?xml version="1.0" encoding="{encoding}"?><s>\u00e4\u20ac</s>'.encode()
    assert read_document(data, "x.xml").text == "\u00e4\u20ac".encode().decode("latin-1")


def test_a_char_by_number_is_utf_8() -> None:
    assert read_document(b"<s>&#228;&#8364;</s>", "x.xml").text == "\u00e4" + "\u20ac".encode().decode("latin-1")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (BOMB, "x.xml:3: the entity a is declared here; scenarios with entities of their own are refused"),
        (b"<s>\n<a></s>", "x.xml:2: not XML: mismatched tag"),
        (b"", "x.xml:1: not XML: no element found"),
        (b"hello", "x.xml:1: not XML: syntax error"),
        (b"<s>&other;</s>", "x.xml:1: not XML: undefined entity"),
    ],
)
def test_what_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(SippError) as caught:
        read_document(data, "x.xml")
    assert str(caught.value) == message


@settings(max_examples=100)
@given(st.binary(max_size=60) | st.text("<>a/ &;\"='![]-x0", max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(SippError):
        assert read_document(data, "x.xml").name
