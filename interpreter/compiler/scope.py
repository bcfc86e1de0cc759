"""What a compiled script is linked to: the names its code uses and the objects behind them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relayscript.interpreter import control, failing, operators, tracing
from relayscript.interpreter.compiler.codes import Codes
from relayscript.interpreter.compiler.lines import Telling, headers
from relayscript.interpreter.values import Value, wrap

if TYPE_CHECKING:
    from relayscript.interpreter.control import CompiledRoute
    from relayscript.interpreter.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a script makes use of: `$rc`, `$return`, an error route, `script_trace`.

    With `$rc` each action has to leave its result there, with `$return` each `return` its values; an error
    route is asked for after each action, and a trace before it.
    """

    rc: bool = False
    returned: bool = False
    error_route: bool = False
    script_trace: bool = False


class Scope:
    """The global names of a script's code.

    `mentions` says what the script makes use of, so that only those who need it pay for it.
    """

    def __init__(self, runtime: Runtime, mentions: Mentions) -> None:
        self.runtime = runtime
        self.registry = runtime.registry
        self.marks = runtime.marks
        self.tracks_rc = mentions.rc
        self.tracks_returned = mentions.returned
        self.handles_errors = mentions.error_route
        self.traces = mentions.script_trace
        self.routes: dict[str, CompiledRoute] = {}
        self.codes = Codes([])
        self._numbers = itertools.count(1)
        self._telling: dict[str, Telling] = {}
        self.names: dict[str, Any] = {
            "Exit": control.Exit,
            "Drop": control.Drop,
            "Failure": operators.Failure,
            "V": runtime.script_variables,
            "wrap": wrap,
            "stop": stop,
            "noted": noted,
            "failed": failed,
            "mismatch": mismatch,
            "negated": negated,
            "too_many_passes": too_many_passes,
            "passes_left": passes_left,
            "spend": spend,
            "within_limits": within_limits,
            "call_route": control.call_route,
            "handle": failing.handle,
            "traced": tracing.traced,
            **{
                each.__name__: each
                for each in (
                    operators.add, operators.binary, operators.complement, operators.compound,
                    operators.plain, operators.as_number, operators.bracketed, operators.compare_number,
                    operators.compare_text, operators.matches, operators.compare, operators.within,
                )
            },
        }  # fmt: skip

    def link(self, target: object, hint: str) -> str:
        """Give an object a name that compiled code can use."""
        text = f"{hint}_{next(self._numbers)}"
        self.names[text] = target
        return text

    def temporary(self) -> str:
        """A local name that nothing else uses."""
        return f"t{next(self._numbers)}"

    def telling(self, file: str) -> Telling | None:
        """What makes code tell of the lines of a file; None if nobody wants to know."""
        if not self.runtime.tells_lines:
            return None
        if file not in self._telling:
            quiet = frozenset(line for name, line in headers(self.runtime.script) if name == file)
            self._telling[file] = Telling(self.link(teller(self.runtime, file), "at"), quiet)
        return self._telling[file]

    def script_variable(self, variable: str) -> None:
        """Make sure that a `$var` exists (as NULL), so that code can read it without asking."""
        self.runtime.script_variables.setdefault(variable, None)


def teller(runtime: Runtime, file: str) -> Callable[[int], int]:
    """Tells of a line of the file and gives back its number."""

    def at(number: int) -> int:
        runtime.on_line(file, number)
        return number

    return at


def stop() -> int:
    """An action inside a condition returned 0."""
    raise control.Exit


def noted(context: Any, code: int) -> int:
    """Leave the result of an action inside a condition in `$rc`; 0 ends the run."""
    context.rc = code
    if code == 0:
        raise control.Exit
    return code


def negated(truth: int) -> int:
    """`!` of a condition that can be an error: the error stays."""
    return truth if truth < 0 else not truth


def failed(context: Any, failure: operators.Failure) -> int:
    """An assignment whose right side has no value: a warning, and the result -1."""
    context.runtime.warn_at(f"no value in right expression: {failure}")
    return -1


def mismatch(context: Any) -> None:
    """A condition that is an error: a warning; it counts as false."""
    context.runtime.warn_at("expression error: the operands of a comparison do not fit")


def passes_left(context: Any, limit: int) -> int:
    """How many passes a `while` may make now: `max_while_loops`, or what is left of the run's."""
    left: int = context.runtime.most_passes - context.passes
    return max(0, min(limit, left))


def within_limits(context: Any, values: Iterable[Value]) -> Iterator[Value]:
    """The values of a `for` loop, which may grow while it runs: no more than the run may still pass."""
    for value in values:
        if context.passes >= context.runtime.most_passes:
            context.runtime.warn_at("for loop ended: the run has passed loops too often", level=-1)
            return
        context.passes += 1
        yield value


def spend(context: Any, last: int) -> None:
    """A `while` has ended; `last` is the number of its last pass, counted from 0."""
    context.passes += last + 1


def too_many_passes(context: Any, last: int) -> None:
    """A `while` that was not let go on."""
    context.runtime.warn_at(f"while loop ended after {last + 1} passes (max_while_loops)", level=-1)


Action = Callable[[Any], int]
