"""What the client may ask for while a script is held at one stop: the stack, and what can be seen in its frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from relayscript.apps.dap.calls import Calls
from relayscript.apps.dap.framing import Object
from relayscript.apps.dap.program import Program
from relayscript.apps.dap.requests import Refused
from relayscript.apps.dap.scopes import Row, Rows, scopes_of, snapshot
from relayscript.apps.repl.debugger import Frame
from relayscript.apps.testing.ladders.readable import readable
from relayscript.interpreter.context import Context

Values = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A frame as the client sees it, with the thread that it belongs to; no file if no line of the script runs."""

    thread: int
    label: str
    context: Context
    file: str = ""
    line: int = 0


class Picture:
    """One stop. `thread` is that of the call that is held, `values` is all that can be seen.

    `before` are the values at the stop before in the same call: those that are others now are marked `changed`.
    """

    def __init__(self, program: Program, calls: Calls) -> None:
        self._program = program
        self._frames = _frames(program, calls)
        self.thread = self._frames[0].thread
        self._before: Values = {}
        self._rows: list[tuple[str, Rows]] = []
        self.values = self._seen()

    def compare(self, before: Values) -> None:
        """Mark what is another value now than it was."""
        self._before = before

    def frames(self, thread: int, first_line: int) -> list[Object]:
        """The stack of a thread, the innermost route first; empty if nothing of that call runs or waits."""
        found = enumerate(self._frames, 1)
        return [_told(number, each, first_line) for number, each in found if each.thread == thread]

    def scopes(self, number: int) -> list[Object]:
        """The groups of what can be seen in a frame. Raises Refused."""
        if not 1 <= number <= len(self._frames):
            raise Refused(f"there is no frame {number} now")
        groups = scopes_of(self._frames[number - 1].context, self._program.bench.world)
        return [
            {"name": name, "variablesReference": self._kept(name, rows), "expensive": False}
            for name, rows in groups.items()
        ]

    def variables(self, reference: int) -> list[Object]:
        """The rows of a group, or below a row. Raises Refused."""
        if not 1 <= reference <= len(self._rows):
            raise Refused(f"there are no variables {reference} now")
        group, rows = self._rows[reference - 1]
        with self._program.unwatched(counted=False):
            return [self._row(group, each) for each in rows()]

    def _row(self, group: str, row: Row) -> Object:
        settable = row.name.startswith("$")
        attributes = [] if settable else ["readOnly"]
        if self._before and self._before.get((group, row.name)) != row.value and (group, row.name) in self.values:
            attributes.append("changed")
        found: Object = {
            "name": readable(row.name), "value": readable(row.value),
            "variablesReference": self._kept(f"{group}/{row.name}", row.inner) if row.inner is not None else 0,
            "presentationHint": {"kind": "data", "attributes": attributes, "lazy": row.late},
        }  # fmt: skip
        return {**found, "evaluateName": readable(row.name)} if settable else found

    def _kept(self, group: str, rows: Rows) -> int:
        self._rows.append((group, rows))
        return len(self._rows)

    def _seen(self) -> Values:
        with self._program.unwatched(counted=False):
            return snapshot(scopes_of(self._frames[0].context, self._program.bench.world))


def _frames(program: Program, calls: Calls) -> list[_Shown]:
    """Those of the run that is held, then those that wait."""
    stop = program.stop
    held = [_of(each, calls) for each in stop.frames]
    if not held:
        first = readable(stop.message.split(b"\r\n")[0].decode("latin-1"))
        held = [_Shown(calls.number(stop.call_id), first or stop.reason, program.bench.context)]
    return [*held, *(_of(each, calls) for each in program.waiting())]


def _of(frame: Frame, calls: Calls) -> _Shown:
    call = calls.number(frame.context.message.call_id)
    return _Shown(call, frame.label, frame.context, frame.file, frame.line)


def _told(number: int, frame: _Shown, first_line: int) -> Object:
    found: Object = {"id": number, "name": readable(frame.label), "line": 0, "column": 0}
    if not frame.file:
        return {**found, "presentationHint": "label"}
    path = Path(frame.file).absolute()
    place = {"line": frame.line - 1 + first_line, "column": first_line}
    return {**found, **place, "source": {"name": path.name, "path": str(path)}}
