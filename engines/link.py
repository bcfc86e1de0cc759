"""What carries a command to a node and its reply back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Replied = Callable[[bytes | None], None]
"""Gets the reply without its framing, or None: the node was silent (or its connection is gone)."""


TimedOut = Callable[[], None]
"""Told of each reply that did not come in time."""


def unobserved() -> None:
    """Nobody wants to know."""


class Link(Protocol):
    """The way to one node, with its framing and its patience."""

    def request(self, command: bytes, replied: Replied, attempts: int | None = None) -> None:
        """Send a command; `replied` is called exactly once, never before this returns to its caller's caller.

        `attempts` limits how often it is sent; a link that cannot repeat ignores it.
        """

    def close(self) -> None:
        """Close the channel; requests under way end with None."""
