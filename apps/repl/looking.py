"""Commands that show something and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from relayscript.apps.repl.answers import Wrong, counted
from relayscript.apps.repl.commands import Command, Request, Takes, View
from relayscript.apps.repl.telling import joined
from relayscript.apps.repl.variables import changed, variables_of
from relayscript.apps.testing.golden import names_in
from relayscript.apps.testing.ladders.readable import readable
from relayscript.apps.testing.reasons import Why
from relayscript.dsl.source import Span, excerpt
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.modules.tm import Tm, Transaction

if TYPE_CHECKING:
    from rich.console import Console

STATES = {1: "begun", 2: "rings", 3: "answered", 4: "confirmed", 5: "over"}
"""The states of a dialog in words."""


def console_of(view: View) -> tuple[Console, StringIO]:
    """Something that draws text of that width into a buffer."""
    from rich.console import Console  # late: only those who ask for a drawing need it

    buffer = StringIO()
    system: Literal["standard"] | None = "standard" if view.color else None
    console = Console(
        file=buffer, width=view.width, force_terminal=view.color, color_system=system, highlight=False,
        no_color=not view.color,
    )  # fmt: skip
    return console, buffer


def show_variables(request: Request) -> list[str]:
    """The variables of the run."""
    return changed({}, variables_of(request.bench.context)) or ["no variable has a value"]


def show_dialogs(request: Request) -> list[str]:
    """The dialogs, one line each."""
    module = request.bench.world.runtime.module(DialogModule)
    if module is None:
        raise Wrong("the script does not load module dialog")
    return [_dialog(each) for each in module.table] or ["no dialog"]


def _dialog(dialog: Dialog) -> str:
    sip = dialog.sip
    sides = f"{sip.local_uri} with {sip.remote_uri}"
    return readable(f"{dialog.did}  {STATES.get(dialog.state, str(dialog.state))}  {dialog.call_id}  {sides}")


def show_transactions(request: Request) -> list[str]:
    """The transactions, one line each, with their branches."""
    module = request.bench.world.runtime.module(Tm)
    if module is None:
        raise Wrong("the script does not load module tm")
    return [readable(row) for each in module.table for row in _transaction(each)] or ["no transaction"]


def _transaction(transaction: Transaction) -> Iterator[str]:
    request = transaction.request
    yield f"{request.method} {request.uri}  {request.call_id}  {transaction.status or 'no answer yet'}"
    for branch in transaction.branches:
        yield f"  branch {branch.index} to {branch.destination.uri}  {branch.status or 'no answer yet'}"


def show_relays(request: Request) -> list[str]:
    """The relay nodes that were spoken to, with the sessions that they hold."""
    rows = []
    for url, node in request.bench.world.host.relays.nodes.items():
        mood = f"{node.mood} {node.reason}".rstrip()
        rows.append(f"{url}  {mood}, {counted(len(node.sessions()), 'session')}")
        rows += [readable(f"  {each}") for each in node.sessions()]
    return rows or ["no relay was spoken to"]


def show_ladder(request: Request) -> list[str]:
    """The ladder of all that happened."""
    from relayscript.apps.testing.ladders import text  # late, as above
    from relayscript.apps.testing.ladders.building import ladder_of

    world = request.bench.world
    sources = {file: Path(file).read_text("latin-1") for file in world.runtime.files}
    ladder = ladder_of(joined(world.player.recorder.events), names_in(world.player), sources)
    if not ladder.rows:
        return ["nothing has happened yet"]
    console, buffer = console_of(request.view)
    text.show(ladder, console)
    return [row.rstrip() for row in buffer.getvalue().splitlines()]


def show_coverage(request: Request) -> list[str]:
    """What of the script ran so far."""
    from relayscript.apps.testing.coverage.text import missed_conditions, table  # late, as above

    world = request.bench.world
    world.coverage.add(world.player.recorder.events)
    files = list(world.coverage.files.values())
    console, buffer = console_of(request.view)
    console.print(table(files))
    notes = [f"{note}" for file in files for note in missed_conditions(file)]
    return [*(row.rstrip() for row in buffer.getvalue().splitlines()), *notes]


def show_why(request: Request) -> list[str]:
    """The conditions that led to a call's final reply."""
    player = request.bench.world.player
    calls = [name for actor in player.actors.values() for name in actor.agent.calls]
    if len(request.words) != 1:
        raise Wrong("say which call: .why CALL-ID", f"there are: {' '.join(dict.fromkeys(calls)) or 'none yet'}")
    why = Why(request.words[0], names_in(player), _text_of)
    return [readable(row) for row in why.rows(player.recorder.events)]


def _text_of(span: Span) -> str:
    return excerpt(span, Path(span.file).read_text("latin-1").split("\n"))


LOOKING = (
    Command("vars", "", "the variables of the current message's run", show_variables),
    Command("dialogs", "", "the dialogs, with their ids", show_dialogs),
    Command("transactions", "", "the transactions, with their branches", show_transactions),
    Command("relays", "", "the relay nodes and the sessions they hold", show_relays),
    Command("ladder", "", "all that happened as a ladder", show_ladder),
    Command("coverage", "", "what of the script ran so far", show_coverage),
    Command("why", "CALL-ID", "the conditions and values that led to a call's final reply", show_why, Takes.CALL),
)
