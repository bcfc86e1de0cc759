"""The parties of a scenario that play SIPp scenarios: how they join, and how they all go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from relayscript.apps.testing.actor import Actor
from relayscript.apps.testing.sipp.party import SippParty, chance_for, read_part
from relayscript.apps.testing.sipp.station import Station
from relayscript.apps.testing.statements import Party
from relayscript.apps.testing.useragent import UserAgent
from relayscript.sip.timers import Timers

FIRST_PROCESS = 1000
"""What is added to the number of a party to get its `[pid]`."""


def engaged(
    statement: Party,
    folder: Path,
    agent: UserAgent,
    media_port: int,
    number: int,
    timers: Timers,
    wall: Callable[[], float],
    say: Callable[[str], None],
) -> SippParty:
    """The party of a statement, whose files are in a folder; `number` counts parties from 1. Raises SippError.

    What its `init` section says is done.
    """
    part = read_part(statement, folder)
    chance = chance_for(statement.name, part.seed)
    station = Station(agent, media_port, FIRST_PROCESS + number, timers, wall, say, chance)
    party = SippParty(agent, media_port, part, station)
    party.prepare()
    return party


def begin_calls(actor: Actor) -> None:
    """Let a party begin its calls, if it is one that plays a SIPp scenario and calls."""
    if isinstance(actor, SippParty):
        actor.begin()


def playing(actors: Iterable[Actor]) -> Iterator[SippParty]:
    """Those that play SIPp scenarios."""
    return (actor for actor in actors if isinstance(actor, SippParty))


def failure_in(actors: Iterable[Actor]) -> str:
    """What did not go as one of their scenarios says; empty if all goes well."""
    return next(filter(None, (party.failure for party in playing(actors))), "")


def unfinished_in(actors: Iterable[Actor]) -> str:
    """What is missing until all are done who begin calls; empty if nothing."""
    lacks = ((party.unfinished, party.agent.name) for party in playing(actors))
    return next((f"{lack}; say `until {name} done`" for lack, name in lacks if lack), "")
