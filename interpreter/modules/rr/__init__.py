"""Module rr: record-routing and following Routes (rr manual; RFC 3261 16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function, variable
from relayscript.interpreter.modules.rr.loose import Routing, apply, follow
from relayscript.interpreter.modules.rr.record import add_param, pending, queue
from relayscript.interpreter.regex import Matcher
from relayscript.interpreter.values import Value, ascii_lower
from relayscript.sip.errors import SipError
from relayscript.sip.transport import DEFAULT_PORTS, Listener
from relayscript.sip.uri import Uri, parse_uri

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

PARAMS = "rr.params"
"""Under which name a message keeps the parameters of its own route."""


class Rr(Module):
    """Stays on the path of dialogs.

    `on_loose_route` are told of each request that followed a Route, with the parameters of our own one.
    """

    name = "rr"
    parameters = (
        Parameter("append_fromtag", 1), Parameter("enable_double_rr", 1), Parameter("add_username", 0),
        Parameter("enable_socket_mismatch_warning", 1), Parameter("ignore_user"),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.on_loose_route: list[Callable[[Context, str], None]] = []

    # ---- for other modules

    @staticmethod
    def add_param(context: Context, text: str) -> None:
        """Add a parameter (`;name=value`) to the Record-Route of this request, queued already or not."""
        add_param(context.changes, text)

    @staticmethod
    def params(context: Context) -> str | None:
        """The parameters of our own route, without the first `;`; None if loose_route() met none."""
        found = context.message.cached(PARAMS)
        return found if isinstance(found, str) else None

    def is_downstream(self, context: Context) -> bool:
        """The request goes the way of the dialog's first one: ftag is its From tag, or is missing."""
        params = self.params(context)
        ftag = Uri("sip", params=params).param("ftag") if params else None
        return ftag is None or ftag == context.message.from_tag

    # ---- recording

    @function()
    def record_route(self, context: Context, params: str | None = None) -> int:
        """Insert a Record-Route for the sending socket, and one for another receiving one: 1 or -1."""
        return self._record(context, params=params or "")

    @function()
    def record_route_preset(self, context: Context, first: str, second: str | None = None) -> int:
        """Insert one Record-Route with that address, or two; 1; -1 the second time."""
        return self._record(context, preset=(first,) if second is None else (first, second))

    def _record(self, context: Context, params: str = "", preset: tuple[str, ...] = ()) -> int:
        record, message = pending(context.changes), context.message
        if record.active:
            context.log(-1, "record_route: the request is record-routed already")
            return -1
        user = parse_user(context.branch.uri) if self.settings["add_username"] else ""
        made = record._replace(
            active=True,
            received_on=message.listener,
            user=f"{user}@" if user else "",
            from_tag=message.from_tag if self.settings["append_fromtag"] else "",
            double=bool(self.settings["enable_double_rr"]),
            params=params,
            preset=preset,
        )
        queue(context.changes, made)
        return 1

    @function()
    def add_rr_param(self, context: Context, param: str) -> int:
        """Add a parameter, with its `;`, to the Record-Route that is there or will be: 1."""
        self.add_param(context, param)
        return 1

    # ---- following

    @function()
    def loose_route(self, context: Context) -> int:
        """Follow the Route headers: 1; -1 without any, or if only our own preloaded one was there."""
        message, branch = context.message, context.branch
        try:
            routing = follow(message, branch.uri, self._is_own, double=bool(self.settings["enable_double_rr"]))
        except SipError as error:
            context.log(-1, f"loose_route: {error}")
            return -1
        if routing is None:
            return -1
        apply(routing, message, context.changes)
        self._redirect(context, routing)
        if routing.params is not None:
            message.cache(PARAMS, routing.params)
        for hook in self.on_loose_route:
            hook(context, routing.followed)
        return -1 if routing.arrived and not message.to_tag else 1

    def _redirect(self, context: Context, routing: Routing) -> None:
        branch = context.branch
        if routing.uri is not None:
            branch.uri = routing.uri
        if routing.next_hop is not None:
            branch.duri = routing.next_hop
        if routing.second is not None:
            found = self._socket_of(routing.second)
            branch.socket = found or branch.socket
            if found is None and self.settings["enable_socket_mismatch_warning"]:
                context.log(1, f"loose_route: no socket of ours is {routing.second.host}:{routing.second.port or ''}")

    def _is_own(self, uri: Uri) -> bool:
        """A route of ours; one with the user `ignore_user` is somebody else's."""
        if uri.user and uri.user == self.settings["ignore_user"]:
            return False
        return self.runtime.is_myself(uri.host, uri.port or DEFAULT_PORTS.get(uri.transport or "udp", 5060))

    def _socket_of(self, uri: Uri) -> Listener | None:
        """Our socket that a Record-Route of ours names."""
        protocol, host = uri.transport or "udp", ascii_lower(uri.host)
        port = uri.port or DEFAULT_PORTS.get(protocol, 5060)
        for listener in self.runtime.listeners:
            known = (
                (f"{host}:{port}", listener.sent_by),
                (f"{host.strip('[]')}:{port}", f"{listener.host}:{listener.port}"),
            )
            if listener.protocol == protocol and any(ascii_lower(own) == named for named, own in known):
                return listener
        return None

    # ---- asking

    @function()
    def check_route_param(self, context: Context, pattern: Matcher) -> int:
        """Whether the parameters of our own route match: 1 or -1."""
        params = self.params(context)
        return 1 if params and pattern.search(f";{params}") is not None else -1

    @function()
    def is_direction(self, context: Context, direction: str) -> int:
        """Whether the request goes `downstream` or `upstream`: 1 or -1."""
        wanted = ascii_lower(direction)
        if wanted not in ("downstream", "upstream"):
            context.log(-1, f"is_direction: {direction!r} is no direction")
            return -1
        return 1 if self.is_downstream(context) == (wanted == "downstream") else -1

    @variable("rr_params")
    def rr_params(self, context: Context) -> Value:
        """The parameters of our own route."""
        return self.params(context) or None


def parse_user(uri: str) -> str:
    """The user of a URI; empty if there is none or it cannot be read."""
    try:
        return parse_uri(uri).user
    except SipError:
        return ""
