"""The log as OpenSIPS writes it to standard error: `Mon DD HH:MM:SS [pid] LEVEL:` and the text."""

from __future__ import annotations

import os
import time
from typing import BinaryIO

LEVELS = {
    -3: "ALERT", -2: "CRITICAL", -1: "ERROR", 0: "ERROR", 1: "WARNING", 2: "NOTICE", 3: "INFO", 4: "DBG",
}  # fmt: skip


class LogWriter:
    """Writes log lines (language.md section 8); `prefix` stands in front of the level."""

    def __init__(self, stream: BinaryIO, prefix: str = "") -> None:
        self._stream = stream
        self._pid = os.getpid()
        self._second = -1
        self._stamp = ""
        self.prefix = prefix

    def write(self, level: int, text: str) -> None:
        """Write one line at once; a text without a line end gets one. Byte text goes out as it is."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._stamp = time.strftime("%b %e %H:%M:%S", time.localtime(second))
        word = LEVELS.get(level, "ALERT" if level < 0 else "DBG")
        prefix = f"{self.prefix}:" if self.prefix else ""
        end = "" if text.endswith("\n") else "\n"
        line = f"{self._stamp} [{self._pid}] {prefix}{word}:{text}{end}"
        try:
            self._stream.write(line.encode("latin-1", "backslashreplace"))
            self._stream.flush()
        except (OSError, ValueError):
            return  # nobody reads the log any more; calls go on
