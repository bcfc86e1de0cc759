"""What is hidden, packed into a parameter of a Contact or into a Call-ID (topology_hiding manual)."""

from __future__ import annotations

import binascii
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from itertools import cycle
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a Contact of ours stands for: the URI, the routes that lead there, our socket towards it (as text),
    the options of the call as text, and whether it is the callee."""

    uri: str
    routes: tuple[str, ...] = ()
    socket: str = ""
    options: str = ""
    is_callee: bool = False


class Scheme:
    """How packed bytes are written: `base64` (RFC 4648 5, without padding) or `base32`, mixed with a password."""

    def __init__(self, name: str, password: str) -> None:
        if name not in ("base64", "base32"):
            raise ValueError(f"th_contact_encode_scheme is base64 or base32, not {name!r}")
        self._wide = name == "base64"
        self._password = password.encode("latin-1")

    def write(self, text: str) -> str:
        """The text, packed."""
        data = text.encode("latin-1")
        mixed = self._mixed(crc32(data).to_bytes(4, "big") + data)
        written = urlsafe_b64encode(mixed) if self._wide else b32encode(mixed).lower()
        return written.rstrip(b"=").decode("ascii")

    def read(self, packed: str) -> str | None:
        """The text; None if this was not packed here."""
        try:
            data = packed.encode("ascii")
            if self._wide:
                mixed = urlsafe_b64decode(data + b"=" * (-len(data) % 4))
            else:
                mixed = b32decode(data.upper() + b"=" * (-len(data) % 8))
        except (binascii.Error, ValueError):
            return None
        plain = self._mixed(mixed)
        if len(plain) < 4 or crc32(plain[4:]) != int.from_bytes(plain[:4], "big"):
            return None
        return plain[4:].decode("latin-1")

    def _mixed(self, data: bytes) -> bytes:
        if not self._password:
            return data
        return bytes(byte ^ key for byte, key in zip(data, cycle(self._password), strict=False))


def pack(target: Target, scheme: Scheme) -> str:
    """A target as the value of a URI parameter."""
    side = "callee" if target.is_callee else "caller"
    return scheme.write("\n".join((side, target.uri, target.socket, target.options, *target.routes)))


def unpack(packed: str, scheme: Scheme) -> Target | None:
    """The target; None if it was not packed here."""
    text = scheme.read(packed)
    if text is None or text.count("\n") < 3:
        return None
    side, uri, socket, options, *routes = text.split("\n")
    return Target(uri, tuple(routes), socket, options, side == "callee")
