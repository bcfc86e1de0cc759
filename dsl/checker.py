"""Finds what is wrong with a script before it runs: all that the original refuses, and a little more.

Errors are what keeps the original from starting, or its check from passing; the rest are warnings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from relayscript.dsl import nodes
from relayscript.dsl.catalogue import Catalogue, ModuleSpec
from relayscript.dsl.checks.findings import Check
from relayscript.dsl.checks.modules import Modules
from relayscript.dsl.checks.routes import Definitions, Reach, Routes
from relayscript.dsl.checks.settings import Settings
from relayscript.dsl.checks.variables import Variables
from relayscript.dsl.diagnostics import Diagnostic, Severity


def check(
    script: nodes.Script,
    catalogue: Catalogue,
    *,
    extra: Iterable[ModuleSpec] = (),
    runnable: Collection[str] | None = None,
    unrunnable: Severity = Severity.WARNING,
    target: str | None = None,
    acting: Collection[str] | None = None,
) -> tuple[Diagnostic, ...]:
    """The findings for a script, in the order of the text.

    `extra` adds modules, or more to modules, that the catalogue does not have. `runnable` are the functions
    that the interpreter has; the use of any other is a finding of severity `unrunnable`. `target` is the
    version of OpenSIPS that is meant, None if nobody said. `acting` are the global parameters that have an
    effect; any other gets a note.
    """
    extra = tuple(extra)
    known = catalogue.extended(extra) if extra else catalogue
    state = Check(script, known, runnable, unrunnable, target, acting=acting)
    _Checker(state).run()
    return tuple(state.found)


class _Checker:
    """One pass over the items of a script, then what can only be seen of the whole."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._modules = Modules(check)
        self._settings = Settings(check)
        self._definitions = Definitions(check)
        self._routes = Routes(check, Variables(check))

    def run(self) -> None:
        for item in self._check.script.items:
            self._item(item)
        self._modules.needs()
        Reach(self._check).check()
        self._settings.needed()
        self._branch_scope()
        order = {id(item): index for index, item in enumerate(self._check.found)}
        self._check.found.sort(key=lambda each: (self._place(each), order[id(each)]))

    def _item(self, item: nodes.Item) -> None:
        match item:
            case nodes.LoadModule():
                self._modules.load(item)
            case nodes.ModParam():
                self._modules.set(item)
            case nodes.Route():
                self._definitions.defined(item)
                self._routes.route(item)
            case nodes.Socket():
                self._settings.socket(item)
            case nodes.Alias():
                self._settings.alias(item)
            case nodes.Global():
                self._settings.parameter(item)

    def _place(self, found: Diagnostic) -> tuple[int, int, int]:
        """The main file first, findings without a place last."""
        if found.span is None:
            return 2, 0, 0
        return int(found.span.file != self._check.script.span.file), found.span.line, found.span.column

    def _branch_scope(self) -> None:
        """`$rtp_relay` in a branch route means the caller up to 3.2 and the callee from 3.3 on."""
        check = self._check
        if check.target is not None or not check.branch_uses or self._sets_branch_scope():
            return
        check.warning(
            "RS290", "$rtp_relay in a branch route is the caller up to 3.2 and the callee from 3.3 on",
            check.branch_uses[0], 'choose with --target, or modparam("rtp_relay", "branch_scope", "3.2")',
        )  # fmt: skip

    def _sets_branch_scope(self) -> bool:
        items = self._check.script.items
        return any(isinstance(each, nodes.ModParam) and each.name.value == "branch_scope" for each in items)
