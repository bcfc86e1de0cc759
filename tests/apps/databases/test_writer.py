"""The writer: groups in order, patience with a database that is away, and an end that leaves nothing behind."""

from __future__ import annotations

import threading

import pytest

from relayscript.apps.databases import writer as module
from relayscript.apps.databases.writer import Group, UnreachableError, Writer


class Recording:
    """A database that remembers the groups it got; while it is away, it takes none."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.complaints: list[tuple[str, str]] = []
        self.away = False
        self.tried = threading.Event()
        self.writer = Writer("test", self.write, lambda kind, text: self.complaints.append((kind, text)))

    def write(self, group: Group) -> None:
        self.tried.set()
        if self.away:
            raise UnreachableError("it is away")
        self.groups.append(group)

    def wait(self) -> UnreachableError | None:
        """Until all that was said was tried; what failed."""
        results: list[UnreachableError | None] = []
        done = threading.Event()

        def act(failed: UnreachableError | None) -> None:
            results.append(failed)
            done.set()

        self.writer.then(act)
        assert done.wait(10)
        return results[0]


def row(number: int) -> dict[str, object]:
    return {"n": number}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Recording:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.001)
    return Recording()


def test_what_is_said_is_written_in_its_order(database: Recording) -> None:
    for number in range(5):
        database.writer.say(("t", (number,)), row(number))
    database.writer.say(("t", (1,)), None)
    assert database.writer.close() == 0
    merged: Group = {}
    for group in database.groups:
        for change, kept in group.items():
            merged.pop(change, None)
            merged[change] = kept
    assert list(merged) == [("t", (n,)) for n in (0, 2, 3, 4, 1)]
    assert merged["t", (1,)] is None


def test_it_tries_again_until_the_database_is_back(database: Recording) -> None:
    database.away = True
    database.writer.say(("t", (1,)), row(1))
    database.writer.say(("t", (2,)), row(2))
    assert isinstance(database.wait(), UnreachableError)
    database.writer.say(("t", (1,)), row(11))
    database.away = False
    assert database.wait() is None
    (group,) = database.groups
    assert group == {("t", (2,)): row(2), ("t", (1,)): row(11)}
    assert database.complaints[0] == ("failed_writes", "it is away")
    assert database.writer.close() == 0


def test_there_is_room_for_so_many_only(database: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    database.away = True
    for number in (1, 2, 3):
        database.writer.say(("t", (number,)), row(number))
    database.writer.say(("t", (2,)), row(22))  # is waiting already
    assert [kind for kind, _ in database.complaints if kind == "lost_writes"] == ["lost_writes"]
    database.away = False
    assert database.wait() is None
    assert {change[1][0] for group in database.groups for change in group} == {1, 2}


def test_the_end_does_not_wait_for_a_database_that_is_away(database: Recording) -> None:
    database.away = True
    database.writer.say(("t", (1,)), row(1))
    assert database.tried.wait(10)
    assert database.writer.close() == 1


def test_an_error_that_nobody_expected_costs_one_group(database: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(group: Group) -> None:
        raise RuntimeError("no such thing")

    with monkeypatch.context() as patch:
        patch.setattr(database.writer, "_write", broken)
        database.writer.say(("t", (1,)), row(1))
        assert database.wait() is None
    database.writer.say(("t", (2,)), row(2))
    assert database.wait() is None
    assert database.complaints == [("lost_writes", "1 rows are not written: RuntimeError: no such thing")]
    assert database.groups == [{("t", (2,)): row(2)}]
