"""The engine `rtpengine` (reference 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from relayscript.engines.contract import Copy, Counters, Done, Exchange, NodeState, Outcome, Removal, Session, Wire
from relayscript.engines.cookies import CookieLink
from relayscript.engines.errors import EngineError
from relayscript.engines.link import Link
from relayscript.engines.nodes import Nodes
from relayscript.engines.rtpengine.dictionary import command_dictionary, delete_dictionary, media_dictionary
from relayscript.engines.rtpengine.ng import NgDict, decode, encode
from relayscript.engines.rtpengine.operation import Operation
from relayscript.engines.rtpengine.settings import RtpengineSettings
from relayscript.engines.sets import Node, full_url, parse_definition
from relayscript.sip.timers import Timer


class RtpengineEngine:
    """Relays through daemons of rtpengine."""

    name = "rtpengine"
    deletes_calls = True

    def __init__(self, wire: Wire, settings: RtpengineSettings) -> None:
        """EngineError if a `rtpengine_sock` or an `extra_failover_error` cannot be understood."""
        self.counters = Counters()
        self._wire, self._settings = wire, settings
        self._cookie_head = wire.ids.token("cookie")
        self._cookie_count = 0
        self._timer: Timer | None = None
        self._failover = [_pattern(text) for text in settings.extra_failover_error]
        definitions = [parse_definition(each, settings.default_set) for each in settings.rtpengine_sock]
        self._nodes = Nodes(
            self.name, wire, definitions, self._link, self._probe, settings.rtpengine_disable_tout
        )

    def start(self) -> None:
        """Open the channels and ping all nodes."""
        self._nodes.start()
        if self._settings.ping_enabled:
            self._timer = self._wire.timers.start(self._settings.rtpengine_timer_interval, self._ping_idle)

    def stop(self) -> None:
        """Cancel timers and close the channels; operations under way end with an error."""
        if self._timer is not None:
            self._timer.cancel()
        self._nodes.stop()

    def offer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Open or change a session; fills in `session.set` and `session.node`."""
        self.counters.offers += 1
        self._negotiate(session, exchange, True, done)

    def answer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Give the answer to the node of the session, or (a direct function) to the one the hash chooses."""
        self.counters.answers += 1
        self._negotiate(session, exchange, False, done)

    def delete(self, session: Session, removal: Removal, done: Done) -> None:
        """Delete the call, or one branch of it; nothing to do if no node has it."""
        self.counters.deletes += 1
        if not session.node:
            done(Outcome())
            return

        def answered(_: Node | None, reply: NgDict, error: str) -> None:
            node = self._nodes.sets.find(session.node, session.set)
            if error and node is not None and not node.enabled:
                self._nodes.debts.add(node, _name(session), encode(dictionary))
            self._end(done, Outcome(error=error))

        try:
            dictionary = delete_dictionary(session, removal)
        except EngineError as error:
            self._end(done, Outcome(error=str(error)))
            return
        number = self._set(session.set)
        Operation(self._nodes, self._failover, dictionary, number, session.node, False, answered).start()

    def copy_offer(self, session: Session, copy: Copy, done: Done) -> None:
        """Subscribe to what both sides send, or to what the flags say."""

        def subscribed(reply: NgDict, error: str) -> None:
            body = reply.get("sdp")
            copy.handle = str(reply.get("to-tag", ""))
            if not error and not (isinstance(body, str) and body and copy.handle):
                error = "no session description or no to-tag in the reply"
            done(Outcome(error=error) if error else Outcome(str(body)))

        self._subscription("subscribe request", session, copy.flags or "all", "", {}, subscribed)

    def copy_answer(self, session: Session, copy: Copy, body: str, done: Done) -> None:
        """Answer the subscription."""
        self._subscription("subscribe answer", session, "", copy.handle, {"sdp": body}, _told(done))

    def copy_delete(self, session: Session, copy: Copy, done: Done) -> None:
        """End the subscription."""
        self._subscription("unsubscribe", session, "", copy.handle, {}, _told(done))

    def _subscription(
        self,
        command: str,
        session: Session,
        flags: str,
        tag: str,
        more: NgDict,
        done: Callable[[NgDict, str], None],
    ) -> None:
        if not session.node:
            done({}, "no node has the session")
            return
        try:
            dictionary = command_dictionary(command, flags, session.call_id, to_tag=tag, more=more)
        except EngineError as error:
            done({}, str(error))
            return
        self.command(session, dictionary, done)

    def in_use(self, session: Session) -> bool:
        """The node that has the session is in use."""
        node = self._nodes.sets.find(session.node, session.set)
        return node is not None and node.enabled

    def command(self, session: Session, dictionary: NgDict, done: Callable[[NgDict, str], None]) -> None:
        """Send any dictionary to the node of a session, or to the one that the hash chooses, which the session
        learns; `done` gets the reply and the error, one of them empty.
        """

        def answered(node: Node | None, reply: NgDict, error: str) -> None:
            if node is not None:
                session.node = node.url
            if error:
                self.counters.failures += 1
                self._wire.log(-1, f"rtpengine: {dictionary['command']}: {error}")
            done(reply, error)

        number = self._set(session.set)
        may_move = not session.node
        Operation(self._nodes, self._failover, dictionary, number, session.node, may_move, answered).start()

    def request(self, url: str, dictionary: NgDict, done: Callable[[NgDict | None], None]) -> None:
        """Send any dictionary to a node; `done` gets the reply, None if there is none that can be read."""
        node = self._nodes.sets.find(url)
        if node is None:
            done(None)
            return
        self._nodes.request(node, encode(dictionary), lambda reply: done(_decoded(reply)))

    def node_for(self, call_id: str, number: int | None = None) -> str:
        """The URL of the node that the hash chooses for a call ("" if none is in use)."""
        node = self._nodes.choose(self._set(number), call_id)
        return node.url if node else ""

    def has_set(self, number: int) -> bool:
        """Is there a set with this number?"""
        return number in self._nodes.sets

    def nodes(self) -> tuple[NodeState, ...]:
        """All nodes, set by set."""
        return self._nodes.states()

    def redefine(self, sockets: Iterable[str]) -> None:
        """Have the nodes of these definitions from now on. EngineError if one cannot be understood."""
        self._nodes.redefine([parse_definition(each, self._settings.default_set) for each in sockets])

    def enable(self, url: str, mode: int, number: int | None = None) -> bool:
        """0: off for good, 1: on, 2: off until the next test; False if there is no such node."""
        return self._nodes.enable(url, mode, number)

    def _negotiate(self, session: Session, exchange: Exchange, is_offer: bool, done: Done) -> None:
        def answered(node: Node | None, reply: NgDict, error: str) -> None:
            body = reply.get("sdp")
            if node is not None and not (isinstance(body, str) and body):
                error = "no session description in the reply"
            if error or node is None:
                self._end(done, Outcome(error=error))
                return
            self._nodes.debts.drop(node, _name(session))
            if is_offer:
                self._leave(session, node)
                session.set, session.node = node.set, node.url
            self._end(done, Outcome(str(body)))

        try:
            dictionary = media_dictionary(session, exchange, is_offer)
        except EngineError as error:
            self._end(done, Outcome(error=str(error)))
            return
        number, may_move = self._set(session.set), is_offer or not session.node
        Operation(self._nodes, self._failover, dictionary, number, session.node, may_move, answered).start()

    def _leave(self, session: Session, node: Node) -> None:
        """A call that has moved is deleted where it was."""
        old = self._nodes.sets.find(session.node, session.set) if session.node else None
        if old is not None and old is not node:
            dictionary = delete_dictionary(session, Removal(whole_call=session.branch < 0))
            self._nodes.tell(old, _name(session), encode(dictionary))

    def _set(self, number: int | None) -> int:
        if number is not None and number in self._nodes.sets:
            return number
        if number is not None:
            self._wire.log(1, f"no set {number} of rtpengine, taking {self._settings.default_set}")
        return self._settings.default_set

    def _end(self, done: Done, outcome: Outcome) -> None:
        if outcome.error:
            self.counters.failures += 1
            if not self._nodes.stopped:
                self._wire.log(-1, f"rtpengine: {outcome.error}")
        done(outcome)

    def _link(self, url: str) -> Link:
        settings = self._settings
        network, timers = self._wire.network, self._wire.timers
        timeout = settings.rtpengine_tout

        def timed_out() -> None:
            self._wire.timer(f"rtpengine_tout of {url}", timeout)

        return CookieLink(
            network, full_url(url), timers, self._cookie, timeout, settings.rtpengine_retr, timed_out
        )  # fmt: skip

    def _cookie(self) -> str:
        self._cookie_count += 1
        return f"{self._cookie_head}_{self._cookie_count}"

    def _probe(self, node: Node, attempts: int | None, done: Callable[[bool], None]) -> None:
        def ponged(reply: bytes | None) -> None:
            dictionary = _decoded(reply)
            done(dictionary is not None and dictionary.get("result") == "pong")

        self._nodes.request(node, encode({"command": "ping"}), ponged, attempts)

    def _ping_idle(self) -> None:
        interval = self._settings.rtpengine_timer_interval
        for node in self._nodes.sets:
            if node.enabled and self._wire.timers.now - node.heard_at >= interval:
                self._nodes.probe(node)
        self._timer = self._wire.timers.start(interval, self._ping_idle)


def _told(done: Done) -> Callable[[NgDict, str], None]:
    return lambda _, error: done(Outcome(error=error))


def _name(session: Session) -> str:
    return f"{session.call_id} {session.branch}"


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise EngineError(f"extra_failover_error '{text}': {error}") from None


def _decoded(reply: bytes | None) -> NgDict | None:
    if reply is None:
        return None
    try:
        return decode(reply)
    except EngineError:
        return None
