"""Names to addresses, asked of the system in a thread of its own so that nothing waits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from relayscript.apps.eventloop import EventLoop


def is_address(name: str) -> bool:
    """An IPv4 or IPv6 address, not a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except (OSError, ValueError):
            continue
        return True
    return False


class Resolver:
    """Asks the system's resolver (its hosts file, then DNS); the questions of one name are asked once."""

    def __init__(self, events: EventLoop) -> None:
        self._events = events
        self._asked: dict[str, list[Callable[[list[str]], None]]] = {}

    def resolve(self, name: str, done: Callable[[list[str]], None]) -> None:
        """The addresses of a host name, IPv4 first, none if there are none; calls back exactly once."""
        bare = name.strip("[]")
        if is_address(bare):
            done([bare])
            return
        waiting = self._asked.setdefault(name, [])
        waiting.append(done)
        if len(waiting) == 1:
            # a daemon thread: a name server that does not answer must not keep the process alive
            threading.Thread(target=self._ask, args=(name,), daemon=True).start()

    def _ask(self, name: str) -> None:
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            found = []
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        addresses.sort(key=lambda address: ":" in address)
        try:
            self._events.soon(lambda: self._answer(name, addresses))
        except RuntimeError:
            return  # the loop was closed meanwhile

    def _answer(self, name: str, addresses: list[str]) -> None:
        for done in self._asked.pop(name, []):
            done(addresses)
