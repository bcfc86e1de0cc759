"""The Record-Route of a request, made when it is known which socket sends it (RFC 3261 16.6 step 4)."""

from __future__ import annotations

from typing import NamedTuple

from relayscript.sip.message import Changes
from relayscript.sip.transport import Listener


class RecordRoute(NamedTuple):
    """What the header will say.

    `params` were given with record_route(), `added` after it, `early` before it; each is text with its
    leading `;`. `preset` are addresses in place of our sockets. Until `active` nothing is inserted.
    """

    active: bool = False
    received_on: Listener | None = None
    user: str = ""
    from_tag: str = ""
    double: bool = True
    params: str = ""
    added: str = ""
    early: str = ""
    preset: tuple[str, ...] = ()

    def __call__(self, sending: Listener) -> tuple[str, ...]:
        """The header lines, topmost first, for a request that leaves through that socket.

        Two if it came in through another one: the peer on each side must find the socket it can reach.
        """
        if not self.active:
            return ()
        if self.preset:
            tail = f"{self._ftag};lr{self.added}{self.early}"
            return tuple(f"Record-Route: <sip:{self.user}{each}{tail}>" for each in self.preset)
        other = self.received_on
        if other is None or other is sending or str(other) == str(sending) or not self.double:
            return (self._line(sending, ""),)
        return (self._line(sending, ";r2=on"), self._line(other, ";r2=on"))

    @property
    def _ftag(self) -> str:
        return f";ftag={self.from_tag}" if self.from_tag else ""

    def _line(self, socket: Listener, mark: str) -> str:
        transport = "" if socket.protocol == "udp" else f";transport={socket.protocol}"
        tail = f"{transport}{mark};lr{self._ftag}{self.params}{self.added}{self.early}"
        return f"Record-Route: <sip:{self.user}{socket.sent_by}{tail}>"


def pending(changes: Changes) -> RecordRoute:
    """What is queued for a request; an inactive one if nothing is."""
    for each in changes.top:
        if isinstance(each, RecordRoute):
            return each
    return RecordRoute()


def queue(changes: Changes, record: RecordRoute) -> None:
    """Queue it in place of what was queued before."""
    changes.top[:] = [each for each in changes.top if not isinstance(each, RecordRoute)]
    changes.top.append(record)  # type: ignore[arg-type]  # mypy: no tuple can be called


def add_param(changes: Changes, text: str) -> None:
    """Add a parameter (`;name=value`) to the header that is queued, or to the one that will be."""
    record = pending(changes)
    if record.active:
        queue(changes, record._replace(added=record.added + text))
    else:
        queue(changes, record._replace(early=record.early + text))
