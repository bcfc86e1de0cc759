"""Variables and format strings made ready to use: functions that read, write or expand them for a run.

Names, parameters and indexes are resolved once, when a script is compiled; what is left for each message
is a closure that does just the work (language.md 1.5, 1.6, 4, 5). Reading never raises: what cannot be
read is NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity
from relayscript.dsl.formats import parse_format
from relayscript.dsl.source import Span
from relayscript.dsl.variable import parse_variable
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Reader, variable
from relayscript.interpreter.mocks import NONE
from relayscript.interpreter.offers import offers_of
from relayscript.interpreter.scopes import scoped
from relayscript.interpreter.transformations import Step, step
from relayscript.interpreter.values import Value, int_of, printed, text_of

Writer = Callable[[Context, str, Value], bool]
Expander = Callable[[Context], str]
Access = tuple[Reader, Writer | None]

NOWHERE = Span("<text>", 1, 1, 1, 1)
CACHED_TEXTS = 1024
"""How many texts made at run time (`{s.eval}`) are kept parsed."""


class _Nothing(Exception):  # noqa: N818 - a signal
    """A parameter or index that a variable gives is NULL."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A declared variable and the module instance that has it."""

    declared: variable[Any]
    module: Module

    def bound(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A getter or setter as a method of the instance."""
        found: Callable[..., Any] = method.__get__(self.module)
        return found


class VariableRegistry:
    """All variables that a script can use, by name.

    Those in `fixed`, by how they are written, always have the value given and keep nothing that is written to them.
    Raises ScriptError when asked for a variable or a transformation that does not exist.
    """

    def __init__(self, modules: Iterable[Module], fixed: Mapping[str, Value] = NONE.variables) -> None:
        self._fixed = {parse_variable(text, NOWHERE): value for text, value in fixed.items()}
        self._modules = tuple(modules)
        self._declared = offers_of(self._modules).variables
        self._formats: dict[str, Expander] = {}
        self._accesses: dict[nodes.Variable, Access] = {}
        self._evaluated = lru_cache(maxsize=CACHED_TEXTS)(self._expander)

    def names(self) -> frozenset[str]:
        """The names of all variables."""
        return frozenset(self._declared)

    def is_fixed(self, node: nodes.Variable) -> bool:
        """The variable always has the same value."""
        return node in self._fixed

    # ---- reading

    def reader(self, node: nodes.Variable) -> Reader:
        """A function that reads the variable, transformations included."""
        if node in self._fixed:
            value = self._fixed[node]
            return lambda context: value
        read = self._bare_reader(node)
        if node.scope is not None:
            read = scoped(read, node.scope)
        steps = tuple(self._step(each) for each in node.transformations)
        return _transformed(read, steps) if steps else read

    def reader_of(self, text: str) -> Reader:
        """The reader of a variable given as text (`$var(x)`)."""
        return self.reader(parse_variable(text, NOWHERE))

    def elements(self, node: nodes.Variable) -> Callable[[Context], Iterator[Value]]:
        """The values at index 0, 1, 2 ... up to the first NULL, each read when it is asked for.

        There are none unless the variable is written with `[*]` (language.md 3.6).
        """
        if node.index != "*":
            return lambda context: iter(())
        readers: list[Reader] = []

        def each(context: Context) -> Iterator[Value]:
            position = 0
            while True:
                if position == len(readers):
                    readers.append(self.reader(replace(node, index=position)))
                value = readers[position](context)
                if value is None:
                    return
                yield value
                position += 1

        return each

    def _bare_reader(self, node: nodes.Variable) -> Reader:
        entry = self._entry(node)
        get = entry.bound(_declared(entry.declared.get))
        resolvers = self._resolvers(node, entry.declared)
        if any(isinstance(each, _Dynamic) for each in resolvers):
            return _dynamic_reader(get, resolvers)
        args = tuple(each.value for each in resolvers if isinstance(each, _Constant))
        if entry.declared.link is not None:
            try:
                linked: Reader = entry.bound(entry.declared.link)(*args)
            except ValueError as error:
                raise _failure("RS226", str(error), node) from None
            return linked
        match args:
            case ():
                return get
            case (only,):
                return lambda context: get(context, only)
            case _:
                first, second = args
                return lambda context: get(context, first, second)

    # ---- writing

    def writer(self, node: nodes.Variable) -> Writer:
        """A function that writes the variable: context, operator (`=` or `:=`), value; false if it fails."""
        if node in self._fixed:
            return lambda context, op, value: True
        entry = self._entry(node)
        if entry.declared.set is None or node.transformations or node.scope:
            raise _failure("RS223", f"${node.name} cannot be written", node)
        put = entry.bound(entry.declared.set)
        resolvers = self._resolvers(node, entry.declared)
        if not resolvers:
            return put
        if any(isinstance(each, _Dynamic) for each in resolvers):
            return _dynamic_writer(put, resolvers)
        args = tuple(each.value for each in resolvers if isinstance(each, _Constant))
        return lambda context, op, value: put(context, *args, op, value)

    def is_writable(self, node: nodes.Variable) -> bool:
        """The variable can be assigned to."""
        return self._entry(node).declared.set is not None and not node.transformations and not node.scope

    def access(self, node: nodes.Variable) -> Access:
        """Reader and writer (None if it cannot be written) of a variable of the script, kept for next time."""
        found = self._accesses.get(node)
        if found is None:
            write = self.writer(node) if self.is_writable(node) else None
            found = self._accesses[node] = (self.reader(node), write)
        return found

    # ---- format strings

    def format(self, text: str) -> Expander:
        """A function that expands a format string of the script. Raises ScriptError if it is malformed."""
        found = self._formats.get(text)
        if found is None:
            found = self._formats[text] = self._expander(text)
        return found

    def evaluate(self, text: str, context: Context) -> Value:
        """Expand a text made at run time; NULL if it is no format string (`{s.eval}`)."""
        try:
            return self._evaluated(text)(context)
        except ScriptError:
            return None

    def _expander(self, text: str) -> Expander:
        parts = parse_format(text)
        reads = [self.reader(part) for part in parts if isinstance(part, nodes.Variable)]
        if not reads:
            constant = "".join(part for part in parts if isinstance(part, str))
            return lambda context: constant
        if len(parts) == 1:
            only = reads[0]
            return lambda context: printed(only(context))
        frame = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts)
        return _filled(frame, tuple(reads))

    # ---- parts of a variable

    def takes_index(self, node: nodes.Variable) -> bool:
        """Whether the variable can have an index."""
        return self._entry(replace(node, index=None)).declared.index

    def _entry(self, node: nodes.Variable) -> Entry:
        found = self._declared.get(node.name)
        if found is None:
            raise _failure("RS220", f"unknown variable ${node.name}", node)
        number, declared = found
        if node.parameter is None and declared.parameter == "required":
            raise _failure("RS221", f"${node.name} needs a parameter: ${node.name}(...)", node)
        if node.parameter is not None and declared.parameter == "none":
            raise _failure("RS221", f"${node.name} takes no parameter", node)
        if node.index is not None and not declared.index:
            raise _failure("RS222", f"${node.name} takes no index", node)
        return Entry(declared, self._modules[number])

    def _resolvers(self, node: nodes.Variable, declared: variable[Any]) -> tuple[_Constant | _Dynamic, ...]:
        """Where the arguments behind the context come from."""
        found: list[_Constant | _Dynamic] = []
        if declared.parameter != "none":
            found.append(self._resolver(node.parameter, text_of))
        if declared.index:
            found.append(self._resolver(node.index, _index_of if declared.words else int_of))
        return tuple(found)

    def _resolver(
        self, argument: nodes.Variable | str | int | None, convert: Callable[[Value], object]
    ) -> _Constant | _Dynamic:
        if isinstance(argument, nodes.Variable):
            return _Dynamic(self.reader(argument), convert)
        return _Constant(argument)

    def _step(self, node: nodes.Transformation) -> Step:
        args = tuple(self.reader(each) if isinstance(each, nodes.Variable) else each for each in node.args)
        op = node.op
        if node.group == "nameaddr" and op.startswith("$"):
            index, _, op = op.rpartition(".")
            op, args = f"$.{op}", (self.reader_of(index), *args)
        made = step(node.group, op, args)
        if made is None:
            raise _failure("RS224", f"unknown transformation {{{node.group}.{node.op}}}", node)
        return made


class Reference:
    """A variable given to a function (argument kind `var`), to read and write during one run."""

    __slots__ = ("_access", "_context", "_registry", "node")

    def __init__(self, registry: VariableRegistry, node: nodes.Variable, context: Context) -> None:
        self._registry = registry
        self._access = registry.access(node)
        self._context = context
        self.node = node

    @property
    def name(self) -> str:
        """The variable's name, without `$`."""
        return self.node.name

    @property
    def parameter(self) -> str | None:
        """The text in `(...)`; None if there is none, or if it is a variable that is NULL."""
        given = self.node.parameter
        if isinstance(given, nodes.Variable):
            return text_of(self._registry.access(given)[0](self._context))
        return given

    @property
    def writable(self) -> bool:
        """It can be written."""
        return self._access[1] is not None

    def elsewhere(self, context: Context) -> Reference:
        """The same variable in another run."""
        return Reference(self._registry, self.node, context)

    def get(self) -> Value:
        """Its value."""
        return self._access[0](self._context)

    def all(self) -> list[Value]:
        """All its values, the newest first, of an AVP without an index; else the one there is, if any."""
        first = self.get()
        if self.node.name != "avp" or self.node.index is not None or first is None:
            return [] if first is None else [first]
        found: list[Value] = [first]
        while True:
            read, _ = self._registry.access(replace(self.node, index=len(found)))
            value = read(self._context)
            if value is None:
                return found
            found.append(value)

    def set(self, value: Value, op: str = "=") -> bool:
        """Give it a value (`op` is `=` or `:=`); false if that fails, or if it cannot be written."""
        write = self._access[1]
        return write is not None and write(self._context, op, value)


# ---------------------------------------------------------------- closures


@dataclass(frozen=True, slots=True)
class _Constant:
    """An argument of a getter that is known beforehand."""

    value: str | int | None


@dataclass(frozen=True, slots=True)
class _Dynamic:
    """An argument that another variable gives."""

    read: Reader
    convert: Callable[[Value], object]

    def resolve(self, context: Context) -> object:
        found = self.convert(self.read(context))
        if found is None:
            raise _Nothing
        return found


def _index_of(value: Value) -> Value:
    """An index for variables that take words as well: the number if there is one, else the text."""
    number = int_of(value)
    return text_of(value) if number is None else number


def _declared(method: Callable[..., Value] | None) -> Callable[..., Value]:
    assert method is not None, "a variable without a getter"
    return method


def _arguments(resolvers: tuple[_Constant | _Dynamic, ...], context: Context) -> list[object]:
    return [each.resolve(context) if isinstance(each, _Dynamic) else each.value for each in resolvers]


def _dynamic_reader(get: Callable[..., Value], resolvers: tuple[_Constant | _Dynamic, ...]) -> Reader:
    def read(context: Context) -> Value:
        try:
            return get(context, *_arguments(resolvers, context))
        except _Nothing:
            return None

    return read


def _dynamic_writer(put: Callable[..., bool], resolvers: tuple[_Constant | _Dynamic, ...]) -> Writer:
    def write(context: Context, op: str, value: Value) -> bool:
        try:
            return put(context, *_arguments(resolvers, context), op, value)
        except _Nothing:
            return False

    return write


def _transformed(read: Reader, steps: tuple[Step, ...]) -> Reader:
    if len(steps) == 1:
        only = steps[0]

        def transform(context: Context) -> Value:
            value = read(context)
            return None if value is None else only(context, value)

        return transform

    def transform_all(context: Context) -> Value:
        value = read(context)
        for each in steps:
            if value is None:
                return None
            value = each(context, value)
        return value

    return transform_all


def _filled(frame: str, reads: tuple[Reader, ...]) -> Expander:
    """The text of a frame whose `%s` are the printed values of the readers."""

    def expand(context: Context) -> str:
        return frame % tuple([v if type(v := read(context)) is str else printed(v) for read in reads])

    return expand


def _failure(code: str, message: str, node: nodes.Node) -> ScriptError:
    return ScriptError((Diagnostic(Severity.ERROR, code, message, node.span),))
