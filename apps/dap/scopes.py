"""What there is to look at where a script is held, in groups: the message, variables, AVPs, branches, the relay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from relayscript.apps.repl.variables import variables_of
from relayscript.apps.repl.world import World
from relayscript.apps.testing.expecting import shown
from relayscript.apps.testing.ladders.readable import readable
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.modules.rtp_relay.call import CONTEXT_FIELDS
from relayscript.interpreter.modules.rtp_relay.legs import FIELDS

Rows = Callable[[], "list[Row]"]

RELAY = ("$rtp_relay", "$rtp_relay_peer")


@dataclass(frozen=True, slots=True)
class Row:
    """A name and a value, as a scenario writes it. Names with a `$` can be set.

    `inner` gives the rows below it, `late` says that they are to be asked for only on demand.
    """

    name: str
    value: str
    inner: Rows | None = None
    late: bool = False


def scopes_of(context: Context, world: World) -> dict[str, Rows]:
    """The groups by name; each is read anew whenever it is asked for."""
    return {
        "Message": lambda: _message(context),
        "Script variables": lambda: _of(context, "$var("),
        "AVPs": lambda: _of(context, "$avp(", "$(avp("),
        "Branch": lambda: _branch(context),
        "Relay": lambda: _relay(context, world),
    }


def snapshot(groups: Mapping[str, Rows]) -> dict[tuple[str, str], str]:
    """All values by group and name, without those that are read on demand only."""
    return {(group, each.name): each.value for group, rows in groups.items() for each in rows() if not each.late}


def _message(context: Context) -> list[Row]:
    others = ("$var(", "$avp(", "$(avp(", *RELAY)
    found = variables_of(context).items()
    rows = [Row(name, value) for name, value in found if not name.startswith(others)]
    text = context.message
    return [*rows, Row("as received", text.first_line, lambda: _lines(context), late=True)]


def _lines(context: Context) -> list[Row]:
    text = context.message
    rows = (text.first_line, *text.lines, "", *text.body.split("\r\n"))
    return [Row(str(number), row) for number, row in enumerate(rows, 1)]


def _of(context: Context, *beginnings: str) -> list[Row]:
    return [Row(name, value) for name, value in variables_of(context).items() if name.startswith(beginnings)]


def _branch(context: Context) -> list[Row]:
    added = [
        Row(f"branch {number}", each.uri, lambda each=each: _destination(each))  # type: ignore[misc]
        for number, each in enumerate(context.branches, 1)
    ]
    return [Row("index", str(context.branch_index)), *_destination(context.branch, "$ru", "$du"), *added]


def _destination(branch: Branch, uri: str = "Request-URI", duri: str = "next hop") -> list[Row]:
    q = "" if branch.q < 0 else f"{branch.q / 1000:g}"
    socket = f"{branch.socket.protocol}:{branch.socket.address[0]}:{branch.socket.address[1]}" if branch.socket else ""
    rows = {"q": q, "path": branch.path or "", "socket": socket, "branch flags": " ".join(sorted(branch.flags))}
    rows |= {f"attribute {name}": shown(value) for name, value in branch.attributes.items()}
    always = [Row(uri, shown(branch.uri)), Row(duri, shown(branch.duri))]
    return always + [Row(name, value) for name, value in rows.items() if value]


def _relay(context: Context, world: World) -> list[Row]:
    return [*_settings(context), *_nodes(world)]


def _settings(context: Context) -> Iterator[Row]:
    """The settings of both sides and of the call; those that are not set are left out, except both sides' flags."""
    names = [*RELAY, *(f"{side}({field})" for side in RELAY for field in FIELDS if field != "flags")]
    names += [f"$rtp_relay_ctx({field})" for field in CONTEXT_FIELDS]
    for name in names:
        try:
            value = context.runtime.registry.reader_of(name)(context)
        except ScriptError:  # the script does not load the module
            return
        if value not in (None, "") or name in RELAY:
            yield Row(name, shown(value))


def _nodes(world: World) -> Iterator[Row]:
    for url, node in world.host.relays.nodes.items():
        sessions = [Row(f"session {number}", str(each)) for number, each in enumerate(node.sessions(), 1)]
        mood = " ".join(filter(None, (node.mood, node.reason)))
        text = f"{mood}, {len(sessions)} sessions"
        yield Row(readable(url), text, (lambda sessions=sessions: sessions) if sessions else None)  # type: ignore[misc]
