"""A SIP message that keeps every byte: split once, parsed header by header when asked, sent with its edits.

Text is byte text (latin-1): one character per byte, so any byte that arrives goes out unchanged.
"""

from __future__ import annotations

from relayscript.sip.errors import SipError
from relayscript.sip.transport import Address, Listener

COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "k": "supported",
    "l": "content-length", "s": "subject", "e": "content-encoding", "o": "event", "r": "refer-to",
    "b": "referred-by", "u": "allow-events", "x": "session-expires", "a": "accept-contact",
    "j": "reject-contact", "d": "request-disposition", "y": "identity",
}  # fmt: skip
"""Compact header names and what they stand for (RFC 3261 7.3.3 and the IANA registry)."""

_keys: dict[str, str] = {}
_KEYS_LIMIT = 4096


def header_key(name: str) -> str:
    """The name under which a header is looked up: lower case, long form."""
    key = _keys.get(name)
    if key is None:
        key = name.strip(" \t").lower()
        key = COMPACT.get(key, key)
        if len(_keys) < _KEYS_LIMIT:
            _keys[name] = key
    return key


class Changes:
    """Edits of a message's headers and body that take effect when it is sent.

    `removed` holds indexes into `Message.lines`; `replaced` maps an index to new lines (without the
    final CRLF); `first` and `last` are lines put before and behind the headers; `after` maps an index
    to lines that follow it. `body` replaces the body if it is not None.
    """

    __slots__ = ("after", "body", "content_type", "first", "last", "removed", "replaced")

    def __init__(self) -> None:
        self.removed: set[int] = set()
        self.replaced: dict[int, str] = {}
        self.first: list[str] = []
        self.last: list[str] = []
        self.after: dict[int, list[str]] = {}
        self.body: str | None = None
        self.content_type: str | None = None

    def copy(self) -> Changes:
        """The same edits, to go on independently (a branch starts from those of the request)."""
        other = Changes.__new__(Changes)
        other.removed = set(self.removed)
        other.replaced = dict(self.replaced)
        other.first = list(self.first)
        other.last = list(self.last)
        other.after = {index: list(lines) for index, lines in self.after.items()}
        other.body = self.body
        other.content_type = self.content_type
        return other


class Message:
    """A request or a response.

    `lines` are the header lines as received, without CRLF (a folded line keeps its inner CRLF);
    `keys` are their lookup names, in the same order. A request has `method` and `uri`, a response
    `status` and `reason`; its `method` is that of the CSeq. `source` and `listener` say who sent it
    and through which of our sockets it came.
    """

    __slots__ = (
        "_cache", "body", "data", "first_line", "is_request", "keys", "lines", "listener", "method", "reason",
        "source", "status", "uri",
    )  # fmt: skip

    def __init__(self, first_line: str, lines: list[str], body: str = "") -> None:
        self.first_line = first_line
        self.lines = lines
        self.keys = [header_key(line.partition(":")[0]) for line in lines]
        self.body = body
        self.data = b""
        self.source: Address = ("0.0.0.0", 0)
        self.listener: Listener | None = None
        self._cache: dict[str, object] = {}
        self.status, self.reason, self.uri = 0, "", ""
        if first_line.startswith("SIP/2.0 "):
            self.is_request = False
            self._read_status_line(first_line)
            self.method = self.cseq[1] if "cseq" in self.keys else ""
        else:
            self.is_request = True
            parts = first_line.split(" ")
            if len(parts) != 3 or not parts[0] or not parts[1]:
                raise SipError("first-line", f"not a SIP request line: {first_line[:80]!r}")
            self.method, self.uri, version = parts
            if version.upper() != "SIP/2.0":
                raise SipError("version", f"SIP version {version[:20]!r}", 505, "Version Not Supported")

    def _read_status_line(self, line: str) -> None:
        code = line[8:11]
        if not (code.isascii() and code.isdigit() and len(code) == 3 and line[11:12] in (" ", "")):
            raise SipError("first-line", f"not a SIP status line: {line[:80]!r}")
        self.status = int(code)
        self.reason = line[12:]

    @classmethod
    def parse(cls, data: bytes) -> Message:
        """Read a datagram. Raises SipError if it is not SIP.

        Leading empty lines are skipped (RFC 3261 7.5). The body is what Content-Length says, and all
        that is left without one; a Content-Length beyond the datagram is an error (RFC 3261 18.3).
        """
        text = data.decode("latin-1").lstrip("\r\n")
        head, mark, body = text.partition("\r\n\r\n")
        if not mark:
            head, body = _split_loosely(text)
        if "\n" in head.replace("\r\n", ""):
            head = head.replace("\r\n", "\n").replace("\n", "\r\n")
        if "\r\n " in head or "\r\n\t" in head:
            lines = _unfold(head)
        else:
            lines = head.split("\r\n")
        message = cls(lines.pop(0), lines, body)
        message.data = data
        length = message.content_length
        if length is not None and length != len(body):
            if length > len(body):
                raise SipError("content-length", "body shorter than Content-Length", 400, "Bad Content-Length")
            message.body = body[:length]
        return message

    # ---- headers

    def value(self, index: int) -> str:
        """The value of the header line at an index, without surrounding blanks (inner folds kept)."""
        return self.lines[index].partition(":")[2].strip(" \t\r\n")

    def header(self, key: str) -> str | None:
        """The value of the first header of this lookup name; None if there is none."""
        try:
            return self.value(self.keys.index(key))
        except ValueError:
            return None

    def headers(self, key: str) -> list[str]:
        """The values of all headers of this lookup name, in order."""
        return [self.value(i) for i, k in enumerate(self.keys) if k == key]

    def indexes(self, key: str) -> list[int]:
        """The positions of all headers of this lookup name in `lines`."""
        return [i for i, k in enumerate(self.keys) if k == key]

    # ---- headers that every message has, parsed once

    @property
    def call_id(self) -> str:
        """The Call-ID; empty if there is none."""
        return self.header("call-id") or ""

    @property
    def cseq(self) -> tuple[int, str]:
        """CSeq number and method. Raises SipError if it is missing or malformed."""
        found = self._cache.get("cseq")
        if found is None:
            number, _, method = (self.header("cseq") or "").partition(" ")
            method = method.strip(" \t")
            if not (number.isascii() and number.isdigit() and method) or int(number) >= 2**32:
                raise SipError("cseq", "bad CSeq header", 400, "Bad CSeq")
            found = self._cache["cseq"] = (int(number), method)
        return found  # type: ignore[return-value]

    @property
    def content_length(self) -> int | None:
        """Content-Length in bytes; None if the header is absent. Raises SipError if it is no number."""
        value = self.header("content-length")
        if value is None:
            return None
        if not (value.isascii() and value.isdigit()):
            raise SipError("content-length", "bad Content-Length header", 400, "Bad Content-Length")
        return int(value)

    def cached(self, name: str) -> object | None:
        """What an earlier reader of this message left under a name; None if nothing."""
        return self._cache.get(name)

    def cache(self, name: str, value: object) -> None:
        """Leave something parsed for later readers."""
        self._cache[name] = value

    # ---- sending

    def render(self, first_line: str, changes: Changes | None = None, top: tuple[str, ...] = ()) -> str:
        """The message with a first line, edits, and header lines put on top (the new Via).

        What the edits do not touch goes out byte for byte; Content-Length follows a replaced body.
        """
        if changes is None:
            return "\r\n".join((first_line, *top, *self.lines, "", self.body))
        lines: list[str] = [first_line, *changes.first, *top]
        body = self.body if changes.body is None else changes.body
        removed, replaced, after = changes.removed, changes.replaced, changes.after
        if changes.body is not None:
            replaced = self._with_new_length(replaced, len(body))
        if not removed and not replaced and not after:
            lines += self.lines
        else:
            for index, line in enumerate(self.lines):
                if index in replaced:
                    lines.append(replaced[index])
                elif index not in removed:
                    lines.append(line)
                if index in after:
                    lines += after[index]
        lines += changes.last
        if changes.body is not None and body and changes.content_type is not None:
            lines.append(f"Content-Type: {changes.content_type}")
        lines += ("", body)
        return "\r\n".join(lines)

    def _with_new_length(self, replaced: dict[int, str], length: int) -> dict[int, str]:
        try:
            index = self.keys.index("content-length")
        except ValueError:
            return replaced
        return {**replaced, index: f"{self.lines[index].partition(':')[0]}: {length}"}


def _split_loosely(text: str) -> tuple[str, str]:
    """Split a message whose lines end in bare LF, or that has no empty line behind its headers."""
    normal = text.replace("\r\n", "\n")
    head, mark, _ = normal.partition("\n\n")
    if not mark:
        return normal.rstrip("\n").replace("\n", "\r\n"), ""
    cut = text.find("\n", len(head))
    for separator in ("\n\n", "\n\r\n"):
        at = text.find(separator)
        if at >= 0:
            cut = at + len(separator)
            return text[:at].rstrip("\r").replace("\r\n", "\n").replace("\n", "\r\n"), text[cut:]
    return head, text[cut:]


def _unfold(head: str) -> list[str]:
    """Split a header block that has folded lines; a fold stays inside its line (RFC 3261 7.3.1)."""
    lines: list[str] = []
    for line in head.split("\r\n"):
        if line[:1] in (" ", "\t") and len(lines) > 1:
            lines[-1] += "\r\n" + line
        else:
            lines.append(line)
    return lines
