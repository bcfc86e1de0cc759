"""XML as elements that know their lines. What a document declares is not expanded: entities are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from relayscript.apps.testing.sipp.errors import SippError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Element:
    """An element: its attributes, the elements in it, its text, and the line where that text begins."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""
    text_line: int = 0


class Reader:
    """Puts elements together as expat finds them. Texts are byte texts, whatever the file says it is written in."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._parser = expat.ParserCreate("ISO-8859-1")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity
        self._open: list[Element] = []
        self._root: Element | None = None

    def read(self, data: bytes) -> Element:
        """The outermost element. Raises SippError."""
        try:
            self._parser.Parse(data.removeprefix(BYTE_ORDER_MARK), True)
        except expat.ExpatError as error:
            raise SippError(self._file, error.lineno, f"not XML: {expat.ErrorString(error.code)}") from None
        if self._root is None:
            raise SippError(self._file, 1, "expected an XML document, found nothing")
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        given = {key: byte_text(value) for key, value in attributes.items()}
        element = Element(byte_text(name), self._parser.CurrentLineNumber, given)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        element = self._open[-1]
        element.text_line = element.text_line or self._parser.CurrentLineNumber
        element.text += byte_text(text)

    def _entity(self, name: str, *declared: object) -> None:
        text = f"the entity {name} is declared here; scenarios with entities of their own are refused"
        raise SippError(self._file, self._parser.CurrentLineNumber, text)


def byte_text(text: str) -> str:
    """Text with one char per byte: what was written as `&#8364;` is in UTF-8."""
    if text.isascii():
        return text
    return "".join(char if char <= "\xff" else char.encode("utf-8", "replace").decode("latin-1") for char in text)


def read_document(data: bytes, file: str) -> Element:
    """The outermost element of an XML document. Raises SippError with the line of what is wrong."""
    return Reader(file).read(data)
