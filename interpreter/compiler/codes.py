"""Python code that is kept with a script's tree, since only what it is linked to differs from runtime to runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import CodeType
from typing import TYPE_CHECKING

from relayscript.dsl.once import kept

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

Made = list[tuple[CodeType, tuple[str, ...]]]


class Codes:
    """The code of functions in the order in which they are compiled, which is the same each time.

    `known` has those of an earlier time. Each is taken only by a function that may use the same names.
    """

    def __init__(self, known: Made) -> None:
        self._known = known
        self._number = 0

    def code(self, names: Iterable[str], make: Callable[[], CodeType]) -> CodeType:
        """The code of the next function, whose global names are these; `make` compiles it."""
        linked, number = tuple(names), self._number
        self._number += 1
        if number < len(self._known):
            code, known = self._known[number]
            return code if known == linked else make()
        code = make()
        self._known.append((code, linked))
        return code


def codes_for(runtime: Runtime) -> Codes:
    """Those for all routes of the script that a runtime runs now.

    Code depends on the tree, on whether lines are told and conditions marked, and on what is mocked. Modules
    of others may do as they please, so for a script that loads one nothing is kept.
    """
    mocks = runtime.mocks
    mocked = tuple(tuple(sorted(each.items())) for each in (mocks.functions, mocks.routes))
    values = tuple((name, type(value), value) for name, value in sorted(mocks.variables.items()))
    purpose = ("codes", runtime.tells_lines, runtime.marks is not None, runtime.target, mocked, values)
    return Codes(kept(runtime.script, purpose, list) if runtime.offers.only_ours else [])
