"""Two URIs as one parameter, out of which either gives the other (uac manual, `restore_mode`)."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import cycle


def pack(first: str, second: str, password: str) -> str:
    """The parameter, of characters that may stand in a URI (RFC 3261 25.1 paramchar)."""
    size = max(len(first), len(second))
    pairs = zip(_bytes(first, size), _bytes(second, size), strict=True)
    mixed = _mixed(bytes(one ^ other for one, other in pairs), password)
    return urlsafe_b64encode(mixed).rstrip(b"=").decode("ascii")


def unpack(packed: str, known: str, password: str) -> str | None:
    """The other URI; None if the parameter or the URI cannot be of the pair."""
    try:
        mixed = urlsafe_b64decode(packed.encode("latin-1") + b"=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(known) > len(mixed):
        return None
    pairs = zip(_mixed(mixed, password), _bytes(known, len(mixed)), strict=True)
    other = bytes(one ^ each for one, each in pairs).rstrip(b"\0")
    return other.decode("latin-1") if other and all(byte >= 33 for byte in other) else None


def _bytes(text: str, size: int) -> bytes:
    return text.encode("latin-1").ljust(size, b"\0")


def _mixed(data: bytes, password: str) -> bytes:
    """The bytes with a password mixed in, or out again."""
    if not password:
        return data
    return bytes(byte ^ key for byte, key in zip(data, cycle(password.encode("latin-1")), strict=False))
