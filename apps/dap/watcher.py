"""Tells the client what happens while a scenario is played: the log of the script, and the messages on their way."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.apps.testing.ladders.readable import readable
from relayscript.sip.transport import Address, Listener

Say = Callable[[str, str], object]
"""Shows a line of text in a category of the protocol: `stdout`, `stderr`, `console`, `important`."""

WARNING = 1
"""The level of warnings in the log; more severe ones are lower."""


class Watcher:
    """An `interpreter.observer.Observer`. `fault` is the last warning or error in the log, until somebody takes it."""

    def __init__(self, say: Say) -> None:
        self.fault = ""
        self._say = say

    def message(self, sent: bool, listener: Listener, address: Address, data: bytes) -> None:
        """The first line of a message, and where it goes or comes from."""
        first = readable(data.split(b"\r\n", 1)[0].decode("latin-1"))
        self._say("console", f"{'->' if sent else '<-'} {address[0]}:{address[1]}  {first}")

    def relay(self, node: str, sent: bool, text: str) -> None:
        """Commands to relays are not shown; what goes wrong with them is in the log."""

    def log(self, level: int, text: str) -> None:
        """A line of the log."""
        shown = "\n".join(readable(row) for row in text.rstrip("\n").split("\n"))
        self._say("stdout", shown)
        if level <= WARNING:
            self.fault = shown

    def timer(self, name: str, seconds: float) -> None:
        """Timers are not shown."""
