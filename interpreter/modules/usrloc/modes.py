"""Where locations are kept beside memory (usrloc manual, `working_mode_preset` and what it stands for)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Writes(Enum):
    """When a change goes to the database: never, at once, or with the timer."""

    NEVER = "none"
    THROUGH = "write-through"
    BACK = "write-back"


@dataclass(frozen=True, slots=True)
class Mode:
    """`loads`: the table is read at the start. `shares`: other servers write to it, so that it is read each time.

    `cluster` is the name of a mode of clusters that was asked for: this server works alone, and without it.
    """

    writes: Writes = Writes.NEVER
    loads: bool = False
    shares: bool = False
    cluster: str = ""

    @property
    def is_stored(self) -> bool:
        """It needs a database."""
        return self.loads or self.shares


ALONE = Mode()
THROUGH, BACK = Mode(Writes.THROUGH, loads=True), Mode(Writes.BACK, loads=True)
ONLY = Mode(Writes.THROUGH, loads=True, shares=True)

PRESETS = {
    "single-instance-no-db": ALONE, "single-instance-sql-write-through": THROUGH,
    "single-instance-sql-write-back": BACK, "sql-only": ONLY,
    **{name: Mode(cluster=name) for name in (
        "federation-cachedb-cluster", "full-sharing-cluster", "full-sharing-cachedb-cluster"
    )},
}  # fmt: skip
CLUSTERS = ("federation-cachedb", "full-sharing", "full-sharing-cachedb")
PERSISTENCIES = ("none", "load-from-sql", "sync-from-cluster")


def working_mode(settings: Mapping[str, object]) -> Mode:
    """What the parameters ask for: a preset, else the mode of the cluster, of restarts and of writing.

    Raises ValueError for a value that none of them has.
    """
    preset = settings["working_mode_preset"]
    if preset is not None:
        return PRESETS[_one_of(settings, "working_mode_preset", tuple(PRESETS))]
    cluster = _one_of(settings, "cluster_mode", ("none", "sql-only", *CLUSTERS))
    persistency = _one_of(settings, "restart_persistency", PERSISTENCIES)
    writes = _one_of(settings, "sql_write_mode", tuple(each.value for each in Writes))
    if cluster == "sql-only":
        return ONLY
    missing = cluster if cluster in CLUSTERS else persistency if persistency == "sync-from-cluster" else ""
    if persistency != "load-from-sql":
        return Mode(cluster=missing)
    return Mode(Writes.BACK if settings["sql_write_mode"] is None else Writes(writes), loads=True, cluster=missing)


def _one_of(settings: Mapping[str, object], name: str, known: tuple[str, ...]) -> str:
    value = settings[name]
    if value is None:
        return "none"
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
    return str(value)
