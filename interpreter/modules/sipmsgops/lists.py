"""Headers that are lists of options: Supported, Require, Allow (sipmsgops manual, `list_hdr_*`)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.modules.sipmsgops.headers import remove
from relayscript.interpreter.values import ascii_lower
from relayscript.sip.message import header_key


class ListFunctions(Module):
    """Functions on comma-separated headers; they see what they queued before."""

    @function()
    def list_hdr_has_option(self, context: Context, name: str, option: str) -> int:
        """Whether one of the headers of that name lists the option: 1 or -1."""
        for index in _indexes(context, name):
            if ascii_lower(option) in _options(_value(context, index)):
                return 1
        return -1

    @function()
    def list_hdr_add_option(self, context: Context, name: str, option: str) -> int:
        """Add an option to the first header of that name: 1; -1 if there is none."""
        for index in _indexes(context, name):
            _write(context, index, f"{_value(context, index)},{option}")
            return 1
        return -1

    @function()
    def list_hdr_remove_option(self, context: Context, name: str, option: str) -> int:
        """Take an option out of all headers of that name, of a repeated one the last: 1; -1 if none lists it."""
        found = -1
        for index in _indexes(context, name):
            rest = without(_value(context, index), option)
            if rest is None:
                continue
            found = 1
            if rest:
                _write(context, index, rest)
            else:
                remove(context, [index])
        return found


def without(value: str, option: str) -> str | None:
    """The list without the last such option; None if it is not in it."""
    options = _options(value)
    if ascii_lower(option) not in options:
        return None
    parts = value.split(",")
    at = max(index for index, each in enumerate(options) if each == ascii_lower(option))
    if at + 1 < len(parts):
        parts[at + 1] = parts[at + 1].lstrip()
    del parts[at]
    return ",".join(parts)


def _options(value: str) -> list[str]:
    return [ascii_lower(each.strip()) for each in value.split(",")]


def _indexes(context: Context, name: str) -> list[int]:
    """The lines of that name that will be sent."""
    changes = context.changes
    found = context.message.indexes(header_key(name))
    return [each for each in found if each not in changes.removed or each in changes.replaced]


def _value(context: Context, index: int) -> str:
    line = context.changes.replaced.get(index, context.message.lines[index])
    return line.partition(":")[2].strip()


def _write(context: Context, index: int, value: str) -> None:
    context.changes.replaced[index] = context.message.line_with(index, value)
