"""Deletes that a node could not be told: it gets them when it answers again.

A node that was only cut off still holds the sessions of calls that have moved or ended meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

from relayscript.engines.link import Replied
from relayscript.engines.sets import Node

MOST_OWED = 1000
"""How many deletes are kept for a node; of more, the oldest are left to the node's own time-out."""

AT_ONCE = 20
"""How many of them are under way at a time."""


class Debts:
    """What each node is owed, by URL and by the name of the session."""

    def __init__(self, send: Callable[[Node, bytes, Replied], None]) -> None:
        self._send = send
        self._owed: dict[str, dict[str, bytes]] = {}

    def add(self, node: Node, name: str, command: bytes) -> None:
        """The node is to get a command for a session once it answers again."""
        owed = self._owed.setdefault(node.url, {})
        owed[name] = command
        if len(owed) > MOST_OWED:
            del owed[next(iter(owed))]

    def drop(self, node: Node, name: str) -> None:
        """The session is in use there again: nothing is owed for it."""
        if owed := self._owed.get(node.url):
            owed.pop(name, None)

    def settle(self, node: Node) -> None:
        """The node answers again: it gets what it is owed, some at a time."""
        for _ in range(min(AT_ONCE, len(self._owed.get(node.url, ())))):
            self._next(node)

    def _next(self, node: Node) -> None:
        owed = self._owed.get(node.url)
        if not owed or not node.enabled:
            return
        name = next(iter(owed))
        command = owed.pop(name)

        def replied(reply: bytes | None) -> None:
            if reply is None:
                self.add(node, name, command)
            else:
                self._next(node)

        self._send(node, command, replied)
