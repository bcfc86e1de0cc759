"""Builds the typed tree: one function per grammar rule, from the rule's tokens and nodes to a node.

Nothing here depends on the script at hand: tokens come with their spans and variables already read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from relayscript.dsl import nodes
from relayscript.dsl.literals import number_value, string_value, wrapped
from relayscript.dsl.source import Span
from relayscript.grammar.scanner import ScriptToken

Children = list[Any]
"""What a rule is made of: tokens and what other rules gave."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a rule gives that is no node of its own."""

    span: Span
    value: Any


def _over(children: Children) -> Span:
    """From the first child to the last."""
    first: Span = children[0].span
    last: Span = children[-1].span
    if first is last:
        return first
    if first.file != last.file:
        return Span(first.file, first.line, first.column, first.end_line, first.end_column)
    return Span(first.file, first.line, first.column, last.end_line, last.end_column)


def _is(child: object, *kinds: str) -> bool:
    return isinstance(child, ScriptToken) and child.type in kinds


def _nodes(children: Children) -> tuple[Any, ...]:
    return tuple([each for each in children if not isinstance(each, ScriptToken)])


class Literals:
    """Literals, variables, addresses."""

    @staticmethod
    def variable(c: Children) -> nodes.Variable:
        found: nodes.Variable = c[0].node
        return found

    @staticmethod
    def string(c: Children) -> nodes.Text:
        raw = c[0].value
        return nodes.Text(c[0].span, string_value(raw), raw)

    @staticmethod
    def strings(c: Children) -> nodes.Text:
        if len(c) == 1:
            only: nodes.Text = c[0]
            return only
        return nodes.Text(_over(c), "".join(each.value for each in c), " ".join(each.raw for each in c))

    @staticmethod
    def number(c: Children) -> nodes.Number:
        return nodes.Number(c[0].span, number_value(c[0].value), c[0].value)

    @staticmethod
    def signed(c: Children) -> nodes.Number:
        number: nodes.Number = c[-1]
        if len(c) == 1:
            return number
        value = wrapped(-number.value) if c[0].value == "-" else number.value
        return nodes.Number(_over(c), value, c[0].value + number.text)

    @staticmethod
    def null(c: Children) -> nodes.Null:
        return nodes.Null(c[0].span)

    @staticmethod
    def network(c: Children) -> nodes.Network:
        return nodes.Network(_over(c), "".join(c))

    @staticmethod
    def route_name(c: Children) -> nodes.Text:
        match c[0]:
            case nodes.Text() as text:
                return text
            case nodes.Number() as number:
                return nodes.Text(number.span, str(number.value), number.text)
            case word:
                return nodes.Text(word.span, word.value, word.value)

    @staticmethod
    def address(c: Children) -> Part | nodes.Text:
        only: Part | nodes.Text | None = c[0] if isinstance(c[0], nodes.Text | Part) else None
        return only or Part(_over(c), "".join(c))

    @staticmethod
    def host(c: Children) -> Part:
        return Part(_over(c), "".join(c))

    @staticmethod
    def ports(c: Children) -> Part:
        return Part(_over(c), tuple(each.value for each in c[::2]))

    @staticmethod
    def port_range(c: Children) -> Part:
        return Part(_over(c), (c[0].value, c[-1].value))


class Expressions(Literals):
    """Conditions and expressions."""

    @staticmethod
    def comparison(c: Children) -> nodes.Compare:
        return nodes.Compare(_over(c), c[1].value, c[0], c[2])

    @staticmethod
    def logical(c: Children) -> nodes.Logical:
        op = {"and": "&&", "or": "||"}.get(c[1].value, c[1].value)
        return nodes.Logical(_over(c), op, c[0], c[2])

    @staticmethod
    def negated(c: Children) -> nodes.Not:
        return nodes.Not(_over(c), c[1])

    @staticmethod
    def group(c: Children) -> nodes.Group:
        return nodes.Group(_over(c), c[1])

    @staticmethod
    def bracket(c: Children) -> nodes.Bracket:
        return nodes.Bracket(_over(c), c[1])

    @staticmethod
    def binary(c: Children) -> nodes.Binary:
        return nodes.Binary(_over(c), c[1].value, c[0], c[2])

    @staticmethod
    def complement(c: Children) -> nodes.Complement:
        return nodes.Complement(_over(c), c[1])


class Commands(Expressions):
    """Commands: what can stand alone, in a condition or on the right of an assignment."""

    @staticmethod
    def call(c: Children) -> nodes.Call:
        args: tuple[Any, ...] = c[2]
        return nodes.Call(_over(c), c[0].value, () if args == (None,) else args)

    @staticmethod
    def arguments(c: Children) -> tuple[Any, ...]:
        return tuple(c[::2])

    @staticmethod
    def argument(c: Children) -> Any:
        return c[0] if c else None

    @staticmethod
    def value(c: Children) -> Any:
        return c[0]

    @staticmethod
    def route_call(c: Children) -> nodes.RouteCall:
        return nodes.RouteCall(_over(c), c[2], _nodes(c[3:]))

    @staticmethod
    def exit(c: Children) -> nodes.Exit:
        return nodes.Exit(_over(c))

    @staticmethod
    def drop(c: Children) -> nodes.Drop:
        return nodes.Drop(_over(c))

    @staticmethod
    def return_(c: Children) -> nodes.Return:
        if len(c) == 2:
            return nodes.Return(_over(c), c[1])
        if len(c) > 2 and not isinstance(c[2], ScriptToken):
            return nodes.Return(_over(c), c[2], _nodes(c[3:]))
        return nodes.Return(_over(c), None, _nodes(c[2:]))

    @staticmethod
    def assert_(c: Children) -> nodes.Assert:
        return nodes.Assert(_over(c), c[2], c[4] if len(c) > 4 else None)

    @staticmethod
    def xlog(c: Children) -> nodes.Xlog:
        return nodes.Xlog(_over(c), c[2] if len(c) > 4 else None, c[-2])

    @staticmethod
    def xdbg(c: Children) -> nodes.Xlog:
        return nodes.Xlog(_over(c), None, c[2], True)

    @staticmethod
    def log(c: Children) -> nodes.Log:
        return nodes.Log(_over(c), c[2] if len(c) > 4 else None, c[-2])

    @staticmethod
    def error(c: Children) -> nodes.Error:
        return nodes.Error(_over(c), c[2], c[4])

    @staticmethod
    def async_(c: Children) -> nodes.Async:
        return nodes.Async(_over(c), *_nodes(c))

    @staticmethod
    def launch(c: Children) -> nodes.Launch:
        return nodes.Launch(_over(c), *_nodes(c))


class Statements(Commands):
    """Statements."""

    @staticmethod
    def simple_statement(c: Children) -> nodes.Statement:
        if len(c) == 1:
            return nodes.Empty(c[0].span)
        if isinstance(c[0], nodes.Assign):
            return replace(c[0], span=_over(c))
        return nodes.Evaluate(_over(c), c[0])

    @staticmethod
    def assignment(c: Children) -> nodes.Assign:
        return nodes.Assign(_over(c), c[0], c[1].value, c[2])

    @staticmethod
    def break_statement(c: Children) -> nodes.Break:
        return nodes.Break(_over(c))

    @staticmethod
    def block(c: Children) -> nodes.Block:
        return nodes.Block(_over(c), tuple(c[1:-1]))

    @staticmethod
    def bare_body(c: Children) -> nodes.Block:
        return nodes.Block(c[0].span, (c[0],), False)

    @staticmethod
    def if_statement(c: Children) -> nodes.If:
        return nodes.If(_over(c), c[2], c[4], c[6] if len(c) > 5 else None)

    @staticmethod
    def while_statement(c: Children) -> nodes.While:
        return nodes.While(_over(c), c[2], c[4])

    @staticmethod
    def for_statement(c: Children) -> nodes.For:
        return nodes.For(_over(c), c[2], c[4], c[6])

    @staticmethod
    def switch_statement(c: Children) -> nodes.Switch:
        return nodes.Switch(_over(c), c[2], tuple(c[5:-1]))

    @staticmethod
    def case(c: Children) -> nodes.Case:
        return nodes.Case(_over(c), c[1], tuple(c[3:]))

    @staticmethod
    def case_value(c: Children) -> Any:
        return c[0]

    @staticmethod
    def default(c: Children) -> nodes.Case:
        return nodes.Case(_over(c), None, tuple(c[2:]))


class Items(Statements):
    """What stands at the top of a script."""

    @staticmethod
    def start(c: Children) -> tuple[nodes.Item, ...]:
        return tuple(c)

    @staticmethod
    def loadmodule(c: Children) -> nodes.LoadModule:
        return nodes.LoadModule(_over(c), c[1])

    @staticmethod
    def modparam(c: Children) -> nodes.ModParam:
        return nodes.ModParam(_over(c), c[2], c[4], c[6])

    @staticmethod
    def unnamed_route(c: Children) -> nodes.Route:
        return nodes.Route(_over(c), c[0].value, "", c[1], None, c[0].span)

    @staticmethod
    def named_route(c: Children) -> nodes.Route:
        kind, name = c[0].value, c[2].value
        main = kind == "route" and name == "0"
        return nodes.Route(_over(c), kind, "" if main else name, c[4], None, c[2].span)

    @staticmethod
    def timer_route(c: Children) -> nodes.Route:
        return nodes.Route(_over(c), c[0].value, c[2].value, c[6], c[4].value, c[2].span)

    # ---- sockets

    @staticmethod
    def endpoint(c: Children) -> nodes.Endpoint:
        ports = c[4].value if len(c) > 4 else ()
        return nodes.Endpoint(_over(c), c[0].value, c[2].value, ports)

    @staticmethod
    def socket(c: Children) -> nodes.Socket:
        return nodes.Socket(_over(c), c[2], tuple(c[3:]))

    @staticmethod
    def bond(c: Children) -> nodes.Socket:
        endpoint = nodes.Endpoint(_over(c[2:5]), "bond", c[4].value)
        return nodes.Socket(_over(c), endpoint, (), _nodes(c[5:]))

    @staticmethod
    def socket_option(c: Children) -> nodes.SocketOption:
        name = c[0].value.lower().replace("-", "_")
        for short in ("allow_proxy", "send_proxy", "proxy"):
            if name == short:
                name = f"{short}_protocol"
        return nodes.SocketOption(_over(c), name, c[1].value if len(c) > 1 else None)

    @staticmethod
    def advertised(c: Children) -> nodes.SocketOption:
        ports = c[3].value if len(c) > 3 else ()
        return nodes.SocketOption(_over(c), "as", nodes.Endpoint(_over(c[1:]), "", c[1].value, ports))

    @staticmethod
    def alias(c: Children) -> nodes.Alias:
        return nodes.Alias(_over(c), tuple(c[2:]))

    @staticmethod
    def alias_definition(c: Children) -> nodes.Endpoint:
        subdomains = _is(c[-1], "ACCEPT_SUBDOMAIN")
        if isinstance(c[0], Part | nodes.Text):
            return nodes.Endpoint(_over(c), "", c[0].value, (), subdomains)
        port = c[4] if len(c) > 4 else None
        ports = ((port.value, port.value),) if isinstance(port, nodes.Number) else ()
        return nodes.Endpoint(_over(c), c[0].value, c[2].value, ports, subdomains)

    # ---- global parameters

    @staticmethod
    def global_parameter(c: Children) -> nodes.Global:
        return nodes.Global(_over(c), c[0].value, tuple(_flat(c[2:])))

    @staticmethod
    def parts(c: Children) -> Part:
        return Part(_over(c), c)


def _flat(children: Children) -> list[nodes.Number | nodes.Text | nodes.Word]:
    """The tokens and literals of a structured value in order."""
    found: list[nodes.Number | nodes.Text | nodes.Word] = []
    for each in children:
        match each:
            case nodes.Number() | nodes.Text():
                found.append(each)
            case nodes.Network():
                found.append(nodes.Word(each.span, each.text))
            case Part(span, str() as text):
                found.append(nodes.Word(span, text))
            case Part(_, list() as inner):
                found.extend(_flat(inner))
            case _:
                found.append(nodes.Word(each.span, each.value))
    return found
