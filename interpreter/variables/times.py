"""The time of day."""

from __future__ import annotations

from datetime import datetime

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.values import Dual, Value

LONGEST_TIME = 126
"""The most characters that `$time(...)` yields; longer is NULL."""


class TimeVariables(Module):
    """Now, by the host's clock, and the time of the start."""

    name = "core"

    @variable("Ts")
    def seconds(self, context: Context) -> Value:
        """Seconds since the epoch."""
        return int(self.runtime.host.wall())

    @variable("Tsm")
    def microseconds(self, context: Context) -> Value:
        """Microseconds within the second."""
        return int(self.runtime.host.wall() * 1_000_000) % 1_000_000

    @variable("TS")
    def started(self, context: Context) -> Value:
        """When the script was started, in seconds since the epoch."""
        return int(self.runtime.started_at)

    @variable("Tf")
    def text(self, context: Context) -> Value:
        """Local time in the form `Mon Nov 23 10:20:30 2026`; its int is seconds since the epoch."""
        now = self.runtime.host.wall()
        return Dual(datetime.fromtimestamp(now).strftime("%a %b %e %H:%M:%S %Y"), int(now))

    @variable("time", parameter="required")
    def formatted(self, context: Context, form: str) -> Value:
        """Local time in a form of strftime."""
        text = datetime.fromtimestamp(self.runtime.host.wall()).astimezone().strftime(form)
        return text if 0 < len(text) <= LONGEST_TIME else None
