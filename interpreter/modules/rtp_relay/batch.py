"""Updates of many calls: some at a time, with progress in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.operations import Operations
from relayscript.interpreter.modules.rtp_relay.reinvite import ATTEMPTS, pause
from relayscript.interpreter.modules.rtp_relay.update import Change, Result, Update
from relayscript.interpreter.waiting import wait
from relayscript.sip.dialog import Direction

PROGRESS_EVERY = 100


class Batch:
    """Updates calls; each call once, and not while another update is at work on it."""

    def __init__(self, operations: Operations, calls: Iterable[RelayCall], change: Change) -> None:
        self._operations = operations
        self._change = change
        self._left = [call for call in calls if not call.updating and is_updatable(call)]
        self._left.reverse()
        self.total = len(self._left)
        self.results: Counter[Result] = Counter()
        for call in self._left:
            call.updating = True

    def run(self, at_once: int) -> Counter[Result]:
        """Update them, `at_once` at a time; returns when all have ended, with how they did."""
        if not self.total:
            return self.results
        working = min(max(at_once, 1), self.total)

        def start(done: Callable[[None], None]) -> None:
            def work() -> None:
                nonlocal working
                try:
                    while self._left:
                        self._update(self._left.pop())
                finally:
                    working -= 1
                    if not working:
                        done(None)

            for _ in range(working):
                self._operations.runtime.spawn(work)

        wait(start)
        return self.results

    def _update(self, call: RelayCall) -> None:
        result = Result.FAILED
        try:
            for _ in range(ATTEMPTS):
                result, glare = self._attempt(call)
                if glare is None or call.ended:
                    break
                pause(self._operations.runtime, glare)
        finally:
            call.updating = False
            self._operations.changed(call)
            self.results[result] += 1
            self._log()

    def _attempt(self, call: RelayCall) -> tuple[Result, Direction | None]:
        """How an update ended, and the way of the re-INVITE that met one from there, if that ended it."""
        with call.right_of_way:
            if not is_updatable(call):
                return Result.NOT_STARTED, None
            update = Update(self._operations, call, self._change)
            return update.run(), update.glare

    def _log(self) -> None:
        ended = self.results.total()
        if self.total > 1 and (ended == self.total or ended % PROGRESS_EVERY == 0):
            failed = ended - self.results[Result.DONE]
            text = f"rtp_relay: {ended} of {self.total} calls updated, {failed} of them in vain"
            self._operations.runtime.log(2, text)


def is_updatable(call: RelayCall) -> bool:
    """The call is answered, relayed and not over."""
    return call.is_listed and call.dialog is not None and call.dialog.is_answered
