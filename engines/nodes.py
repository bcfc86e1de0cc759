"""The nodes of an engine at work: links to them, probing, and who is in use (reference 5.2, 5.5, 6.5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from math import inf

from relayscript.engines.contract import NodeState, Wire
from relayscript.engines.debts import Debts
from relayscript.engines.link import Link, Replied
from relayscript.engines.sets import Node, NodeSets, SetDefinition
from relayscript.sip.timers import Timer

Probe = Callable[[Node, int | None, Callable[[bool], None]], None]
"""Tests a node with a number of attempts (None: the usual one) and tells whether it may be used."""


class Nodes:
    """Every node with its link and state. A silent one is disabled for `disable_for` seconds.

    `tell_always` reports each successful test, not only changes. `debts` are what nodes get when they are back.
    """

    def __init__(
        self,
        name: str,
        wire: Wire,
        definitions: Iterable[SetDefinition],
        link: Callable[[str], Link],
        probe: Probe,
        disable_for: float,
        tell_always: bool = False,
    ) -> None:
        self._tell_always = tell_always
        self.name, self.wire, self.sets = name, wire, NodeSets(definitions)
        self.stopped = False
        self.debts = Debts(self.request)
        self._open, self._probe, self._disable_for = link, probe, disable_for
        self._links: dict[str, Link] = {}
        self._waiting: dict[Node, list[Callable[[], None]]] = {}
        self._retests: dict[Node, Timer] = {}

    def start(self) -> None:
        """Probe every node."""
        self.stopped = False
        for node in self.sets:
            self.probe(node)

    def stop(self) -> None:
        """Cancel the timers and close the links; what is under way ends without a reply."""
        self.stopped = True
        for timer in self._retests.values():
            timer.cancel()
        self._retests.clear()
        links, self._links = self._links, {}
        for link in links.values():
            link.close()

    def request(self, node: Node, command: bytes, replied: Replied, attempts: int | None = None) -> None:
        """Send a command to a node, traced; `replied` gets None for a silent one, which is then disabled."""
        if self.stopped:
            self.wire.timers.start(0, lambda: replied(None))
            return
        if node.url not in self._links:
            self._links[node.url] = self._open(node.url)
        self.wire.trace(node.url, True, command.decode("latin-1"))

        def received(reply: bytes | None) -> None:
            if reply is not None:
                node.heard_at = self.wire.timers.now
                self.wire.trace(node.url, False, reply.decode("latin-1").rstrip("\r\n"))
            elif not self.stopped:
                self.disable(node)
            replied(reply)

        self._links[node.url].request(command, received, attempts)

    def tell(self, node: Node, name: str, command: bytes) -> None:
        """Send a delete for a session whose reply is of no interest; now, or when the node answers again."""

        def replied(reply: bytes | None) -> None:
            if reply is None:
                self.debts.add(node, name, command)

        if node.enabled:
            self.request(node, command, replied)
        else:
            self.debts.add(node, name, command)

    def redefine(self, definitions: Iterable[SetDefinition]) -> None:
        """Have other nodes: those that stay keep their state, new ones are probed, the rest is left alone."""
        known = {(node.set, node.url): node for node in self.sets}
        self.sets = NodeSets(definitions)
        self.sets.adopt(known)
        urls = {node.url for node in self.sets}
        for node in known.values():
            if node.url not in urls:
                self._cancel(node)
                if link := self._links.pop(node.url, None):
                    link.close()
        for node in self.sets:
            if (node.set, node.url) not in known:
                self.probe(node)

    def when_known(self, node: Node, then: Callable[[], None]) -> None:
        """Go on at once, or after the probe of the node that is under way."""
        if node in self._waiting:
            self._waiting[node].append(then)
        else:
            then()

    def probe(self, node: Node, attempts: int | None = None, then: Callable[[], None] | None = None) -> None:
        """Test a node and set its state; several who ask at the same time share one test."""
        if node in self._waiting:
            self._waiting[node].extend([then] if then else [])
            return
        self._waiting[node] = [then] if then else []

        def tested(usable: bool) -> None:
            waiting = self._waiting.pop(node)
            if not self.stopped and (node.enabled or node.retry_at < inf):
                self._set(node, usable)
            for each in waiting:
                each()

        self._probe(node, attempts, tested)

    def probe_all(self, number: int, then: Callable[[], None]) -> None:
        """Test, with one attempt, all nodes of a set that are not disabled for good, then go on."""
        nodes = [node for node in self.sets.nodes(number) if node.enabled or node.retry_at < inf]
        left = len(nodes)

        def tested() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                then()

        for node in nodes:
            self.probe(node, 1, tested)
        if not nodes:
            then()

    def disable(self, node: Node) -> None:
        """Take a node out of use until it is tested again."""
        self._set(node, False)

    def enable(self, url: str, mode: int, number: int | None = None) -> bool:
        """0: disable for good, 1: enable, 2: disable until the next test. False if there is no such node."""
        found = [node for node in self.sets if node.url == url and number in (None, node.set)]
        for node in found:
            self._set(node, mode == 1)
            if mode == 0:
                node.retry_at = inf
                self._cancel(node)
        return bool(found)

    def choose(self, number: int, call_id: str, without: Collection[Node] = ()) -> Node | None:
        """The node for a call; None if there is none in use (or the engine has stopped)."""
        return None if self.stopped else self.sets.choose(number, call_id, without)

    def states(self) -> tuple[NodeState, ...]:
        """All nodes as management commands show them."""
        now = self.wire.timers.now
        return tuple(
            NodeState(node.url, node.set, node.weight, node.enabled, self._recheck(node, now))
            for node in self.sets
        )

    @staticmethod
    def _recheck(node: Node, now: float) -> float:
        return 0.0 if node.enabled else max(node.retry_at - now, 0.0)

    def _set(self, node: Node, usable: bool) -> None:
        changed = node.enabled != usable
        node.enabled = usable
        self._cancel(node)
        if usable:
            node.retry_at = 0.0
        else:
            node.retry_at = self.wire.timers.now + self._disable_for
            self._retests[node] = self.wire.timers.start(self._disable_for, lambda: self.probe(node))
        if changed and usable:
            self.debts.settle(node)
        if changed or (usable and self._tell_always):
            self.wire.status(self.name, node.url, node.set, usable)
        if changed:
            self.wire.log(
                3 if usable else 1, f"{self.name} {node.url} {'is back' if usable else 'is disabled'}"
            )

    def _cancel(self, node: Node) -> None:
        if timer := self._retests.pop(node, None):
            timer.cancel()
