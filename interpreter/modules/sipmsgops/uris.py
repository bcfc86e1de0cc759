"""The Request-URI's parameters, tel URIs and E.164 numbers (sipmsgops manual)."""

from __future__ import annotations

import re
from dataclasses import replace

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.values import ascii_lower, same_text
from relayscript.sip.errors import SipError
from relayscript.sip.params import parse_params
from relayscript.sip.uri import Uri, parse_uri

_E164 = re.compile(r"\+[0-9]{2,15}")


class UriFunctions(Module):
    """Functions that ask about URIs and change the Request-URI."""

    @function()
    def ruri_has_param(self, context: Context, name: str, value: str | None = None) -> int:
        """Whether the R-URI has that parameter, with that value or (none given) without any: 1 or -1."""
        uri = _read(context.branch.uri)
        params = parse_params(uri.params) if uri is not None else ()
        return 1 if any(_is(each, name, value) for each in params) else -1

    @function()
    def ruri_add_param(self, context: Context, param: str) -> int:
        """Add a parameter (`name` or `name=value`) to the R-URI: 1; -1 if the URI cannot be read."""
        uri = _read(context.branch.uri)
        if uri is None:
            return -1
        params = f"{uri.params};{param}" if uri.params else param
        context.branch.uri = str(replace(uri, params=params))
        return 1

    @function()
    def ruri_del_param(self, context: Context, name: str) -> int:
        """Take a parameter out of the R-URI: 1; -1 if it is not there."""
        uri = _read(context.branch.uri)
        if uri is None:
            return -1
        given = uri.params.split(";") if uri.params else []
        kept = [each for each in given if not same_text(each.partition("=")[0].strip(), name)]
        if len(kept) == len(given):
            return -1
        context.branch.uri = str(replace(uri, params=";".join(kept)))
        return 1

    @function()
    def ruri_tel2sip(self, context: Context) -> int:
        """Turn a tel R-URI into a sip one at the caller's domain: 1, also if it is none (RFC 3261 19.1.6)."""
        uri = _read(context.branch.uri)
        if uri is None or uri.scheme != "tel":
            return 1 if uri is not None else -1
        try:
            host = context.message.from_.parsed_uri
        except SipError:
            return -1
        user = f"{uri.user};{uri.params}" if uri.params else uri.user
        context.branch.uri = str(Uri("sip", user, host=host.host, port=host.port, params="user=phone"))
        return 1

    @function()
    def is_uri_user_e164(self, context: Context, uri: str) -> int:
        """Whether the user of a URI is `+` and 2 to 15 digits: 1 or -1."""
        parsed = _read(uri)
        return 1 if parsed is not None and _E164.fullmatch(parsed.user) else -1


def _read(text: str) -> Uri | None:
    try:
        return parse_uri(text)
    except SipError:
        return None


def _is(param: tuple[str, str | None], name: str, value: str | None) -> bool:
    if ascii_lower(param[0]) != ascii_lower(name):
        return False
    return (param[1] or "") == "" if value is None else same_text(param[1] or "", value)
