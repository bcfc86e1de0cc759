"""Runs one route alone, with a message as a party would send it."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.context import Context
from relayscript.interpreter.control import CompiledRoute, Exit
from relayscript.interpreter.runtime import KINDS, Runtime
from relayscript.sip.message import Message
from relayscript.sip.response import build_response
from relayscript.sip.transport import Address


class NoSuchRoute(Exception):  # noqa: N818 - the mistake of who wrote the scenario
    """The script has no route of that kind and name."""


def message_from(data: bytes, status: int, source: Address, runtime: Runtime) -> Message:
    """The request that a party wrote, as it would be received; with a status, the answer to it instead."""
    listener = runtime.listeners[0]
    request = Message.parse(data)
    request.source, request.listener = source, listener
    if not status:
        return request
    text = build_response(request, status, "OK" if status < 300 else "Refused", to_tag="there")
    answer = Message.parse(text.encode("latin-1"))
    answer.source, answer.listener = source, listener
    return answer


def route_of(runtime: Runtime, kind: str, name: str) -> CompiledRoute:
    """A route of the script. Raises NoSuchRoute."""
    route = runtime.route(kind, name)
    if route is None:
        known = ", ".join(each.label for (each_kind, _), each in runtime.routes.items() if each_kind == kind)
        raise NoSuchRoute(f"the script has no {kind}{f'[{name}]' if name else ''}; it has {known or 'none of them'}")
    return route


def run_alone(runtime: Runtime, route: CompiledRoute, message: Message, done: Callable[[int], None]) -> Context:
    """Run a route with a message; `done` gets its return code, 0 if it ended the run. Returns the run's context."""
    context = Context(runtime, message, KINDS[route.kind])
    if not message.is_request:
        context.reply = message
    context.stack = [route.label]

    def run() -> None:
        try:
            code = route.function(context)
        except Exit:
            code = 0
        done(code)

    runtime.spawn(run)
    return context
