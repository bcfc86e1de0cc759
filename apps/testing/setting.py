"""Sets the stage of a scenario: moods of relay nodes, what DNS knows, what the network does."""

from __future__ import annotations

from relayscript.apps.simulator.impairment import Impairment
from relayscript.apps.testing.stage import Stage
from relayscript.apps.testing.statements import Name, Network, Relay
from relayscript.apps.testing.useragent import ScriptedWrongly


def set_relay(relay: Relay, stage: Stage) -> None:
    """Give a relay node its mood, or the next port that it hands out."""
    node = stage.node(relay.url)
    if relay.mood == "ports":
        node.ports = int(relay.reason)
        return
    node.delay = int(relay.reason) / 1000 if relay.mood == "slow" else 0.0
    node.mood = "answers" if relay.mood == "slow" else relay.mood
    node.reason = relay.reason


def set_name(name: Name, stage: Stage) -> None:
    """Let DNS know a name. Raises ScriptedWrongly for a record that is none."""
    if not name.record:
        stage.names[name.host.lower()] = name.addresses
        return
    try:
        stage.zone.read(f"{name.host}. 300 IN {name.record}")
    except ValueError as error:
        raise ScriptedWrongly(f"{name}: {error}") from None


def set_network(net: Network, stage: Stage) -> None:
    """Let the network lose, repeat, reorder and delay messages from now on."""
    chances = (net.loss / 100, net.duplicate / 100, net.reorder / 100)
    stage.impair(Impairment(*chances, net.least / 1000, net.most / 1000, net.seed))
