"""The contract of a media relay engine: offer, answer and delete on a session, plus node control.

An engine never opens a socket and never reads a clock: it talks to its nodes through channels that a
`Network` opens, and its retransmissions are timers. Every operation ends by calling back exactly once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from relayscript.sip.ids import Ids
from relayscript.sip.timers import Timers


class Channel(Protocol):
    """A way to one node: datagrams, or the byte stream of a connection."""

    def send(self, data: bytes) -> None:
        """Send; a channel that is broken says nothing (the silence is noticed by the timer)."""

    def close(self) -> None:
        """Give the channel back."""


class Network(Protocol):
    """Opens channels to nodes."""

    def connect(self, url: str, receive: Callable[[bytes], None]) -> Channel:
        """A channel to `udp:host:port`, `udp6:host:port`, `tcp:host:port`, `tcp6:`, `unix:path`, `cunix:path`
        (both stream sockets) or `rtp.io:auto` (see `engines/embedded.py`).

        The URL always has its scheme and, where it applies, its port. Each datagram or chunk that arrives
        is handed to `receive`, never from within `send`; `b""` means that a stream was closed by the other
        side or could not be opened. OSError if opening fails at once.
        """


@dataclass(slots=True)
class Session:
    """What a relay holds of one call (or of one branch of it).

    `branch` is -1 for the whole call. `set` and `node` (a URL) are filled in by the offer that
    succeeds and say who must get the later commands. `call_id` is the call-id without branch suffix.
    """

    call_id: str
    from_tag: str = ""
    to_tag: str = ""
    branch: int = -1
    set: int | None = None
    node: str = ""


@dataclass(slots=True)
class Exchange:
    """One body on its way from one participant to the other (the mapping rule of the reference, section 1).

    `from_tag` and `to_tag` are those of the body's author and of its receiver ("" if not known yet).
    `source` is the IP address that the message came from, `received_on` the local one that got it.
    `ip` and `type` describe what the receiver shall see; `in_iface` is the author's interface, `out_iface`
    the receiver's; the flags are those of the context, of the author and of the receiver (`peer`).
    The rest is needed by some relays or flags only: `cseq` of the transaction, `in_reply` (the body is in
    a reply), `dialog_id` (the `did`, for notifications), `next_hop` (its IP address, for automatic
    bridging), `bind` (local address asked for by a direct function), `vias` (the branch parameters of the
    Via headers, top first) and `extra_id` (for `via-branch=`), the From and To URI of the transaction's
    request and the author's user agent (for mediaproxy). `subject` is whatever the caller wants an engine
    of its own to see (what the body came in); no relay needs it, and nobody keeps it.
    """

    body: str
    from_tag: str
    to_tag: str = ""
    source: str = ""
    received_on: str = ""
    ip: str = ""
    type: str = ""
    in_iface: str = ""
    out_iface: str = ""
    ctx_flags: str = ""
    flags: str = ""
    peer_flags: str = ""
    cseq: str = ""
    in_reply: bool = False
    dialog_id: str = ""
    next_hop: str = ""
    bind: str = ""
    vias: tuple[str, ...] = ()
    extra_id: str = ""
    from_uri: str = ""
    to_uri: str = ""
    user_agent: str = ""
    subject: object = None


@dataclass(slots=True)
class Removal:
    """A delete: the flags of the context and of the participant who ended the call.

    `whole_call` says that nothing else of the call is left at the node, `late` that the callee made
    the first offer of this session. `subject` is as in `Exchange`.
    """

    ctx_flags: str = ""
    flags: str = ""
    source: str = ""
    whole_call: bool = True
    late: bool = False
    subject: object = None


@dataclass(slots=True)
class Copy:
    """A copy of a call's media for somebody else, as a recorder.

    `bodies` are the descriptions of caller and callee that are in force, as they wrote them; `flags` are for the
    engine; `handle` is what it knows the copy by, filled in by it.
    """

    flags: str = ""
    bodies: tuple[str, str] = ("", "")
    handle: str = ""


@dataclass(slots=True)
class Outcome:
    """How an operation ended: the new body, or an error in words (empty: success).

    `media` is the first media address handed out (`ip:port`), where the relay tells it. The error of a
    relay that gives a reason is that reason and nothing else.
    """

    body: str = ""
    error: str = ""
    media: str = ""

    @property
    def ok(self) -> bool:
        """It succeeded."""
        return not self.error


Done = Callable[[Outcome], None]


@dataclass(slots=True)
class Wire:
    """What every engine is given to work with.

    `log(level, text)` takes the levels of the script's logs (-1 error, 1 warning, 3 info, 4 debug);
    `trace(node, sent, text)` sees each command and reply; `status(engine, node, set, active)` each change;
    `timer(name, seconds)` each reply that a node did not give in time, by the
    name of the module's parameter and the node's URL.
    """

    network: Network
    timers: Timers
    ids: Ids
    log: Callable[[int, str], None] = lambda level, text: None
    trace: Callable[[str, bool, str], None] = lambda node, sent, text: None
    status: Callable[[str, str, int, bool], None] = lambda engine, node, set_id, active: None
    timer: Callable[[str, float], None] = lambda name, seconds: None


class Engine(Protocol):
    """One kind of media relay. `deletes_calls`: one delete of a whole call releases all its sessions at a node."""

    name: str
    deletes_calls: bool

    def offer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Open or change a session with the offered body; picks a node and fails over within the set."""

    def answer(self, session: Session, exchange: Exchange, done: Done) -> None:
        """Give the answered body to the node that served the offer."""

    def delete(self, session: Session, removal: Removal, done: Done) -> None:
        """Release the session on the node that served it."""

    def copy_offer(self, session: Session, copy: Copy, done: Done) -> None:
        """Prepare a copy; the outcome has the description to offer to whoever is to get it."""

    def copy_answer(self, session: Session, copy: Copy, body: str, done: Done) -> None:
        """Start it, or change it, with the description that was answered."""

    def copy_delete(self, session: Session, copy: Copy, done: Done) -> None:
        """End it."""

    def in_use(self, session: Session) -> bool:
        """The node that has the session is in use."""

    def start(self) -> None:
        """Open the channels and probe all nodes."""

    def stop(self) -> None:
        """Cancel timers and close the channels; operations under way end with an error."""


@dataclass(slots=True)
class Counters:
    """How often an engine was asked, and how often that failed."""

    offers: int = 0
    answers: int = 0
    deletes: int = 0
    failures: int = 0


@dataclass(slots=True)
class NodeState:
    """A node as management commands show it; a disabled one is tried again in `recheck` seconds."""

    url: str
    set: int
    weight: int = 1
    enabled: bool = True
    recheck: float = 0.0
    extra: dict[str, str] = field(default_factory=dict)
