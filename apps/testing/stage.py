"""Where a scenario is played: what a player asks of the world around the script. In memory, or on real sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from relayscript.apps.names.zone import Zone
from relayscript.apps.simulator.impairment import Impairment
from relayscript.apps.simulator.relays import Node
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address, Listener


class Stage(Protocol):
    """The world around one script under play. Time stands still unless it is told to pass.

    All that is on its way is a timer: when no timer is due, everything that was sent has arrived.
    """

    timers: Timers
    names: dict[str, tuple[str, ...]]
    zone: Zone

    def begin(self, runtime: Runtime) -> None:
        """Start the script; what parties send reaches it. Raises NotOnThisStage."""

    def end(self) -> None:
        """Stop the script, if it began, and give back what was taken for it."""

    def join(self, place: Address, listener: Listener, receive: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Somebody is at an address and gets what is sent there; returns how they send to a socket of the script.

        Raises NotOnThisStage if nobody can be reached over its transport.
        """

    def node(self, url: str) -> Node:
        """The relay node at a URL; one that is not known yet is a healthy one."""

    def impair(self, impairment: Impairment) -> None:
        """The network is a bad one from now on."""

    def wall(self) -> float:
        """Seconds since the epoch."""

    def resolve(self, name: str, done: Callable[[list[str]], None]) -> None:
        """The addresses that the script finds for a host name."""

    def settle(self) -> None:
        """Everything that is due now happens."""

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with all that happens in it."""

    def until(self, done: Callable[[], object], seconds: float) -> bool:
        """Let time pass from timer to timer until something is so; False if it is not within `seconds`."""


class NotOnThisStage(Exception):  # noqa: N818 - the scenario asks for something that is not to be had here
    """Something that a scenario needs cannot be given where it is played; the text says what."""


class LostOnTheWay(Exception):  # noqa: N818 - how a scenario ends
    """What was sent did not arrive although nothing was to happen to it; the text says what it was."""
