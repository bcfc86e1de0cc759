"""Digest credentials of a request and the challenge in a reply (RFC 7616)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.values import Value
from relayscript.interpreter.variables import uris
from relayscript.sip.digest import fields_of
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

_NO_CREDENTIALS = ("ACK", "CANCEL")


class CredentialVariables(Module):
    """The credentials of a request: Proxy-Authorization before Authorization; NULL without, in ACK and CANCEL."""

    name = "core"

    @variable("au")
    def user(self, context: Context) -> Value:
        """The user name up to `@`."""
        name = _credential(context, "username")
        return name.partition("@")[0] or None if name else None

    @variable("ad")
    def domain(self, context: Context) -> Value:
        """What stands behind `@` in the user name."""
        name = _credential(context, "username")
        return name.partition("@")[2] or None if name else None

    @variable("aU")
    def username(self, context: Context) -> Value:
        """The whole user name."""
        return _credential(context, "username")

    @variable("ar")
    def realm(self, context: Context) -> Value:
        """The realm."""
        return _credential(context, "realm")

    @variable("adu")
    def uri(self, context: Context) -> Value:
        """The digest URI."""
        return _credential(context, "uri")

    @variable("an", "auth.nonce")
    def nonce(self, context: Context) -> Value:
        """The nonce."""
        return _credential(context, "nonce")

    @variable("auth.resp")
    def response(self, context: Context) -> Value:
        """The response."""
        return _credential(context, "response")

    @variable("auth.cnonce")
    def cnonce(self, context: Context) -> Value:
        """The client's nonce."""
        return _credential(context, "cnonce")

    @variable("auth.opaque")
    def opaque(self, context: Context) -> Value:
        """The opaque value."""
        return _credential(context, "opaque")

    @variable("auth.alg")
    def algorithm(self, context: Context) -> Value:
        """The algorithm."""
        return _credential(context, "algorithm")

    @variable("auth.qop")
    def qop(self, context: Context) -> Value:
        """The quality of protection."""
        return _credential(context, "qop")

    @variable("auth.nc")
    def nonce_count(self, context: Context) -> Value:
        """The nonce count."""
        return _credential(context, "nc")

    @variable("Au")
    def account(self, context: Context) -> Value:
        """Who pays: `user@realm` of credentials that were checked, else the user and host of From."""
        if (checked := context.local.get("core.authorized")) is not None:
            return str(checked)
        try:
            uri = uris.parsed(context.message.from_.uri)
        except SipError:
            return None
        return f"{uri.user}@{uri.host}" if uri is not None and uri.user else None


class ChallengeVariables(Module):
    """The challenge of a 401 or 407; NULL in anything else, empty where it lacks a field."""

    name = "core"

    @variable("challenge.realm")
    def realm(self, context: Context) -> Value:
        """The realm."""
        return _challenge(context, "realm")

    @variable("challenge.nonce")
    def nonce(self, context: Context) -> Value:
        """The nonce."""
        return _challenge(context, "nonce")

    @variable("challenge.algorithm")
    def algorithm(self, context: Context) -> Value:
        """The algorithm."""
        return _challenge(context, "algorithm")

    @variable("challenge.opaque")
    def opaque(self, context: Context) -> Value:
        """The opaque value."""
        return _challenge(context, "opaque")

    @variable("challenge.qop")
    def qop(self, context: Context) -> Value:
        """The qualities of protection offered."""
        return _challenge(context, "qop")

    @variable("challenge.ik")
    def integrity_key(self, context: Context) -> Value:
        """The integrity key of AKA (RFC 3310)."""
        return _challenge(context, "ik")

    @variable("challenge.ck")
    def cipher_key(self, context: Context) -> Value:
        """The cipher key of AKA (RFC 3310)."""
        return _challenge(context, "ck")


def _credential(context: Context, field: str) -> str | None:
    message = context.message
    if not message.is_request or message.method in _NO_CREDENTIALS:
        return None
    fields = _fields_of(message, "proxy-authorization") or _fields_of(message, "authorization")
    return fields.get(field) or None if fields else None


def _challenge(context: Context, field: str) -> Value:
    message = context.message
    keys = {401: "www-authenticate", 407: "proxy-authenticate"}
    if message.is_request or message.status not in keys:
        return None
    fields = _fields_of(message, keys[message.status])
    return None if fields is None else fields.get(field, "")


def _fields_of(message: Message, key: str) -> dict[str, str] | None:
    for value in message.headers(key):
        if (fields := fields_of(value)) is not None:
            return fields
    return None
