"""Relay nodes that are kept in a text file: `db_url` is `file:<path>`, each line what a `*_sock` parameter takes.

Empty lines and lines that begin with `#` mean nothing. The file is read at the start and by `reload`.
"""

from __future__ import annotations

from pathlib import Path

SCHEME = "file:"


class SocketsError(ValueError):
    """The nodes cannot be read; the text says why."""


def read_sockets(url: str) -> tuple[str, ...]:
    """The definitions in the file of a `db_url`. Raises SocketsError."""
    if not url.startswith(SCHEME):
        raise SocketsError(f"db_url '{url}': only {SCHEME}<path> is supported")
    try:
        text = Path(url.removeprefix(SCHEME)).read_text(encoding="latin-1")
    except OSError as error:
        raise SocketsError(f"db_url '{url}': {error.strerror}") from None
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
