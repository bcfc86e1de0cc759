"""The commands about the log: how much is written, and whether anything is (`core:log_*`, `core:xlog_level`)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.management import BAD_PARAMETERS, CommandError
from relayscript.interpreter.modules.core_commands.process import TYPE

STDERROR = "stderror"
"""The consumer of the log that there is."""


class LogCommands(Module):
    """Levels and filters."""

    name = "core_commands"

    @command("core:log_level")
    def log_level(self, level: int | None = None, pid: object = None) -> dict[str, object]:
        """Show the level up to which the log is written (-3 to 4), or set it."""
        settings = self.runtime.globals
        if pid is not None and str(pid) != str(self.runtime.pid):
            raise CommandError(404, "Bad PID")
        if level is None:
            return {"Processes": [{"PID": self.runtime.pid, "Log level": settings.log_level, "Type": TYPE}]}
        settings.log_level = in_range(level)
        return {"Log level" if pid is not None else "New global log level": settings.log_level}

    @command("core:xlog_level")
    def xlog_level(self, level: int | None = None) -> dict[str, int]:
        """Show or set the level up to which `xlog` writes."""
        if level is not None:
            self.runtime.globals.xlog_level = in_range(level)
        return {"xLog Level": self.runtime.globals.xlog_level}

    @command("core:log_level_filter")
    def log_level_filter(self, consumer: str, level_filter: int | None = None) -> dict[str, int] | str:
        """Show or set the level beyond which nothing reaches a consumer of the log, whoever wrote it; 0 for none."""
        known(consumer)
        if level_filter is None:
            return {"Log level filter": self.runtime.globals.stderror_level_filter}
        self.runtime.globals.stderror_level_filter = in_range(level_filter, "level_filter")
        return "OK"

    @command("core:log_mute_state")
    def log_mute_state(self, consumer: str, mute_state: int | None = None) -> dict[str, int] | str:
        """Show whether nothing at all reaches a consumer of the log (1), or see to it."""
        known(consumer)
        if mute_state is None:
            return {"mute state": 0 if self.runtime.globals.stderror_enabled else 1}
        self.runtime.globals.stderror_enabled = 0 if mute_state else 1
        return "OK"


def in_range(level: int, name: str = "level") -> int:
    """A log level. Raises CommandError for any other number."""
    if not -3 <= level <= 4:
        raise CommandError(*BAD_PARAMETERS, f"Bad type for parameter '{name}'")
    return level


def known(consumer: str) -> None:
    """Raises CommandError unless it is the consumer there is."""
    if consumer != STDERROR:
        raise CommandError(404, "Unknown log consumer", f"relayscript logs to {STDERROR} alone")
