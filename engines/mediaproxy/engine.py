"""The engine `mediaproxy`: a node is a dispatcher (reference 6.6)."""

from __future__ import annotations

import re
from collections.abc import Callable

from relayscript.engines.contract import Copy, Counters, Done, Exchange, NodeState, Outcome, Removal, Session, Wire
from relayscript.engines.errors import EngineError
from relayscript.engines.link import Link
from relayscript.engines.mediaproxy.dispatcher import DispatcherLink
from relayscript.engines.mediaproxy.requests import RelayPorts, parse_update_reply, remove, session_name, update
from relayscript.engines.mediaproxy.rewriting import Media, medias, rewrite
from relayscript.engines.mediaproxy.settings import MediaproxySettings
from relayscript.engines.nodes import Nodes
from relayscript.engines.sets import Node, NodeDefinition, SetDefinition, full_url
from relayscript.sip.sdp import Description

RECONNECT_AFTER = 10.0
"""Seconds before a dispatcher that failed is asked again."""

NO_COPIES = "mediaproxy makes no copies"

_ICE = re.compile(r"(?:^|\s)ice=(none|low-priority|high-priority)(?=\s|$)")


class MediaproxyEngine:
    """Relays through the relays of a dispatcher of mediaproxy."""

    name = "mediaproxy"
    deletes_calls = False

    def __init__(self, wire: Wire, settings: MediaproxySettings) -> None:
        self.counters = Counters()
        self._wire, self._settings = wire, settings
        dispatcher = SetDefinition(0, (NodeDefinition(settings.mediaproxy_socket),))
        self._nodes = Nodes(self.name, wire, [dispatcher], self._link, self._probe, RECONNECT_AFTER)

    def start(self) -> None:
        """Nothing is to be done before the first request: a dispatcher has no command to test it."""
        self._nodes.start()

    def stop(self) -> None:
        """Close the connection; operations under way end with an error."""
        self._nodes.stop()

    def offer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Give the offerer's streams; fills in `session.set` and `session.node`."""
        self.counters.offers += 1
        self._update(session, exchange, True, done)

    def answer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Give the answerer's streams."""
        self.counters.answers += 1
        self._update(session, exchange, False, done)

    def delete(self, session: Session, removal: Removal, done: Done) -> None:
        """Remove the session; nothing to do if the dispatcher has none."""
        self.counters.deletes += 1
        node = self._nodes.sets.find(session.node)
        if node is None:
            done(Outcome())
            return

        def replied(reply: bytes | None) -> None:
            if reply is None:
                self._nodes.debts.add(node, session_name(session), remove(session))
            error = "no answer" if reply is None else "" if reply == b"removed" else "refused"
            self._end(done, Outcome(error=error and f"{session.call_id} not removed: {error}"))

        try:
            self._nodes.request(node, remove(session), replied)
        except EngineError as error:
            self._end(done, Outcome(error=str(error)))

    def copy_offer(self, session: Session, copy: Copy, done: Done) -> None:
        """Always fails: mediaproxy cannot copy."""
        self._end(done, Outcome(error=NO_COPIES))

    def copy_answer(self, session: Session, copy: Copy, body: str, done: Done) -> None:
        """Always fails."""
        self._end(done, Outcome(error=NO_COPIES))

    def copy_delete(self, session: Session, copy: Copy, done: Done) -> None:
        """Always fails."""
        self._end(done, Outcome(error=NO_COPIES))

    def in_use(self, session: Session) -> bool:
        """The dispatcher is; there is no other one."""
        return True

    def nodes(self) -> tuple[NodeState, ...]:
        """The dispatcher."""
        return self._nodes.states()

    def enable(self, url: str, mode: int, number: int | None = None) -> bool:
        """0: off for good, 1: on, 2: off for a while; False if there is no such dispatcher."""
        return self._nodes.enable(url, mode, number)

    def _update(self, session: Session, exchange: Exchange, is_offer: bool, done: Done) -> None:
        description = Description(exchange.body)
        if description.has_attribute("remote-candidates"):
            done(Outcome(exchange.body))
            return
        node = self._nodes.choose(0, session.call_id)
        if node is None:
            self._end(done, Outcome(error="the dispatcher of mediaproxy is not in use"))
            return
        try:
            streams = medias(description)
            supported = [media for media in streams if media.supported]
            command = update(session, exchange, [media.announced for media in supported])
        except EngineError as error:
            self._end(done, Outcome(error=str(error)))
            return

        def replied(reply: bytes | None) -> None:
            if reply is None:
                self._end(done, Outcome(error=f"{node.url} does not answer"))
                return
            try:
                relay = parse_update_reply(reply, len(supported))
            except EngineError as error:
                self._end(done, Outcome(error=str(error)))
                return
            if is_offer:
                session.set, session.node = node.set, node.url
            self._end(done, self._rewritten(exchange, description, streams, relay))

        self._nodes.request(node, command, replied)

    def _rewritten(
        self, exchange: Exchange, description: Description, streams: tuple[Media, ...], relay: RelayPorts
    ) -> Outcome:
        flags = f"{exchange.ctx_flags} {exchange.flags} {exchange.peer_flags}"
        ice = (_ICE.findall(flags) or [self._settings.ice_candidate])[-1]
        shown = RelayPorts(exchange.ip.strip("[]") or relay.host, relay.ports)
        rewrite(description, streams, shown, ice)
        media = next((f"{shown.host}:{port}" for port in shown.ports if port), "")
        return Outcome(str(description), media=media)

    def _end(self, done: Done, outcome: Outcome) -> None:
        if outcome.error:
            self.counters.failures += 1
            if not self._nodes.stopped:
                self._wire.log(-1, f"mediaproxy: {outcome.error}")
        done(outcome)

    def _link(self, url: str) -> Link:
        timeout = self._settings.mediaproxy_timeout / 1000

        def timed_out() -> None:
            self._wire.timer(f"mediaproxy_timeout of {url}", timeout)

        return DispatcherLink(self._wire.network, full_url(url), self._wire.timers, timeout, timed_out)

    @staticmethod
    def _probe(node: Node, attempts: int | None, done: Callable[[bool], None]) -> None:
        done(True)
