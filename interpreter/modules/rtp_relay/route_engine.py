"""The engine `route`: the script itself is the relay (rtp-relay.md 8, OURS)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from relayscript.engines.contract import Copy, Done, Exchange, Outcome, Removal, Session
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import Exit
from relayscript.interpreter.values import Value, text_of

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

Params = dict[str, Value]


class RouteEngine:
    """Runs a route for each operation. `routes` are their names by operation.

    A route that is not defined, or that returns no body, leaves the description as it is. A negative code
    is a failure.
    """

    name = "route"
    deletes_calls = False

    def __init__(self, runtime: Runtime, routes: Mapping[str, str]) -> None:
        self._runtime = runtime
        self._routes = routes

    def start(self) -> None:
        """There is nothing to start."""

    def stop(self) -> None:
        """There is nothing to stop."""

    def offer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Run the route for offers; its second value is the body, the third the node."""
        params = _of_body(session, exchange, exchange.from_tag, exchange.to_tag)
        code, values = self._run("offer", exchange.subject, params)
        if code >= 0 and len(values) > 1 and (node := text_of(values[1])):
            session.node = node
        done(_outcome(code, values, exchange))

    def answer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Run the route for answers; its second value is the body."""
        params = _of_body(session, exchange, exchange.to_tag, exchange.from_tag)
        code, values = self._run("answer", exchange.subject, params)
        done(_outcome(code, values, exchange))

    def delete(self, session: Session, removal: Removal, done: Done) -> None:
        """Run the route for deletes, beside what is running now."""

        def run() -> None:
            params = _of_session(session, session.from_tag, session.to_tag)
            params |= {"ctx-flags": removal.ctx_flags or None, "delete": removal.flags or None}
            code, _ = self._run("delete", removal.subject, params)
            done(Outcome(error="" if code >= 0 else f"the route returned {code}"))

        self._runtime.spawn(run)

    def copy_offer(self, session: Session, copy: Copy, done: Done) -> None:
        """Run the route for copies; its second value is a handle, the third the description to offer."""
        code, values = self._run("copy_offer", None, _of_copy(session, copy))
        texts = [text_of(value) or "" for value in values]
        copy.handle = texts[0] if texts else ""
        done(_copied(code, texts[1] if len(texts) > 1 else ""))

    def copy_answer(self, session: Session, copy: Copy, body: str, done: Done) -> None:
        """Run the route that starts a copy."""
        code, _ = self._run("copy_answer", None, _of_copy(session, copy) | {"body": body})
        done(_copied(code))

    def copy_delete(self, session: Session, copy: Copy, done: Done) -> None:
        """Run the route that ends a copy, beside what is running now."""

        def run() -> None:
            code, _ = self._run("copy_delete", None, _of_copy(session, copy))
            done(_copied(code))

        self._runtime.spawn(run)

    def in_use(self, session: Session) -> bool:
        """The script always is."""
        return True

    def _run(self, operation: str, subject: object, params: Params) -> tuple[int, tuple[Value, ...]]:
        """The code and the further values that a route returned; 1 if there is no such route."""
        runtime = self._runtime
        route = runtime.route("route", self._routes[operation])
        if route is None:
            return 1, ()
        context = subject if isinstance(subject, Context) else runtime.dummy_context(Kind.REQUEST)
        saved = context.kind, context.stack, context.params, context.returned
        context.kind, context.stack, context.params, context.returned = (
            Kind.REQUEST,
            [route.label],
            params,
            (),
        )
        try:
            return route.function(context), context.returned
        except Exit:
            return 0, ()
        finally:
            context.kind, context.stack, context.params, context.returned = saved


def _of_session(session: Session, from_tag: str, to_tag: str) -> Params:
    return {
        "branch": session.branch, "callid": session.call_id, "from_tag": from_tag, "to_tag": to_tag,
        "set": session.set, "node": session.node or None,
    }  # fmt: skip


def _of_body(session: Session, exchange: Exchange, from_tag: str, to_tag: str) -> Params:
    given = {
        "body": exchange.body, "ip": exchange.ip, "type": exchange.type, "in-iface": exchange.in_iface,
        "out-iface": exchange.out_iface, "ctx-flags": exchange.ctx_flags, "flags": exchange.flags,
        "peer": exchange.peer_flags,
    }  # fmt: skip
    return _of_session(session, from_tag, to_tag) | {name: text or None for name, text in given.items()}


def _of_copy(session: Session, copy: Copy) -> Params:
    more = {"flags": copy.flags or None, "copy-ctx": copy.handle or None}
    return _of_session(session, session.from_tag, session.to_tag) | more


def _copied(code: int, body: str = "") -> Outcome:
    return Outcome(body, error="" if code >= 0 else f"the route returned {code}")


def _outcome(code: int, values: tuple[Value, ...], exchange: Exchange) -> Outcome:
    if code < 0:
        return Outcome(error=f"the route returned {code}")
    return Outcome(text_of(values[0]) or exchange.body if values else exchange.body)
