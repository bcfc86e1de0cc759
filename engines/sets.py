"""Sets of relay nodes: how a script writes them, and which node serves a call (reference 5.5, 6.5)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from relayscript.engines.errors import EngineError

_SET = re.compile(r"\s*(\d+)\s*==\s*")
_WEIGHT = re.compile(r"(.+)=(\d+)$")
_SCHEME = re.compile(r"(udp6?|tcp6?|c?unix|rtp\.io):", re.IGNORECASE)
DEFAULT_PORT = 22222


@dataclass(frozen=True, slots=True)
class NodeDefinition:
    """A node as a script defines it: URL as written, the address to show in session descriptions, weight."""

    url: str
    advertised: str = ""
    weight: int = 1

    def __str__(self) -> str:
        advertised = f"|{self.advertised}" if self.advertised else ""
        return f"{self.url}{advertised}{'' if self.weight == 1 else f'={self.weight}'}"


@dataclass(frozen=True, slots=True)
class SetDefinition:
    """One `*_sock` parameter: `[<set> ==] url[|advertised][=weight] ...`."""

    set: int
    nodes: tuple[NodeDefinition, ...]

    def __str__(self) -> str:
        return f"{self.set} == {' '.join(map(str, self.nodes))}"


@dataclass(slots=True, eq=False)
class Node:
    """A node in use. `retry_at` says when a disabled one is tried again (timers' clock; `inf`: never),
    `heard_at` when it answered last.
    """

    url: str
    set: int
    weight: int = 1
    advertised: str = ""
    enabled: bool = True
    retry_at: float = 0.0
    heard_at: float = -inf
    capabilities: frozenset[str] = field(default_factory=frozenset)


def parse_definition(text: str, default_set: int = 0) -> SetDefinition:
    """Read a `*_sock` parameter. EngineError if it names no node or a scheme that does not exist."""
    found = _SET.match(text)
    number, rest = (int(found[1]), text[found.end() :]) if found else (default_set, text)
    nodes = tuple(_parse_node(word) for word in rest.split())
    if not nodes:
        raise EngineError(f"no relay in '{text}'")
    return SetDefinition(number, nodes)


def _parse_node(word: str) -> NodeDefinition:
    weighted = _WEIGHT.match(word)
    word, weight = (weighted[1], int(weighted[2])) if weighted else (word, 1)
    url, _, advertised = word.partition("|")
    if ":" in url and not _SCHEME.match(url) and not url.startswith("/"):
        raise EngineError(f"unknown kind of relay address '{url}'")
    return NodeDefinition(url, advertised, weight)


def full_url(url: str, default_port: int = DEFAULT_PORT) -> str:
    """The URL with scheme (`unix:` if it has none) and port."""
    scheme = _SCHEME.match(url)
    if scheme is None:
        return f"unix:{url}"
    kind, rest = scheme[1].lower(), url[scheme.end() :]
    if not kind.startswith(("udp", "tcp")):
        return f"{kind}:{rest}"
    host, colon, port = rest.rpartition(":")
    if not colon or not port.isdigit():
        host, port = rest, str(default_port)
    return f"{kind}:{host}:{port}"


def key_hash(call_id: str) -> int:
    """The number that spreads calls over nodes: the sum of the call-id's bytes modulo 256."""
    return sum(call_id.encode("latin-1", "replace")) % 256


class NodeSets:
    """All nodes of an engine by set, in the order of their definition."""

    def __init__(self, definitions: Iterable[SetDefinition]) -> None:
        self._sets: dict[int, list[Node]] = {}
        for definition in definitions:
            nodes = self._sets.setdefault(definition.set, [])
            for each in definition.nodes:
                if all(each.url != node.url for node in nodes):
                    nodes.append(Node(each.url, definition.set, each.weight, each.advertised))

    def __iter__(self) -> Iterator[Node]:
        return (node for nodes in self._sets.values() for node in nodes)

    def __contains__(self, number: int) -> bool:
        return number in self._sets

    def adopt(self, known: Mapping[tuple[int, str], Node]) -> None:
        """Go on with nodes that are known by set and URL; weight and address are as defined now."""
        for number, nodes in self._sets.items():
            for place, node in enumerate(nodes):
                if (old := known.get((number, node.url))) is not None:
                    old.weight, old.advertised = node.weight, node.advertised
                    nodes[place] = old

    def nodes(self, number: int) -> tuple[Node, ...]:
        """The nodes of a set; none if there is no such set."""
        return tuple(self._sets.get(number, ()))

    def find(self, url: str, number: int | None = None) -> Node | None:
        """The node with this URL: in the given set if it is there, else in any."""
        found = [node for node in self if node.url == url]
        return next((node for node in found if node.set == number), found[0] if found else None)

    def choose(self, number: int, call_id: str, without: Collection[Node] = ()) -> Node | None:
        """The node for a call: by hash and weights, first over all nodes, then over the usable ones."""
        nodes = self.nodes(number)
        chosen = _walk(nodes, key_hash(call_id))
        if chosen is not None and chosen.enabled and chosen not in without:
            return chosen
        usable = [node for node in nodes if node.enabled and node not in without]
        return _walk(usable, key_hash(call_id)) or (usable[0] if usable else None)


def _walk(nodes: Iterable[Node], number: int) -> Node | None:
    """The node at a place of the weights' sum; None if no node has weight."""
    nodes = list(nodes)
    total = sum(node.weight for node in nodes)
    place = number % total if total else inf
    for node in nodes:
        if place < node.weight:
            return node
        place -= node.weight
    return None
