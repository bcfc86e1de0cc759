"""The tree of a script: one frozen dataclass (`node`) per construct of the language, syntax and spans only.

Script text is byte text: every `str` holds one character per byte (latin-1), so that lengths are
byte lengths and any byte passes through unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import TypeVar, dataclass_transform

from relayscript.dsl.source import Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trivia:
    """What stands around a statement without meaning: comments above it and beside it, a blank line before."""

    leading: tuple[str, ...] = ()
    trailing: str = ""
    blank_before: bool = False


NO_TRIVIA = Trivia()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def node(kind: type[T]) -> type[T]:
    """A class of nodes is a frozen dataclass with slots.

    That nobody changes a node is left to the type checker, and `Node` compares and shows them all: so this file
    loads in a fourth of the time, and trees are made faster.
    """
    return dataclass(slots=True, eq=False, repr=False)(kind)


@cache
def _told(kind: type[object]) -> tuple[str, ...]:
    """The fields by which two nodes of a class are told apart."""
    return tuple(each.name for each in fields(kind) if each.compare)  # type: ignore[arg-type]


@node
class Node:
    """Base of all nodes."""

    span: Span = field(compare=False)

    def __eq__(self, other: object) -> bool:
        """Nodes of one class whose fields are equal, wherever they stand."""
        if type(self) is not type(other):
            return NotImplemented
        told = _told(type(self))  # type: ignore[arg-type]
        return all(getattr(self, each) == getattr(other, each) for each in told)

    def __hash__(self) -> int:
        told = _told(type(self))  # type: ignore[arg-type]
        return hash(tuple([getattr(self, each) for each in told]))

    def __repr__(self) -> str:
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[object, ...]:
        """How it is pickled: several times faster to load than what dataclasses do by themselves."""
        values = tuple([getattr(self, each) for each in self.__match_args__])
        trivia = getattr(self, "trivia", NO_TRIVIA)
        return (_with_trivia, (type(self), values, trivia)) if trivia != NO_TRIVIA else (type(self), values)


def _with_trivia(kind: type[Node], values: tuple[object, ...], trivia: Trivia) -> Node:
    return kind(*values, trivia=trivia)  # type: ignore[arg-type, call-arg]


# ---------------------------------------------------------------- values


@node
class Number(Node):
    """An integer literal, already wrapped to 32 bits; `text` is how it was written (`0x10`, `yes`, `-5`)."""

    value: int
    text: str = field(compare=False)


@node
class Text(Node):
    """A string literal: `value` after escapes, `raw` with its quotes as written."""

    value: str
    raw: str = field(compare=False)


@node
class Null(Node):
    """The literal NULL."""


@node
class Network(Node):
    """An address or network literal on the right of a comparison: `10.0.0.0/8`, `2001:db8::1`."""

    text: str


@node
class Transformation(Node):
    """One `{class.op,args}`; an argument is literal text or a variable. Class and op are lower case."""

    group: str
    op: str
    args: tuple[str | Variable, ...] = ()


@node
class Variable(Node):
    """A `$variable` in any form.

    `parameter` is the text in `(...)`, or a variable if it is dynamic. `index` is a number, `*`, another
    word (`append`, a tag), or a variable. `scope` is the context in `$(<request>...)`.
    """

    name: str
    parameter: str | Variable | None = None
    index: int | str | Variable | None = None
    transformations: tuple[Transformation, ...] = ()
    scope: str | None = None
    raw: str = field(default="", compare=False)


# ---------------------------------------------------------------- expressions and conditions


@node
class Binary(Node):
    """`left op right` in an expression; op is one of `+ - * / % & | ^ << >>`."""

    op: str
    left: Expression
    right: Expression


@node
class Complement(Node):
    """`~ operand`."""

    operand: Expression


@node
class Compare(Node):
    """`$left op right`; op is one of `== != < > <= >= =~ !~`."""

    op: str
    left: Variable
    right: Variable | Text | Number | Null | Network


@node
class Logical(Node):
    """`left && right` or `left || right` (one precedence level, left associative)."""

    op: str
    left: Condition
    right: Condition


@node
class Not(Node):
    """`! operand`."""

    operand: Condition


@node
class Bracket(Node):
    """`[ expression ]` as a condition."""

    expression: Expression


@node
class Group(Node):
    """Parentheses, kept for the formatter; no meaning of their own."""

    inner: Condition | Expression


# ---------------------------------------------------------------- statements


@node
class Statement(Node):
    """Base of the statements; `trivia` never takes part in comparison."""

    trivia: Trivia = field(default=NO_TRIVIA, compare=False, kw_only=True)


@node
class Empty(Statement):
    """A lone `;`."""


@node
class Block(Statement):
    """`{ ... }`, as a body or as a condition. `braces` is false for a body of one bare statement."""

    statements: tuple[Statement, ...]
    braces: bool = field(default=True, compare=False)
    closing: tuple[str, ...] = field(default=(), compare=False)


@node
class Evaluate(Statement):
    """A command used as a statement: `f();`, `route(x);`, `exit;` ..."""

    command: Command


@node
class Assign(Statement):
    """`target op value`; op is one of `= := += -= *= /= %= &= |= ^=`. Also a condition."""

    target: Variable
    op: str
    value: Expression | Null


@node
class If(Statement):
    """`if (condition) then [else otherwise]`. Also a condition. `else if` is an `If` alone in `otherwise`."""

    condition: Condition
    then: Block
    otherwise: Block | None


@node
class While(Statement):
    """`while (condition) body`."""

    condition: Condition
    body: Block


@node
class For(Statement):
    """`for (iterator in source) body`."""

    iterator: Variable
    source: Variable
    body: Block


@node
class Case(Node):
    """`case value:` and its statements; `value` is None for `default`."""

    value: Number | Text | None
    statements: tuple[Statement, ...]
    trivia: Trivia = field(default=NO_TRIVIA, compare=False, kw_only=True)


@node
class Switch(Statement):
    """`switch (subject) { cases }`; a `default` is the last case."""

    subject: Variable
    cases: tuple[Case, ...]


@node
class Break(Statement):
    """`break;`"""


# ---------------------------------------------------------------- commands


@node
class Call(Node):
    """A function call; an omitted argument (`f(,x)`) is None. Text arguments are unexpanded."""

    name: str
    args: tuple[Text | Number | Variable | None, ...]


@node
class RouteCall(Node):
    """`route(name, args...)`; a variable as name is dynamic, and so is a text with `$` in it."""

    name: Text | Variable
    args: tuple[Text | Number | Variable | Null, ...] = ()


@node
class Exit(Node):
    """`exit`."""


@node
class Drop(Node):
    """`drop`."""


@node
class Return(Node):
    """`return`, `return code`, `return(code, values...)`; without a code it is 1."""

    code: Variable | Number | None = None
    values: tuple[Text | Number | Variable | Null, ...] = ()


@node
class Xlog(Node):
    """`xlog([level,] text)` and `xdbg(text)`; adjacent literals of the message are joined."""

    level: Text | None
    message: Text
    debug: bool = False


@node
class Log(Node):
    """`log([level,] text)`: text is literal."""

    level: Number | None
    message: Text


@node
class Error(Node):
    """`error(first, second)`."""

    first: Text
    second: Text


@node
class Assert(Node):
    """`assert(condition[, text])`."""

    condition: Condition
    message: Text | None = None


@node
class Async(Node):
    """`async(call, resume[, timeout])`; timeout in seconds."""

    call: Call
    resume: Text
    timeout: Number | None = None


@node
class Launch(Node):
    """`launch(call[, report[, text]])`."""

    call: Call
    report: Text | None = None
    message: Text | None = None


Command = Call | RouteCall | Exit | Drop | Return | Xlog | Log | Error | Assert | Async | Launch
Expression = Number | Text | Variable | Compare | Binary | Complement | Group | Command
Condition = (
    Logical | Not | Group | Bracket | Compare | Variable | Number | Command | If | Assign | Block
)

# ---------------------------------------------------------------- top level


@node
class Item(Node):
    """Base of what stands at the top of a script."""

    trivia: Trivia = field(default=NO_TRIVIA, compare=False, kw_only=True)


@node
class Word(Node):
    """A bare word, address or punctuation in the value of a global parameter."""

    text: str


@node
class Endpoint(Node):
    """`proto:host[:ports]` of a socket or alias; `ports` are (first, last) ranges; `*` is any host.

    `subdomains` says that an alias also stands for the names below it.
    """

    protocol: str
    host: str
    ports: tuple[tuple[int, int], ...] = ()
    subdomains: bool = False


@node
class SocketOption(Node):
    """An option behind a socket: `tag outside`, `use_workers 2`, `as 192.0.2.1:5072`, `frag` ..."""

    name: str
    value: str | int | Endpoint | None = None


@node
class Socket(Item):
    """`socket = endpoint options`, or `socket = bond:name{...}` (then `members` are set)."""

    endpoint: Endpoint
    options: tuple[SocketOption, ...] = ()
    members: tuple[Text, ...] = ()


@node
class Alias(Item):
    """`alias = endpoint ...`."""

    endpoints: tuple[Endpoint, ...]


@node
class Global(Item):
    """Any other global parameter. A simple value is one node; structured ones are the tokens in order."""

    name: str
    values: tuple[Number | Text | Word, ...]


@node
class LoadModule(Item):
    """`loadmodule "path"`."""

    path: Text

    @property
    def module(self) -> str:
        """The module that is meant: the file's name without `.so`."""
        return self.path.value.rpartition("/")[2].removesuffix(".so")


@node
class ModParam(Item):
    """`modparam("modules", "name", value)`; adjacent literals of the value are joined."""

    modules: Text
    name: Text
    value: Text | Number


@node
class Route(Item):
    """A route block. `kind` is its keyword (`route`, `branch_route` ...); `name` is "" for an unnamed one.

    `route[0]` and `route` are the main route: name "". `interval` (seconds) is set for `timer_route`.
    """

    kind: str
    name: str
    body: Block
    interval: int | None = None
    name_span: Span | None = field(default=None, compare=False)


@node
class Script(Node):
    """A whole script after includes, in order; `closing` are the comments behind the last item.

    `answers` is for `dsl.once`, which keeps there what was found out about this tree.
    """

    items: tuple[Item, ...]
    closing: tuple[str, ...] = field(default=(), compare=False)
    answers: dict[object, object] = field(default_factory=dict, init=False, compare=False, repr=False)

    def routes(self, kind: str) -> tuple[Route, ...]:
        """The route blocks of a kind, in the order written."""
        return tuple(item for item in self.items if isinstance(item, Route) and item.kind == kind)
