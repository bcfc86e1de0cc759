"""A connection of the host as management and scripts see it."""

from __future__ import annotations

from dataclasses import dataclass

from relayscript.sip.transport import Address


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection over a reliable transport: `number` names it, `idle_until` is the wall clock time at which it
    ends without traffic, `aliases` are the ports of the peer that lead to it besides the one that it comes from."""

    number: int
    protocol: str
    is_connected: bool
    source: Address
    destination: Address
    idle_until: float
    aliases: tuple[int, ...] = ()
