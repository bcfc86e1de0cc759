"""The engine `rtpproxy` (reference 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from relayscript.engines.contract import Copy, Counters, Done, Exchange, NodeState, Outcome, Removal, Session, Wire
from relayscript.engines.cookies import CookieLink
from relayscript.engines.errors import EngineError
from relayscript.engines.lines import LineLink, OneShotLink
from relayscript.engines.link import Link
from relayscript.engines.nodes import Nodes
from relayscript.engines.rtpproxy import commands, copying
from relayscript.engines.rtpproxy.negotiation import Negotiation
from relayscript.engines.rtpproxy.replies import check
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.engines.sets import Node, full_url, parse_definition


class RtpproxyEngine:
    """Relays through daemons of rtpproxy, or through one in our own process (`rtp.io:auto`)."""

    name = "rtpproxy"
    deletes_calls = False

    def __init__(self, wire: Wire, settings: RtpproxySettings) -> None:
        """EngineError if a `rtpproxy_sock` cannot be understood."""
        self.counters = Counters()
        self._wire, self._settings = wire, settings
        self._cookie_head = wire.ids.token("cookie")
        self._cookie_count = 0
        definitions = [parse_definition(each, settings.default_set) for each in settings.rtpproxy_sock]
        self._nodes = Nodes(
            self.name,
            wire,
            definitions,
            self._link,
            self._probe,
            settings.rtpproxy_disable_tout,
            tell_always=True,
        )

    def start(self) -> None:
        """Open the channels and probe all nodes."""
        self._nodes.start()

    def stop(self) -> None:
        """Cancel timers and close the channels; operations under way end with an error."""
        self._nodes.stop()

    def offer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Open or change a session; fills in `session.set` and `session.node`."""
        self.counters.offers += 1
        Negotiation(self._nodes, self._settings, session, exchange, True, self._counted(done)).start()

    def answer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Look up the session on its node, or (a direct function) on the one that the hash chooses."""
        self.counters.answers += 1
        Negotiation(self._nodes, self._settings, session, exchange, False, self._counted(done)).start()

    def delete(self, session: Session, removal: Removal, done: Done) -> None:
        """`D` with both tags to the node that has the session; nothing to do if none has."""
        self.counters.deletes += 1
        ended = self._counted(done)
        if not session.node:
            ended(Outcome())
            return
        try:
            name = commands.session_name(session.call_id, session.branch)
            tags = map(commands.word, filter(None, (session.from_tag, session.to_tag)))
            command = commands.line(commands.delete(name, *tags))
        except EngineError as error:
            self._fail(f"cannot delete: {error}", ended)
            return
        node = self._nodes.sets.find(session.node, session.set)
        if node is None or not node.enabled:
            if node is not None:
                self._nodes.debts.add(node, name, command)
            self._fail(f"{session.node} is not in use", ended)
            return

        def replied(reply: bytes | None) -> None:
            if reply is None:
                self._nodes.debts.add(node, name, command)
            error = _error_of(reply)
            if error:
                self._fail(f"{name} on {session.node} not deleted: {error}", ended)
            else:
                ended(Outcome())

        self._nodes.request(node, command, replied)

    def copy_offer(self, session: Session, copy: Copy, done: Done) -> None:
        """Make up a description with all RTP streams of both sides; nothing is asked of the node yet."""
        try:
            outcome = Outcome(copying.offered(copy, self._settings))
        except EngineError as error:
            self._fail(f"cannot copy: {error}", done)
            return
        done(outcome)

    def copy_answer(self, session: Session, copy: Copy, body: str, done: Done) -> None:
        """Copy each stream to where it was answered; those that are held are not copied."""
        try:
            wanted = copying.started(session, copy, body)
        except EngineError as error:
            self._fail(f"cannot copy: {error}", done)
            return
        self._tell_all(session, wanted, done)

    def copy_delete(self, session: Session, copy: Copy, done: Done) -> None:
        """Copy no stream any more."""
        self._tell_all(session, copying.stopped(session, copy), done)

    def _tell_all(self, session: Session, wanted: list[str], done: Done) -> None:
        """Send commands to the node of a session one after the other, until one fails."""
        if not wanted:
            done(Outcome())
            return
        node = self._nodes.sets.find(session.node, session.set)
        if node is None or not node.enabled:
            self._fail(f"{session.node} is not in use", done)
            return

        def replied(reply: bytes | None) -> None:
            if error := _error_of(reply):
                self._fail(f"{wanted[0].partition(' ')[0]} for {session.call_id}: {error}", done)
            else:
                self._tell_all(session, wanted[1:], done)

        self._nodes.request(node, wanted[0].encode("latin-1"), replied)

    def in_use(self, session: Session) -> bool:
        """The node that has the session is in use."""
        node = self._nodes.sets.find(session.node, session.set)
        return node is not None and node.enabled

    def command(self, url: str, text: str, done: Callable[[str | None], None]) -> None:
        """Send any command to a node; `done` gets the reply, None if there is no such node or no reply.

        EngineError if the command is too long.
        """
        data = commands.line(text)
        node = self._nodes.sets.find(url)
        if node is None:
            done(None)
            return
        self._nodes.request(
            node,
            data,
            lambda reply: done(None if reply is None else reply.decode("latin-1").rstrip("\r\n")),
        )

    def node_for(self, call_id: str, number: int | None = None) -> str:
        """The URL of the node that the hash chooses for a call ("" if none is in use)."""
        known = number if number is not None and number in self._nodes.sets else self._settings.default_set
        node = self._nodes.choose(known, call_id)
        return node.url if node else ""

    def can(self, url: str, capability: str) -> bool:
        """Has the node a capability of `commands.CAPABILITIES`?"""
        node = self._nodes.sets.find(url)
        return node is not None and capability in node.capabilities

    def nodes(self) -> tuple[NodeState, ...]:
        """All nodes, set by set."""
        return self._nodes.states()

    def redefine(self, sockets: Iterable[str]) -> None:
        """Have the nodes of these definitions from now on. EngineError if one cannot be understood."""
        self._nodes.redefine([parse_definition(each, self._settings.default_set) for each in sockets])

    def enable(self, url: str, mode: int, number: int | None = None) -> bool:
        """0: off for good, 1: on, 2: off until the next test; False if there is no such node."""
        found = self._nodes.enable(url, mode, number)
        for node in self._nodes.sets:
            if node.url == url and node.enabled and not node.capabilities:
                self._nodes.probe(node)
        return found

    def _counted(self, done: Done) -> Done:
        def counted(outcome: Outcome) -> None:
            self.counters.failures += not outcome.ok
            done(outcome)

        return counted

    def _fail(self, error: str, done: Done) -> None:
        if not self._nodes.stopped:
            self._wire.log(-1, f"rtpproxy: {error}")
        done(Outcome(error=error))

    def _link(self, url: str) -> Link:
        full, settings = full_url(url), self._settings
        network, timers, timeout = self._wire.network, self._wire.timers, settings.rtpproxy_timeout

        def timed_out() -> None:
            self._wire.timer(f"rtpproxy_timeout of {url}", timeout)

        if full.startswith("udp"):
            return CookieLink(network, full, timers, self._cookie, timeout, settings.rtpproxy_retr, timed_out)
        if full.startswith("unix:"):
            return OneShotLink(network, full, timers, timeout, timed_out)
        return LineLink(network, full, timers, timeout, timed_out)

    def _cookie(self) -> str:
        self._cookie_count += 1
        return f"{self._cookie_head}_{self._cookie_count}"

    def _probe(self, node: Node, attempts: int | None, done: Callable[[bool], None]) -> None:
        """Ask for the protocol version, then for what the node can do (reference 5.2)."""

        def version(reply: bytes | None) -> None:
            if reply is None:
                done(False)
            elif reply.strip() != commands.PROTOCOL_REPLY.encode():
                self._wire.log(-1, f"rtpproxy {node.url} speaks another protocol: {reply.decode('latin-1')}")
                done(False)
            else:
                self._ask(node, attempts, done)

        self._nodes.request(node, commands.PROTOCOL.encode(), version, attempts)

    def _ask(self, node: Node, attempts: int | None, done: Callable[[bool], None]) -> None:
        names = (commands.BASE_CAPABILITY, *commands.CAPABILITIES)
        answers: dict[str, bytes | None] = {}

        def answered(name: str, reply: bytes | None) -> None:
            answers[name] = reply
            if len(answers) == len(names):
                has = {each for each, given in answers.items() if given is not None and given.strip() == b"1"}
                node.capabilities = frozenset(has)
                done(commands.BASE_CAPABILITY in has)

        for name in names:
            self._nodes.request(node, f"VF {name}".encode(), partial(answered, name), attempts)


def _error_of(reply: bytes | None) -> str:
    if reply is None:
        return "no answer"
    try:
        check(reply.decode("latin-1"))
    except EngineError as error:
        return str(error)
    return ""
