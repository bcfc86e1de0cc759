"""Coverage as an lcov trace file (geninfo(1)): for genhtml, editors, and services that collect it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from relayscript.apps.testing.coverage.measured import FileCoverage


def lcov(files: Iterable[FileCoverage]) -> str:
    """The whole file. A route is a function, the two ways out of an `if` or `while` are branches.

    Lines and routes are counted once, branches as often as they were taken.
    """
    return "".join(f"{row}\n" for file in files for row in _rows(file))


def _rows(file: FileCoverage) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{file.file}"
    entered = {name: any(file.lines[line] for line in lines) for name, lines in file.routes.items()}
    for name, lines in file.routes.items():
        yield f"FN:{min(lines, default=1)},{name}"
    for name, was in entered.items():
        yield f"FNDA:{was:d},{name}"
    yield f"FNF:{len(entered)}"
    yield f"FNH:{file.count_routes().tried}"
    for number, (span, outcomes) in enumerate(file.decisions.items()):
        asked = outcomes.tried > 0
        for branch, passes in enumerate((outcomes.true, outcomes.false)):
            yield f"BRDA:{span.line},{number},{branch},{passes if asked else '-'}"
    branches = file.count_branches()
    yield f"BRF:{branches.total}"
    yield f"BRH:{branches.tried}"
    for line, ran in sorted(file.lines.items()):
        yield f"DA:{line},{ran:d}"
    lines_run = file.count_lines()
    yield f"LF:{lines_run.total}"
    yield f"LH:{lines_run.tried}"
    yield "end_of_record"
