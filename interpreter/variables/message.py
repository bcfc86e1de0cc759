"""The message itself: method, status, bytes, and its flags."""

from __future__ import annotations

from functools import cached_property

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Reader, variable
from relayscript.interpreter.flag_names import FlagNames
from relayscript.interpreter.values import FALSE, TRUE, Dual, Value

METHODS = {
    name: Dual(name, 1 << bit)
    for bit, name in enumerate(
        ("INVITE", "CANCEL", "ACK", "BYE", "INFO", "OPTIONS", "UPDATE", "REGISTER", "MESSAGE", "SUBSCRIBE",
         "NOTIFY", "PRACK", "REFER", "PUBLISH")
    )
}  # fmt: skip
"""The methods with their numbers; any other has `OTHER_METHOD`."""
OTHER_METHOD = 1 << len(METHODS)


class MessageVariables(Module):
    """What kind of message it is, and its bytes as received."""

    name = "core"

    @variable("rm")
    def method(self, context: Context) -> Value:
        """The method; of a reply that of its CSeq."""
        method = context.message.method
        return METHODS.get(method) or (Dual(method, OTHER_METHOD) if method else None)

    @variable("rs")
    def status(self, context: Context) -> Value:
        """The status of a reply; NULL in a request."""
        return context.message.status if not context.message.is_request else None

    @variable("rr")
    def reason(self, context: Context) -> Value:
        """The reason phrase of a reply; NULL in a request."""
        return context.message.reason if not context.message.is_request else None

    @variable("msg.is_request")
    def is_request(self, context: Context) -> Value:
        """It is a request."""
        return TRUE if context.message.is_request else FALSE

    @variable("msg.type")
    def type(self, context: Context) -> Value:
        """`request` or `reply`."""
        return "request" if context.message.is_request else "reply"

    @variable("mb")
    def buffer(self, context: Context) -> Value:
        """The message as it was received."""
        return received_text(context)

    @variable("ml")
    def length(self, context: Context) -> Value:
        """Its length in bytes."""
        return len(received_text(context))

    @variable("mi")
    def number(self, context: Context) -> Value:
        """Its number: messages are counted from 1."""
        message = context.message
        known = message.cached("number")
        if not isinstance(known, int):
            statistics = self.runtime.statistics
            known = statistics.get("core:rcv_requests", 0) + statistics.get("core:rcv_replies", 0)
            message.cache("number", known)
        return known


class FlagVariables(Module):
    """Message flags: names that are set or not."""

    name = "core"

    @cached_property
    def names(self) -> FlagNames:
        """The flags of the script."""
        return FlagNames(self.runtime.script)

    @variable("mf")
    def flags(self, context: Context) -> Value:
        """The flags that are set, blank separated, the one named last in the script first."""
        return self.names.listed(context.flags)

    @variable("bf")
    def branch_flags(self, context: Context) -> Value:
        """The branch flags of the request URI that are set."""
        return self.names.listed(context.branch.flags)

    @variable("msg.flag", parameter="required")
    def flag(self, context: Context, name: str) -> Value:
        """Whether a flag is set."""
        return TRUE if name in context.flags else FALSE

    @flag.linker
    def _link_flag(self, name: str) -> Reader:
        return lambda context: TRUE if name in context.flags else FALSE

    @flag.setter
    def _set_flag(self, context: Context, name: str, op: str, value: Value) -> bool:
        return put_flag(context.flags, name, value)


def put_flag(flags: set[str], name: str, value: Value) -> bool:
    """Set or reset a flag by an int; anything else fails."""
    if not isinstance(value, int):
        return False
    if value:
        flags.add(name)
    else:
        flags.discard(name)
    return True


def received_text(context: Context) -> str:
    """The bytes of the message, as byte text; of one made here, as it would be sent."""
    message = context.message
    return message.data.decode("latin-1") if message.data else message.render(message.first_line)
