"""Log levels, colours, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.failing import ErrorInfo


@pytest.mark.parametrize("name", ["log_level", "xlog_level"])
def test_levels_are_overridden_and_reset(stage: Set, name: str) -> None:
    on = stage()
    assert on.write(f"${name}", 4)
    assert (on.read(f"${name}"), getattr(on.runtime.globals, name)) == (4, 4)
    assert not on.write(f"${name}", "3")
    assert on.write(f"${name}", None)
    assert on.read(f"${name}") == 2


@pytest.mark.parametrize(
    ("which", "code"),
    [("xx", "\x1b[0;39;49m"), ("Rb", "\x1b[1;31;44m"), ("rB", None), ("q", None), ("qq", None)],
)
def test_colors(stage: Set, which: str, code: str | None) -> None:
    on = stage()
    assert on.read(f"$C({which})") == ""
    on.runtime.globals.xlog_force_color = 1
    assert on.read(f"$C({which})") == code


def test_errors(stage: Set) -> None:
    on = stage()
    assert on.show("$err.class|$err.level|$err.info|$err.rcode|$err.rreason") == "0|0||0|"
    on.context.error = ErrorInfo(1, 3, "no To", 400, "bad header")
    assert on.show("$err.class|$err.level|$err.info|$err.rcode|$err.rreason") == "1|3|no To|400|bad header"
