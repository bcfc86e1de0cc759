"""An offer or an answer on its way through rtpproxy: one command per stream, one node for all (5.5)."""

from __future__ import annotations

from relayscript.engines.contract import Done, Exchange, Outcome, Session
from relayscript.engines.errors import EngineError
from relayscript.engines.nodes import Nodes
from relayscript.engines.rtpproxy import commands
from relayscript.engines.rtpproxy.building import letters_of, media_command
from relayscript.engines.rtpproxy.commands import session_name
from relayscript.engines.rtpproxy.flags import parse_options
from relayscript.engines.rtpproxy.replies import MediaReply, RtpproxyError, parse_media_reply
from relayscript.engines.rtpproxy.rewriting import Allocation, Relayed, relayed_streams, rewrite
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.engines.sets import Node
from relayscript.sip.sdp import Description


class Negotiation:
    """Runs once. An offer moves to another node of the set if one is silent or lacks resources.

    Nothing stays behind: what was opened on a node that the call then leaves is deleted there.
    """

    def __init__(
        self,
        nodes: Nodes,
        settings: RtpproxySettings,
        session: Session,
        exchange: Exchange,
        is_offer: bool,
        done: Done,
    ) -> None:
        self._nodes, self._settings = nodes, settings
        self._session, self._exchange, self._is_offer, self._done = session, exchange, is_offer, done
        self._options = parse_options(letters_of(exchange))
        self._description = Description(exchange.body)
        self._relayed: tuple[Relayed, ...] = ()
        self._allocations: list[Allocation] = []
        self._node: Node | None = None
        self._tried: list[Node] = []
        self._opened: list[Node] = []
        self._retested = False
        self._error = ""

    def start(self) -> None:
        """Begin; `done` is called when it is over, perhaps at once."""
        if self._options.unknown:
            self._warn(f"unknown rtpproxy flags '{self._options.unknown}'")
        try:
            self._relayed = relayed_streams(self._description, self._options, self._settings.nortpproxy_str)
            self._name = session_name(self._session.call_id, self._session.branch)
        except EngineError as error:
            self._finish(str(error))
            return
        if self._relayed:
            self._choose()
        else:
            self._finish()

    def _choose(self) -> None:
        """Find the node: the one that has the session, else (or if an offer can move) one of the set."""
        session = self._session
        pinned = self._nodes.sets.find(session.node, session.set) if session.node else None
        node = pinned if pinned and pinned.enabled and pinned not in self._tried else None
        if node is None and (self._is_offer or not session.node):
            node = self._nodes.choose(self._set(), self._name, self._tried)
        if node is not None:
            self._node = node
            self._allocations.clear()
            self._nodes.when_known(node, self._begin)
        elif self._is_offer and not self._tried and not self._retested and not self._nodes.stopped:
            self._retested = True
            self._nodes.probe_all(self._set(), self._choose)
        else:
            self._finish(self._error or f"no rtpproxy in use for set {self._set()}")

    def _set(self) -> int:
        number = self._session.set
        if number is not None and number in self._nodes.sets:
            return number
        if number is not None:
            self._warn(f"no set {number} of rtpproxy, taking {self._settings.default_set}")
        return self._settings.default_set

    def _begin(self) -> None:
        if self._node is not None and self._node.enabled:
            self._nodes.debts.drop(self._node, self._name)
            self._next()
        else:
            self._choose()

    def _next(self) -> None:
        """Send the command of the next stream, or come to an end."""
        node = self._node
        assert node is not None
        if len(self._allocations) == len(self._relayed):
            self._finish()
            return
        try:
            media = media_command(
                self._session,
                self._exchange,
                self._is_offer,
                self._options,
                self._relayed[len(self._allocations)],
                node.capabilities,
                self._settings,
                self._warn,
            )
            command = commands.line(media)
        except EngineError as error:
            self._finish(str(error))
            return
        self._nodes.request(node, command, self._replied)

    def _replied(self, reply: bytes | None) -> None:
        node = self._node
        assert node is not None
        if reply is None:
            self._leave(node, f"{node.url} does not answer")
            return
        try:
            media = parse_media_reply(reply.decode("latin-1"))
        except RtpproxyError as refusal:
            if refusal.fails_over:
                self._leave(node, str(refusal))
            else:
                self._finish(str(refusal))
        except EngineError as error:
            self._finish(str(error))
        else:
            if not self._allocations and self._is_offer and node.url != self._session.node:
                self._opened.append(node)
            self._allocations.append(Allocation(self._advertised(node, media), media.port))
            self._next()

    def _leave(self, node: Node, error: str) -> None:
        """The node cannot serve: an offer goes to another one."""
        self._tried.append(node)
        self._error = error
        if not self._is_offer or self._nodes.stopped:
            self._finish(error)
            return
        self._warn(f"{error}, looking for another rtpproxy")
        self._choose()

    def _advertised(self, node: Node, media: MediaReply) -> str:
        host = self._exchange.ip or node.advertised or media.host or self._exchange.received_on
        return host.strip("[]")

    def _finish(self, error: str = "") -> None:
        session, node = self._session, self._node
        if error:
            self._delete_on(self._opened)
            self._nodes.wire.log(-1, f"rtpproxy: {error}")
            self._done(Outcome(error=error))
            return
        if self._is_offer and node is not None:
            left = self._nodes.sets.find(session.node, session.set) if session.node else None
            self._delete_on([each for each in (*self._opened, left) if each and each is not node])
            session.set, session.node = node.set, node.url
        self._done(Outcome(self._body(), media=self._media()))

    def _body(self) -> str:
        if self._options.keep_body:
            return self._exchange.body
        marker = self._settings.nortpproxy_str
        rewrite(self._description, self._relayed, self._allocations, self._options, marker)
        return str(self._description)

    def _media(self) -> str:
        return "".join(f"{each.host}:{each.port}" for each in self._allocations[:1])

    def _delete_on(self, nodes: list[Node]) -> None:
        exchange = self._exchange
        text = commands.delete(self._name, exchange.from_tag, exchange.to_tag) if nodes else ""
        for node in nodes:
            self._nodes.tell(node, self._name, text.encode("latin-1"))

    def _warn(self, text: str) -> None:
        self._nodes.wire.log(1, text)
