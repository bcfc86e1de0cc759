"""`relayscript test`: play scenarios and compare their transcripts with the golden ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from relayscript.apps.testing.collecting import NothingFound, scenarios_in

if TYPE_CHECKING:
    from relayscript.apps.testing.coverage.collecting import Coverage

FAILED, NOTHING = 1, 2


@click.command("test")
@click.argument("places", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("-k", "words", default="", help="Only scenarios with these words in their path.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag; may be repeated.")
@click.option("--live", is_flag=True, help="Play on real sockets of this machine, in the same virtual time.")
@click.option("--update", is_flag=True, help="Write the golden files anew and show what changes.")
@click.option("--watch", is_flag=True, help="Go on: run again what a changed file is part of.")
@click.option("-n", "processes", type=int, help="Share the work among processes (needs pytest-xdist).")
@click.option("--junit", type=click.Path(dir_okay=False), help="Write a JUnit report (needs pytest).")
@click.option("--coverage", "covered", is_flag=True, help="Show what was tried of the scripts.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write coverage as an HTML page.")
@click.option("--lcov", type=click.Path(dir_okay=False, path_type=Path), help="Write coverage for lcov.")
@click.option("--cobertura", type=click.Path(dir_okay=False, path_type=Path), help="Write coverage as Cobertura XML.")
@click.option("--json", "data", type=click.Path(dir_okay=False, path_type=Path), help="Write coverage as JSON.")
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Fail below so many per cent of coverage.")
def test(
    places: tuple[Path, ...], words: str, tags: tuple[str, ...], live: bool, update: bool, watch: bool,
    processes: int | None, junit: str | None, covered: bool, html: Path | None, lcov: Path | None,
    cobertura: Path | None, data: Path | None, fail_under: float | None,
) -> None:  # fmt: skip
    """Play the scenarios in PLACES (files or folders; here if none is given).

    Exit status: 0 if all passed, 1 if not, 2 if there is nothing to test.
    """
    try:
        chosen = scenarios_in(places or (Path(),), words, tags)
    except NothingFound as nothing:
        click.echo(str(nothing), err=True)
        raise SystemExit(NOTHING) from None
    if live and (update or watch):
        raise click.UsageError("--live goes neither with --update nor with --watch: golden files are simulated")
    reports = {"html": html, "lcov": lcov, "cobertura": cobertura, "json": data}
    coverage = _coverage() if covered or fail_under is not None or any(reports.values()) else None
    if watch:
        from relayscript.apps.testing.watching import watch_all

        watch_all(chosen, click.echo)
        return
    passed = _run(chosen, live, update, processes, junit, coverage)
    if coverage is not None:
        passed = _report(coverage, reports, fail_under) and passed
    raise SystemExit(0 if passed else FAILED)


def _coverage() -> Coverage:
    from relayscript.apps.testing.coverage.collecting import Coverage

    return Coverage()


def _run(
    chosen: list[Path], live: bool, update: bool, processes: int | None, junit: str | None, coverage: Coverage | None
) -> bool:
    """In this process; what only pytest can do, with pytest."""
    if processes is None and junit is None:
        from relayscript.apps.testing.runner import run_all

        return run_all(chosen, click.echo, update=update, live=live, coverage=coverage)
    import tempfile

    options = ["-n", str(processes)] if processes is not None else []
    options += [f"--junit-xml={junit}"] if junit else []
    options += ["--live-scenarios"] if live else []
    options += ["--update-golden"] if update else []
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "coverage"
        options += [f"--script-coverage={saved}"] if coverage is not None else []
        passed = _with_pytest([*map(str, chosen), *options])
        if coverage is not None and saved.exists():
            coverage.load(saved)
    return passed


def _with_pytest(arguments: list[str]) -> bool:
    try:
        import pytest
    except ImportError:
        raise click.UsageError("this needs pytest and pytest-xdist: pip install pytest pytest-xdist") from None
    return pytest.main(["-q", "-p", "no:cacheprovider", *arguments]) == 0


def _report(coverage: Coverage, reports: dict[str, Path | None], fail_under: float | None) -> bool:
    """Show and write the coverage; whether it is enough."""
    from relayscript.apps.testing.coverage.reports import show, write
    from relayscript.apps.testing.coverage.text import percent

    files = list(coverage.files.values())
    show(files)
    for kind, path in reports.items():
        if path is not None:
            write(kind, files, path)
    if fail_under is not None and percent(files) < fail_under:
        click.echo(f"coverage is {percent(files):.1f} %, less than {fail_under:g} %", err=True)
        return False
    return True
