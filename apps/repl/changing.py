"""Commands that change the script, the message, the kind of route, or a variable, and the one that saves."""

from __future__ import annotations

import re
from pathlib import Path

from relayscript.apps.repl.answers import Wrong, counted, pointed
from relayscript.apps.repl.bench import Bench, Entry
from relayscript.apps.repl.commands import Command, Request, Takes, scripted
from relayscript.apps.repl.current import SENDER
from relayscript.apps.repl.evaluating import Work, done, route_kind
from relayscript.apps.repl.saving import save
from relayscript.apps.repl.world import World
from relayscript.apps.testing.ladders.readable import readable
from relayscript.apps.testing.running import NoSuchRoute, route_of
from relayscript.apps.testing.scenario import ScenarioError, parse_line
from relayscript.apps.testing.statements import Manage, Packet
from relayscript.apps.testing.useragent import ScriptedWrongly
from relayscript.apps.testing.words import quote
from relayscript.interpreter.context import Context
from relayscript.interpreter.runtime import KINDS
from relayscript.sip.errors import SipError

_ROUTE = re.compile(r"(?:(?P<kind>\w+_route|route)\s*)?(?:\[\s*)?(?P<name>[^\]\s]*)\s*\]?")
_SET = re.compile(r"(?P<name>\$\S+)\s+(?:=\s*)?(?P<value>.+)", re.DOTALL)


def load(request: Request) -> list[str]:
    """Another script."""
    if not request.rest:
        raise Wrong("say which: .load FILE")
    request.bench.load(Path(request.rest).expanduser())
    return loaded(request.bench)


def loaded(bench: Bench) -> list[str]:
    """What script there is now."""
    runtime = bench.world.runtime
    return [f"{bench.path.name}: {counted(len(runtime.routes), 'route')}, {counted(len(runtime.modules), 'module')}"]


def reload(request: Request) -> list[str]:
    """The script's file as it is now, with all that was typed."""
    _unheld(request.bench)
    return reloaded(request.bench)


def reloaded(bench: Bench) -> list[str]:
    """Read the script again; what there is to say of it. Raises ScriptError, OSError."""
    lost = bench.reload()
    again = f"; {len(bench.journal)} typed again" if bench.journal else ""
    return [f"read {bench.path.name} again{again}", *(f"  {each}" for each in lost)]


def _unheld(bench: Bench) -> None:
    if bench.stop is not None:
        raise Wrong("the script is held: .continue first")


# ---- routes


def route(request: Request) -> list[str]:
    """Run a route alone, or choose the kind of route in which typed script runs."""
    bench, runtime = request.bench, request.bench.world.runtime
    if not request.rest:
        routes = ", ".join(each.label for each in runtime.routes.values())
        return [f"typed script runs as in {route_kind(bench.context.kind)}; the routes are {routes}"]
    if request.rest in KINDS:
        return bench.perform(Entry(f".route {request.rest}", lambda world, held: _choose(world, held, request.rest)))
    found = _ROUTE.fullmatch(request.rest)
    kind, name = (found["kind"] or "route", found["name"]) if found else ("route", request.rest)
    try:
        route_of(runtime, kind, name)
    except NoSuchRoute as error:
        raise Wrong(f"error: {error}") from None
    return scripted(bench, f".route {request.rest}", lambda world, context: lambda run: _run(run, kind, name))


def _choose(world: World, held: Context | None, kind: str) -> list[str]:
    (held or world.current.context).kind = KINDS[kind]
    return [f"typed script runs as in {kind} now"]


def _run(context: Context, kind: str, name: str) -> list[str]:
    """Run a route in the run of the current message."""
    compiled = route_of(context.runtime, kind, name)
    saved = (context.kind, context.stack)
    context.kind, context.stack = KINDS[kind], [compiled.label]
    try:
        return done(lambda run: [f"{compiled.label} returned {compiled.function(run)}"], context)
    finally:
        context.kind, context.stack = saved


# ---- the message


def message(request: Request) -> list[str]:
    """Show the current message, or set it."""
    bench, rest = request.bench, request.rest
    if not rest:
        return _shown(bench.context)
    _unheld(bench)
    path = Path(rest).expanduser()
    if re.match(r"[A-Z]{2,}\b(?!\.)|[1-6]\d\d\b", rest) and not path.is_file():
        packet = _packet(rest)
        return bench.perform(Entry(f".msg {rest}", lambda world, held: _write(world, packet)))
    data = path.read_bytes()
    return bench.perform(Entry(f".msg {rest}", lambda world, held: _read(world, data)))


def _packet(rest: str) -> Packet:
    """A message in the words of a scenario. Raises Wrong."""
    text = f"{SENDER} -> {rest}"
    try:
        found = parse_line(text)
    except ScenarioError as error:
        raise Wrong(*pointed(error, text)) from None
    assert isinstance(found, Packet)
    return found


def _write(world: World, packet: Packet) -> list[str]:
    try:
        world.current.write(packet)
    except ScriptedWrongly as error:
        raise Wrong(f"error: {error}") from None
    return [world.current.message.first_line]


def _read(world: World, data: bytes) -> list[str]:
    try:
        world.current.read(data)
    except SipError as error:
        raise Wrong(f"error: that is no SIP message: {error}") from None
    return [world.current.message.first_line]


def _shown(context: Context) -> list[str]:
    """The message as it was received, and what the run has made of it so far."""
    found = context.message
    rows = [readable(row) for row in (found.first_line, *found.lines, "", *found.body.split("\r\n"))]
    while rows and not rows[-1]:
        rows.pop()
    if context.branch.uri != found.uri:
        rows.append(f"# the Request-URI is {readable(context.branch.uri)} now")
    if context.branch.duri:
        rows.append(f"# the next hop is {readable(context.branch.duri)}")
    return rows


# ---- variables, management


def set_variable(request: Request) -> list[str]:
    """Give a variable a value: a number or an expression of the script, else the text as it is."""
    found = _SET.fullmatch(request.rest)
    if found is None:
        raise Wrong("say what: .set $name value")
    name, value = found["name"], found["value"].rstrip(";")

    def prepare(world: World, context: Context) -> Work:
        prepared = world.evaluator.prepared
        try:
            assign = prepared(f"{name} = {value};", context.kind)
        except Wrong:
            assign = prepared(f"{name} = {quote(value)};", context.kind)
        read = prepared(name, context.kind)
        return lambda run: [*assign(run), *read(run)]

    return scripted(request.bench, f".set {request.rest}", prepare)


def manage(request: Request) -> list[str]:
    """Call a management command; it can be saved as the statement `mi`."""
    _unheld(request.bench)
    text = f"mi {request.rest}"
    try:
        statement = parse_line(text)
    except ScenarioError as error:
        raise Wrong(*pointed(error, text)) from None
    assert isinstance(statement, Manage)

    def act(world: World, held: Context | None) -> list[str]:
        world.player.do(statement)
        return []

    return request.bench.perform(Entry(text, act, statement))


def save_scenario(request: Request) -> list[str]:
    """Write what was typed as a scenario with its transcript."""
    _unheld(request.bench)
    if not request.rest:
        raise Wrong("say under which name: .save NAME")
    return save(request.bench, Path(request.rest).expanduser())


CHANGING = (
    Command("load", "FILE", "another script; what was typed so far is forgotten", load, Takes.FILE),
    Command("reload", "", "read the script again and do all that was typed again", reload),
    Command(
        "route", "[NAME | KIND[NAME] | KIND]",
        "run a route alone on the current message; a bare kind: the kind of route that typed script runs in",
        route, Takes.ROUTE,
    ),
    Command(
        "msg", "[METHOD [URI] ... | STATUS METHOD | FILE]",
        "show the current message, or set it: in the words of a scenario, or as it stands in a file",
        message, Takes.MESSAGE,
    ),
    Command("set", "$NAME VALUE", "give a variable a value", set_variable, Takes.SCRIPT),
    Command("mi", "COMMAND [NAME=VALUE ...]", "call a management command", manage, Takes.MANAGEMENT),
    Command(
        "save", "NAME", "write what was typed as NAME.call, with its transcript NAME.golden", save_scenario, Takes.FILE
    ),
)  # fmt: skip
