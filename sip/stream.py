"""Messages on a byte stream: where one ends and the next begins (RFC 3261 18.3, RFC 5626 3.5.1)."""

from __future__ import annotations

import re

from relayscript.sip.errors import SipError

PING = b"\r\n\r\n"
"""A keep-alive between messages; it is answered with CRLF."""

_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:(?:[ \t]|\r?\n[ \t])*([^\r\n]*)", re.IGNORECASE)


class Framer:
    """Cuts a stream into messages. `most_head` and `most_body` are limits in bytes.

    `fault` says why the stream cannot go on (SipError `framing`: 400, or 513 for a body that is too large);
    the connection is then to be closed, and further bytes are ignored.
    """

    __slots__ = ("_buffer", "_most_body", "_most_head", "_seen", "_wanted", "fault")

    def __init__(self, most_head: int = 65535, most_body: int = 1 << 20) -> None:
        self.fault: SipError | None = None
        self._buffer = bytearray()
        self._most_head = most_head
        self._most_body = most_body
        self._seen = 0
        self._wanted = 0

    def receive(self, data: bytes) -> list[bytes]:
        """Take bytes, give the messages they complete, in order; `PING` stands for a keep-alive.

        Look at `fault` afterwards. Line ends before a start line are dropped (RFC 3261 7.5).
        """
        if self.fault is not None:
            return []
        self._buffer += data
        found: list[bytes] = []
        try:
            while frame := self._next():
                found.append(frame)
        except SipError as error:
            self.fault = error
        return found

    @property
    def is_partial(self) -> bool:
        """A message has begun and is not complete; line ends between messages do not count."""
        return bool(self._buffer) and self._buffer[0] not in b"\r\n"

    def _next(self) -> bytes:
        """The next message or keep-alive; empty if it is not complete."""
        if not self._wanted:
            if not self._skip_empty_lines():
                return self._take(4) if self._buffer[:4] == PING else b""
            if not self._read_head():
                return b""
        return self._take(self._wanted) if len(self._buffer) >= self._wanted else b""

    def _take(self, size: int) -> bytes:
        frame = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._wanted = self._seen = 0
        return frame

    def _skip_empty_lines(self) -> bool:
        """Drop line ends that are no keep-alive; False if what is left may be or become one."""
        buffer = self._buffer
        while not PING.startswith(front := bytes(buffer[:4])):
            if front[:1] not in (b"\r", b"\n"):
                return True
            del buffer[: 2 if front[:2] == b"\r\n" else 1]
        return False

    def _read_head(self) -> bool:
        """Find where the next message ends; False if its header block is not complete."""
        buffer = self._buffer
        found = _END.search(buffer, max(0, self._seen - 3))
        self._seen = len(buffer)
        if (found.end() if found else len(buffer)) > self._most_head:
            raise SipError("framing", "header block too long", 400, "Message Too Long")
        if found is None:
            return False
        self._wanted = found.end() + self._body_length(bytes(buffer[: found.end()]))
        return True

    def _body_length(self, head: bytes) -> int:
        found = {text.strip() for text in _LENGTH.findall(head)} or {b""}
        text = found.pop()
        if not text.isdigit() or len(text) > 10 or found:
            raise SipError("framing", "no Content-Length to frame a stream by", 400, "Missing Content-Length")
        if int(text) > self._most_body:
            raise SipError("framing", "body too large", 513, "Message Too Large")
        return int(text)
