"""`{s.md5}`, `{s.sha256}`, `{s.sha1_hmac,key}`, `{s.crc32}`: checksums and digests (language.md 5)."""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Callable

from relayscript.interpreter.transformations.arguments import Args, Unfit, text_argument, text_input
from relayscript.interpreter.values import Value

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def crc32(value: Value, args: Args) -> Value:
    """`{s.crc32}`: the CRC-32 of the bytes, in decimal."""
    return str(zlib.crc32(text_input(value).encode("latin-1")))


def _digest(algorithm: str) -> Callable[[Value, Args], Value]:
    def digest(value: Value, args: Args) -> Value:
        return hashlib.new(algorithm, text_input(value).encode("latin-1"), usedforsecurity=False).hexdigest()

    return digest


def _keyed(algorithm: str) -> Callable[[Value, Args], Value]:
    def keyed(value: Value, args: Args) -> Value:
        key = text_argument(args, 0)
        if not key:
            raise Unfit
        return hmac.new(key.encode("latin-1"), text_input(value).encode("latin-1"), algorithm).hexdigest()

    return keyed


HASHES: dict[tuple[str, str], Callable[[Value, Args], Value]] = {
    ("s", "crc32"): crc32,
    **{("s", each): _digest(each) for each in ALGORITHMS},
    **{("s", f"{each}_hmac"): _keyed(each) for each in ALGORITHMS if each != "md5"},
}
