"""Module statistics: counters of the script's own, and reading those of the server (statistics manual)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function, variable
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.series import Series, read_profile
from relayscript.interpreter.values import Value, int_of

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

OWN_GROUP = "script"
NO_RESET = "no_reset"


class Statistics(Module):
    """Counts under `group:name`; a name without a group is of the group `script` when it is new."""

    name = "statistics"
    parameters = (
        Parameter("variable", None, repeatable=True), Parameter("stat_groups", None, repeatable=True),
        Parameter("stat_series_profile", None, repeatable=True),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self._walks: dict[str, Iterator[tuple[str, int]]] = {}
        self._profiles = {each.name: each for each in map(read_profile, settings["stat_series_profile"])}
        self._series: dict[str, Series] = {}
        self._groups = {OWN_GROUP, *(each.strip() for list_ in settings["stat_groups"] for each in list_.split(","))}
        for declared in settings["variable"]:
            name, _, flag = declared.partition("/")
            if flag and flag.strip() != NO_RESET:
                raise ValueError(f"there is no flag {flag.strip()!r} of a variable")
            full = f"{OWN_GROUP}:{name.strip()}"
            runtime.statistics.setdefault(full, 0)
            if flag.strip() == NO_RESET:
                runtime.gauges.add(full)

    def find(self, name: str) -> str | None:
        """The full name of a statistic given with or without its group; None if there is none."""
        known = self.runtime.statistics
        if ":" in name:
            return name if name in known else None
        return next((each for each in known if each.partition(":")[2] == name), None)

    # ---- counting

    @function()
    def update_stat(self, context: Context, name: str, by: int) -> int:
        """Add to a statistic, which is made if there is none of that name: 1; -1 in a group that there is not."""
        full = self.find(name) or (name if ":" in name else f"{OWN_GROUP}:{name}")
        group = full.partition(":")[0]
        if full not in self.runtime.statistics and not self._is_group(group):
            context.log(-1, f"update_stat: there is no group {group!r}; name it in stat_groups")
            return -1
        self.runtime.count(full, by)
        return 1

    def _is_group(self, name: str) -> bool:
        return name in self._groups or any(each.startswith(f"{name}:") for each in self.runtime.statistics)

    @function()
    def update_stat_series(self, context: Context, profile: str, name: str, value: int) -> int:
        """Feed a value to a series, which is made if there is none of that name: 1; -1 without such a profile."""
        found = self._profiles.get(profile)
        if found is None:
            context.log(-1, f"update_stat_series: there is no profile {profile!r}")
            return -1
        full = name if ":" in name else f"{found.group}:{name}"
        if full not in self._series:
            publish = partial(self.runtime.statistics.__setitem__, full)
            self._series[full] = Series(found, self.runtime.timers, publish)
        self._series[full].add(value)
        return 1

    @function()
    def reset_stat(self, context: Context, name: str) -> int:
        """Back to 0, unless it was declared `no_reset`: 1; -1 if there is none of that name."""
        full = self.find(name)
        if full is None:
            return -1
        self._reset(full)
        return 1

    def _reset(self, full: str) -> None:
        self.runtime.reset_statistic(full)
        if full in self._series:
            self._series[full].clear()

    @variable("stat", parameter="optional")
    def stat(self, context: Context, name: str | None) -> Value:
        """The value of a statistic; NULL if there is none of that name."""
        full = self.find(name) if name is not None else None
        return self.runtime.statistic(full) if full is not None else None

    @stat.setter
    def set_stat(self, context: Context, name: str | None, op: str, value: Value) -> bool:
        """Writing 0 resets it; nothing else can be written."""
        full = self.find(name) if name is not None else None
        if full is None or int_of(value) != 0:
            return False
        self._reset(full)
        return True

    # ---- walking

    @function()
    def stat_iter_init(self, context: Context, group: str, walk: str) -> int:
        """Begin to walk through the statistics of a group: 1; -1 if there is none in it."""
        found = [
            (name.partition(":")[2], value)
            for name, value in self.runtime.statistics.items()
            if name.partition(":")[0] == group
        ]
        self._walks[walk] = iter(found)
        return 1 if found else -1

    @function()
    def stat_iter_next(self, context: Context, name: Reference, value: Reference, walk: str) -> int:
        """Write name and value of the next one: 1; -1 at the end."""
        following = next(self._walks.get(walk, iter(())), None)
        if following is None:
            return -1
        name.set(following[0])
        value.set(following[1])
        return 1
