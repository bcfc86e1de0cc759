"""Messages on the wire: a header with `Content-Length`, an empty line, and a JSON object of that many bytes in UTF-8
(Debug Adapter Protocol, "Base Protocol")."""

from __future__ import annotations

import json

LONGEST_HEADER = 4096
"""Bytes."""

LONGEST_BODY = 16 * 1024 * 1024
"""Bytes."""

_END = b"\r\n\r\n"

Object = dict[str, object]
"""A JSON object."""


class BadFrame(Exception):  # noqa: N818 - the mistake of who sent it
    """What was sent is no message of the protocol; the text says why. Nothing behind it can be read."""


class Framing:
    """Takes bytes as they come and gives the messages in them."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """More bytes."""
        self._buffer += data

    def next_message(self) -> Object | None:
        """The next message; None if more bytes are needed. Raises BadFrame."""
        head, mark, _ = self._buffer.partition(_END)
        if len(head) > LONGEST_HEADER:
            raise BadFrame(f"a header is longer than {LONGEST_HEADER} bytes")
        if not mark:
            return None
        start = len(head) + len(_END)
        end = start + _length(bytes(head))
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[start:end])
        del self._buffer[:end]
        return _object(body)


def framed(message: Object) -> bytes:
    """A message as it goes onto the wire."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _length(head: bytes) -> int:
    """The value of Content-Length. Raises BadFrame."""
    lengths = set()
    for row in head.split(b"\r\n"):
        name, mark, value = row.partition(b":")
        if not mark:
            raise BadFrame(f"no header field: {row.decode('latin-1')!r}")
        if name.strip().lower() == b"content-length":
            lengths.add(value.strip())
    if len(lengths) != 1:
        raise BadFrame("a message has to have one Content-Length")
    text = lengths.pop()
    if not text.isdigit() or len(text) > 10 or int(text) > LONGEST_BODY:
        raise BadFrame(f"no length up to {LONGEST_BODY}: {text.decode('latin-1')!r}")
    return int(text)


def _object(body: bytes) -> Object:
    """Raises BadFrame."""
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"a message is no JSON in UTF-8: {error}") from None
    if not isinstance(found, dict):
        raise BadFrame("a message is no JSON object")
    return found
