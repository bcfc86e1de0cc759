"""Module path: Path headers for REGISTERs on their way to the registrar (path manual; RFC 3327)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function
from relayscript.interpreter.modules.nathelper.contact import source_uri
from relayscript.interpreter.modules.rr import Rr
from relayscript.sip.params import find_param
from relayscript.sip.transport import Listener

USUAL_PORT = 5060
"""It is left out of a Path."""


@dataclass(frozen=True, slots=True)
class PathHeader:
    """The Path of a request, made when it is known which socket sends it."""

    user: str
    received: str
    received_on: Listener | None
    double: bool

    def __call__(self, sending: Listener) -> tuple[str, ...]:
        """The header lines, topmost first: a second one for another socket that the request came in through."""
        if self.received_on in (None, sending) or not self.double:
            return (self._line(sending, ""),)
        assert self.received_on is not None
        return (self._line(sending, ";r2=on"), self._line(self.received_on, ";r2=on"))

    def _line(self, socket: Listener, mark: str) -> str:
        transport = "" if socket.protocol == "udp" else f";transport={socket.protocol}"
        user = f"{self.user}@" if self.user else ""
        host = socket.sent_by.removesuffix(f":{USUAL_PORT}")
        return f"Path: <sip:{user}{host}{transport};lr{self.received}{mark}>"


class Path(Module):
    """Puts this proxy onto the way to registered phones."""

    name = "path"
    parameters = (Parameter("use_received", 0), Parameter("enable_double_path", 1))

    def start(self) -> None:
        """Follow the routes of rr, if where phones were seen is to be used."""
        rr = self.runtime.module(Rr)
        if self.settings["use_received"] and rr is not None:
            rr.on_loose_route.append(self._route_followed)

    @staticmethod
    def _route_followed(context: Context, params: str) -> None:
        """A request came back along a Path of ours: it goes to where the phone was seen."""
        received = find_param(params, "received")
        if received:
            context.branch.duri = unquote(received, encoding="latin-1")

    @function()
    def add_path(self, context: Context, user: str | None = None) -> int:
        """Add a Path that leads here, with a user if one is given: 1."""
        return self._add(context, user, "")

    @function()
    def add_path_received(self, context: Context, user: str | None = None) -> int:
        """As `add_path`, with where the request came from as parameter `received`: 1."""
        seen = source_uri(context.message).replace(";", "%3B").replace("=", "%3D")
        return self._add(context, user, f";received={seen}")

    def _add(self, context: Context, user: str | None, received: str) -> int:
        double = bool(self.settings["enable_double_path"])
        context.changes.top.append(PathHeader(user or "", received, context.message.listener, double))
        return 1
