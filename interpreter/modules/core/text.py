"""Functions on values: printing into variables, building URIs, the time, the AVPs (language.md 6)."""

from __future__ import annotations

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.tracing import Trace
from relayscript.interpreter.values import printed

INFO = 3


class TextFunctions(Module):
    """Results go into variables."""

    name = "core"

    @function()
    def pv_printf(self, context: Context, target: Reference, text: str) -> int:
        """Put a text into a variable; -1 if it cannot be written."""
        return 1 if target.set(text) else -1

    @function()
    def construct_uri(
        self,
        context: Context,
        scheme: str,
        user: str | None,
        host: str,
        port: str | None,
        extra: str | None,
        target: Reference,
    ) -> int:
        """Build `scheme:[user@]host[:port][;extra]` and push it into an AVP."""
        if not scheme or not host:
            return -1
        before = f"{user}@" if user else ""
        behind = f":{port}" if port else ""
        tail = f";{extra}" if extra else ""
        return 1 if target.set(f"{scheme}:{before}{host}{behind}{tail}") else -1

    @function()
    def get_timestamp(self, context: Context, seconds: Reference, microseconds: Reference) -> int:
        """Push the time since the epoch into two AVPs."""
        now = int(self.runtime.host.wall() * 1_000_000)
        return 1 if seconds.set(now // 1_000_000) and microseconds.set(now % 1_000_000) else -1

    @function()
    def avp_print(self, context: Context) -> int:
        """Write all AVPs to the log, at level info."""
        for name, values in context.avps.items():
            context.log(INFO, f"avp {name}: {', '.join(map(printed, values))}")
        return 1

    @function()
    def script_trace(
        self, context: Context, level: int | None = None, form: str | None = None, tag: str | None = None
    ) -> int:
        """Trace each action of this run from here on, with a format string expanded for each.

        Without arguments it stops. -1 if the text is no format string.
        """
        if level is None:
            context.trace = None
            return 1
        try:
            context.trace = Trace(level, self.runtime.registry.format(form or ""), tag or "")
        except ScriptError as error:
            context.log(-1, f"script_trace: {error}")
            return -1
        return 1
