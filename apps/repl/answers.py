"""What the prompt says to what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from relayscript.apps.complaints import texts_of
from relayscript.apps.testing.ladders.readable import readable
from relayscript.apps.testing.scenario import ScenarioError
from relayscript.dsl.diagnostics import Diagnostic, render
from relayscript.dsl.fragments import PLACE


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines of text. `wrong`: what was typed was no good, or did not come true. `over`: the session ends."""

    lines: tuple[str, ...] = ()
    wrong: bool = False
    over: bool = False


class Wrong(Exception):  # noqa: N818 - the mistake of who typed
    """What was typed cannot be done; `lines` say why."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def diagnosed(diagnostics: Iterable[Diagnostic], typed: str = "", color: bool = False) -> list[str]:
    """Diagnostics about what was typed, and about files, with the lines that they point at."""
    found = tuple(diagnostics)
    return render(found, {**texts_of(found), PLACE: typed}, color=color).splitlines()


def pointed(error: ScenarioError, typed: str) -> list[str]:
    """Where a statement stops being one."""
    before = readable(typed[: error.column - 1])
    return [f"error: {readable(error.text)}", f"    {readable(typed)}", f"    {' ' * len(before)}^"]


def counted(count: int, what: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {what}{'' if count == 1 else 's'}"
