"""Does the actions of a step."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import singledispatchmethod
from urllib.parse import quote, unquote

from relayscript.apps.testing.sipp.actions import (
    Action,
    AssignText,
    Change,
    CompareText,
    Compute,
    Jump,
    Operand,
    Sample,
    Say,
    Search,
    Stop,
    Test,
    TimeOfDay,
)
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.memory import Memory, whole
from relayscript.apps.testing.sipp.station import Station
from relayscript.apps.testing.sipp.substitution import Substitution
from relayscript.apps.testing.sipp.variables import Value, leading_number
from relayscript.sip.message import Message, header_key

ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "assign": lambda old, given: given,
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": lambda old, given: old / given if given else old,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "greater_than": operator.gt,
    "less_than": operator.lt,
    "greater_than_equal": operator.ge,
    "less_than_equal": operator.le,
}


class Acting:
    """Does actions for one call. `jump` is the step that an action wants next (-1: none), `stop` what it ends."""

    def __init__(self, file: str, station: Station, memory: Memory, substitution: Substitution) -> None:
        self._file = file
        self._station = station
        self._memory = memory
        self._variables = memory.variables
        self._substitution = substitution
        self.jump = -1
        self.stop: Stop | None = None

    def do(self, actions: tuple[Action, ...]) -> None:
        """Do them in turn, until one ends the call. Raises SippError if one fails."""
        for action in actions:
            if self.stop is None:
                self._do(action)

    @singledispatchmethod
    def _do(self, action: Action) -> None:
        raise NotImplementedError(type(action).__name__)

    @_do.register
    def _search(self, action: Search) -> None:
        text = self._searched(action)
        found = action.pattern.search(text) if text is not None else None
        if (action.check and found is None) or (action.check_inverse and found is not None):
            expected = f"expected {'no ' if found is not None else ''}{action.pattern.pattern} in the {_place(action)}"
            raise SippError(self._file, action.line, f"{expected}, found {_shown(text)}")
        if found is not None:
            for number, name in enumerate(action.assign):
                self._variables[name] = found.group(number) or ""

    def _searched(self, action: Search) -> str | None:
        """The text in which a search looks; None if there is none."""
        if action.within == "var":
            return self._variables.text(action.variable)
        if self._memory.last is None:
            return None
        if action.within == "body":
            return self._memory.last.body
        text = whole(self._memory.last)
        return text if action.within == "msg" else header_text(self._memory.last, action)

    @_do.register
    def _compute(self, action: Compute) -> None:
        old, given = self._variables.number(action.assign), self._operand(action.operand)
        try:
            self._variables[action.assign] = ARITHMETIC[action.operator](old, given)
        except OverflowError:
            raise SippError(self._file, action.line, f"<{action.operator}>: the result is too large") from None

    def _operand(self, operand: Operand) -> float:
        return self._variables.number(operand) if isinstance(operand, str) else operand

    @_do.register
    def _assign_text(self, action: AssignText) -> None:
        self._variables[action.assign] = self._substitution.text(action.value)

    @_do.register
    def _test(self, action: Test) -> None:
        left, right = self._variables.number(action.variable), self._operand(action.operand)
        self._variables[action.assign] = COMPARISONS[action.compare](left, right)

    @_do.register
    def _compare_text(self, action: CompareText) -> None:
        left = self._variables.text(action.variable)
        right = self._variables.text(action.other) if action.other else action.value
        pairs = zip(f"{left}\0", f"{right}\0", strict=False)
        self._variables[action.assign] = float(next((ord(a) - ord(b) for a, b in pairs if a != b), 0))

    @_do.register
    def _change(self, action: Change) -> None:
        value = self._variables.text(action.variable)
        if action.form == "todouble":
            number = self._variables[action.variable]
            read = leading_number(number) if isinstance(number, str) else number
            if read is not None:
                self._variables[action.assign] = float(read)
        else:
            self._variables[action.assign] = CHANGES[action.form](value)

    @_do.register
    def _sample(self, action: Sample) -> None:
        self._variables[action.assign] = action.distribution.draw(self._station.chance)

    @_do.register
    def _time_of_day(self, action: TimeOfDay) -> None:
        now = self._station.wall()
        self._variables[action.seconds] = float(int(now))
        self._variables[action.microseconds] = float(round(now % 1 * 1_000_000))

    @_do.register
    def _jump(self, action: Jump) -> None:
        self.jump = int(min(max(self._operand(action.operand), -1), 1e9))

    @_do.register
    def _say(self, action: Say) -> None:
        text = " ".join(self._substitution.text(action.message).split())
        if action.level == "error":
            raise SippError(self._file, action.line, text)
        self._station.say(f"{self._station.name} {'logs' if action.level == 'log' else 'warns'}: {text}")

    @_do.register
    def _stop(self, action: Stop) -> None:
        self.stop = action


CHANGES: dict[str, Callable[[str], Value]] = {
    "trim": lambda text: text.strip(" \t\r\n\v\f"),
    "urldecode": lambda text: unquote(text, "latin-1"),
    "urlencode": lambda text: quote(text, safe="", encoding="latin-1"),
}


def header_text(message: Message, action: Search) -> str | None:
    """What follows the name of a header, blanks included, on the line where it occurs so many times; None without.

    `header` is the beginning of a line, the colon included. With `start_line` false SIPp also finds it elsewhere; that
    is left out, because nobody wants a header's name found in a value.
    """
    wanted = action.header.strip()
    rows = [message.first_line, *message.lines] if action.start_line else message.lines
    found = [rest for row in rows if (rest := _after(row, wanted, action.any_case)) is not None]
    return found[action.occurrence - 1] if len(found) >= action.occurrence else None


def _after(row: str, wanted: str, any_case: bool) -> str | None:
    """What follows in a row that begins so; a header's name may also be in its short form."""
    if wanted.endswith(":"):
        name, colon, rest = row.partition(":")
        return rest if colon and header_key(name.strip()) == header_key(wanted[:-1].strip()) else None
    begins = row.lower().startswith(wanted.lower()) if any_case else row.startswith(wanted)
    return row[len(wanted) :] if begins else None


def _place(action: Search) -> str:
    return f"header {action.header}" if action.within == "hdr" else {"msg": "message"}.get(action.within, action.within)


def _shown(text: str | None) -> str:
    return " ".join(text.split())[:80] or "nothing" if text is not None else "nothing"
