"""Injection files: one line of fields for each call (SIPp's option `-inf`)."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from relayscript.apps.testing.sipp.errors import SippError

ORDERS = ("SEQUENTIAL", "RANDOM", "USER")


@dataclass(frozen=True, slots=True)
class Injection:
    """The lines of an injection file and the order in which calls take them (ORDERS)."""

    file: str
    order: str
    rows: tuple[tuple[str, ...], ...]

    def row(self, call_number: int, chance: Random) -> tuple[str, ...]:
        """The fields of a call; after the last line comes the first again."""
        if self.order == "RANDOM":
            return chance.choice(self.rows)
        return self.rows[(call_number - 1) % len(self.rows)]


def read_injection(text: str, file: str) -> Injection:
    """Read byte text. Fields stand between semicolons; lines with `#` in front are comments. Raises SippError."""
    lines = text.replace("\r\n", "\n").split("\n")
    order, *more = lines[0].strip().split(",")
    if order not in ORDERS:
        raise SippError(file, 1, f"expected {' or '.join(ORDERS)}, found {order[:40] or 'nothing'}")
    if more:
        raise SippError(file, 1, f"{more[0][:40]} is not supported in injection files")
    rows = tuple(tuple(line.split(";")) for line in lines[1:] if line.strip() and not line.startswith("#"))
    if not rows:
        raise SippError(file, len(lines), "expected a line of fields, found none")
    return Injection(file, order, rows)
