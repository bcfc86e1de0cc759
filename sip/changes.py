"""Edits of a message, kept apart from it until it is sent."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.sip.transport import Listener


class Changes:
    """Edits of a message's headers and body that take effect when it is sent.

    `removed` holds indexes into `Message.lines`; `replaced` maps an index to new lines (without the
    final CRLF); `first` and `last` are lines put before and behind the headers; `after` maps an index
    to lines that follow it. `body` replaces the body if it is not None; `shown` is what scripts read as the body,
    the received one if None: they see what their variables wrote, not what modules edited. `top` makes lines for the
    very top that depend on the socket a request is sent from (Record-Route, RFC 3261 16.6 step 4).
    """

    __slots__ = ("after", "body", "content_type", "first", "last", "removed", "replaced", "shown", "top")

    def __init__(self) -> None:
        self.removed: set[int] = set()
        self.replaced: dict[int, str] = {}
        self.first: list[str] = []
        self.last: list[str] = []
        self.after: dict[int, list[str]] = {}
        self.body: str | None = None
        self.shown: str | None = None
        self.content_type: str | None = None
        self.top: list[Callable[[Listener], tuple[str, ...]]] = []

    def copy(self) -> Changes:
        """The same edits, to go on independently (a branch starts from those of the request)."""
        other = Changes.__new__(Changes)
        other.removed = self.removed.copy()
        other.replaced = self.replaced.copy()
        other.first = self.first.copy()
        other.last = self.last.copy()
        other.after = {index: lines.copy() for index, lines in self.after.items()} if self.after else {}
        other.body = self.body
        other.shown = self.shown
        other.content_type = self.content_type
        other.top = self.top.copy()
        return other
