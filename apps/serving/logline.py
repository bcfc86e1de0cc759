"""The log as OpenSIPS writes it to standard error: `Mon DD HH:MM:SS [pid] LEVEL:` and the text, or JSON."""

from __future__ import annotations

import json
import os
import time
from typing import BinaryIO

LEVELS = {
    -3: "ALERT", -2: "CRITICAL", -1: "ERROR", 0: "ERROR", 1: "WARNING", 2: "NOTICE", 3: "INFO", 4: "DBG",
}  # fmt: skip


class LogWriter:
    """Writes log lines (language.md section 8); `prefix` stands in front of the level.

    `form` is `plain_text`, `json` (an object each line) or `json_cee` (the same behind `@cee: `).
    """

    def __init__(self, stream: BinaryIO, prefix: str = "") -> None:
        self._stream = stream
        self._pid = os.getpid()
        self._second = -1
        self._stamp = ""
        self.prefix = prefix
        self.form = "plain_text"

    def write(self, level: int, text: str) -> None:
        """Write one line at once; a text without a line end gets one. Byte text goes out as it is."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._stamp = time.strftime("%b %e %H:%M:%S", time.localtime(second))
        word = LEVELS.get(level, "ALERT" if level < 0 else "DBG")
        line = self._plain(word, text) if self.form == "plain_text" else self._object(word, text)
        try:
            self._stream.write(line)
            self._stream.flush()
        except (OSError, ValueError):
            return  # nobody reads the log any more; calls go on

    def _plain(self, word: str, text: str) -> bytes:
        prefix = f"{self.prefix}:" if self.prefix else ""
        end = "" if text.endswith("\n") else "\n"
        return f"{self._stamp} [{self._pid}] {prefix}{word}:{text}{end}".encode("latin-1", "backslashreplace")

    def _object(self, word: str, text: str) -> bytes:
        told = {"time": self._stamp, "pid": self._pid, "level": word}
        if self.prefix:
            told["prefix"] = self.prefix
        told["message"] = text.removesuffix("\n").encode("latin-1", "replace").decode("utf-8", "replace")
        mark = "@cee: " if self.form == "json_cee" else ""
        return f"{mark}{json.dumps(told, ensure_ascii=False)}\n".encode()
