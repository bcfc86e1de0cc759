"""From and To as addresses (`$fu`, `$tU` ...), and the headers that say who calls, who is called, who diverted."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.failing import malformed
from relayscript.interpreter.values import Value
from relayscript.interpreter.variables import uris
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr, split_list
from relayscript.sip.uri import Uri


class FromVariables(Module):
    """The From header; NULL if it is malformed."""

    name = "core"

    @variable("fu", "from")
    def uri(self, context: Context) -> Value:
        """Its URI."""
        return _uri(_from(context))

    @variable("fU", "from.user")
    def user(self, context: Context) -> Value:
        """The user of its URI."""
        return _part(_from(context), uris.user)

    @variable("fd", "from.domain")
    def domain(self, context: Context) -> Value:
        """The host of its URI."""
        return _part(_from(context), uris.host)

    @variable("fn")
    def display(self, context: Context) -> Value:
        """Its display name, quotes kept."""
        return _display(_from(context))

    @variable("ft")
    def tag(self, context: Context) -> Value:
        """Its tag."""
        try:
            return context.message.from_tag or None
        except SipError as error:
            _malformed(context, "from", error)
            return None


class ToVariables(Module):
    """The To header; NULL if it is malformed."""

    name = "core"

    @variable("tu", "to")
    def uri(self, context: Context) -> Value:
        """Its URI."""
        return _uri(_to(context))

    @variable("tU", "to.user")
    def user(self, context: Context) -> Value:
        """The user of its URI."""
        return _part(_to(context), uris.user)

    @variable("td", "to.domain")
    def domain(self, context: Context) -> Value:
        """The host of its URI."""
        return _part(_to(context), uris.host)

    @variable("tn")
    def display(self, context: Context) -> Value:
        """Its display name, quotes kept."""
        return _display(_to(context))

    @variable("tt")
    def tag(self, context: Context) -> Value:
        """Its tag."""
        try:
            return context.message.to_tag or None
        except SipError as error:
            _malformed(context, "to", error)
            return None


class IdentityVariables(Module):
    """P-Asserted-Identity, P-Preferred-Identity, Remote-Party-ID, Diversion and Refer-To; NULL without them."""

    name = "core"

    @variable("ai")
    def asserted(self, context: Context) -> Value:
        """The asserted identity (RFC 3325)."""
        return _uri(_first(context.message, "p-asserted-identity"))

    @variable("pu")
    def preferred(self, context: Context) -> Value:
        """The preferred identity (RFC 3325)."""
        return _uri(_first(context.message, "p-preferred-identity"))

    @variable("pU")
    def preferred_user(self, context: Context) -> Value:
        """Its user."""
        return _part(_first(context.message, "p-preferred-identity"), uris.user)

    @variable("pd")
    def preferred_domain(self, context: Context) -> Value:
        """Its host."""
        return _part(_first(context.message, "p-preferred-identity"), uris.host)

    @variable("pn")
    def preferred_display(self, context: Context) -> Value:
        """Its display name, quotes kept."""
        return _display(_first(context.message, "p-preferred-identity"))

    @variable("re")
    def remote_party(self, context: Context) -> Value:
        """The Remote-Party-ID."""
        return _uri(_first(context.message, "remote-party-id"))

    @variable("di")
    def diverted_from(self, context: Context) -> Value:
        """Who diverted the call last (RFC 5806)."""
        return _uri(_first(context.message, "diversion"))

    @variable("dir")
    def diversion_reason(self, context: Context) -> Value:
        """Why."""
        return _param(_first(context.message, "diversion"), "reason")

    @variable("dip")
    def diversion_privacy(self, context: Context) -> Value:
        """With which privacy."""
        return _param(_first(context.message, "diversion"), "privacy")

    @variable("rt")
    def refer_to(self, context: Context) -> Value:
        """Where a REFER refers to (RFC 3515)."""
        return _uri(_first(context.message, "refer-to"))


def _from(context: Context) -> NameAddr | None:
    try:
        return context.message.from_
    except SipError as error:
        _malformed(context, "from", error)
        return None


def _to(context: Context) -> NameAddr | None:
    try:
        return context.message.to
    except SipError as error:
        _malformed(context, "to", error)
        return None


def _malformed(context: Context, key: str, error: SipError) -> None:
    """A header that is there and does not parse is told to the error route."""
    if key in context.message.keys:
        context.error = malformed(error)


def _first(message: Message, key: str) -> NameAddr | None:
    """The first address of a header."""
    value = message.header(key)
    if value is None:
        return None
    try:
        return parse_nameaddr(split_list(value)[0])
    except (SipError, IndexError):
        return None


def _uri(address: NameAddr | None) -> Value:
    return address.uri if address is not None else None


def _part(address: NameAddr | None, part: Callable[[Uri | None], Value]) -> Value:
    return part(uris.parsed(address.uri)) if address is not None else None


def _display(address: NameAddr | None) -> Value:
    return address.display or None if address is not None else None


def _param(address: NameAddr | None, name: str) -> Value:
    return address.param(name) or None if address is not None else None
