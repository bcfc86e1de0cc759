"""Variables of the script itself: `$var`, `$avp`, parameters, return codes, the route stack, the place in the file."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Reader, variable
from relayscript.interpreter.operators import plain
from relayscript.interpreter.values import Dual, Value
from relayscript.interpreter.variables.indexing import Index, pick, position


class ScriptVariables(Module):
    """What a script keeps and where it is."""

    name = "core"

    # ---- $var

    @variable("var", parameter="required")
    def var(self, context: Context, name: str) -> Value:
        """A script variable: one per script, never reset (language.md 10.6)."""
        return self.runtime.script_variables.get(name)

    @var.linker
    def _link_var(self, name: str) -> Reader:
        get = self.runtime.script_variables.get
        return lambda context: get(name)

    @var.setter
    def _set_var(self, context: Context, name: str, op: str, value: Value) -> bool:
        self.runtime.script_variables[name] = plain(value)
        return True

    # ---- $avp

    @variable("avp", parameter="required", index=True)
    def avp(self, context: Context, name: str, index: Index) -> Value:
        """A list of values, newest first (language.md 10.5)."""
        return pick(context.avps.get(name, ()), index)

    @avp.linker
    def _link_avp(self, name: str, index: Index) -> Reader:
        if index is not None:
            return lambda context: pick(context.avps.get(name, ()), index)

        def read(context: Context) -> Value:
            values = context.avps.get(name)
            return values[0] if values else None

        return read

    @avp.setter
    def _set_avp(self, context: Context, name: str, index: Index, op: str, value: Value) -> bool:
        return put_avp(context.avps, name, index, op, value)

    # ---- routes

    @variable("param", parameter="required")
    def param(self, context: Context, which: str) -> Value:
        """A parameter of the running route: by position from 1, or by name in an event route."""
        given = context.params
        if isinstance(given, dict):
            if which in given:
                return given[which]
            given = tuple(given.values())
        position = _number(which) - 1
        return given[position] if 0 <= position < len(given) else None

    @variable("return", parameter="required")
    def returned(self, context: Context, which: str) -> Value:
        """A value that the last `route()` returned, from 0."""
        values, position = context.returned, _number(which)
        return values[position] if 0 <= position < len(values) else None

    @variable("rc", "retcode")
    def rc(self, context: Context) -> Value:
        """The result of the last action."""
        return context.rc

    @variable("route", index=True)
    def route(self, context: Context, index: Index) -> Value:
        """The running route as `kind[name]`; `[1]` is its caller, `[*]` the whole stack."""
        if index == "*":
            return " > ".join(context.stack) or None
        return pick(context.stack[::-1], index)

    @variable("route.name", index=True)
    def route_name(self, context: Context, index: Index) -> Value:
        """The name of the running route; empty for one without."""
        label = _label(context, index)
        return None if label is None else label.partition("[")[2].removesuffix("]")

    @variable("route.type", index=True)
    def route_type(self, context: Context, index: Index) -> Value:
        """The kind of the running route; `route` for a sub-route."""
        label = _label(context, index)
        return None if label is None else label.partition("[")[0]

    # ---- place and process

    @variable("cfg_line")
    def cfg_line(self, context: Context) -> Value:
        """The line of the action that is running."""
        line = self.runtime.place().rpartition(":")[2]
        return int(line) if line else 0

    @variable("cfg_file")
    def cfg_file(self, context: Context) -> Value:
        """The file of the action that is running."""
        return self.runtime.place().rpartition(":")[0]

    @variable("argv", parameter="required")
    def argv(self, context: Context, name: str) -> Value:
        """A value from the command line (`-o name=value`); NULL if missing or empty."""
        return self.runtime.argv.get(name) or None

    @variable("pp")
    def pp(self, context: Context) -> Value:
        """The process id."""
        return self.runtime.pid

    @variable("$")
    def dollar(self, context: Context) -> Value:
        """The character `$`."""
        return Dual("$", ord("$"))


def put_avp(avps: dict[str, list[Value]], name: str, index: Index, op: str, value: Value) -> bool:
    """Write a list of values as `$avp` is written (language.md 10.5); False if there is none at the index."""
    if op == ":=" or index == "*":
        avps.pop(name, None)
        if value is not None:
            avps[name] = [plain(value)]
        return True
    if value is None:
        return _delete(avps, name, index)
    if index is None:
        avps.setdefault(name, []).insert(0, plain(value))
        return True
    if index == "append":
        avps.setdefault(name, []).append(plain(value))
        return True
    values = avps.get(name, [])
    at = position(index, len(values))
    if at is None:
        return False
    values[at] = plain(value)
    return True


def _delete(avps: dict[str, list[Value]], name: str, index: Index) -> bool:
    """Delete the value at an index, the newest without one; deleting nothing is no failure."""
    values = avps.get(name, [])
    at = position(index, len(values))
    if at is not None:
        del values[at]
        if not values:
            del avps[name]
    return True


def _number(text: str) -> int:
    """The number that digits are; -1 for other text."""
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _label(context: Context, index: Index) -> str | None:
    stack = context.stack
    at = position(index, len(stack))
    return None if at is None else stack[-1 - at]
