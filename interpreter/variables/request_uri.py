"""The request URI: as it is now (`$ru` and its parts, writable), and as it was received (`$ou`)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.failing import BAD_URI
from relayscript.interpreter.values import Value, int_of, text_of
from relayscript.interpreter.variables import uris
from relayscript.sip.uri import Uri


class RequestUriVariables(Module):
    """NULL in a reply, and while the URI does not parse."""

    name = "core"

    # ---- current

    @variable("ru", "ruri")
    def ru(self, context: Context) -> Value:
        """The whole URI."""
        return context.branch.uri if current(context) is not None else None

    @ru.setter
    def _set_ru(self, context: Context, op: str, value: Value) -> bool:
        """Any string; whether it is a URI shows when it is read."""
        if not isinstance(value, str) or not context.message.is_request:
            return False
        context.branch.uri = str(value)
        return True

    @variable("rU", "ruri.user")
    def user(self, context: Context) -> Value:
        """The user part; NULL if there is none."""
        return uris.user(current(context))

    @user.setter
    def _set_user(self, context: Context, op: str, value: Value) -> bool:
        uri, text = current(context), optional_text(value)
        if uri is None or text is None:
            return False
        context.branch.uri = uris.compose(uri, user=text)
        return True

    @variable("rd", "ruri.domain")
    def domain(self, context: Context) -> Value:
        """The host."""
        return uris.host(current(context))

    @domain.setter
    def _set_domain(self, context: Context, op: str, value: Value) -> bool:
        uri, text = current(context), text_of(value)
        if uri is None or not text:
            return False
        context.branch.uri = uris.with_host(uri, text)
        return True

    @variable("rp")
    def port(self, context: Context) -> Value:
        """The port; the default of the transport, as an int, if the URI has none."""
        return uris.port(current(context))

    @port.setter
    def _set_port(self, context: Context, op: str, value: Value) -> bool:
        uri = current(context)
        if uri is None:
            return False
        context.branch.uri = uris.compose(uri, port=port_text(value))
        return True

    @variable("rP")
    def protocol(self, context: Context) -> Value:
        """The transport."""
        return uris.protocol(current(context))

    @variable("ru_q")
    def q(self, context: Context) -> Value:
        """The q value in thousandths; -1 if unspecified."""
        return context.branch.q if context.message.is_request else None

    @q.setter
    def _set_q(self, context: Context, op: str, value: Value) -> bool:
        number = -1 if value is None else int_of(value)
        if number is None or not context.message.is_request or not -1 <= number <= 1000:
            return False
        context.branch.q = number
        return True

    # ---- as received

    @variable("ou", "ouri")
    def ou(self, context: Context) -> Value:
        """The whole URI as received."""
        return context.message.uri or None

    @variable("oU")
    def original_user(self, context: Context) -> Value:
        """The user part as received."""
        return uris.user(received(context))

    @variable("od")
    def original_domain(self, context: Context) -> Value:
        """The host as received."""
        return uris.host(received(context))

    @variable("op")
    def original_port(self, context: Context) -> Value:
        """The port as received."""
        return uris.port(received(context))

    @variable("oP")
    def original_protocol(self, context: Context) -> Value:
        """The transport as received."""
        return uris.protocol(received(context))


def current(context: Context) -> Uri | None:
    """The request URI as it is now; None in a reply, and if it does not parse."""
    if not context.message.is_request:
        return None
    found = uris.parsed(context.branch.uri)
    if found is None:
        context.error = BAD_URI
    return found


def received(context: Context) -> Uri | None:
    """The request URI as it was received; None in a reply, and if it does not parse."""
    return uris.parsed(context.message.uri) if context.message.is_request else None


def optional_text(value: Value) -> str | None:
    """The text of a value that may be empty to remove something; NULL is empty. None if it has no text."""
    return "" if value is None else text_of(value)


def port_text(value: Value) -> str:
    """A port as it is written: NULL and the empty string remove it; a number literal counts as well."""
    if value is None:
        return ""
    text = text_of(value)
    return str(int_of(value)) if text is None else text
