"""`relayscript repl`: try the routes of a script at a prompt."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from relayscript.apps.complaints import rendered
from relayscript.dsl.diagnostics import ScriptError

if TYPE_CHECKING:
    from relayscript.apps.repl.session import Session


@click.command("repl")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--script", "commands", type=click.File(encoding="utf-8", errors="surrogateescape"),
              help="Do what is in this file instead of asking.")  # fmt: skip
@click.option("--target", type=click.Choice(["3.2", "4.0"]), help="The OpenSIPS version that the script means.")
def repl(file: Path | None, commands: TextIO | None, target: str | None) -> None:
    """Try the routes of FILE.cfg: let somebody call, ask for values, hold a route at a line, save it as a test.

    Without FILE there is a small script that relays calls. With --script or with piped input, exit status: 0 if all
    was right, 1 if something typed was wrong or did not come true, or if the script is no good.
    """
    try:
        with _all_of_it_stays():
            from relayscript.apps.repl.session import Session  # late: what is loaded with it stays as well

            session = Session(file, target)
    except ScriptError as error:
        click.echo(rendered(error, color=sys.stderr.isatty()), err=True)
        raise SystemExit(1) from None
    try:
        if commands is not None:
            right = _unattended(commands, commands.name, session)
        elif not (sys.stdin.isatty() and sys.stdout.isatty()):
            right = _unattended(TextIOWrapper(sys.stdin.buffer, "utf-8", "surrogateescape"), "<stdin>", session)
        else:
            right = _attended(session)
    finally:
        session.end()
    if not right:
        raise SystemExit(1)


@contextmanager
def _all_of_it_stays() -> Iterator[None]:
    """What is made here is needed to the end: to look for garbage in it would take a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _unattended(lines: TextIO, name: str, session: Session) -> bool:
    from relayscript.apps.repl.unattended import play  # late, as above

    return play(lines, name, session, click.echo, lambda line: click.echo(line, err=True))


def _attended(session: Session) -> bool:
    with _all_of_it_stays():
        from relayscript.apps.repl.prompt import Prompt  # late: the terminal's library is loaded for it

        prompt = Prompt(session)
    prompt.run()
    return True
