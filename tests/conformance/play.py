"""Plays recorded cases against `relayscript run`, two at a time.

    play.py                  the cases named in passing.txt; fails if one of them fails
    play.py NAME...          these cases (`better/NAME` for those of the folder better/, `syntax` for the scripts
                             of the folder syntax/, which are one case)
    play.py --all            every case; those that pass and are not in passing.txt yet are appended to it

The cases and the program that plays one are in the folder `difftest` beside this repository, or where the
environment variable DIFFTEST says. Without it nothing is played, which is said. A case depends on timers of
tens of milliseconds, so one that fails is played once more when the others are through, and that is said.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PASSING = HERE / "passing.txt"
PROGRAM = ROOT / ".venv" / "bin" / "relayscript"
SYNTAX = "syntax"
SIDE_BY_SIDE = 2
"""How many cases are under way at a time."""
LANES = range(17060, 19060, 40)
"""The first port of each lane, the ports of one case; away from the default of difftest.py."""
PATIENCE = 240.0
"""Seconds after which a case that has not ended is a failure."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went, and what its player printed."""

    name: str
    passed: bool
    printed: str


def name_of(case: Path) -> str:
    """`NAME` for a case of cases/, `better/NAME` for one of better/."""
    return case.name if case.parent.name == "cases" else f"{case.parent.name}/{case.name}"


def folder_of(name: str, difftest: Path) -> Path:
    """The folder of the case with this name."""
    return difftest / (name if "/" in name or name == SYNTAX else f"cases/{name}")


def is_there(name: str, difftest: Path) -> bool:
    """Whether there is such a case."""
    return (folder_of(name, difftest) / ("expected.tsv" if name == SYNTAX else "flow.py")).exists()


def every_case(difftest: Path) -> list[str]:
    """The names of all cases that are judged, the longest first."""
    flows = [flow for root in ("cases", "better") for flow in (difftest / root).glob("*/flow.py")]
    names = sorted(name_of(flow.parent) for flow in flows)
    return [SYNTAX, *names] if is_there(SYNTAX, difftest) else names


def listed(passing: Path) -> list[str]:
    """The names in a list, one in a line; lines that begin with # are for people."""
    lines = (line.strip() for line in passing.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def command(name: str, difftest: Path, program: Path, base_port: int) -> list[str]:
    """What plays a case on the ports from `base_port`."""
    player = "syntax.py" if name == SYNTAX else "difftest.py"
    server = f"{program} run --target {'4.0' if name == SYNTAX else '{target}'} {{cfg}}"
    check = ["--check", f"{program} check --target 4.0 {{cfg}}"] if name == SYNTAX else []
    options = ["--base-port", str(base_port), "--server", server, *check]
    return [sys.executable, str(difftest / player), *options, str(folder_of(name, difftest))]


def play(name: str, difftest: Path, program: Path) -> Outcome:
    """Play one case."""
    if not is_there(name, difftest):
        return Outcome(name, False, f"ERROR {name}: there is no such case in {difftest}")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        with lane() as base_port:
            done = subprocess.run(
                command(name, difftest, program, base_port),
                capture_output=True,
                text=True,
                errors="replace",
                env=environment,
                timeout=PATIENCE,
            )
    except subprocess.TimeoutExpired:
        return Outcome(name, False, f"ERROR {name}: it did not end in {PATIENCE:.0f} s")
    return Outcome(name, done.returncode == 0, (done.stdout + done.stderr).strip())


@contextmanager
def lane() -> Iterator[int]:
    """The first port of a lane that nobody else has until the block ends, another run of this program neither."""
    for base_port in LANES:
        with Path(tempfile.gettempdir(), f"relayscript-ports-{base_port}").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if are_free(range(base_port, base_port + LANES.step)):
                yield base_port
                return
    raise RuntimeError(f"no ports are free from {LANES.start} to {LANES.stop}")


def are_free(ports: Iterable[int]) -> bool:
    """Whether nobody is bound to one of the UDP ports of loopback."""
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def play_all(names: Iterable[str], difftest: Path, program: Path) -> list[Outcome]:
    """Play the cases side by side, in their order."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(lambda name: play(name, difftest, program), names))


def played_twice(names: Sequence[str], difftest: Path, program: Path) -> list[Outcome]:
    """The outcomes, where a case that failed was given a second chance, alone."""
    outcomes = play_all(names, difftest, program)
    for index, outcome in enumerate(outcomes):
        if not outcome.passed and is_there(outcome.name, difftest):
            again = play(outcome.name, difftest, program)
            if again.passed:
                print(f"{outcome.name} failed at first and passed when played again:\n{outcome.printed}")
            outcomes[index] = again
    return outcomes


def append_new(outcomes: Iterable[Outcome], passing: Path) -> None:
    """Add the cases that pass for the first time to the list."""
    known = set(listed(passing))
    if fresh := [outcome.name for outcome in outcomes if outcome.passed and outcome.name not in known]:
        print(f"now passing: {' '.join(fresh)}")
        with passing.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in fresh)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Play recorded cases against a server.")
    parser.add_argument("names", nargs="*", help="the cases to play (default: those of passing.txt)")
    parser.add_argument("--all", action="store_true", help="play every case and append those that newly pass")
    parser.add_argument("--list", type=Path, default=PASSING, help="the list, if it is not passing.txt")
    parser.add_argument("--program", type=Path, default=PROGRAM, help="the relayscript to play against")
    return parser.parse_args()


def main() -> int:
    """Exit status 0 if every case that has to pass did (with --all: those of passing.txt), 1 otherwise."""
    options = arguments()
    difftest = Path(os.environ.get("DIFFTEST") or ROOT.parent / "shared" / "difftest").resolve()
    if not (difftest / "difftest.py").exists():
        print(f"no recorded cases in {difftest}: nothing is played")
        return 0
    names = every_case(difftest) if options.all else options.names or listed(options.list)
    outcomes = played_twice(names, difftest, options.program)
    wanted = set(listed(options.list)) if options.all else set(names)
    for outcome in outcomes:
        if not outcome.passed:
            print(outcome.printed)
    if options.all:
        append_new(outcomes, options.list)
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"conformance: {passed} passed, {len(outcomes) - passed} failed")
    return int(any(not outcome.passed and outcome.name in wanted for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
