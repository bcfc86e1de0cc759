"""Arguments of functions: what is known when a script is compiled, and what is read for each call by its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relayscript.dsl import nodes
from relayscript.dsl.catalogue import ArgumentSpec
from relayscript.interpreter.compiler.literals import compiled
from relayscript.interpreter.context import Context
from relayscript.interpreter.formats import Reference, VariableRegistry
from relayscript.interpreter.regex import compile_ere
from relayscript.interpreter.settings import Globals
from relayscript.interpreter.values import int_of, text_of
from relayscript.sip.errors import SipError

Argument = nodes.Text | nodes.Number | nodes.Variable | None
Read = Callable[[Context], Any]


class Missing(Exception):  # noqa: N818 - a signal
    """An argument is NULL or of the wrong kind at run time: the function is not called."""


class Ready:
    """An argument ready to be read: a constant, or a function of the context."""

    __slots__ = ("constant", "read", "value")

    def __init__(self, read: Read | None = None, *, constant: bool = False, value: Any = None) -> None:
        self.constant = constant
        self.value = value
        self.read: Read = read or (lambda context: value)


def guarded(method: Callable[..., int], warn: Callable[..., None]) -> Callable[..., int]:
    """The function, with a malformed message turned into the result -1."""

    def act(context: Context, *args: Any) -> int:
        try:
            return method(context, *args)
        except SipError as error:
            warn(f"{error}", level=-1)
            return -1

    return act


def with_arguments(
    action: Callable[..., int], name: str, reads: tuple[Read, ...]
) -> Callable[[Context], int]:
    """The function as one of the context alone: its arguments are read first, -1 if one is missing."""

    def run(context: Context) -> int:
        try:
            args = [read(context) for read in reads]
        except Missing as missing:
            context.runtime.warn_at(f"{name}: {missing}", level=-1)
            return -1
        return action(context, *args)

    return run


def _limited(expand: Callable[[Context], str], limit: int) -> Read:
    def run(context: Context) -> str:
        text = expand(context)
        if len(text) >= limit:
            raise Missing("an argument exceeds pv_print_buf_size")
        return text

    return run


def _unless_null(read: Read, convert: Read) -> Read:
    """An argument that counts as left out if it is NULL."""
    return lambda context: None if read(context) is None else convert(context)


def _as_int(read: Read) -> Read:
    def run(context: Context) -> int:
        number = int_of(read(context))
        if number is None:
            raise Missing("an argument has no integer value")
        return number

    return run


def _as_text(read: Read) -> Read:
    def run(context: Context) -> str:
        text = text_of(read(context))
        if text is None:
            raise Missing("an argument has no string value")
        return text

    return run


def _as_pattern(read: Read) -> Read:
    text = _as_text(read)
    return lambda context: _pattern(text(context))


_CONVERSIONS: dict[str, Callable[[Read], Read]] = {"int": _as_int, "str": _as_text, "regex": _as_pattern}


def _pattern(text: str) -> Any:
    try:
        return compile_ere(text)
    except ValueError as error:
        raise Missing(f"bad regular expression: {error}") from None


class Arguments:
    """Makes the arguments of function calls ready."""

    def __init__(self, registry: VariableRegistry, settings: Globals) -> None:
        self.registry = registry
        self.settings = settings

    def ready(self, argument: Argument, spec: ArgumentSpec) -> Ready:
        """The argument for a parameter of that kind; None stands for one that was left out."""
        if argument is None:
            return Ready(constant=True)
        if isinstance(argument, nodes.Variable):
            return self._variable_argument(argument, spec)
        if spec.kind == "regex" and isinstance(argument, nodes.Text):
            return self._pattern_argument(argument)
        if isinstance(argument, nodes.Number):
            return Ready(constant=True, value=argument.value)
        if spec.static or spec.no_expand or spec.kind == "route" or "$" not in argument.value:
            return Ready(constant=True, value=argument.value)
        limit = self.settings.pv_print_buf_size
        return Ready(_limited(self.registry.format(argument.value), limit))

    def _pattern_argument(self, argument: nodes.Text) -> Ready:
        if "$" in argument.value.replace("$$", "").rstrip("$") and "$(" in argument.value:
            expand = self.registry.format(argument.value)
            return Ready(lambda context: _pattern(expand(context)))
        matcher = compiled(argument)
        return Ready(lambda context: matcher)

    def _variable_argument(self, argument: nodes.Variable, spec: ArgumentSpec) -> Ready:
        registry = self.registry
        if spec.kind == "var":
            return Ready(lambda context: Reference(registry, argument, context))
        read = registry.reader(argument)
        convert = _CONVERSIONS.get(spec.kind, _as_text)
        return Ready(_unless_null(read, convert(read)) if spec.fix_null else convert(read))
