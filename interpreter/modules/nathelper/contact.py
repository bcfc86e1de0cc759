"""Contact headers of phones behind NAT: the address a phone was seen at, in place of or beside its own."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.variables import uris
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr, split_list
from relayscript.sip.params import LWS, split_outside_quotes
from relayscript.sip.transport import bracketed
from relayscript.sip.uri import Uri, parse_uri

PRESERVED = "org"
"""The URI parameter that keeps the address a phone gave itself."""


class ContactFunctions(Module):
    """Rewrites contacts."""

    @function()
    def fix_nated_contact(self, context: Context, params: str | None = None, flags: str | None = None) -> int:
        """Put the source address into all contacts: 1; -1 if there is none, or one without a host or that is no URI.

        `params` (each with its `;`) are added to their URIs; `preserve-uri` keeps the address that was there.
        """
        preserve = "preserve-uri" in [each.strip() for each in (flags or "").split(",")]
        host, port = context.message.source

        def fix(contact: NameAddr) -> NameAddr:
            uri = contact.parsed_uri
            if not uri.host:
                raise SipError("contact", f"{contact.uri} has no host")
            fixed = uris.with_host(uri, bracketed(host), str(port)) + (params or "")
            return replace(contact, uri=f"{fixed};{PRESERVED}={_packed(uri)}" if preserve else fixed)

        return _edit(context, fix)

    @function()
    def restore_nated_ruri(self, context: Context) -> int:
        """Give the Request-URI the address that `preserve-uri` kept, and go where it pointed: 1; -1 without one."""
        branch = context.branch
        uri = uris.parsed(branch.uri)
        kept = uri.param(PRESERVED) if uri is not None else None
        if uri is None or not kept or (address := _unpacked(kept)) is None:
            return -1
        params = ";".join(
            each
            for each in split_outside_quotes(uri.params, ";")
            if each.partition("=")[0].strip(LWS).lower() != PRESERVED
        )
        branch.duri = uris.compose(uri, params=params)
        port = "" if address.port is None else str(address.port)
        branch.uri = uris.compose(uri, host=address.host, port=port, params=params)
        return 1

    @function()
    def add_rcv_param(self, context: Context, in_uri: int | None = None) -> int:
        """Add where the message came from to all contacts as parameter `received`, of the URI if `in_uri`: 1;
        -1 if there is no contact, or one that does not parse."""
        received = f'received="{source_uri(context.message)}"'

        def fix(contact: NameAddr) -> NameAddr:
            if in_uri:
                return replace(contact, uri=f"{contact.uri};{received}")
            return replace(contact, params=f"{contact.params};{received}" if contact.params else received)

        return _edit(context, fix)


def source_uri(message: Message) -> str:
    """Where a message came from, as a URI."""
    host, port = message.source
    protocol = message.listener.protocol if message.listener is not None else "udp"
    return f"sip:{bracketed(host)}:{port}" + ("" if protocol == "udp" else f";transport={protocol}")


def contacts(message: Message) -> list[NameAddr]:
    """All contacts of a message but `*`. Raises SipError if one does not parse."""
    found = [parse_nameaddr(text) for value in message.headers("contact") for text in split_list(value)]
    return [each for each in found if each.uri != "*"]


def _edit(context: Context, fix: Callable[[NameAddr], NameAddr]) -> int:
    """Queue another form of every contact, as far as earlier edits left them."""
    message, changes = context.message, context.changes
    edited: dict[int, str] = {}
    try:
        for index in message.indexes("contact"):
            if index in changes.removed and index not in changes.replaced:
                continue
            line = changes.replaced.get(index, message.lines[index])
            found = [parse_nameaddr(text) for text in split_list(line.partition(":")[2])]
            if found and all(each.uri != "*" for each in found):
                edited[index] = message.line_with(index, ", ".join(str(fix(each)) for each in found))
    except SipError as error:
        context.log(-1, f"contact: {error}")
        return -1
    changes.replaced |= edited
    return 1 if edited else -1


def _packed(uri: Uri) -> str:
    port = "" if uri.port is None else f":{uri.port}"
    return b64encode(f"{uri.host}{port}".encode("latin-1")).decode("ascii")


def _unpacked(text: str) -> Uri | None:
    try:
        return parse_uri("sip:" + b64decode(text.encode("latin-1"), validate=True).decode("latin-1"))
    except (binascii.Error, SipError):
        return None
