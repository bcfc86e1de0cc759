"""Writes behind: changes of rows are collected and committed in groups, by a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

Change = tuple[str, tuple[object, ...]]
"""Which row: the name of its table, and its key."""

Group = dict[Change, dict[str, object] | None]
"""The latest of each row that changed; None if it is to be deleted."""

GATHER = 0.003
"""Seconds for which changes are gathered before they are committed together."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between attempts to write while the database is away; each pause is twice the one before."""

MOST = 100_000
"""How many rows may wait to be written."""

PATIENCE = 5.0
"""Seconds that a stop waits for what is not written yet."""


class UnreachableError(Exception):
    """The database cannot be reached or is locked; it may be back later."""


class Writer:
    """Takes changes without blocking. `write` commits a group in one transaction; it raises UnreachableError.

    Each group has all that changed since the one before, so what is in the database is at any time what was so
    at some earlier moment. `complain(kind, text)` is told, in the thread, of every attempt that failed and, by
    whoever says it, of a change that found no room.
    """

    def __init__(self, name: str, write: Callable[[Group], None], complain: Callable[[str, str], None]) -> None:
        self._write, self._complain = write, complain
        self._pending: Group = {}
        self._afterwards: list[Callable[[UnreachableError | None], object]] = []
        self._stopping = False
        self._writing = 0
        self._changed = threading.Condition()
        # a daemon thread: a database that does not answer must not keep the process alive
        self._thread = threading.Thread(target=self._work, name=f"writer of {name}", daemon=True)
        self._thread.start()

    def say(self, change: Change, row: dict[str, object] | None) -> None:
        """A row is like this from now on, or gone."""
        with self._changed:
            full = len(self._pending) + self._writing >= MOST and change not in self._pending
            if not full:
                self._pending.pop(change, None)
                self._pending[change] = row
                self._changed.notify()
        if full:
            self._complain("lost_writes", f"{MOST} rows wait to be written: a change is lost")

    def then(self, act: Callable[[UnreachableError | None], object]) -> None:
        """Do something in the thread when all that was said is written, or could not be."""
        with self._changed:
            self._afterwards.append(act)
            self._changed.notify()

    def close(self) -> int:
        """Write what is left, for `PATIENCE` seconds at most; returns how many rows are not written."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(PATIENCE)
        return len(self._pending) + self._writing

    # ---- in the thread

    def _work(self) -> None:
        pause = FIRST_PAUSE
        while self._awaited():
            with self._changed:
                group, self._pending = self._pending, {}
                afterwards, self._afterwards = self._afterwards, []
                self._writing = len(group)
            failed = self._attempt(group)
            with self._changed:
                self._writing = 0
                if failed is not None:
                    self._pending = _merged(group, self._pending)
            for act in afterwards:
                act(failed)
            if failed is None:
                pause = FIRST_PAUSE
            elif not self._rest(pause):
                return
            else:
                pause = min(pause * 2, LONGEST_PAUSE)

    def _awaited(self) -> bool:
        """Wait until there is something to do; False if that was all."""
        with self._changed:
            while not self._pending and not self._afterwards:
                if self._stopping:
                    return False
                self._changed.wait()
            if not self._stopping:
                self._changed.wait_for(lambda: self._stopping, GATHER)
            return True

    def _attempt(self, group: Group) -> UnreachableError | None:
        try:
            if group:
                self._write(group)
        except UnreachableError as error:
            self._complain("failed_writes", str(error))
            return error
        except Exception as error:  # whatever is wrong with a group must not end the thread
            self._complain("lost_writes", f"{len(group)} rows are not written: {type(error).__name__}: {error}")
        return None

    def _rest(self, seconds: float) -> bool:
        """Wait before the next attempt; False if there is to be none because the script stops."""
        with self._changed:
            if self._stopping:
                return False
            self._changed.wait_for(lambda: self._stopping, seconds)
        return True


def _merged(earlier: Group, later: Group) -> Group:
    """What both say, the later where they differ, in the order in which it was said last."""
    return {change: row for change, row in earlier.items() if change not in later} | later
