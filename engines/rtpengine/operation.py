"""One request to rtpengine until it succeeds, fails, or no node is left (reference 6.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from relayscript.engines.errors import EngineError
from relayscript.engines.nodes import Nodes
from relayscript.engines.rtpengine.ng import NgDict, decode, encode
from relayscript.engines.sets import Node

FAILOVER_ERRORS = (
    "parallel session limit reached",
    "ran out of ports",
    "cpu usage limit exceeded",
    "load limit exceeded",
    "bandwidth limit exceeded",
)

LONGEST = 65_507 - 100
"""Bytes of a command: what a datagram can carry, less the cookie. What is longer would be taken for silence."""

Answered = Callable[[Node | None, NgDict, str], None]
"""Gets the node that answered `ok` and its reply, or the reason why none did."""


class Operation:
    """Runs once. `may_move` lets it go on to another node of the set; the node `pinned` comes first.

    A node is skipped when it is silent, when it says that it is full, or when its reply cannot be read twice.
    """

    def __init__(
        self,
        nodes: Nodes,
        extra_failover: Sequence[re.Pattern[str]],
        dictionary: NgDict,
        number: int,
        pinned: str,
        may_move: bool,
        answered: Answered,
    ) -> None:
        self._nodes, self._extra_failover = nodes, extra_failover
        self._data, self._call_id = encode(dictionary), str(dictionary.get("call-id", ""))
        self._number, self._pinned, self._may_move = number, pinned, may_move
        self._answered = answered
        self._skipped: list[Node] = []
        self._strange: list[Node] = []
        self._error = ""

    def start(self) -> None:
        """Send it; `answered` is called when it is over, perhaps at once."""
        if len(self._data) > LONGEST:
            self._answered(None, {}, f"a command of {len(self._data)} bytes is too long for a datagram")
            return
        node = self._choose()
        if node is None:
            self._answered(None, {}, self._error or f"no rtpengine in use for set {self._number}")
            return
        self._nodes.request(node, self._data, lambda reply: self._replied(node, reply))

    def _choose(self) -> Node | None:
        if self._nodes.stopped:
            return None
        pinned = self._nodes.sets.find(self._pinned, self._number) if self._pinned else None
        if pinned is not None and pinned.enabled and pinned not in self._skipped:
            return pinned
        if self._pinned and not self._may_move:
            self._error = self._error or f"{self._pinned} is not in use"
            return None
        return self._nodes.choose(self._number, self._call_id, self._skipped)

    def _replied(self, node: Node, reply: bytes | None) -> None:
        if reply is None:
            self._skip(node, f"{node.url} does not answer")
            return
        try:
            dictionary = decode(reply)
        except EngineError as error:
            if node in self._strange:
                self._skip(node, str(error))
            else:
                self._strange.append(node)
                self.start()
            return
        self._understood(node, dictionary)

    def _understood(self, node: Node, reply: NgDict) -> None:
        if reply.get("result") in ("ok", "pong"):
            if "warning" in reply:
                self._nodes.wire.log(1, f"rtpengine {node.url}: {reply['warning']}")
            self._answered(node, reply, "")
            return
        reason = str(reply.get("error-reason", "unknown error"))
        full = reason.lower() in FAILOVER_ERRORS or any(each.search(reason) for each in self._extra_failover)
        if full:
            self._skip(node, reason)
        else:
            self._answered(None, reply, reason)

    def _skip(self, node: Node, error: str) -> None:
        self._skipped.append(node)
        self._error = error
        if not self._may_move:
            self._answered(None, {}, error)
            return
        self._nodes.wire.log(1, f"rtpengine: {error}, looking for another node")
        self.start()
