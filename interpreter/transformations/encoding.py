"""`{s...}` that encode and escape: hexadecimal, base 64, SIP escapes, xor, dates (language.md 5)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime

from relayscript.interpreter.transformations.arguments import Args, Unfit, text_argument, text_input
from relayscript.interpreter.values import Named, Value, int_of, wrap

_HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_PERCENT = re.compile(r"%(.{0,2})", re.DOTALL)
_UNRESERVED = "A-Za-z0-9\\-_.!~*'()"
_NOT_IN_USER = re.compile(rf"[^{_UNRESERVED}&=+$,;?/]")
_NOT_IN_PARAM = re.compile(rf"[^{_UNRESERVED}\[\]/:&+$]")
_COMMON = {"'": "\\'", '"': '\\"', "\\": "\\\\", "\0": "\\0"}
_UNCOMMON = {"'": "'", '"': '"', "\\": "\\", "0": "\0"}
_SIP_DATE = "%a, %d %b %Y %H:%M:%S GMT"


def dec2hex(value: Value, args: Args) -> Value:
    """`{s.dec2hex}`: lower-case hexadecimal of a 32-bit number, two's complement if it is negative."""
    number = int_of(value)
    if number is None:
        text = text_input(value)
        if _DECIMAL.fullmatch(text) is None:
            raise Unfit
        number = int(text)
    return f"{number % 2**32:x}"


def hex2dec(value: Value, args: Args) -> Value:
    """`{s.hex2dec}`: the number that hexadecimal digits mean."""
    if isinstance(value, int):
        return value
    text = text_input(value)
    if _HEX.fullmatch(text) is None or len(text) > 16:
        raise Unfit
    return wrap(int(text, 16))


def encode_hexa(value: Value, args: Args) -> Value:
    """`{s.encode.hexa}`: two lower-case digits per byte."""
    return text_input(value).encode("latin-1").hex()


def decode_hexa(value: Value, args: Args) -> Value:
    """`{s.decode.hexa}`: the bytes that pairs of digits mean; a last odd digit is dropped."""
    text = text_input(value)
    pairs = text[: len(text) // 2 * 2]
    if pairs and _HEX.fullmatch(pairs) is None:
        raise Unfit
    return bytes.fromhex(pairs).decode("latin-1")


def base64_encode(value: Value, args: Args) -> Value:
    """`{s.b64encode}` (RFC 4648 4)."""
    return base64.b64encode(text_input(value).encode("latin-1")).decode("ascii")


def base64_decode(value: Value, args: Args) -> Value:
    """`{s.b64decode}`: what is not of the alphabet is skipped, missing padding is forgiven."""
    text = _NO_BASE64.sub("", text_input(value))
    if len(text) % 4 == 1:
        text = text[:-1]
    return base64.b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")


def escape_common(value: Value, args: Args) -> Value:
    """`{s.escape.common}`: a backslash before `'`, `"`, a backslash and NUL."""
    return "".join([_COMMON.get(char, char) for char in text_input(value)])


def unescape_common(value: Value, args: Args) -> Value:
    """`{s.unescape.common}`: the reverse; other backslashes stay."""
    return re.sub(r"\\(['\"\\0])", lambda found: _UNCOMMON[found[1]], text_input(value))


def escape_user(value: Value, args: Args) -> Value:
    """`{s.escape.user}`: `%hh` for what may not stand in a user part (RFC 3261 25.1)."""
    return _NOT_IN_USER.sub(_escaped, text_input(value))


def escape_param(value: Value, args: Args) -> Value:
    """`{s.escape.param}`: `%hh` for what may not stand in a URI parameter (RFC 3261 25.1)."""
    return _NOT_IN_PARAM.sub(_escaped, text_input(value))


def unescape(value: Value, args: Args) -> Value:
    """`{s.unescape.user}`, `{s.unescape.param}`: the bytes that `%hh` mean."""
    return _PERCENT.sub(_unescaped, text_input(value))


def xor(value: Value, args: Args) -> Value:
    """`{s.xor,key}`: every byte xor a byte of the repeated key."""
    text, key = text_input(value), text_argument(args, 0)
    if not key:
        raise Unfit
    mixed = "".join([chr(ord(char) ^ ord(key[i % len(key)])) for i, char in enumerate(text)])
    return Named(int(value), mixed) if isinstance(value, int) else mixed


def date2unix(value: Value, args: Args) -> Value:
    """`{s.date2unix}`: a SIP Date (RFC 3261 20.17) in seconds since the epoch, as a string."""
    try:
        moment = datetime.strptime(text_input(value), _SIP_DATE).replace(tzinfo=UTC)
    except ValueError:
        raise Unfit from None
    return str(int(moment.timestamp()))


def _escaped(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02x}"


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1]
    if len(digits) != 2 or _HEX.fullmatch(digits) is None:
        raise Unfit
    return chr(int(digits, 16))


ENCODING: dict[tuple[str, str], Callable[[Value, Args], Value]] = {
    ("s", "dec2hex"): dec2hex,
    ("s", "hex2dec"): hex2dec,
    ("s", "encode.hexa"): encode_hexa,
    ("s", "decode.hexa"): decode_hexa,
    ("s", "b64encode"): base64_encode,
    ("s", "b64decode"): base64_decode,
    ("s", "escape.common"): escape_common,
    ("s", "unescape.common"): unescape_common,
    ("s", "escape.user"): escape_user,
    ("s", "escape.param"): escape_param,
    ("s", "unescape.user"): unescape,
    ("s", "unescape.param"): unescape,
    ("s", "xor"): xor,
    ("s", "date2unix"): date2unix,
}
