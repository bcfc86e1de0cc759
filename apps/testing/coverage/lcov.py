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
    for name, route in file.routes.items():
        yield f"FN:{route.line},{name}"
    for name, route in file.routes.items():
        yield f"FNDA:{route.ran:d},{name}"
    yield f"FNF:{len(file.routes)}"
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
