"""What a scenario says has to be so: is it, and if not, what is it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relayscript.apps.testing.recorder import Logged, RelaySeen, Result
from relayscript.apps.testing.sipp.party import SippParty
from relayscript.apps.testing.statements import Expect
from relayscript.apps.testing.words import Given, spoken
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.context import Kind
from relayscript.interpreter.values import Value, int_of, text_of

if TYPE_CHECKING:
    from relayscript.apps.testing.player import Player


def wrong_with(fact: Expect, player: Player) -> str:
    """What is not as expected, in words; empty if it is so."""
    match fact.what:
        case "variable":
            return _variable(fact, player)
        case "statistic":
            return _statistic(fact, player)
        case "returns":
            return _returned(fact, player)
        case "nothing":
            waiting = player.actor(fact.name).waiting
            return f"{waiting.first_line} waits at {fact.name}" if waiting is not None else ""
        case "done":
            actor = player.actor(fact.name)
            return actor.lack if isinstance(actor, SippParty) else f"{fact.name} plays no SIPp scenario"
        case _:
            return _seen(fact, player)


def _seen(fact: Expect, player: Player) -> str:
    """Log lines, relay commands and results are looked for in all that happened so far."""
    text = str(fact.value)
    found = next((each for each in _texts(fact, player) if text in each), None)
    kind = {"log": "log line", "relay": "relay command", "result": "line of the result"}[fact.what]
    if fact.absent:
        return f"there is such a {kind}: {found.strip()}" if found is not None else ""
    if found is not None:
        return ""
    last = next(iter([*_texts(fact, player)][-1:]), "")
    return f"there is no such {kind}" + (f"; the last one is: {last.strip()}" if last else "")


def _texts(fact: Expect, player: Player) -> Iterator[str]:
    events = player.recorder.events
    if fact.what == "log":
        yield from (each.text for each in events if isinstance(each, Logged))
    elif fact.what == "relay":
        for each in events:
            if isinstance(each, RelaySeen) and each.sent and fact.name in ("", each.node):
                yield each.text
    else:
        last = next((each for each in reversed(events) if isinstance(each, Result)), None)
        yield from last.lines if last is not None else ()


def _statistic(fact: Expect, player: Player) -> str:
    value = player.runtime.statistics.get(fact.name)
    if value is None:
        return f"there is no statistic {fact.name}"
    return "" if value == fact.value else f"{fact.name} is {value}"


def _returned(fact: Expect, player: Player) -> str:
    if player.returned is None:
        return "no route was run"
    return "" if player.returned == fact.value else f"it returned {player.returned}"


def _variable(fact: Expect, player: Player) -> str:
    """A variable in the run of the last `run`; without one, as a timer route would see it."""
    try:
        read = player.runtime.registry.reader_of(fact.name)
    except ScriptError as error:
        return error.diagnostics[0].message
    value = read(player.last_run or player.runtime.dummy_context(Kind.TIMER))
    return "" if is_same(value, fact.value) else f"{fact.name} is {shown(value)}"


def is_same(value: Value, wanted: Given) -> bool:
    """A value is NULL, the number or the text that is wanted."""
    if value is None or wanted is None:
        return value is wanted
    return int_of(value) == wanted if isinstance(wanted, int) else text_of(value) == wanted


def shown(value: Value) -> str:
    """A value as a scenario writes it."""
    if value is None:
        return spoken(None)
    text = text_of(value)
    return spoken(int_of(value) if text is None or isinstance(value, int) else text)


