"""A SIP message that keeps every byte: split once, parsed header by header when asked, sent with its edits.

Text is byte text (latin-1): one character per byte, so any byte that arrives goes out unchanged.
"""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern

from relayscript.sip.changes import Changes
from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr
from relayscript.sip.params import LWS, find_param
from relayscript.sip.transport import Address, Listener
from relayscript.sip.via import Via, parse_via, split_first, split_vias, stamp

__all__ = ["COMPACT", "Changes", "Message", "header_key"]

COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "k": "supported",
    "l": "content-length", "s": "subject", "e": "content-encoding", "o": "event", "r": "refer-to",
    "b": "referred-by", "u": "allow-events", "x": "session-expires", "a": "accept-contact",
    "j": "reject-contact", "d": "request-disposition", "y": "identity",
}  # fmt: skip
"""Compact header names and what they stand for (RFC 3261 7.3.3 and the IANA registry)."""

_PLAIN = re.compile(
    r'(?:"[^"\\<>]*"|[A-Za-z0-9 ]*) ?<sips?:[\w.+~-]+@[\w.-]+(?::[0-9]{1,4})?>(?:;tag=([\w.~*+-]+))?', re.ASCII
)
"""An address as nearly every From and To has it, with its tag."""

NOWHERE: Address = ("0.0.0.0", 0)


def header_key(name: str) -> str:
    """The name under which a header is looked up: lower case, long form."""
    return _known_key(name) if len(name) <= 64 else name.strip(LWS).lower()


@lru_cache(maxsize=4096)
def _known_key(name: str) -> str:
    key = name.strip(LWS).lower()
    return intern(COMPACT.get(key, key))


USUAL = {
    name: header_key(name)
    for name in (
        "Via", "Record-Route", "Route", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "User-Agent",
        "Server", "Allow", "Supported", "Expires", "Content-Type", "Content-Length",
    )
}  # fmt: skip
"""Names as nearly every header has them, with what they are looked up by."""


def _odd_key(line: str) -> str:
    """The lookup name of a line whose name is too long to be remembered, or that has none."""
    name, colon, _ = line.partition(":")
    return header_key(name) if colon else ""


class Message:
    """A request or a response.

    `lines` are the header lines as received, without CRLF (a folded line keeps its inner CRLF);
    `keys` are their lookup names, in the same order, empty for a line without a colon. A request has `method`
    and `uri`, a response `status` and `reason`; its `method` is that of the CSeq, empty if that cannot be
    read. `source` and `listener` say who sent it and through which of our sockets it came. `trailer` is what
    came behind the body of a message that says it has none; it goes out again with an unchanged body.
    """

    __slots__ = (
        "_cache", "body", "data", "first_line", "is_request", "keys", "lines", "listener", "method", "reason",
        "source", "status", "trailer", "uri",
    )  # fmt: skip

    def __init__(self, first_line: str, lines: list[str], body: str = "") -> None:
        self.first_line = first_line
        self.lines = lines
        try:
            self.keys = [USUAL[line[: line.index(":")]] for line in lines]
        except (KeyError, ValueError):
            self.keys = [
                _known_key(line[:colon]) if 0 <= (colon := line.find(":")) <= 64 else _odd_key(line)
                for line in lines
            ]
        self.body = body
        self.trailer = ""
        self.data = b""
        self.source = NOWHERE
        self.listener: Listener | None = None
        self._cache: dict[str, object] = {}
        if first_line.startswith("SIP/2.0 "):
            self._read_status_line(first_line)
        else:
            self._read_request_line(first_line)

    def _read_request_line(self, line: str) -> None:
        parts = line.split(" ")
        if len(parts) != 3 or not parts[0] or not parts[1]:
            raise SipError("first-line", f"not a SIP request line: {line[:80]!r}")
        self.is_request, self.status, self.reason = True, 0, ""
        self.method, self.uri, version = parts
        if version != "SIP/2.0" and version.upper() != "SIP/2.0":
            if not version.upper().startswith("SIP/"):
                raise SipError("first-line", f"not a SIP request line: {line[:80]!r}")
            raise SipError("version", f"SIP version {version[:20]!r}", 505, "Version Not Supported")

    def _read_status_line(self, line: str) -> None:
        code = line[8:11]
        if not (code.isascii() and code.isdigit() and code >= "100" and line[11:12] in (" ", "")):
            raise SipError("first-line", f"not a SIP status line: {line[:80]!r}")
        self.is_request, self.status, self.reason, self.uri = False, int(code), line[12:], ""
        parts = (self.header("cseq") or "").split()
        self.method = parts[1] if len(parts) == 2 else ""

    @classmethod
    def parse(cls, data: bytes) -> Message:
        """Read a datagram. Raises SipError if its first line is not SIP.

        Leading empty lines are skipped (RFC 3261 7.5). The body is what Content-Length says, or all that
        is left without one, with a longer one or one that is no number (`sanity.check` judges those).
        Bytes behind the body are dropped (RFC 3261 18.3). Lines may end in a bare LF.
        """
        message = cls.from_text(data.decode("latin-1"))
        message.data = data
        return message

    @classmethod
    def from_text(cls, text: str) -> Message:
        """Read byte text, as `parse` does."""
        if text[:1] in ("\r", "\n"):
            text = text.lstrip("\r\n")
        head, mark, body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        if not mark or head.count("\n") != len(lines) - 1:
            head, body = _split_loosely(text)
            lines = head.split("\r\n")
        if "\r\n " in head or "\r\n\t" in head:
            lines = _unfold(lines)
        message = cls(lines.pop(0), lines, body)
        if body:
            message._cut_body(body)
        return message

    def _cut_body(self, body: str) -> None:
        """Keep of the body what Content-Length says."""
        value = self.header("content-length")
        if value is None or not (value.isascii() and value.isdigit()) or len(value) > 10:
            return
        length = int(value)
        if length == 0:
            self.body, self.trailer = "", body
        elif length < len(body):
            self.body = body[:length]

    # ---- headers

    def value(self, index: int) -> str:
        """The value of the header line at an index, without surrounding blanks (inner folds kept)."""
        return self.lines[index].partition(":")[2].strip(LWS)

    def header(self, key: str) -> str | None:
        """The value of the first header of this lookup name; None if there is none."""
        try:
            line = self.lines[self.keys.index(key)]
        except ValueError:
            return None
        return line[line.find(":") + 1 :].strip(LWS)

    def headers(self, key: str) -> list[str]:
        """The values of all headers of this lookup name, in order."""
        return [self.value(i) for i, k in enumerate(self.keys) if k == key]

    def indexes(self, key: str) -> list[int]:
        """The positions of all headers of this lookup name in `lines`."""
        return [i for i, k in enumerate(self.keys) if k == key]

    def line_with(self, index: int, value: str) -> str:
        """The header line at an index with another value; its name and the blanks around stay as they are."""
        line = self.lines[index]
        start = line.index(":") + 1
        rest = line[start:]
        head = len(rest) - len(rest.lstrip(LWS))
        if head == len(rest):
            return f"{line[:start]} {value}"
        return f"{line[: start + head]}{value}{rest[len(rest.rstrip(LWS)) :]}"

    # ---- headers that every message has, parsed once

    @property
    def call_id(self) -> str:
        """The Call-ID; empty if there is none."""
        return self.header("call-id") or ""

    @property
    def cseq_parts(self) -> tuple[str, str]:
        """Number and method of CSeq as written; empty if there is none. Raises SipError `cseq` if they are
        not two words on one line."""
        found = self._cache.get("cseq words")
        if found is None:
            found = self._cache["cseq words"] = _cseq_words(self.header("cseq"))
        return found  # type: ignore[return-value]

    @property
    def cseq(self) -> tuple[int, str]:
        """CSeq number and method. Raises SipError `cseq` if it is missing or malformed (RFC 3261 8.1.1.5)."""
        found = self._cache.get("cseq")
        if found is None:
            number, method = self.cseq_parts
            if not (number.isascii() and number.isdigit() and len(number) <= 20) or int(number) >= 2**32:
                raise SipError("cseq", "missing or bad CSeq", 400, "Bad CSeq")
            found = self._cache["cseq"] = (int(number), method)
        return found  # type: ignore[return-value]

    @property
    def content_length(self) -> int | None:
        """Content-Length in bytes; None if the header is absent. SipError for no number below 2**32."""
        value = self.header("content-length")
        if value is None:
            return None
        if value == "0":
            return 0
        if not (value.isascii() and value.isdigit() and len(value) <= 20) or int(value) >= 2**32:
            raise SipError("content-length", "bad Content-Length header", 400, "Bad Content-Length")
        return int(value)

    @property
    def from_(self) -> NameAddr:
        """The From header. Raises SipError `from` if it is missing or malformed."""
        return self._address("from", "From")

    @property
    def to(self) -> NameAddr:
        """The To header. Raises SipError `to` if it is missing or malformed."""
        return self._address("to", "To")

    def _address(self, key: str, name: str) -> NameAddr:
        found = self._cache.get(key)
        if found is None:
            value = self.header(key)
            try:
                found = self._cache[key] = parse_nameaddr(value or "")
            except SipError as error:
                text = f"{name}: {error}" if value is not None else f"no {name} header"
                raise SipError(
                    key, text, 400, f"{'Bad' if value is not None else 'Missing'} {name}"
                ) from None
        return found  # type: ignore[return-value]

    @property
    def from_tag(self) -> str:
        """The tag of From; empty if there is none. Raises SipError `from` if the header is malformed."""
        found = self._cache.get("from tag")
        if found is None:
            found = self._cache["from tag"] = self._tag("from")
        return found  # type: ignore[return-value]

    @property
    def to_tag(self) -> str:
        """The tag of To; empty if there is none. Raises SipError `to` if the header is malformed."""
        found = self._cache.get("to tag")
        if found is None:
            found = self._cache["to tag"] = self._tag("to")
        return found  # type: ignore[return-value]

    def is_plain(self, key: str) -> bool:
        """The `from` or `to` header is an address as nearly all are: well-formed, its tag is known from here on."""
        found = _PLAIN.fullmatch(self.header(key) or "")
        if found is None:
            return False
        self._cache[f"{key} tag"] = found[1] or ""
        return True

    def _tag(self, key: str) -> str:
        value = self.header(key)
        if value is None:
            return ""
        if (found := _PLAIN.fullmatch(value)) is not None:
            return found[1] or ""
        opening, closing, quotes = value.rfind("<"), value.find(">"), value.count('"')
        params = value[closing + 1 :]
        plain = 0 <= opening < closing and ">" not in params and (not params or params[0] == ";")
        if not plain or (quotes and (quotes != 2 or value.rfind('"') > opening)):
            return self._address(key, key.capitalize()).tag
        if not params:
            return ""
        if params.startswith(";tag=") and ";" not in params[5:]:
            return params[5:]
        return find_param(params, "tag") or ""

    @property
    def top_via(self) -> Via:
        """The topmost Via value. Raises SipError `via` if it is missing or malformed."""
        found = self._cache.get("via")
        if found is None:
            value = self.header("via")
            if value is None:
                raise SipError("via", "no Via header", 0, "")
            found = self._cache["via"] = parse_via(split_first(value)[0])
        return found  # type: ignore[return-value]

    def vias(self) -> list[Via]:
        """All Via values, topmost first. Raises SipError `via` if one is malformed."""
        return [parse_via(text) for value in self.headers("via") for text in split_vias(value)]

    def cached(self, name: str) -> object | None:
        """What an earlier reader of this message left under a name; None if nothing."""
        return self._cache.get(name)

    def cache(self, name: str, value: object) -> None:
        """Leave something parsed for later readers."""
        self._cache[name] = value

    # ---- edits of the topmost Via

    def know_sender(self) -> None:
        """The host in the topmost Via is a name of the sender: no `received` is needed."""
        self._cache["sender"] = True

    def received_via(self, *, force_rport: bool = False, forwarding: bool = True) -> tuple[int, str] | None:
        """Index and text of the topmost Via line with `received` and `rport` filled in; None if not needed.

        Raises SipError `via` if there is no readable Via. See `via.stamp`.
        """
        via, known = self.top_via, "sender" in self._cache
        if via.host == self.source[0] and not force_rport and "rport" not in via.params.lower():
            return None
        index = self._top_via_index()
        value = self.value(index)
        stamped = stamp(value, self.source, force_rport=force_rport, forwarding=forwarding, is_known=known)
        return None if stamped is value else (index, self.line_with(index, stamped))

    def popped_via(self) -> tuple[int, str | None]:
        """Index of the topmost Via line, and the line without its first value, None if it has no other.

        For a reply on its way back (RFC 3261 16.7 step 3). Raises SipError `via` if there is no Via.
        """
        index = self._top_via_index()
        line = self.lines[index]
        if "," not in line:
            return index, None
        rest = split_first(self.value(index))[1]
        return index, self.line_with(index, rest) if rest else None

    def _top_via_index(self) -> int:
        if "via" not in self.keys:
            raise SipError("via", "no Via header")
        return self.keys.index("via")

    # ---- sending

    def render(self, first_line: str, changes: Changes | None = None, top: tuple[str, ...] = ()) -> str:
        """The message with a first line, edits, and header lines put on top (the new Via).

        What the edits do not touch goes out byte for byte; Content-Length follows a replaced body.
        """
        if changes is None:
            return "\r\n".join((first_line, *top, *self.lines, "", self.body)) + self.trailer
        body = self.body + self.trailer if changes.body is None else changes.body
        last = changes.last
        if changes.body is not None:
            last = [*last, *self._lines_for_body(changes)]
        lines = self._edited(changes)
        return "\r\n".join((first_line, *changes.first, *top, *lines, *last, "", body))

    def _edited(self, changes: Changes) -> list[str]:
        """The header lines with the edits that belong to one of them."""
        removed, replaced, after = changes.removed, changes.replaced, changes.after
        if changes.body is not None and "content-length" in self.keys:
            index = self.keys.index("content-length")
            replaced = {**replaced, index: self.line_with(index, str(len(changes.body)))}
        if not removed and not replaced and not after:
            return self.lines
        lines = self.lines.copy()
        if not after and not replaced and len(removed) == 1:
            (index,) = removed
            del lines[index : index + 1]
            return lines
        for index in sorted({*removed, *replaced, *after}, reverse=True):
            kept = [replaced.get(index, lines[index])] if index in replaced or index not in removed else []
            lines[index : index + 1] = kept + after.get(index, [])
        return lines

    def _lines_for_body(self, changes: Changes) -> list[str]:
        """The lines that a new body needs and the message does not have."""
        if changes.body and changes.content_type is not None:
            return [f"Content-Type: {changes.content_type}"]
        return []


def _cseq_words(value: str | None) -> tuple[str, str]:
    if value is None:
        return ("", "")
    parts = value.split()
    if len(parts) != 2 or "\n" in value:
        raise SipError("cseq", f"bad CSeq {value[:80]!r}", 400, "Bad CSeq")
    return (parts[0], parts[1])


def _split_loosely(text: str) -> tuple[str, str]:
    """Split a message whose lines end in bare LF, or that has no empty line behind its headers.

    The header block comes back with CRLF, the body as it was.
    """
    found = [(text.find(mark), len(mark)) for mark in ("\r\n\r\n", "\n\n", "\n\r\n")]
    at, size = min((hit for hit in found if hit[0] >= 0), default=(len(text), 0), key=lambda hit: hit[0])
    head = text[:at]
    if size == 0 or head.endswith("\r"):
        head = head.rstrip("\r\n") if size == 0 else head[:-1]
    return head.replace("\r\n", "\n").replace("\n", "\r\n"), text[at + size :]


def _unfold(lines: list[str]) -> list[str]:
    """Join the continuation lines of a header block; a fold stays inside its line (RFC 3261 7.3.1)."""
    joined: list[list[str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and len(joined) > 1:
            joined[-1].append(line)
        else:
            joined.append([line])
    return ["\r\n".join(parts) for parts in joined]
