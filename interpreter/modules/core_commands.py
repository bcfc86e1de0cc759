"""The management commands of the core: version, uptime, log levels, statistics (`core:*`, `statistics:*`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from relayscript import __version__
from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.management import (
    BAD_PARAMETERS,
    CommandError,
    accepted_names,
    find_command,
    recipes_of,
    spec_of,
)


class CoreCommands(Module):
    """Commands that every script has, whatever it loads."""

    name = "core_commands"

    # ---- core

    @command("core:version")
    def version(self, revision: object = None) -> dict[str, str]:
        """Who answers."""
        return {"Server": f"relayscript ({__version__})"}

    @command("core:uptime")
    def uptime(self) -> dict[str, str]:
        """Now, since when, and for how long."""
        since, now = self.runtime.started_at, self.runtime.host.wall()
        return {"Now": clock(now), "Up since": clock(since), "Up time": f"{int(now - since)} [sec]"}

    @command("core:which")
    def which(self, command: str | None = None) -> list[str] | list[list[str]]:
        """All names of commands, or the sets of parameters that one command takes."""
        commands = self.runtime.commands
        if command is None:
            return accepted_names(commands)
        declaration, handler = find_command(commands, command)
        return [list(recipe) for recipe in recipes_of(handler, spec_of(self.runtime, declaration))]

    @command("core:ps")
    def ps(self) -> dict[str, list[dict[str, object]]]:
        """The processes: one does everything."""
        return {"Processes": [{"ID": 0, "Type": "SIP, timers, management"}]}

    @command("core:log_level")
    def log_level(self, level: int | None = None, pid: object = None) -> dict[str, int]:
        """Show or set the level up to which the log is written (1 to 4, -1 to -3)."""
        if level is None:
            return {"Log level": self.runtime.globals.log_level}
        self.runtime.globals.log_level = in_range(level)
        return {"New global log level": self.runtime.globals.log_level}

    @command("core:xlog_level")
    def xlog_level(self, level: int | None = None) -> dict[str, int]:
        """Show or set the level up to which `xlog` writes."""
        if level is not None:
            self.runtime.globals.xlog_level = in_range(level)
        return {"xLog Level": self.runtime.globals.xlog_level}

    # ---- statistics

    @command("statistics:get", "get_statistics")
    def get(self, statistics: list[str]) -> dict[str, int]:
        """Values by `group:name`. A name is asked for alone, as a whole `group:`, or as `all`."""
        return {name: self.runtime.statistics[name] for name in self._names(statistics)}

    @command("statistics:list", "list_statistics")
    def listed(self, statistics: list[str] | None = None) -> dict[str, str]:
        """The names that there are."""
        return dict.fromkeys(self._names(["all"] if statistics is None else statistics), "incremental")

    @command("statistics:reset", "reset_statistics")
    def reset(self, statistics: list[str]) -> str:
        """Back to 0, but for gauges and those declared `no_reset`."""
        for name in self._names(statistics):
            self.runtime.reset_statistic(name)
        return "OK"

    @command("statistics:reset_all", "reset_all_statistics")
    def reset_all(self) -> str:
        """All back to 0."""
        return self.reset(["all"])

    def _names(self, wanted: list[str]) -> list[str]:
        found: dict[str, Any] = {}
        for each in wanted:
            for name in self.runtime.statistics:
                group, _, local = name.partition(":")
                if each in ("all", name, local) or each == f"{group}:":
                    found[name] = None
        return list(found)


def clock(seconds: float) -> str:
    """A time as `Mon Nov 23 10:20:30 2026`."""
    return datetime.fromtimestamp(seconds).strftime("%a %b %e %H:%M:%S %Y")


def in_range(level: int) -> int:
    """A log level. Raises CommandError for any other number."""
    if not -3 <= level <= 4:
        raise CommandError(*BAD_PARAMETERS, "Bad type for parameter 'level'")
    return level
