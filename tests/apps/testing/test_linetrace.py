"""Which script lines are seen, also when the run gives way in the middle."""

from __future__ import annotations

import sys
from collections.abc import Callable

from relayscript.apps.testing.linetrace import LineTrace
from relayscript.interpreter.waiting import spawn, wait

SOURCE = "def route(give_way):\n    first = 1\n    give_way()\n    last = 2\n    return last\n"


def compiled(file: str) -> Callable[[Callable[[], object]], int]:
    names: dict[str, Callable[[Callable[[], object]], int]] = {}
    exec(compile(SOURCE, file, "exec"), names)
    return names["route"]


def test_lines_of_the_given_files_are_seen_in_order() -> None:
    seen: list[tuple[str, int]] = []
    with LineTrace({"a.cfg"}, lambda file, line: seen.append((file, line))):
        compiled("a.cfg")(lambda: None)
        compiled("b.cfg")(lambda: None)
    compiled("a.cfg")(lambda: None)
    assert [line for file, line in seen if file == "a.cfg"][-4:] == [2, 3, 4, 5]
    assert not [line for file, line in seen if file == "b.cfg"]
    assert sys.gettrace() is None


def test_a_run_that_gives_way_is_seen_to_its_end() -> None:
    seen: list[int] = []
    going_on: list[Callable[[object], None]] = []
    route = compiled("a.cfg")
    trace = LineTrace({"a.cfg"}, lambda file, line: seen.append(line))
    with trace:
        spawn(route, lambda: wait(going_on.append))
    assert seen == [2, 3]
    with trace:
        spawn(route, lambda: None)
    assert seen == [2, 3, 2, 3, 4, 5]
    with trace:
        going_on[0](None)
    assert seen == [2, 3, 2, 3, 4, 5, 4, 5]
