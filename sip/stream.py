"""Messages on a byte stream: where one ends and the next begins (RFC 3261 18.3, RFC 5626 3.5.1)."""

from __future__ import annotations

import re

from relayscript.sip.errors import SipError

PING = b"\r\n\r\n"
"""A keep-alive between messages; it is answered with CRLF."""

_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)


class Framer:
    """Cuts a stream into messages. Limits are in bytes; a stream that broke one cannot go on."""

    __slots__ = ("_buffer", "_most_body", "_most_head", "_seen", "_wanted")

    def __init__(self, most_head: int = 65535, most_body: int = 1 << 20) -> None:
        self._buffer = bytearray()
        self._most_head = most_head
        self._most_body = most_body
        self._seen = 0
        self._wanted = 0

    def receive(self, data: bytes) -> list[bytes]:
        """Take bytes, give the messages they complete, in order; `PING` stands for a keep-alive.

        Raises SipError `framing` (400, or 513 for a body that is too large): the connection is to be closed.
        Messages completed before the fault by the same call are lost with it.
        """
        self._buffer += data
        found: list[bytes] = []
        while (frame := self._next()) is not None:
            found.append(frame)
        return found

    def _next(self) -> bytes | None:
        if not self._wanted and not self._read_head():
            return self._ping()
        if len(self._buffer) < self._wanted:
            return None
        return self._take(self._wanted)

    def _take(self, size: int) -> bytes:
        frame = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._wanted = self._seen = 0
        return frame

    def _ping(self) -> bytes | None:
        """A keep-alive at the front of the stream; a lone CRLF (the answer to one of ours) is skipped."""
        buffer = self._buffer
        if buffer.startswith(PING):
            return self._take(4)
        return None

    def _read_head(self) -> bool:
        """Find where the next message ends; False if its header block is not complete."""
        buffer = self._buffer
        self._skip_empty_lines()
        if bytes(buffer[:1]) in (b"\r", b""):
            return False
        found = _END.search(buffer, max(0, self._seen - 3))
        self._seen = len(buffer)
        if (found.end() if found else len(buffer)) > self._most_head:
            raise SipError("framing", "header block too long", 400, "Message Too Long")
        if found is None:
            return False
        self._wanted = found.end() + self._body_length(bytes(buffer[: found.end()]))
        return True

    def _skip_empty_lines(self) -> None:
        """Drop line ends before a start line that are no keep-alive (RFC 3261 7.5)."""
        buffer = self._buffer
        while buffer[:1] == b"\n" or (buffer[:2] == b"\r\n" and bytes(buffer[2:3]) not in (b"\r", b"")):
            del buffer[: 1 if buffer[:1] == b"\n" else 2]

    def _body_length(self, head: bytes) -> int:
        found = _LENGTH.search(head)
        text = found[1].strip() if found else b""
        if not text.isdigit() or len(text) > 10:
            raise SipError("framing", "no Content-Length to frame a stream by", 400, "Missing Content-Length")
        if int(text) > self._most_body:
            raise SipError("framing", "body too large", 513, "Message Too Large")
        return int(text)
