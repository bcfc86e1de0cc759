"""What the actions of a step are, as values."""

from __future__ import annotations

from dataclasses import dataclass

from relayscript.apps.testing.sipp.distribution import Distribution
from relayscript.apps.testing.sipp.keywords import Template
from relayscript.interpreter.regex import Matcher

Operand = float | str
"""A number, or the name of a variable."""


@dataclass(frozen=True, slots=True)
class Search:
    """`ereg`: looks for a pattern `within` msg, hdr, body or var, and keeps the match and its groups.

    The call fails if `check` is asked for and nothing is found, or `check_inverse` and something is.
    """

    line: int
    pattern: Matcher
    within: str
    header: str
    variable: str
    assign: tuple[str, ...]
    check: bool
    check_inverse: bool
    occurrence: int
    start_line: bool
    any_case: bool


@dataclass(frozen=True, slots=True)
class Compute:
    """`assign`, `add`, `subtract`, `multiply`, `divide`: the variable becomes a number."""

    line: int
    operator: str
    assign: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class AssignText:
    """`assignstr`: the variable becomes a text with its keywords filled in."""

    line: int
    assign: str
    value: Template


@dataclass(frozen=True, slots=True)
class Test:
    """`test`: whether a variable compares so with an operand."""

    line: int
    assign: str
    variable: str
    compare: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class CompareText:
    """`strcmp`: 0 if a variable's text is the same as a text or as that of another variable, else the difference."""

    line: int
    assign: str
    variable: str
    value: str
    other: str


@dataclass(frozen=True, slots=True)
class Change:
    """`todouble`, `trim`, `urldecode`, `urlencode`: another form of a variable's value."""

    line: int
    form: str
    assign: str
    variable: str


@dataclass(frozen=True, slots=True)
class Sample:
    """`sample`: the variable becomes a number that is drawn."""

    line: int
    assign: str
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """`gettimeofday`: seconds since 1970 and microseconds."""

    line: int
    seconds: str
    microseconds: str


@dataclass(frozen=True, slots=True)
class Jump:
    """`jump`: the step of that index is next."""

    line: int
    operand: Operand


@dataclass(frozen=True, slots=True)
class Say:
    """`log`, `warning`, `error`: a text for whoever reads along; an error ends the call as failed."""

    line: int
    level: str
    message: Template


@dataclass(frozen=True, slots=True)
class Stop:
    """`exec int_cmd`: this call ends, or all calls do and no new ones begin."""

    line: int
    all_calls: bool


Action = Search | Compute | AssignText | Test | CompareText | Change | Sample | TimeOfDay | Jump | Say | Stop
