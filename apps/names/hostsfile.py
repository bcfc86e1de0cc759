"""The system's hosts file: names that have addresses without a question to anybody (hosts(5))."""

from __future__ import annotations

import os
from pathlib import Path

HOSTS = Path("/etc/hosts")


class HostsFile:
    """The names in a hosts file; it is read again when it has changed."""

    def __init__(self, path: Path = HOSTS) -> None:
        self._path = path
        self._changed = -1
        self._names: dict[str, tuple[str, ...]] = {}

    def addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name in the order of the file; none if the file does not name it.

        `localhost` and what ends in it is loopback, and `.invalid` nothing, whatever the file says of them
        (RFC 6761 6.3).
        """
        self._refresh()
        name = name.lower().removesuffix(".")
        found = self._names.get(name, ())
        if not found and (name == "localhost" or name.endswith(".localhost")):
            return ("127.0.0.1", "::1")
        return found

    def _refresh(self) -> None:
        try:
            changed = os.stat(self._path).st_mtime_ns
            if changed == self._changed:
                return
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            changed, text = -1, ""
        self._changed, self._names = changed, read_hosts(text)


def read_hosts(text: str) -> dict[str, tuple[str, ...]]:
    """Names in lower case and their addresses, of the lines `address name ...  # comment`."""
    names: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        address, *named = line.partition("#")[0].split() or [""]
        for name in map(str.lower, named):
            if address not in names.get(name, ()):
                names[name] = (*names.get(name, ()), address.partition("%")[0])
    return names
