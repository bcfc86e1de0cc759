"""What there is to try in a script, and what was: the facts that all reports of coverage are made of.

- a route is tried if one of its lines ran;
- a line, if a statement that begins on it ran;
- a branch is what follows from an `if` or a `while`: one if it holds, one if it does not;
- a condition is a part of the expression of one that is no `&&`, `||`, `!` itself; it counts twice, true and false.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from relayscript.dsl import nodes
from relayscript.dsl.source import Span, excerpt
from relayscript.dsl.visitor import walk

_NO_STATEMENT = (nodes.Empty, nodes.Block)


@dataclass(slots=True)
class Outcomes:
    """How often a condition was true, and how often false (or an error, which counts as false)."""

    true: int = 0
    false: int = 0

    @property
    def tried(self) -> int:
        """How many of the two came about: 0, 1 or 2."""
        return bool(self.true) + bool(self.false)

    @property
    def never(self) -> str:
        """What it never was, in words; empty if it was both."""
        if self.true and self.false:
            return ""
        return "never false" if self.true else "never true" if self.false else "never asked"


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many; nothing to try counts as all of it."""

    tried: int
    total: int

    @property
    def percent(self) -> float:
        """From 0 to 100."""
        return 100.0 * self.tried / self.total if self.total else 100.0

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.tried + other.tried, self.total + other.total)


@dataclass(slots=True)
class RouteCoverage:
    """A route: the line it begins on, and whether one of its statements ran."""

    line: int
    ran: bool = False


@dataclass(slots=True)
class FileCoverage:
    """One script file; `source` are the lines of its byte text.

    `lines` says by line number whether a statement that begins there ran, `routes` has the routes by their
    labels, `decisions` the outcomes of `if` and `while` by the place of the whole condition, `conditions`
    those of the parts.
    """

    file: str
    source: list[str]
    routes: dict[str, RouteCoverage] = field(default_factory=dict)
    lines: dict[int, bool] = field(default_factory=dict)
    decisions: dict[Span, Outcomes] = field(default_factory=dict)
    conditions: dict[Span, Outcomes] = field(default_factory=dict)

    def count_routes(self) -> Ratio:
        """The routes that were entered."""
        return Ratio(sum(each.ran for each in self.routes.values()), len(self.routes))

    def count_lines(self) -> Ratio:
        """The lines that ran."""
        return Ratio(sum(self.lines.values()), len(self.lines))

    def count_branches(self) -> Ratio:
        """The branches taken."""
        return counted(self.decisions)

    def count_conditions(self) -> Ratio:
        """The outcomes of conditions that came about."""
        return counted(self.conditions)

    def missed_lines(self) -> list[int]:
        """The lines that never ran, in order."""
        return sorted(number for number, ran in self.lines.items() if not ran)

    def text_of(self, span: Span) -> str:
        """The script's text of a place, on one line."""
        return excerpt(span, self.source)


def counted(outcomes: dict[Span, Outcomes]) -> Ratio:
    """Both outcomes of all."""
    return Ratio(sum(each.tried for each in outcomes.values()), 2 * len(outcomes))


class Files(dict[str, FileCoverage]):
    """The files of a script by path, each read when it is first named. Raises OSError if one cannot be read.

    `owners` has, for each line with statements, the file and label of the route that it is part of.
    """

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[tuple[str, int], tuple[str, str]] = {}

    def __missing__(self, file: str) -> FileCoverage:
        made = self[file] = FileCoverage(file, Path(file).read_text("latin-1").split("\n"))
        return made


def to_try(script: nodes.Script) -> Files:
    """What there is to try in a script and each file that it includes. Raises OSError if one cannot be read."""
    files = Files()
    for item in script.items:
        if isinstance(item, nodes.Route):
            _add_route(item, files)
    return files


def label(route: nodes.Route) -> str:
    """How a route is called: `route`, `route[relay]`."""
    return f"{route.kind}[{route.name}]" if route.name else route.kind


def _add_route(route: nodes.Route, files: Files) -> None:
    owner = (route.span.file, label(route))
    files[route.span.file].routes[label(route)] = RouteCoverage(route.span.line)
    for each in walk(route.body):
        if _runs(each):
            files[each.span.file].lines[each.span.line] = False
            files.owners[each.span.file, each.span.line] = owner
        if isinstance(each, nodes.If | nodes.While):
            _add_decision(each.condition, files)


def _add_decision(condition: nodes.Condition, files: Files) -> None:
    decision = whole(condition).span
    files[decision.file].decisions[decision] = Outcomes()
    for part in parts(condition):
        files[part.span.file].conditions[part.span] = Outcomes()


def _runs(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Statement) and not isinstance(node, _NO_STATEMENT)


def whole(node: nodes.Condition) -> nodes.Condition:
    """A condition without the brackets around it."""
    while isinstance(node, nodes.Group):
        node = node.inner  # type: ignore[assignment]
    return node


def parts(node: nodes.Condition) -> Iterator[nodes.Condition]:
    """The conditions that one is made of: itself, if it is not made of others."""
    match node:
        case nodes.Logical(left=left, right=right):
            yield from parts(left)
            yield from parts(right)
        case nodes.Not(operand=inner):
            yield from parts(inner)
        case nodes.Group(inner=inner):
            yield from parts(inner)  # type: ignore[arg-type]
        case _:
            yield node
