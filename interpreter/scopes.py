"""`$(<request>...)` and `$(<reply>...)`: variables read from the other message of a transaction."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.values import Value
from relayscript.sip.message import Message

SCOPES = ("request", "reply")
"""The words that tm registers (language.md 1.5)."""


def scoped(read: Callable[[Context], Value], scope: str) -> Callable[[Context], Value]:
    """The reader, applied to the request or the reply instead of the message being routed.

    Reads NULL where there is no such message: no transaction, or a reply that was made here.
    """

    def run(context: Context) -> Value:
        if context.message.is_request == (scope == "request"):
            return read(context)
        message = context.request if scope == "request" else context.reply
        return None if message is None else read(_seen_from(context, message, scope))

    return run


def _seen_from(context: Context, message: Message, scope: str) -> Context:
    """A run on the other message, sharing what belongs to the transaction; made once per run."""
    key = f"scope.{scope}"
    found: Context | None = context.local.get(key)
    if found is None or found.message is not message:
        kind = Kind.REQUEST if scope == "request" else Kind.ONREPLY
        found = context.local[key] = Context(context.runtime, message, kind)
        if scope == "request" and context.transaction is not None and context.transaction.target is not None:
            found.branch = context.transaction.target.copy()
    found.avps, found.flags, found.transaction = context.avps, context.flags, context.transaction
    return found
