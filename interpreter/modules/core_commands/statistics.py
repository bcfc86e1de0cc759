"""The commands about statistics (`statistics:*`)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, command


class StatisticCommands(Module):
    """Reading and resetting counters."""

    name = "core_commands"

    @command("statistics:get", "get_statistics")
    def get(self, statistics: list[str]) -> dict[str, int]:
        """Values by `group:name`. A name is asked for alone, as a whole `group:`, or as `all`."""
        return {name: self.runtime.statistic(name) for name in self._names(statistics)}

    @command("statistics:list", "list_statistics")
    def listed(self, statistics: list[str] | None = None) -> dict[str, str]:
        """The names that there are, and whether they only grow."""
        names = self._names(["all"] if statistics is None else statistics)
        return {name: "non-incremental" if name in self.runtime.gauges else "incremental" for name in names}

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
        found: dict[str, None] = {}
        for each in wanted:
            for name in self.runtime.statistics:
                group, _, local = name.partition(":")
                if each in ("all", name, local) or each == f"{group}:":
                    found[name] = None
        return list(found)
