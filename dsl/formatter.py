"""A tree as script text: what it prints is read again as the same tree, comments included.

Only how it is laid out is decided here: tabs for blocks, one statement a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from relayscript.dsl import nodes
from relayscript.dsl.tree import Items
from relayscript.grammar.loader import load

_ESCAPES = {
    **{code: f"\\x{code:02x}" for code in range(32)},
    **{ord(char): f"\\{name}" for char, name in (("\n", "n"), ("\r", "r"), ("\t", "t"), ("\a", "a"))},
    ord("\\"): "\\\\",
    ord('"'): '\\"',
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*|0|[1-9][0-9]{0,8}")
_ADDRESS = re.compile(r"(?:(?:0|[1-9][0-9]*)\.){3}(?:0|[1-9][0-9]*)")
_SPLITTING = ("and", "or", "not")
_NAMED_KINDS = frozenset(("failure_route", "branch_route", "event_route", "timer_route"))


def format_script(script: nodes.Script) -> str:
    """The text of a script."""
    lines: list[str] = []
    for item in script.items:
        lines.extend(_surrounded(item.trivia, _item(item)))
    return "\n".join([*lines, *script.closing]) + "\n"


def format_expression(node: nodes.Expression | nodes.Condition | nodes.Null | nodes.Network) -> str:
    """The text of an expression, a condition or a command."""
    match node:
        case nodes.Number() | nodes.Text() | nodes.Variable() | nodes.Null() | nodes.Network():
            return format_literal(node)
        case nodes.Binary(op=op, left=left, right=right) | nodes.Compare(op=op, left=left, right=right):
            return f"{format_expression(left)} {op} {format_expression(right)}"
        case nodes.Logical(op=op, left=left, right=right):
            return f"{format_expression(left)} {op} {format_expression(right)}"
        case nodes.Complement(operand=operand):
            return f"~ {format_expression(operand)}"
        case nodes.Not(operand=inner):
            return f"!{format_expression(inner)}"
        case nodes.Bracket(expression=expression):
            return f"[ {format_expression(expression)} ]"
        case nodes.Group(inner=content):
            return f"({format_expression(content)})"
        case nodes.If() | nodes.Assign() | nodes.Block():
            return " ".join(_inline(node))
        case _:
            return format_command(node)


# ---------------------------------------------------------------- literals


def format_literal(node: nodes.Number | nodes.Text | nodes.Variable | nodes.Null | nodes.Network | None) -> str:
    """The text of a literal or a variable; empty for an argument that is left out."""
    match node:
        case nodes.Number(value=value):
            return str(value)
        case nodes.Text(value=value):
            return format_text(value)
        case nodes.Variable():
            return format_variable(node)
        case nodes.Null():
            return "NULL"
        case nodes.Network(text=text):
            return text
        case None:
            return ""


def format_text(value: str) -> str:
    """A string literal with that value."""
    if value.isprintable() and "'" not in value and ("\\" in value or '"' in value):
        return f"'{value}'"
    return f'"{value.translate(_ESCAPES)}"'


def format_variable(node: nodes.Variable) -> str:
    """A variable; in parentheses if it needs them or if it was written so."""
    if node.name == "$":
        return "$$"
    name = node.name if node.parameter is None else f"{node.name}({_part(node.parameter)})"
    plain = node.index is None and not node.transformations and node.scope is None
    if plain and not node.raw.startswith("$(") and not any(word in node.name for word in _SPLITTING):
        return f"${name}"
    scope = f"<{node.scope}>" if node.scope is not None else ""
    index = f"[{_part(node.index)}]" if node.index is not None else ""
    return f"$({scope}{name}{index}{''.join(map(_transformation, node.transformations))})"


def _part(value: int | str | nodes.Variable) -> str:
    return format_variable(value) if isinstance(value, nodes.Variable) else str(value)


def _transformation(node: nodes.Transformation) -> str:
    args = []
    for index, each in enumerate(node.args):
        separator = (node.group, node.op, index) == ("s", "select", 1)
        args.append(_part(each) if separator or isinstance(each, nodes.Variable) else _escaped(node.group, each))
    return "{" + ",".join((f"{node.group}.{node.op}", *args)) + "}"


def _escaped(group: str, text: str) -> str:
    marks = "{}" if group == "re" else "{},"
    return "".join(f"\\{char}" if char in marks else char for char in text)


# ---------------------------------------------------------------- commands


def format_command(node: nodes.Command) -> str:
    """The text of a command, without `;`."""
    match node:
        case nodes.Call(name=name, args=args):
            return f"{name}({_list(*args)})"
        case nodes.RouteCall(name=called, args=given):
            name = format_variable(called) if isinstance(called, nodes.Variable) else _route_name(called.value)
            return f"route({', '.join((name, *map(format_literal, given)))})"
        case nodes.Exit():
            return "exit"
        case nodes.Drop():
            return "drop"
        case nodes.Return(code=None, values=()):
            return "return"
        case nodes.Return(code=code, values=values):
            return f"return({_list(code, *values)})"
        case nodes.Xlog(level=level, message=message, debug=debug):
            return f"{'xdbg' if debug else 'xlog'}({_given(level, message)})"
        case nodes.Log(level=number, message=message):
            return f"log({_given(number, message)})"
        case nodes.Error(first=first, second=second):
            return f"error({_list(first, second)})"
        case nodes.Assert(condition=condition, message=text):
            return f"assert({format_expression(condition)}{', ' + format_literal(text) if text else ''})"
        case nodes.Async(call=call, resume=resume, timeout=timeout):
            parts = (format_command(call), _route_name(resume.value), _given(timeout))
            return f"async({', '.join(filter(None, parts))})"
        case nodes.Launch(call=call, report=report, message=text):
            parts = (format_command(call), _route_name(report.value) if report else "", _given(text))
            return f"launch({', '.join(filter(None, parts))})"


def _list(*values: nodes.Text | nodes.Number | nodes.Variable | nodes.Null | None) -> str:
    return ", ".join(map(format_literal, values))


def _given(*values: nodes.Text | nodes.Number | nodes.Variable | nodes.Null | None) -> str:
    return _list(*(each for each in values if each is not None))


# ---------------------------------------------------------------- statements


def _statement(node: nodes.Statement) -> Iterator[str]:
    """The lines of a statement; those below the first are indented."""
    match node:
        case nodes.Empty():
            yield ";"
        case nodes.Break():
            yield "break;"
        case nodes.Evaluate(command=command):
            yield f"{format_command(command)};"
        case nodes.Assign(target=target, op=op, value=value):
            yield f"{format_variable(target)} {op} {format_expression(value)};"
        case nodes.If():
            yield from _if(node)
        case nodes.While(condition=condition, body=body):
            yield from _headed(f"while ({format_expression(condition)})", body)
        case nodes.For(iterator=iterator, source=source, body=body):
            yield from _headed(f"for ({format_variable(iterator)} in {format_variable(source)})", body)
        case nodes.Switch(subject=subject, cases=cases):
            yield f"switch ({format_variable(subject)}) {{"
            for case in cases:
                yield from _surrounded(case.trivia, _case(case))
            yield "}"


def _case(case: nodes.Case) -> Iterator[str]:
    yield "default:" if case.value is None else f"case {format_literal(case.value)}:"
    yield from _indented(case.statements)


def _if(node: nodes.If) -> Iterator[str]:
    *before, closing = _headed(f"if ({format_expression(node.condition)})", node.then)
    yield from before
    if node.otherwise is None:
        yield closing
        return
    first, *rest = _else(node.otherwise)
    yield f"{closing} {first}"
    yield from rest


def _else(body: nodes.Block) -> Iterator[str]:
    """The lines from `else` on; an `if` alone in it stands beside it."""
    match body:
        case nodes.Block(statements=(nodes.If() as only,), braces=False) if only.trivia == nodes.NO_TRIVIA:
            first, *rest = _statement(only)
            yield f"else {first}"
            yield from rest
        case _:
            yield from _headed("else", body)


def _headed(head: str, body: nodes.Block) -> Iterator[str]:
    """A body in braces behind its head. It gets braces if it had none: the tree says the same."""
    if not body.statements and not body.closing:
        yield f"{head} {{ }}"
        return
    yield f"{head} {{"
    yield from _indented(body.statements)
    yield from (f"\t{comment}" for comment in body.closing)
    yield "}"


def _indented(statements: Iterable[nodes.Statement]) -> Iterator[str]:
    for statement in statements:
        for line in _surrounded(statement.trivia, _statement(statement)):
            yield f"\t{line}" if line else line


def _inline(node: nodes.If | nodes.Assign | nodes.Block) -> Iterator[str]:
    """A statement as a condition, on one line."""
    match node:
        case nodes.Assign(target=target, op=op, value=value):
            yield f"{format_variable(target)} {op} {format_expression(value)}"
        case nodes.Block(statements=statements):
            yield "{"
            for statement in statements:
                yield from (line.strip() for line in _statement(statement))
            yield "}"
        case nodes.If():
            yield from (line.strip() for line in _statement(node))


def _surrounded(trivia: nodes.Trivia, lines: Iterable[str]) -> Iterator[str]:
    """Lines with what stood around them; a comment beside them goes behind the last."""
    if trivia.blank_before:
        yield ""
    yield from trivia.leading
    *before, last = lines
    yield from before
    yield f"{last} {trivia.trailing}" if trivia.trailing else last


# ---------------------------------------------------------------- the top of a script


def _item(item: nodes.Item) -> Iterator[str]:
    match item:
        case nodes.LoadModule(path=path):
            yield f"loadmodule {format_literal(path)}"
        case nodes.ModParam(modules=modules, name=name, value=value):
            yield f"modparam({_list(modules, name, value)})"
        case nodes.Route():
            yield from _headed(_route_head(item), item.body)
        case nodes.Socket(endpoint=endpoint, options=options, members=members):
            if members:
                yield f"socket = bond:{endpoint.host} {{{_list(*members)}}}"
            else:
                yield " ".join((f"socket = {_endpoint(endpoint)}", *map(_option, options)))
        case nodes.Alias(endpoints=endpoints):
            yield "alias = " + " ".join(map(_alias, endpoints))
        case nodes.Global(name=name_, values=values):
            yield f"{name_} = {_values(values)}"


def _route_head(route: nodes.Route) -> str:
    if not route.name and route.kind not in _NAMED_KINDS:
        return route.kind
    interval = f", {route.interval}" if route.interval is not None else ""
    return f"{route.kind}[{_route_name(route.name)}{interval}]"


def _route_name(name: str) -> str:
    """The name of a route, in quotes if it is not a plain word or number."""
    keywords = load(Items)[1].keywords
    return name if _NAME.fullmatch(name) and name not in keywords else format_text(name)


def _address(host: str) -> str:
    """A host as it can be written: an address as it is, else in quotes."""
    return host if host == "*" or _ADDRESS.fullmatch(host) else format_text(host)


def _ports(ports: tuple[tuple[int, int], ...]) -> str:
    shown = (str(first) if first == last else f"{first}-{last}" for first, last in ports)
    return ":" + ", ".join(shown) if ports else ""


def _endpoint(node: nodes.Endpoint) -> str:
    return f"{node.protocol}:{_address(node.host)}{_ports(node.ports)}"


def _alias(node: nodes.Endpoint) -> str:
    text = _endpoint(node) if node.protocol else _address(node.host)
    return f"{text} accept_subdomain" if node.subdomains else text


def _option(node: nodes.SocketOption) -> str:
    match node.value:
        case None:
            return node.name
        case nodes.Endpoint(host=host, ports=ports):
            return f"{node.name} {_address(host)}{_ports(ports)}"
        case value:
            return f"{node.name} {value}"


def _values(values: tuple[nodes.Number | nodes.Text | nodes.Word, ...]) -> str:
    """The tokens of a value."""
    shown = (each.text if isinstance(each, nodes.Word) else format_literal(each) for each in values)
    return " ".join(shown)
