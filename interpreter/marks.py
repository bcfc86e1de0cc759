"""What becomes of each condition of a script while it runs, for those who measure coverage or explain a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from relayscript.dsl import nodes

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context

Truth = bool | int
"""The value of a condition: > 0 is true, 0 is false, -1 the error of operands that do not fit (language.md 3.2)."""
Mark = Callable[["Context", Truth], Truth]


class Marks(Protocol):
    """Gives each condition of a script a mark when the script is compiled; without marks it costs nothing."""

    def begin(self, script: nodes.Script) -> None:
        """The conditions that are to be marked now are those of this script."""

    def mark(self, node: nodes.Condition) -> Mark:
        """A function that is called with each value of the condition, in the run it is of, and returns it."""
