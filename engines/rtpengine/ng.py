"""Dictionaries of the ng protocol in bencode, with their keys in the order of insertion (reference 6.1).

Bencode as such wants sorted keys; the library's encoder sorts, so dictionaries are written here and
everything else by the library.
"""

from __future__ import annotations

from collections import deque
from typing import TypeAlias, Union

from bencodepy import BencodeDecodeError, BencodeDecoder
from bencodepy.encoder import BencodeEncoder

from relayscript.engines.errors import EngineError

NgValue: TypeAlias = Union[str, int, list["NgValue"], "NgDict"]
NgDict: TypeAlias = dict[str, NgValue]

_Pieces = deque[bytes]


def encode(dictionary: NgDict) -> bytes:
    """The dictionary as it goes over the wire; each character of a text is one byte."""
    encoder = BencodeEncoder()

    def text(value: str, pieces: _Pieces) -> None:
        encoder.encode_bytes(value.encode("latin-1"), pieces)

    def ordered(values: NgDict, pieces: _Pieces) -> None:
        pieces.append(b"d")
        for key, value in values.items():
            text(key, pieces)
            encoder.encode_func[type(value)](value, pieces)
        pieces.append(b"e")

    encoder.encode_func[str] = text
    encoder.encode_func[dict] = ordered
    data: bytes = encoder.encode(dictionary)
    return data


def decode(data: bytes) -> NgDict:
    """Read a dictionary, in any order of keys. EngineError if it is none."""
    try:
        value = BencodeDecoder(encoding="latin-1").decode(data)
    except BencodeDecodeError as error:
        raise EngineError(f"strange reply: {error}") from None
    if not isinstance(value, dict):
        raise EngineError("strange reply: no dictionary")
    return value
