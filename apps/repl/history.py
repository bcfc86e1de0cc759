"""What was typed in earlier sessions, in a file of the user's."""

from __future__ import annotations

import os
from pathlib import Path

from prompt_toolkit.history import FileHistory


def history_file() -> Path:
    """Where it is kept: in `XDG_STATE_HOME`, else in `~/.local/state`."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "relayscript" / "history"


class KeptHistory(FileHistory):
    """A history that goes on without its file if that cannot be read or written; `warning` says so, once."""

    def __init__(self, file: Path) -> None:
        self.warning = ""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("ab"):
                pass
        except OSError as error:
            self._warn(file, error)
        super().__init__(str(file))

    def load_history_strings(self) -> list[str]:
        """What is in the file, the latest first."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Add to the file, as long as it can be written."""
        if self.warning:
            return
        try:
            super().store_string(string)
        except OSError as error:
            self._warn(Path(str(self.filename)), error)

    def _warn(self, file: Path, error: OSError) -> None:
        self.warning = f"warning: what is typed is not kept: {file}: {(error.strerror or str(error)).lower()}"
