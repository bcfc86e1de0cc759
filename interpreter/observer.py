"""What can be watched while a script runs. Traces, ladders, coverage and debuggers are observers."""

from __future__ import annotations

from typing import Protocol

from relayscript.sip.transport import Address, Listener


class Observer(Protocol):
    """Told of everything that crosses the border of a running script, in order.

    An observer must not change what it is shown and must not raise.
    """

    def message(self, sent: bool, listener: Listener, address: Address, data: bytes) -> None:
        """A SIP message went out (address: its destination) or came in (address: its source)."""

    def relay(self, node: str, sent: bool, text: str) -> None:
        """A command was sent to a relay node, or its reply came; `node` is its URL."""

    def log(self, level: int, text: str) -> None:
        """The script or the core wrote to the log."""

    def timer(self, name: str, seconds: float) -> None:
        """A timer with a name fired, that many seconds after it was started."""
