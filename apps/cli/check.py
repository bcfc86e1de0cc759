"""`relayscript check`: what is wrong with a script, without running it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from relayscript.dsl.cache import recall, remember
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, has_errors, in_order, render, to_json

Found = tuple[Diagnostic, ...]


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--syntax-only", is_flag=True, help="Only parse: do not ask what functions and variables mean.")
@click.option("--target", type=click.Choice(["3.2", "4.0"]), help="The OpenSIPS version that the script means.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(file: str, syntax_only: bool, target: str | None, output_format: str) -> None:
    """Check the script FILE; the exit status is 1 if it has an error."""
    options = f"{syntax_only} {target}"
    known = recall(file, options)
    if known is None:
        found, sources = _check(file, syntax_only, target)
        remember(file, options, sources, found)
    else:
        found, sources = known, {}
    if output_format == "json":
        click.echo(to_json(found))
    elif found:
        color = sys.stdout.isatty()
        click.echo(render(found, sources or _sources(found), color=color), nl=False)
    raise SystemExit(has_errors(found))


def _check(file: str, syntax_only: bool, target: str | None) -> tuple[Found, Mapping[str, str]]:
    """The findings, and the texts of the files they point into."""
    from relayscript.dsl.catalogue import load, runnable
    from relayscript.dsl.checker import check as check_script
    from relayscript.dsl.parser import parse_file
    from relayscript.interpreter.plugins import plugin_specs
    from relayscript.interpreter.settings import Globals

    parsed = parse_file(file)
    found = parsed.diagnostics
    if parsed.script is not None and not syntax_only:
        try:
            added = plugin_specs(parsed.script, load())
        except ScriptError as error:
            return in_order(parsed.with_chain(found + error.diagnostics), file), parsed.sources
        runs = runnable().union(*(spec.functions for spec in added))
        found += check_script(
            parsed.script, load(), extra=added, target=target, runnable=runs, acting=Globals.acting()
        )
    return in_order(parsed.with_chain(found), file), parsed.sources


def _sources(found: Found) -> Mapping[str, str]:
    from relayscript.apps.complaints import texts_of

    return texts_of(found)
