"""Checksums and digests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

CASES: list[tuple[Value, str, Value]] = [
    ("hello", "s.md5", "5d41402abc4b2a76b9719d911017c592"),
    ("", "s.md5", "d41d8cd98f00b204e9800998ecf8427e"),
    (123, "s.md5", "202cb962ac59075b964b07152d234b70"),
    ("hello", "s.sha1", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
    ("hello", "s.sha224", "ea09ae9cc6768c50fcee903ed054556e5bfc8347907f12598aa24193"),
    ("hello", "s.sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
    ("hello", "s.sha1_hmac,key", "b34ceac4516ff23a143e61d79d0fa7a4fbe5f266"),
    (
        "hello",
        "s.sha256_hmac,$var(key)",
        "9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b",
    ),
    ("hello", "s.sha256_hmac,$var(none)", None),
    ("hello", "s.sha256_hmac", None),
    ("hello", "s.sha256_hmac,", None),
    ("123456789", "s.crc32", "3421780262"),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(key)", "key")
    assert on.read(f"$(var(s){{{operation}}})") == result


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_long_digests(stage: Set, algorithm: str) -> None:
    on = stage()
    on.write("$var(s)", "x")
    assert on.read(f"$(var(s){{s.{algorithm}}}{{s.len}})") == int(algorithm[3:]) // 4
    assert on.read(f"$(var(s){{s.{algorithm}_hmac,k}}{{s.len}})") == int(algorithm[3:]) // 4
