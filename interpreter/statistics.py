"""The statistics of one script, each named `group:name`."""

from __future__ import annotations

from collections.abc import Callable


class Statistics:
    """Numbers in `statistics`; those that are `computed` when asked stand there too. `gauges` tell how much there is
    of something.
    """

    statistics: dict[str, int]
    computed: dict[str, Callable[[], int]]
    gauges: set[str]

    def statistic(self, name: str) -> int:
        """The value of a statistic, named `group:name`. Raises KeyError."""
        computed = self.computed.get(name)
        return self.statistics[name] if computed is None else computed()

    def reset_statistic(self, name: str) -> None:
        """Set a statistic, named `group:name`, back to 0; a gauge stays as it is."""
        if name not in self.gauges:
            self.statistics[name] = 0

    def count(self, statistic: str, by: int = 1) -> None:
        """Add to a statistic, named `group:name`."""
        self.statistics[statistic] = self.statistics.get(statistic, 0) + by
