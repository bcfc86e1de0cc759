"""The one error of this room."""

from __future__ import annotations


class SippError(Exception):
    """A SIPp scenario that cannot be read or did not go as it says: file, line (from 1), and what about it."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(f"{file}:{line}: {text}")
        self.file, self.line, self.text = file, line, text
