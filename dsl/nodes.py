"""The tree of a script: one frozen dataclass per construct of the language, syntax and spans only.

Script text is byte text: every `str` holds one character per byte (latin-1), so that lengths are
byte lengths and any byte passes through unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relayscript.dsl.source import Span


@dataclass(frozen=True, slots=True)
class Trivia:
    """What stands around a statement without meaning: comments above it and beside it, a blank line before."""

    leading: tuple[str, ...] = ()
    trailing: str = ""
    blank_before: bool = False


NO_TRIVIA = Trivia()


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes."""

    span: Span = field(compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        """How it is pickled: several times faster to load than what dataclasses do by themselves."""
        values = tuple([getattr(self, each) for each in self.__match_args__])
        trivia = getattr(self, "trivia", NO_TRIVIA)
        return (_with_trivia, (type(self), values, trivia)) if trivia != NO_TRIVIA else (type(self), values)


def _with_trivia(kind: type[Node], values: tuple[object, ...], trivia: Trivia) -> Node:
    return kind(*values, trivia=trivia)  # type: ignore[arg-type, call-arg]


# ---------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Number(Node):
    """An integer literal, already wrapped to 32 bits; `text` is how it was written (`0x10`, `yes`, `-5`)."""

    value: int
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string literal: `value` after escapes, `raw` with its quotes as written."""

    value: str
    raw: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Null(Node):
    """The literal NULL."""


@dataclass(frozen=True, slots=True)
class Network(Node):
    """An address or network literal on the right of a comparison: `10.0.0.0/8`, `2001:db8::1`."""

    text: str


@dataclass(frozen=True, slots=True)
class Transformation(Node):
    """One `{class.op,args}`; an argument is literal text or a variable. Class and op are lower case."""

    group: str
    op: str
    args: tuple[str | Variable, ...] = ()


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left op right` in an expression; op is one of `+ - * / % & | ^ << >>`."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Complement(Node):
    """`~ operand`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`$left op right`; op is one of `== != < > <= >= =~ !~`."""

    op: str
    left: Variable
    right: Variable | Text | Number | Null | Network


@dataclass(frozen=True, slots=True)
class Logical(Node):
    """`left && right` or `left || right` (one precedence level, left associative)."""

    op: str
    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`! operand`."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class Bracket(Node):
    """`[ expression ]` as a condition."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Group(Node):
    """Parentheses, kept for the formatter; no meaning of their own."""

    inner: Condition | Expression


# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """Base of the statements; `trivia` never takes part in comparison."""

    trivia: Trivia = field(default=NO_TRIVIA, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Empty(Statement):
    """A lone `;`."""


@dataclass(frozen=True, slots=True)
class Block(Statement):
    """`{ ... }`, as a body or as a condition. `braces` is false for a body of one bare statement."""

    statements: tuple[Statement, ...]
    braces: bool = field(default=True, compare=False)
    closing: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Evaluate(Statement):
    """A command used as a statement: `f();`, `route(x);`, `exit;` ..."""

    command: Command


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    """`target op value`; op is one of `= := += -= *= /= %= &= |= ^=`. Also a condition."""

    target: Variable
    op: str
    value: Expression | Null


@dataclass(frozen=True, slots=True)
class If(Statement):
    """`if (condition) then [else otherwise]`. Also a condition. `else if` is an `If` alone in `otherwise`."""

    condition: Condition
    then: Block
    otherwise: Block | None


@dataclass(frozen=True, slots=True)
class While(Statement):
    """`while (condition) body`."""

    condition: Condition
    body: Block


@dataclass(frozen=True, slots=True)
class For(Statement):
    """`for (iterator in source) body`."""

    iterator: Variable
    source: Variable
    body: Block


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`case value:` and its statements; `value` is None for `default`."""

    value: Number | Text | None
    statements: tuple[Statement, ...]
    trivia: Trivia = field(default=NO_TRIVIA, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Switch(Statement):
    """`switch (subject) { cases }`; a `default` is the last case."""

    subject: Variable
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Break(Statement):
    """`break;`"""


# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call; an omitted argument (`f(,x)`) is None. Text arguments are unexpanded."""

    name: str
    args: tuple[Text | Number | Variable | None, ...]


@dataclass(frozen=True, slots=True)
class RouteCall(Node):
    """`route(name, args...)`; a variable as name is dynamic, and so is a text with `$` in it."""

    name: Text | Variable
    args: tuple[Text | Number | Variable | Null, ...] = ()


@dataclass(frozen=True, slots=True)
class Exit(Node):
    """`exit`."""


@dataclass(frozen=True, slots=True)
class Drop(Node):
    """`drop`."""


@dataclass(frozen=True, slots=True)
class Return(Node):
    """`return`, `return code`, `return(code, values...)`; without a code it is 1."""

    code: Variable | Number | None = None
    values: tuple[Text | Number | Variable | Null, ...] = ()


@dataclass(frozen=True, slots=True)
class Xlog(Node):
    """`xlog([level,] text)` and `xdbg(text)`; adjacent literals of the message are joined."""

    level: Text | None
    message: Text
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Log(Node):
    """`log([level,] text)`: text is literal."""

    level: Number | None
    message: Text


@dataclass(frozen=True, slots=True)
class Error(Node):
    """`error(first, second)`."""

    first: Text
    second: Text


@dataclass(frozen=True, slots=True)
class Assert(Node):
    """`assert(condition[, text])`."""

    condition: Condition
    message: Text | None = None


@dataclass(frozen=True, slots=True)
class Async(Node):
    """`async(call, resume[, timeout])`; timeout in seconds."""

    call: Call
    resume: Text
    timeout: Number | None = None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Item(Node):
    """Base of what stands at the top of a script."""

    trivia: Trivia = field(default=NO_TRIVIA, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A bare word, address or punctuation in the value of a global parameter."""

    text: str


@dataclass(frozen=True, slots=True)
class Endpoint(Node):
    """`proto:host[:ports]` of a socket or alias; `ports` are (first, last) ranges; `*` is any host.

    `subdomains` says that an alias also stands for the names below it.
    """

    protocol: str
    host: str
    ports: tuple[tuple[int, int], ...] = ()
    subdomains: bool = False


@dataclass(frozen=True, slots=True)
class SocketOption(Node):
    """An option behind a socket: `tag outside`, `use_workers 2`, `as 192.0.2.1:5072`, `frag` ..."""

    name: str
    value: str | int | Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Socket(Item):
    """`socket = endpoint options`, or `socket = bond:name{...}` (then `members` are set)."""

    endpoint: Endpoint
    options: tuple[SocketOption, ...] = ()
    members: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias(Item):
    """`alias = endpoint ...`."""

    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Global(Item):
    """Any other global parameter. A simple value is one node; structured ones are the tokens in order."""

    name: str
    values: tuple[Number | Text | Word, ...]


@dataclass(frozen=True, slots=True)
class LoadModule(Item):
    """`loadmodule "path"`."""

    path: Text

    @property
    def module(self) -> str:
        """The module that is meant: the file's name without `.so`."""
        return self.path.value.rpartition("/")[2].removesuffix(".so")


@dataclass(frozen=True, slots=True)
class ModParam(Item):
    """`modparam("modules", "name", value)`; adjacent literals of the value are joined."""

    modules: Text
    name: Text
    value: Text | Number


@dataclass(frozen=True, slots=True)
class Route(Item):
    """A route block. `kind` is its keyword (`route`, `branch_route` ...); `name` is "" for an unnamed one.

    `route[0]` and `route` are the main route: name "". `interval` (seconds) is set for `timer_route`.
    """

    kind: str
    name: str
    body: Block
    interval: int | None = None
    name_span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Script(Node):
    """A whole script after includes, in order; `closing` are the comments behind the last item."""

    items: tuple[Item, ...]
    closing: tuple[str, ...] = field(default=(), compare=False)

    def routes(self, kind: str) -> tuple[Route, ...]:
        """The route blocks of a kind, in the order written."""
        return tuple(item for item in self.items if isinstance(item, Route) and item.kind == kind)
