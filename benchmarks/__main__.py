"""Measures everything in one run and prints it as a table, each number beside that of the peer.

`python -m benchmarks` from the root of the repository (`make bench`); takes about two minutes.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import calls, checking, forked, latency, listing, memory, simulated, statements
from benchmarks.servers import KAMAILIO, SIPP


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: ours, the peer's, our multiple of the peer's, and the aim."""

    what: str
    ours: str
    peer: str = ""
    ratio: str = ""
    aim: str = ""

    def __str__(self) -> str:
        return f"| {self.what} | {self.ours} | {self.peer} | {self.ratio} | {self.aim} |"


def call_rows() -> list[Row]:
    """Processor time per call on the wire."""
    what = "processor time per call, live"
    if SIPP is None:
        return [Row(what, "left out: sipp is not installed")]
    ours = calls.of_relayscript()
    if KAMAILIO is None:
        return [Row(what, f"{ours * 1e3:.2f} ms", "left out: not installed")]
    theirs = calls.of_kamailio()
    peer = f"Kamailio {theirs * 1e3:.2f} ms"
    return [Row(what, f"{ours * 1e3:.2f} ms", peer, f"{ours / theirs:.2f}", "at most 1.5")]


def latency_rows() -> list[Row]:
    """Calls whose relay takes 50 ms for each reply."""
    rows: list[Row] = []
    for engine in ("rtpproxy", "rtpengine") if SIPP is not None else ():
        load = latency.of_relayscript(engine)
        each = f"{load.length * 1e3:.0f} ms and {load.cost * 1e3:.2f} ms of processor time each"
        ours = f"{load.rate} per s, none failed, {each}"
        rows.append(Row(f"calls, {engine} answers after 50 ms", ours, aim="500 per s, none failed"))
    return rows or [Row("calls, relay answers after 50 ms", "left out: sipp is not installed")]


def simulated_rows() -> list[Row]:
    """Calls on the virtual clock."""
    return [
        Row(
            "simulated calls, relay engaged",
            f"{simulated.calls_per_second():.0f} per s",
            aim="at least 500 per s",
        ),
        Row("the same, played from a scenario", f"{simulated.played_per_second():.0f} per s"),
    ]


def memory_rows() -> list[Row]:
    """What calls that are up hold."""
    proxy, relay = memory.per_call("proxy"), memory.per_call("relay")
    return [
        Row("memory of a call that is up", f"{proxy / 1e3:.1f} kB", aim="at most 12 kB"),
        Row("relay context in addition", f"{(relay - proxy) / 1e3:.1f} kB", aim="at most 4 kB"),
    ]


def test_rows() -> list[Row]:
    """Tests of forked calls as a person runs them."""
    tests = forked.measured()
    return [
        Row("test of one forked call", f"{tests.one * 1e3:.0f} ms", aim="at most 400 ms"),
        Row(f"tests of {forked.TESTS:,} forked calls", f"{tests.every:.1f} s", aim="at most 5 s"),
        Row(
            "the same with coverage", f"{tests.covered:.1f} s", f"without {tests.every:.1f} s",
            f"{tests.covered / tests.every:.2f}", "at most 1.3",
        ),
    ]  # fmt: skip


def listing_rows() -> list[Row]:
    """Listing all relayed calls."""
    found = listing.measured()
    ours = f"{found.whole * 1e3:.0f} ms, {found.longest * 1e3:.0f} ms at a time"
    return [Row(f"`rtp_relay:list` of {listing.LISTED:,} calls", ours, aim="at most 500 ms")]


def statement_rows() -> list[Row]:
    """The counting loop."""
    ours = statements.of_relayscript()
    peers = {"Python": statements.of_python()}
    if KAMAILIO is not None:
        peers["Kamailio"] = statements.of_kamailio()
    shown = f"{ours / 1e6:.2f} million per s"
    return [
        Row("script statements", shown, f"{name} {theirs / 1e6:.2f} million per s", f"{ours / theirs:.2f}")
        for name, theirs in peers.items()
    ]


def check_rows() -> list[Row]:
    """Checking a script of a thousand lines."""
    ours = checking.of_relayscript()
    peer, ratios = "left out: not installed", ["", "", ""]
    if KAMAILIO is not None:
        theirs = checking.of_kamailio()
        peer = f"kamailio -c {theirs * 1e3:.0f} ms"
        ratios = [f"{each / theirs:.1f}" for each in (ours.first, ours.changed, ours.again)]
    return [
        Row("check of 1,000 lines, nothing cached", f"{ours.first * 1e3:.0f} ms", peer, ratios[0]),
        Row("the same after a change", f"{ours.changed * 1e3:.0f} ms", peer, ratios[1]),
        Row("the same without a change", f"{ours.again * 1e3:.0f} ms", peer, ratios[2]),
    ]


def main() -> int:
    """Exit status 0 if everything could be measured or was left out, 1 if something failed."""
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}\n")
    print(Row("What", "relayscript", "peer", "ratio", "aim"))
    print("|---|---|---|---|---|", flush=True)
    failed = False
    measures: list[Callable[[], list[Row]]] = [
        call_rows, latency_rows, memory_rows, listing_rows, simulated_rows, test_rows, statement_rows, check_rows,
    ]  # fmt: skip
    for measure in measures:
        try:
            for row in measure():
                print(row, flush=True)
        except RuntimeError as error:
            failed = True
            print(f"{measure.__name__}: {error}", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
