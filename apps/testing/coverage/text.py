"""Coverage as a table for the terminal, and what was missed in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table

from relayscript.apps.testing.coverage.measured import FileCoverage, Ratio

MEASURES = ("routes", "lines", "branches", "conditions")


def ratios(file: FileCoverage) -> tuple[Ratio, ...]:
    """Routes, lines, branches, conditions."""
    return (file.count_routes(), file.count_lines(), file.count_branches(), file.count_conditions())


def total(files: Iterable[FileCoverage]) -> tuple[Ratio, ...]:
    """The ratios of all files together."""
    found = [Ratio(0, 0)] * len(MEASURES)
    for file in files:
        found = [a + b for a, b in zip(found, ratios(file), strict=True)]
    return tuple(found)


def percent(files: Iterable[FileCoverage]) -> float:
    """One number for all, from 0 to 100: the lines and branches together, as other tools count."""
    _, lines, branches, _ = total(files)
    return (lines + branches).percent


def table(files: Iterable[FileCoverage]) -> Table:
    """A row for each file, with the lines that never ran, and one for all."""
    files = list(files)
    made = Table(box=None, pad_edge=False)
    made.add_column("script", overflow="fold")
    for each in MEASURES:
        made.add_column(each, justify="right", no_wrap=True)
    made.add_column("missed", overflow="fold")
    for file, name in zip(files, short_names([each.file for each in files]), strict=True):
        made.add_row(name, *map(shown, ratios(file)), ranges_between(file.missed_lines(), sorted(file.lines)))
    if len(files) > 1:
        made.add_row("all", *map(shown, total(files)), "")
    return made


def short_names(paths: list[str]) -> list[str]:
    """The end of each path that no other one has: the file's name, or as many folders with it as are needed."""
    parts = [path.split("/") for path in paths]

    def shortest(path: list[str]) -> str:
        lengths = (n for n in range(1, len(path)) if sum(each[-n:] == path[-n:] for each in parts) == 1)
        return "/".join(path[-next(lengths, len(path)) :])

    return [shortest(path) for path in parts]


def shown(ratio: Ratio) -> str:
    """`12/16  75 %`; nothing where there is nothing to try."""
    return f"{ratio.tried}/{ratio.total} {int(ratio.percent):3} %" if ratio.total else "-"


def missed_conditions(file: FileCoverage) -> Iterator[str]:
    """The conditions that were always true or always false, each with its place."""
    for span, outcomes in file.conditions.items():
        if outcomes.tried == 1:
            yield f"{span}: {file.text_of(span)} was {outcomes.never}"


def ranges_between(lines: list[int], known: list[int]) -> str:
    """Lines as ranges; lines without statements between two missed ones do not part them."""
    place = {line: index for index, line in enumerate(known)}
    found: list[list[int]] = []
    for line in lines:
        if found and place[line] == place[found[-1][1]] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)
