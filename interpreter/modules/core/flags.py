"""Functions on message and branch flags (language.md 6, 10.4)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.variables.branches import chosen


class FlagFunctions(Module):
    """Flags are names. A branch is meant by its number: 0, the default, is that of the request URI."""

    name = "core"

    @function()
    def setflag(self, context: Context, flag: str) -> int:
        """Set a message flag."""
        context.flags.add(flag)
        return 1

    @function()
    def resetflag(self, context: Context, flag: str) -> int:
        """Reset a message flag."""
        context.flags.discard(flag)
        return 1

    @function()
    def isflagset(self, context: Context, flag: str) -> int:
        """1 if a message flag is set, else -1."""
        return 1 if flag in context.flags else -1

    @function()
    def setbflag(self, context: Context, flag: str, branch: int | None = None) -> int:
        """Set a branch flag; -1 if there is no such branch."""
        found = chosen(context, branch or 0)
        if found is None:
            return -1
        found.flags.add(flag)
        return 1

    @function()
    def resetbflag(self, context: Context, flag: str, branch: int | None = None) -> int:
        """Reset a branch flag; -1 if there is no such branch."""
        found = chosen(context, branch or 0)
        if found is None:
            return -1
        found.flags.discard(flag)
        return 1

    @function()
    def isbflagset(self, context: Context, flag: str, branch: int | None = None) -> int:
        """1 if a branch flag is set, else -1."""
        found = chosen(context, branch or 0)
        return 1 if found is not None and flag in found.flags else -1
