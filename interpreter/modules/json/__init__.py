"""Module json: JSON documents in variables (json manual)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, Reader, function, variable
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.json import document
from relayscript.interpreter.modules.json.document import DocumentError, Json, Style
from relayscript.interpreter.modules.json.path import NoSuchPath, Path, delete, find, put, read_path
from relayscript.interpreter.values import MAX_INT, MIN_INT, Value, text_of, wrap
from relayscript.interpreter.variables.indexing import Index, joined, position

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

KEPT_PATHS = 1024
"""How many paths are kept parsed."""


class Fragment(str):
    """The text of a part of a document; given to another `$json`, it is that part and no string."""

    __slots__ = ()


class JsonVariables(Module):
    """Documents by name. They last as long as the script, whatever message made them."""

    name = "json"
    parameters = (Parameter("enable_long_quoting", 0),)

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.documents: dict[str, Json] = {}
        self._path = lru_cache(maxsize=KEPT_PATHS)(self._read_path)

    # ---- variables

    @variable("json", parameter="optional", index=True)
    def json(self, context: Context, path: str | None, index: Index) -> Value:
        """A value in a document: numbers and texts as such, all else as JSON; null, and what is not there, NULL.

        With an index, that element of an array or value of an object; those are never NULL.
        """
        return self._get(context, path, index, document.SPACED)

    @json.linker
    def link_json(self, path: str | None, index: Index) -> Reader:
        """Read a path once."""
        self._path(path or "")
        return lambda context: self._get(context, path, index, document.SPACED)

    @json.setter
    def set_json(self, context: Context, path: str | None, index: Index, op: str, value: Value) -> bool:
        """Set a value, as it is with `=`, read as JSON with `:=`; NULL deletes it."""
        return index is None and self._set(context, path, op, value)

    @variable("json_pretty", parameter="optional")
    def json_pretty(self, context: Context, path: str | None) -> Value:
        """As `$json`, printed on several lines."""
        return self._get(context, path, None, document.PRETTY)

    @json_pretty.setter
    def set_json_pretty(self, context: Context, path: str | None, op: str, value: Value) -> bool:
        """As `$json`."""
        return self._set(context, path, op, value)

    @variable("json_compact", parameter="optional")
    def json_compact(self, context: Context, path: str | None) -> Value:
        """As `$json`, printed without blanks."""
        return self._get(context, path, None, document.COMPACT)

    @json_compact.setter
    def set_json_compact(self, context: Context, path: str | None, op: str, value: Value) -> bool:
        """As `$json`."""
        return self._set(context, path, op, value)

    @variable("json_compact_noescape", parameter="optional")
    def json_compact_noescape(self, context: Context, path: str | None) -> Value:
        """As `$json_compact`, with `/` and not `\\/`."""
        return self._get(context, path, None, document.COMPACT_UNESCAPED)

    @json_compact_noescape.setter
    def set_json_compact_noescape(self, context: Context, path: str | None, op: str, value: Value) -> bool:
        """As `$json`."""
        return self._set(context, path, op, value)

    # ---- functions

    @function()
    def json_link(self, context: Context, target: Reference, source: Reference) -> int:
        """Put a value into another document without copying it: 1; -1 if there is none, or if it would
        contain itself."""
        if target.name != "json" or source.name != "json":
            context.log(-1, "json_link: both must be $json(...)")
            return -1
        try:
            value = find(self.documents, self._path(source.parameter or "").resolved(context))
        except (NoSuchPath, ValueError, ScriptError) as error:
            context.log(2, f"json_link: {error}")
            return -1

        def link(parent: Json, step: Any) -> None:
            if document.reaches(value, parent):
                raise NoSuchPath("a document cannot contain itself")
            put(parent, step, value)

        return 1 if self._change(context, target.parameter, link) else -1

    @function()
    def json_merge(self, context: Context, main: str, patch: str, target: Reference) -> int:
        """Write a document with another one merged into it (RFC 7396): 1; -1 if one of them is none."""
        try:
            made = document.merged(document.parse(main), document.parse(patch))
            return 1 if target.set(document.show(made, document.COMPACT)) else -1
        except DocumentError as error:
            context.log(-1, f"json_merge: {error}")
            return -1

    # ---- access

    def _read_path(self, text: str) -> Path:
        return read_path(text, self.runtime.registry.reader)

    def _get(self, context: Context, text: str | None, index: Index, style: Style) -> Value:
        try:
            path = self._path(text or "")
            found = find(self.documents, path.resolved(context))
            if path.view or index is not None:
                return self._element(_members(found, path.view), "*" if index is None else index, style)
            return self._value(found, style)
        except (NoSuchPath, ValueError, ScriptError) as error:
            context.log(2, f"$json({text}): {error}")
            return None

    def _element(self, members: list[Json], index: Index, style: Style) -> Value:
        if index == "*":
            return joined([self._value(each, style, element=True) for each in members])
        at = position(index, len(members))
        return None if at is None else self._value(members[at], style, element=True)

    def _value(self, value: Json, style: Style, *, element: bool = False) -> Value:
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            long = not MIN_INT <= value <= MAX_INT
            return str(value) if long and self.settings["enable_long_quoting"] else wrap(value)
        if isinstance(value, dict | list) or element:
            return Fragment(document.show(value, style))
        return None if value is None else document.plain(value)

    def _set(self, context: Context, path: str | None, op: str, value: Value) -> bool:
        if value is None:
            return self._change(context, path, delete)
        try:
            made = document.parse(text_of(value) or str(value)) if _is_json(op, value) else _as_is(value)
        except DocumentError as error:
            context.log(-1, f"$json({path}): {error}")
            return False
        return self._change(context, path, lambda parent, step: put(parent, step, made))

    def _change(self, context: Context, text: str | None, change: Callable[[Json, Any], None]) -> bool:
        try:
            *steps, last = self._path(text or "").resolved(context)
            parent = self.documents
            change(find(parent, steps) if steps else parent, last)
        except (NoSuchPath, ValueError, ScriptError) as error:
            context.log(2, f"$json({text}): {error}")
            return False
        return True


def _is_json(op: str, value: Value) -> bool:
    return op == ":=" or isinstance(value, Fragment)


def _as_is(value: Value) -> Json:
    return int(value) if isinstance(value, int) else str(value)


def _members(value: Json, view: str) -> list[Json]:
    """The elements of an array; the keys or values of an object. Raises NoSuchPath."""
    if isinstance(value, dict):
        return list(value) if view == "keys" else list(value.values())
    if isinstance(value, list) and not view:
        return value
    raise NoSuchPath("neither array nor object")
