"""Relay nodes that are kept in a database: read at the start, and again when management says so."""

from __future__ import annotations

import pytest

from relayscript.interpreter.management import CommandError
from relayscript.interpreter.storage import Column, Kind, Table

from .modules.rtp_relay.lab import Lab

URL = "sqlite:///nodes.db"
STORED = {
    "rtpproxy": Table("rtpproxy_sockets", (Column("rtpproxy_sock"), Column("set_id", Kind.INTEGER)), ()),
    "rtpengine": Table("rtpengine", (Column("socket"), Column("set_id", Kind.INTEGER)), ()),
}
COLUMN = {"rtpproxy": "rtpproxy_sock", "rtpengine": "socket"}


def lab_of(engine: str) -> Lab:
    return Lab(settings=f'loadmodule "db_sqlite.so"\nmodparam("{engine}", "db_url", "{URL}")\n')


def store(lab: Lab, engine: str, *nodes: tuple[str, int]) -> None:
    """The table has these nodes."""
    table = lab.host.stores[URL].table(STORED[engine])
    table.kept.clear()
    table.kept |= {(url, number): {COLUMN[engine]: url, "set_id": number} for url, number in nodes}


def shown(lab: Lab, engine: str) -> list[tuple[int, str, int]]:
    """Set, URL and whether it is disabled, of all nodes."""
    found = lab.manage(f"{engine}:show").result
    assert isinstance(found, list)
    return [(each["Set"], node["url"], node["disabled"]) for each in found for node in each["Nodes"]]


@pytest.mark.parametrize("engine", ["rtpproxy", "rtpengine"])
def test_nodes_come_from_the_table_only(engine: str) -> None:
    lab = lab_of(engine)
    assert shown(lab, engine) == []
    store(lab, engine, ("udp:10.0.0.7:2223", 1), ("udp:10.0.0.8:2223=3", 2))
    assert lab.manage(f"{engine}:reload").result == "OK"
    assert shown(lab, engine) == [(1, "udp:10.0.0.7:2223", 0), (2, "udp:10.0.0.8:2223", 0)]
    lab.restart()
    assert len(shown(lab, engine)) == 2


@pytest.mark.parametrize(
    ("engine", "more", "disabled"), [("rtpproxy", {}, 1), ("rtpengine", {"type": "soft"}, 1), ("rtpengine", {}, 0)]
)
def test_nodes_that_stay_keep_their_state(engine: str, more: dict[str, str], disabled: int) -> None:
    lab = lab_of(engine)
    store(lab, engine, ("udp:10.0.0.7:2223", 1))
    lab.manage(f"{engine}:reload")
    assert lab.manage(f"{engine}:enable", url="udp:10.0.0.7:2223", enable=0).result == "OK"
    lab.manage(f"{engine}:reload", **more)
    assert shown(lab, engine) == [(1, "udp:10.0.0.7:2223", disabled)]


def test_what_cannot_be_understood_changes_nothing() -> None:
    lab = lab_of("rtpproxy")
    store(lab, "rtpproxy", ("udp:10.0.0.7:2223", 1))
    lab.manage("rtpproxy:reload")
    store(lab, "rtpproxy", ("carrier-pigeon:coop", 1))
    error = lab.manage("rtpproxy:reload").error
    assert isinstance(error, CommandError)
    assert (error.code, error.message) == (500, "Internal error")
    assert "carrier-pigeon" in (error.data or "")
    assert shown(lab, "rtpproxy") == [(1, "udp:10.0.0.7:2223", 0)]
