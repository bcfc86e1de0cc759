"""Headers by name, and the headers that have variables of their own: Call-ID, CSeq, Contact, Content-Type ...

They show the message as it was received; queued edits are not visible (language.md 10.1).
"""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Reader, variable
from relayscript.interpreter.values import Named, Value, ascii_lower
from relayscript.interpreter.variables.indexing import Index, joined, pick, position
from relayscript.sip import bodies
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message, header_key
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr, split_list
from relayscript.sip.params import LWS, unquote


class HeaderVariables(Module):
    """Any header, and those of every message."""

    name = "core"

    @variable("hdr", parameter="required", index=True)
    def hdr(self, context: Context, name: str, index: Index) -> Value:
        """The body of a header; the first without an index. Known names match their compact forms as well."""
        return _header_reader(header_key(name), index)(context)

    @hdr.linker
    def _link_hdr(self, name: str, index: Index) -> Reader:
        return _header_reader(header_key(name), index)

    @variable("hdr_name", index=True)
    def hdr_name(self, context: Context, index: Index) -> Value:
        """The name of a header as written, by position in the message."""
        lines = context.message.lines
        if index == "*":
            return pick([_name(line) for line in lines], index)
        at = position(index, len(lines))
        return None if at is None else _name(lines[at])

    @variable("hdrcnt", parameter="required")
    def hdrcnt(self, context: Context, name: str) -> Value:
        """How many header lines of a name there are."""
        return context.message.keys.count(header_key(name))

    @variable("ci")
    def call_id(self, context: Context) -> Value:
        """The Call-ID."""
        return context.message.call_id or None

    @variable("cs")
    def cseq(self, context: Context) -> Value:
        """The CSeq number, as a string."""
        try:
            return context.message.cseq_parts[0] or None
        except SipError:
            return None

    @variable("ua")
    def user_agent(self, context: Context) -> Value:
        """The User-Agent."""
        return context.message.header("user-agent")

    @variable("cl")
    def content_length(self, context: Context) -> Value:
        """Content-Length in bytes, printed as it is written."""
        try:
            length = context.message.content_length
        except SipError:
            return None
        return None if length is None else Named(length, context.message.header("content-length"))

    @variable("path")
    def path(self, context: Context) -> Value:
        """The Path vector that the request goes along (RFC 3327)."""
        return context.branch.path if context.message.is_request else None


class ContactVariables(Module):
    """The contacts of all Contact headers, in order."""

    name = "core"

    @variable("ct", index=True)
    def contact(self, context: Context, index: Index) -> Value:
        """A contact as written: name, URI and parameters."""
        return pick(contacts(context.message), index)

    @variable("ct.fields", parameter="required", index=True)
    def field(self, context: Context, name: str, index: Index) -> Value:
        """One field of a contact: name, uri, q, expires, methods, received or params."""
        found: list[Value] = []
        for text in contacts(context.message):
            try:
                found.append(_field(parse_nameaddr(text), ascii_lower(name)))
            except SipError:
                return None
        if index == "*":
            found = [each for each in found if each is not None]
        return pick(found, index)


class BodyVariables(Module):
    """The body, its type, and its parts."""

    name = "core"

    @variable("cT", index=True)
    def content_type(self, context: Context, index: Index) -> Value:
        """The Content-Type; with an index the type of that part of the body; with `*` all joined with `,`."""
        header = context.message.header("content-type")
        if index is None:
            return header
        types: list[Value] = [_shown_type(part.content_type) for part in parts(context)]
        if index == "*":
            shown = [str(each) for each in (header, *types) if each]
            return ",".join(shown) if header else None
        return pick(types, index)

    @variable("rb", parameter="optional", index=True)
    def body(self, context: Context, mime: str | None, index: Index) -> Value:
        """The body; with a type the first part of it, with an index that part. NULL without a body."""
        text = current_body(context)
        if not text:
            return None
        if mime is None and index is None:
            return text
        found = parts(context)
        if mime is not None:
            wanted = bodies.media_type(mime)
            found = tuple(part for part in found if bodies.media_type(part.content_type) == wanted)
        return pick([part.of(text) for part in found], index)


def body(message: Message, index: int) -> str:
    """The body of the header line at an index: blanks in front are dropped, those behind are kept."""
    line = message.lines[index]
    if isinstance(line, Overwritten):
        return line.body
    return line.partition(":")[2].lstrip(LWS).rstrip("\r\n")


class Overwritten(str):
    """A header line whose value was written over where it stood: the body is as long as it was before."""

    __slots__ = ("body",)
    body: str

    def __new__(cls, line: str, body: str) -> Overwritten:
        made = super().__new__(cls, line)
        made.body = body
        return made


def first_body(message: Message, key: str) -> str | None:
    """The body of the first header of a lookup name."""
    keys = message.keys
    return body(message, keys.index(key)) if key in keys else None


def positions(message: Message, key: str) -> list[int]:
    """Where the headers of a lookup name are; found once per message, for scripts that walk through them."""
    known = message.cached(f"positions.{key}")
    if not isinstance(known, list):
        known = message.indexes(key)
        message.cache(f"positions.{key}", known)
    return known


def contacts(message: Message) -> list[str]:
    """All contacts of a message, as written; found once per message."""
    known = message.cached("contacts")
    if not isinstance(known, list):
        known = [text for value in message.headers("contact") for text in split_list(value)]
        message.cache("contacts", known)
    return known


def current_body(context: Context) -> str:
    """The body with the changes that variables made to it, not those of modules (language.md 10.1)."""
    shown = context.changes.shown
    return context.message.body if shown is None else shown


def parts(context: Context) -> tuple[bodies.BodyPart, ...]:
    """The parts of the body; none without one."""
    text = current_body(context)
    return bodies.parts(context.message.header("content-type") or "", text) if text else ()


def _header_reader(key: str, index: Index) -> Reader:
    """Reads the headers of one lookup name."""
    if index is None:
        return lambda context: first_body(context.message, key)
    if index == "*":
        return lambda context: joined([body(context.message, i) for i in positions(context.message, key)])

    def read(context: Context) -> Value:
        found = pick(positions(context.message, key), index)
        return body(context.message, found) if isinstance(found, int) else None

    return read


def _name(line: str) -> str:
    return line.partition(":")[0].rstrip(LWS)


def _shown_type(content_type: str) -> str:
    """A type as `$(cT[n])` shows it: OpenSIPS leaves out the `+` of names such as `pidf+xml`."""
    return bodies.media_type(content_type).replace("+", "")


def _field(contact: NameAddr, name: str) -> Value:
    match name:
        case "name":
            return contact.display or None
        case "uri":
            return contact.uri
        case "params":
            return contact.params or None
        case "q" | "expires" | "methods" | "received":
            value = contact.param(name)
            return unquote(value) if value else None
    return None
