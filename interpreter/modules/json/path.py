"""What stands in `$json(...)`: a name, then keys (`/key`) and indexes (`[3]`, `[-1]`, `[]`) (json manual)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from relayscript.dsl import nodes
from relayscript.dsl.source import Span
from relayscript.dsl.variable import read_variable
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Reader
from relayscript.interpreter.modules.json.document import Json
from relayscript.interpreter.values import int_of, text_of

NOWHERE = Span("<json>", 1, 1, 1, 1)
VIEWS = (".keys", ".values")
_KEY = re.compile(r"[^/\[]*")
_INDEX = re.compile(r"\[([+-]?[0-9]+)?\]")


class NoSuchPath(Exception):  # noqa: N818 - a signal
    """A path that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Append:
    """The step `[]`: behind the last element."""


Step = str | int | Append
"""A key, an index, or the place behind the last element."""


@dataclass(frozen=True, slots=True)
class Path:
    """The steps to a value, the first one being the variable's name; `view` is `keys`, `values` or nothing.

    A step that a variable gives is its reader, with what makes a step of the value.
    """

    steps: tuple[Step | tuple[Reader, Callable[..., Step | None]], ...]
    view: str

    def resolved(self, context: Context) -> list[Step]:
        """The steps with variables read. Raises NoSuchPath if one has no fitting value."""
        return [_step(each, context) for each in self.steps]


def _step(step: Step | tuple[Reader, Callable[..., Step | None]], context: Context) -> Step:
    if not isinstance(step, tuple):
        return step
    read, convert = step
    found = convert(read(context))
    if found is None:
        raise NoSuchPath("a variable in the path has no fitting value")
    return found


def read_path(text: str, reader: Callable[[nodes.Variable], Reader]) -> Path:
    """Read a path; `reader` makes readers of the variables in it. Raises ValueError if it is malformed."""
    view = next((each for each in VIEWS if text.endswith(each)), "")
    text = text.removesuffix(view)
    steps: list[Step | tuple[Reader, Callable[..., Step | None]]] = []
    at = 0
    while at < len(text) or not steps:
        if steps and text[at] == "[":
            step, at = _index(text, at, reader)
        else:
            step, at = _key(text, at + bool(steps), reader)
        steps.append(step)
    return Path(tuple(steps), view.removeprefix("."))


def _key(
    text: str, at: int, reader: Callable[[nodes.Variable], Reader]
) -> tuple[Step | tuple[Reader, Callable[..., Step | None]], int]:
    if text.startswith("$", at):
        variable, end = read_variable(text, at, NOWHERE)
        return (reader(variable), text_of), end
    found = _KEY.match(text, at)
    assert found is not None
    if not found[0]:
        raise ValueError(f"a name is missing in the JSON path {text!r}")
    return found[0], found.end()


def _index(
    text: str, at: int, reader: Callable[[nodes.Variable], Reader]
) -> tuple[Step | tuple[Reader, Callable[..., Step | None]], int]:
    if text.startswith("$", at + 1):
        variable, end = read_variable(text, at + 1, NOWHERE)
        if not text.startswith("]", end):
            raise ValueError(f"']' is missing in the JSON path {text!r}")
        return (reader(variable), int_of), end + 1
    found = _INDEX.match(text, at)
    if found is None:
        raise ValueError(f"bad index in the JSON path {text!r}")
    return Append() if found[1] is None else int(found[1]), found.end()


# ---------------------------------------------------------------- walking


def child(parent: Json, step: Step) -> Json:
    """What a step leads to. Raises NoSuchPath."""
    if isinstance(parent, dict) and isinstance(step, str) and step in parent:
        return parent[step]
    if isinstance(parent, list) and isinstance(step, int) and -len(parent) <= step < len(parent):
        return parent[step]
    raise NoSuchPath(f"nothing is at {step!r}")


def find(root: Json, steps: list[Step]) -> Json:
    """What the steps lead to. Raises NoSuchPath."""
    for step in steps:
        root = child(root, step)
    return root


def put(parent: Json, step: Step, value: Json) -> None:
    """Put a value where a step leads: a new or known key, a known index, or behind the last element.

    Raises NoSuchPath.
    """
    if isinstance(parent, dict) and isinstance(step, str):
        parent[step] = value
    elif isinstance(parent, list) and isinstance(step, Append):
        parent.append(value)
    elif isinstance(parent, list) and isinstance(step, int):
        child(parent, step)
        parent[step] = value
    else:
        raise NoSuchPath(f"nothing can be put at {step!r}")


def delete(parent: Json, step: Step) -> None:
    """Delete what a step leads to; a key that is not there is no failure. Raises NoSuchPath."""
    if isinstance(parent, dict) and isinstance(step, str):
        parent.pop(step, None)
    elif isinstance(parent, list) and isinstance(step, int):
        child(parent, step)
        del parent[step]
    else:
        raise NoSuchPath(f"nothing is at {step!r}")
