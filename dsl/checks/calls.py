"""Function calls: known, loaded, allowed here, and with arguments of the right number and kind."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.dsl.catalogue import ArgumentSpec, FunctionSpec
from relayscript.dsl.checks.findings import Check
from relayscript.dsl.checks.patterns import pattern_mistake
from relayscript.dsl.checks.spelling import OLD_FUNCTIONS, did_you_mean
from relayscript.dsl.checks.variables import Variables
from relayscript.dsl.diagnostics import Diagnostic
from relayscript.dsl.nodes import Call, Node, Number, Text, Variable

MOST_FLAGS = 32
"""How many names of flags of one type a script can use."""

_EXPANDED_LATER = frozenset({"argument 2 of script_trace()"})
"""Arguments that the function itself expands, time and again."""

_BLOCKS = {"REQUEST": "route", "FAILURE": "failure_route", "ONREPLY": "onreply_route", "BRANCH": "branch_route",
           "ERROR": "error_route", "LOCAL": "local_route", "STARTUP": "startup_route", "TIMER": "timer_route",
           "EVENT": "event_route"}  # fmt: skip


def block_names(types: Iterable[str]) -> str:
    """Route types as they are written in a script."""
    wanted = frozenset(types)
    return ", ".join(word for kind, word in _BLOCKS.items() if kind in wanted)


class Calls:
    """Checks calls in the routes of a script."""

    def __init__(self, check: Check, variables: Variables) -> None:
        self._check = check
        self._variables = variables

    def call(self, node: Call, kind: str) -> None:
        """A call in a route of a type."""
        spec = self._check.catalogue.function(node.name, self._check.loaded)
        if spec is None:
            self._unknown(node)
            return
        form = next((each for each in (spec, *spec.variants) if kind in each.routes), None)
        if form is None:
            self._check.error("RS203", f"{node.name}() cannot be used in {_article(kind)}", node.span,
                              f"it can be used in {block_names(spec.routes)}")  # fmt: skip
            return
        self._arguments(node, form)
        self._not_run(node)

    def asynchronous(self, node: Call, statement: str) -> None:
        """The call inside of `async` or `launch`."""
        catalogue, loaded = self._check.catalogue, self._check.loaded
        spec = catalogue.async_function(node.name, loaded)
        if spec is not None:
            self._arguments(node, spec)
            self._not_run(node)
        elif catalogue.function(node.name, loaded) is not None:
            self._check.error("RS204", f"{statement} does not take {node.name}(): it cannot run beside the script",
                              node.span)  # fmt: skip
        else:
            self._unknown(node)

    def _not_run(self, node: Call) -> None:
        """Say so if the interpreter has no such function yet."""
        check = self._check
        if check.runnable is not None and node.name not in check.runnable:
            check.found.append(
                Diagnostic(check.unrunnable, "RS205",
                           f"{node.name}() is known to OpenSIPS, not run by relayscript yet", node.span)
            )  # fmt: skip

    def _unknown(self, node: Call) -> None:
        check, name = self._check, node.name
        providers = check.catalogue.providers_of_function(name)
        if name in OLD_FUNCTIONS:
            hint = OLD_FUNCTIONS[name]
        elif providers:
            hint = check.missing_module(providers)
        elif self._is_internal(name):
            hint = "modules use it among themselves; scripts cannot"
        else:
            hint = did_you_mean(name, self._known())
        notes = (f"{name}() belongs to module {' or '.join(providers)}",) if providers else ()
        message = f"function {name}() of a module that is not loaded" if providers else f"unknown function {name}()"
        check.error("RS202" if providers else "RS201", message, node.span, hint, *notes)

    def _is_internal(self, name: str) -> bool:
        """A loaded module offers it to other modules only."""
        modules = self._check.catalogue.modules
        return any(name in modules[each].internal for each in self._check.loaded if each in modules)

    def _known(self) -> set[str]:
        """The functions that could be meant."""
        names = set(self._check.catalogue.core.functions)
        for module in self._check.all_loaded & self._check.catalogue.modules.keys():
            names.update(self._check.catalogue.modules[module].functions)
        return names

    # ---- arguments

    def _arguments(self, node: Call, spec: FunctionSpec) -> None:
        given = len(node.args)
        if not spec.minimum <= given <= spec.maximum:
            few = "few" if given < spec.minimum else "many"
            wanted = str(spec.minimum) if spec.minimum == spec.maximum else f"{spec.minimum} to {spec.maximum}"
            self._check.error("RS206", f"too {few} arguments for {node.name}(): {given} given, {wanted} wanted",
                              node.span)  # fmt: skip
        for number, (value, argument) in enumerate(zip(node.args, spec.arguments, strict=False), 1):
            if value is None:
                if not argument.optional:
                    self._check.error("RS207", f"argument {number} of {node.name}() cannot be left out", node.span)
                continue
            self._argument(f"argument {number} of {node.name}()", value, argument)

    def _argument(self, name: str, value: Text | Number | Variable, spec: ArgumentSpec) -> None:
        if isinstance(value, Variable):
            self._variable(name, value, spec)
            return
        wrong = self._wrong_kind(value, spec)
        if wrong:
            hint = _instead(value, spec)
            self._check.error("RS208", f"{name} is to be {wrong}", value.span, hint)
        elif isinstance(value, Text):
            self._text(name, value, spec)

    @staticmethod
    def _wrong_kind(value: Node, spec: ArgumentSpec) -> str:
        """What a literal should have been; empty if it is right."""
        if spec.kind == "int":
            return "" if isinstance(value, Number) else "a number or a variable"
        if spec.kind == "var":
            return "a variable"
        if isinstance(value, Text):
            return ""
        return "a string" if spec.static else "a string or a variable"

    def _variable(self, name: str, value: Variable, spec: ArgumentSpec) -> None:
        self._variables.in_code(value)
        if spec.static:
            self._check.error("RS209", f"{name} does not take variables", value.span, "write a plain string")
        if spec.kind == "var" and spec.avp and value.name not in ("avp", ""):
            self._check.error("RS210", f"{name} is to be an $avp", value.span)
        elif spec.kind == "var" and spec.writable and value.name and not self._variables.is_writable(value):
            self._check.error("RS210", f"{name} is to be a variable that can be written", value.span)

    def _text(self, name: str, value: Text, spec: ArgumentSpec) -> None:
        if spec.flag:
            self._flag(value, spec.flag)
        if spec.kind == "route":
            self._route(name, value, spec.route)
        elif spec.kind == "regex":
            if mistake := pattern_mistake(value.value):
                self._check.error("RS310", f"bad regular expression: {mistake}", value.span)
        elif spec.static:
            if "$" in value.value:
                self._check.error("RS209", f"{name} does not take variables", value.span)
        elif not spec.no_expand or name in _EXPANDED_LATER:
            self._variables.in_text(value)

    def _flag(self, value: Text, kind: str) -> None:
        """The flags of one type that a script names are limited in number."""
        names = self._check.flags.setdefault(kind, set())
        names.add(value.value)
        if len(names) == MOST_FLAGS + 1:
            self._check.error("RS211", f"more than {MOST_FLAGS} different flags", value.span)

    def _route(self, name: str, value: Text, kind: str) -> None:
        """A route given by name is there."""
        block = _BLOCKS[kind]
        known = self._check.route_names.get(block, set())
        if "$" in value.value:
            self._variables.in_text(value)
        elif value.value not in known:
            self._check.error("RS261", f"{name}: there is no {block}[{value.value}]", value.span,
                              did_you_mean(value.value, known))  # fmt: skip


def _article(kind: str) -> str:
    block = _BLOCKS[kind]
    return f"{'an' if block[0] in 'aeo' else 'a'} {block}"


def _instead(value: Node, spec: ArgumentSpec) -> str:
    """How to write the argument of the right kind."""
    if isinstance(value, Text):
        if spec.kind == "var" and value.value.startswith("$"):
            return f"write {value.value} without quotes"
        if spec.kind == "int" and value.value.lstrip("+-").isdigit():
            return f"write {value.value} without quotes"
        return ""
    return f'write "{value.text}"' if isinstance(value, Number) else ""
