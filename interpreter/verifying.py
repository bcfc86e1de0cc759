"""What is wrong with a script that is about to run: the check's findings and those of its modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.dsl import nodes
from relayscript.dsl.checker import check
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity, has_errors
from relayscript.dsl.once import kept
from relayscript.dsl.parser import Parsed, parse_file

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


def read_script(path: str) -> tuple[nodes.Script, Parsed]:
    """The tree of a script file, and how it was read. Raises ScriptError with all that is wrong with its text."""
    parsed = parse_file(path)
    if parsed.script is None or has_errors(parsed.diagnostics):
        raise ScriptError(parsed.with_chain(parsed.diagnostics))
    return parsed.script, parsed


def warnings_of(runtime: Runtime) -> tuple[Diagnostic, ...]:
    """The warnings for the script that a runtime was made of. Raises ScriptError if there are errors.

    What was found for the same tree and the same purpose holds, unless modules of others had a say.
    """
    if not runtime.offers.only_ours:
        return verify(runtime, runtime.script)
    purpose = ("verified", runtime.asked_target, runtime.runnable)
    return kept(runtime.script, purpose, lambda: verify(runtime, runtime.script))


def verify(runtime: Runtime, script: nodes.Script) -> tuple[Diagnostic, ...]:
    """The warnings for a script, if it ran with the modules and settings of a runtime. Raises ScriptError if there
    are errors.
    """
    target, runnable = runtime.asked_target, runtime.runnable
    found = [*check(script, runtime.catalogue, runnable=runnable, unrunnable=Severity.ERROR, target=target)]
    for module in runtime.all_modules:
        found += module.verify(script)
    if has_errors(found):
        raise ScriptError(tuple(found))
    return tuple(found)
