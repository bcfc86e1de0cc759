"""Functions that rewrite the request URI and the next hop (language.md 6)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.variables import uris
from relayscript.interpreter.variables.request_uri import current


class UriFunctions(Module):
    """All return 1, or -1 if the request URI does not parse (or the message is a reply)."""

    name = "core"

    @function()
    def seturi(self, context: Context, uri: str) -> int:
        """Another request URI, whatever it is."""
        if not context.message.is_request:
            return -1
        context.branch.uri = uri
        return 1

    @function()
    def revert_uri(self, context: Context) -> int:
        """The request URI as it was received."""
        if not context.message.is_request:
            return -1
        context.branch.uri = context.message.uri
        return 1

    @function()
    def setuser(self, context: Context, user: str) -> int:
        """Another user part; a password stays. An empty one removes it."""
        return _rewrite(context, user=user)

    @function()
    def setuserpass(self, context: Context, text: str) -> int:
        """Another `user[:password]`."""
        user, _, password = text.partition(":")
        return _rewrite(context, user=user, password=password)

    @function()
    def sethost(self, context: Context, host: str) -> int:
        """Another host; the port stays."""
        return _set_host(context, host, None)

    @function()
    def sethostport(self, context: Context, text: str) -> int:
        """Another `host[:port]`; without a port the URI has none afterwards."""
        bracket = text.find("]")
        host, _, port = text[bracket + 1 :].partition(":")
        return _set_host(context, text[: bracket + 1] + host, port)

    @function()
    def setport(self, context: Context, port: str) -> int:
        """Another port; an empty one removes it."""
        return _rewrite(context, port=port)

    @function()
    def prefix(self, context: Context, text: str) -> int:
        """Text in front of the user part."""
        uri = current(context)
        return -1 if uri is None else _rewrite(context, user=text + uri.user)

    @function()
    def strip(self, context: Context, count: int) -> int:
        """The user part without its first bytes."""
        return self._strip(context, count, from_end=False)

    @function()
    def strip_tail(self, context: Context, count: int) -> int:
        """The user part without its last bytes."""
        return self._strip(context, count, from_end=True)

    def _strip(self, context: Context, count: int, *, from_end: bool) -> int:
        uri = current(context)
        if uri is None or count < 0:
            return -1
        if count > len(uri.user):
            context.log(1, f"the user part of {context.branch.uri} is shorter than {count}; it is removed")
        return _rewrite(context, user=uri.user[: max(len(uri.user) - count, 0)] if from_end else uri.user[count:])

    # ---- next hop

    @function()
    def setdsturi(self, context: Context, uri: str) -> int:
        """Set the next hop (`$du`)."""
        if not uri:
            return -1
        context.branch.duri = uri
        return 1

    @function()
    def resetdsturi(self, context: Context) -> int:
        """No next hop other than the request URI."""
        context.branch.duri = None
        return 1

    @function()
    def isdsturiset(self, context: Context) -> int:
        """1 if a next hop is set."""
        return -1 if context.branch.duri is None else 1


def _rewrite(context: Context, **parts: str) -> int:
    uri = current(context)
    if uri is None:
        return -1
    context.branch.uri = uris.compose(uri, **parts)
    return 1


def _set_host(context: Context, host: str, port: str | None) -> int:
    uri = current(context)
    if uri is None or not host:
        return -1
    context.branch.uri = uris.with_host(uri, host, port)
    return 1
