"""Variables in code and in format strings: names, parameters, indexes, contexts, transformations, writing
(language.md 1.5, 4, 5)."""

from __future__ import annotations

import re
from collections.abc import Collection

from relayscript.dsl.catalogue import VariableSpec
from relayscript.dsl.checks.findings import Check
from relayscript.dsl.checks.patterns import pattern_mistake
from relayscript.dsl.checks.spelling import OLD_VARIABLES, did_you_mean
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.formats import parse_format
from relayscript.dsl.literals import offsets
from relayscript.dsl.nodes import Text, Transformation, Variable
from relayscript.dsl.source import Span
from relayscript.dsl.variable import within

_ARGUMENTS = {
    "s.substr": 2, "s.select": 2, "s.index": 1, "s.rindex": 1, "s.fill.left": 2, "s.fill.right": 2,
    "s.width": 1, "s.xor": 1, "uri.param": 1, "via.param": 1, "param.value": 1, "param.exist": 1,
    "param.exists": 1, "param.valueat": 1, "param.name": 1, "nameaddr.param": 1, "ip.matches": 1,
    "csv.value": 1, "sdp.line": 1, "sdp.stream": 1, "sdp.stream-delete": 1, "re.subst": 1,
}  # fmt: skip
_NUMBERS = {"s.substr": (0, 1), "s.select": (0,), "s.width": (0,), "param.valueat": (0,), "param.name": (0,),
            "csv.value": (0,)}  # fmt: skip
_INTEGER = re.compile(r"[+-]?[0-9]+")
_SUBST = re.compile(r"(.)((?:\\.|(?!\1).)*)\1(?:\\.|(?!\1).)*\1[igs]*", re.DOTALL)
_SOCKET = ("ip", "port", "proto", "advertised_ip", "advertised_port", "tag", "anycast", "af")
_WORDS = {
    "ct.fields": ("name", "uri", "q", "expires", "methods", "received", "params"),
    "socket_in": _SOCKET,
    "socket_out": (*_SOCKET, "forced"),
    "proxy_protocol": ("src_ip", "src_port", "dst_ip", "dst_port", "af"),
    "branch": ("uri", "duri", "q", "path", "flags", "socket"),
}
_ITERATORS = ("var", "avp", "json")


class Variables:
    """Checks variables against the catalogue."""

    def __init__(self, check: Check) -> None:
        self._check = check

    # ---- where variables stand

    def in_code(self, node: Variable) -> None:
        """A variable in code is looked up where it stands: modules loaded further down do not count."""
        self._variable(node, self._check.loaded, node.span)

    def in_text(self, text: Text) -> None:
        """A format string is looked up when everything is loaded."""
        if "$" not in text.value:
            return
        places = _Places(text)
        try:
            parts = parse_format(text.value)
        except ScriptError as mistake:
            for found in mistake.diagnostics:
                place = places.of(found.span) if found.span else text.span
                self._check.error(found.code, found.message, place, found.hint)
            return
        for part in parts:
            if isinstance(part, Variable):
                self._variable(part, self._check.all_loaded, places.of(part.span), places)

    def assigned(self, node: Variable) -> None:
        """A variable that is written."""
        self.in_code(node)
        spec = self._check.catalogue.variable(node.name, self._check.loaded)
        form = spec.form(node.parameter is not None) if spec else None
        if node.transformations:
            first = node.transformations[0]
            self._check.error("RS224", "a variable with a transformation cannot be assigned", first.span)
        elif form is not None and not form.writable:
            self._check.error("RS223", f"${node.name} can only be read", node.span)

    def iterated(self, node: Variable) -> None:
        """The variable that a `for` counts with."""
        self.in_code(node)
        if node.name and node.name not in _ITERATORS:
            self._check.error("RS225", f"${node.name} cannot be the variable of a for loop", node.span,
                              "use $var(name), $avp(name) or $json(name)")  # fmt: skip

    def is_writable(self, node: Variable) -> bool:
        """The variable can be written."""
        spec = self._check.catalogue.variable(node.name, self._check.all_loaded)
        form = spec.form(node.parameter is not None) if spec else None
        return not node.transformations and (form is None or form.writable)

    # ---- one variable

    def _variable(self, node: Variable, loaded: Collection[str], span: Span, places: _Places | None = None) -> None:
        if node.name in ("", "$"):
            return
        if self._check.block == "branch_route" and node.name.startswith("rtp_relay"):
            self._check.branch_uses.append(span)
        spec = self._check.catalogue.variable(node.name, loaded)
        if spec is None:
            self._unknown(node, span)
        else:
            self._form(node, spec, span)
        if node.scope is not None and node.scope not in self._check.catalogue.contexts(loaded):
            hint = "load tm for request and reply" if node.scope in ("request", "reply") else ""
            self._check.error("RS226", f"there is no context <{node.scope}>", span, hint)
        for transformation in node.transformations:
            place = places.of(transformation.span) if places else transformation.span
            self._transformation(transformation, loaded, place, places)
        for inner in (node.parameter, node.index):
            if isinstance(inner, Variable):
                self._variable(inner, loaded, places.of(inner.span) if places else inner.span, places)

    def _form(self, node: Variable, spec: VariableSpec, span: Span) -> None:
        """The parameter and the index are as the variable takes them."""
        form = spec.form(node.parameter is not None)
        if form is None:
            wants = "needs a parameter" if node.parameter is None else "takes no parameter"
            instead = f"${node.name}(...)" if node.parameter is None else f"$({node.name}) before a parenthesis"
            self._check.error("RS221", f"${node.name} {wants}", span, f"write {instead}")
            return
        if node.index is not None and not form.index:
            self._check.error("RS222", f"${node.name} takes no index", span)
        allowed = _WORDS.get(node.name) if form.module == "core" else None
        if allowed and isinstance(node.parameter, str) and node.parameter.lower() not in allowed:
            self._check.error("RS221", f"${node.name} has no {node.parameter}", span,
                              did_you_mean(node.parameter, allowed) or "it has " + ", ".join(allowed))  # fmt: skip

    def _unknown(self, node: Variable, span: Span) -> None:
        check, name = self._check, node.name
        providers = check.catalogue.providers_of_variable(name)
        notes: tuple[str, ...] = ()
        shorter = re.split(r"[._]", name)[0]
        if name in OLD_VARIABLES:
            hint = f"it is called {OLD_VARIABLES[name]} now"
        elif providers:
            hint = check.missing_module(providers)
            notes = (f"${name} belongs to module {providers[0]}",)
        elif shorter != name and check.catalogue.variable(shorter, check.all_loaded) is not None:
            hint = f"the name is read up to its last letter, digit, dot or underscore; write $({shorter})"
        else:
            hint = did_you_mean(name, self._known(), "$")
        check.error("RS220", f"unknown variable ${name}", span, hint, *notes)

    def _known(self) -> set[str]:
        names = set(self._check.catalogue.core.variables)
        for module in self._check.all_loaded:
            if module in self._check.catalogue.modules:
                names.update(self._check.catalogue.modules[module].variables)
        return names

    # ---- transformations

    def _transformation(
        self, node: Transformation, loaded: Collection[str], span: Span, places: _Places | None
    ) -> None:
        classes = self._check.catalogue.transformations(loaded)
        operations = classes.get(node.group)
        if operations is None:
            self._check.error("RS230", f"there is no transformation class {node.group}", span,
                              did_you_mean(node.group, classes))  # fmt: skip
            return
        op = _plain_operation(node)
        if not _has_operation(operations, op):
            self._check.error("RS231", f"there is no transformation {node.group}.{op}", span,
                              did_you_mean(op, operations, f"{node.group}."))  # fmt: skip
            return
        self._arguments(node, f"{node.group}.{op}", span)
        for each in node.args:
            if isinstance(each, Variable):
                self._variable(each, loaded, places.of(each.span) if places else each.span, places)

    def _arguments(self, node: Transformation, name: str, span: Span) -> None:
        needed = 1 if name.endswith("_hmac") else _ARGUMENTS.get(name, 0)
        given = len(node.args)
        if given < needed or any(not each for each in node.args[:needed]):
            some = "an argument" if needed == 1 else f"{needed} arguments"
            self._check.error("RS232", f"the transformation {name} needs {some}", span)
            return
        for index in _NUMBERS.get(name, ()):
            value = node.args[index]
            if isinstance(value, str) and not _INTEGER.fullmatch(value.strip()):
                self._check.error("RS233", f"the transformation {name} needs a number, not {value}", span)
        if name == "re.subst" and isinstance(node.args[0], str):
            self._substitution(node.args[0].strip(), span)

    def _substitution(self, text: str, span: Span) -> None:
        found = _SUBST.fullmatch(text)
        if found is None:
            self._check.error("RS234", "a substitution is /expression/replacement/flags", span)
        elif mistake := pattern_mistake(found[2].replace(f"\\{found[1]}", found[1])):
            self._check.error("RS310", f"bad regular expression: {mistake}", span)


def _plain_operation(node: Transformation) -> str:
    """The operation without the index that `nameaddr` can have before it."""
    return node.op.rpartition(".")[2] if node.group == "nameaddr" else node.op


def _has_operation(operations: frozenset[str], op: str) -> bool:
    return op in operations or any(each[0] == "*" and op.endswith(each[1:]) for each in operations)


class _Places:
    """Where the characters of a string literal's value stand in the script."""

    def __init__(self, text: Text) -> None:
        self._text = text
        single = text.raw[:1] in "\"'" and len(text.raw) >= 2
        table = offsets(text.raw) if single else []
        self._offsets = table if len(table) == len(text.value) + 1 else None

    def of(self, span: Span) -> Span:
        """The place in the script of a place in the value."""
        if self._offsets is None:
            return self._text.span
        start, end = self._index(span.line, span.column), self._index(span.end_line, span.end_column)
        last = len(self._offsets) - 1
        return within(self._text.span, self._text.raw, self._offsets[min(start, last)], self._offsets[min(end, last)])

    def _index(self, line: int, column: int) -> int:
        """The offset in the value of a line and column in it."""
        begin = 0
        for _ in range(line - 1):
            begin = self._text.value.find("\n", begin) + 1
        return begin + column - 1
