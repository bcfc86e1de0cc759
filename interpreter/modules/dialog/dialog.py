"""One call as scripts and other modules see it: identity, values, flags, profiles, who is told of what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relayscript.interpreter.context import Context
from relayscript.sip import dialog as protocol
from relayscript.sip.dialog import Direction, Leg
from relayscript.sip.message import Message
from relayscript.sip.timers import Timer
from relayscript.sip.transport import Listener


class Dialog:
    """A dialog from its creation to its end.

    `sip` is what RFC 3261 says about it: state, legs, route sets. `entry` and `number` identify it, `did`
    is how that is written in Record-Route and management. `values`, `flags` and `profiles` are what
    scripts keep with it, `options` the flags of create_dialog(), `local` the place for other modules.
    `caller_socket` and `callee_socket` are ours towards each side. Times are seconds since the epoch,
    `lifetime` is seconds from the answer on. The hook lists are for other modules:

    - `on_request(dialog, context, downstream)` a request inside the dialog was matched;
    - `on_reply(dialog, context)` a reply to the initial INVITE is about to be relayed to the caller;
    - `on_own_request(dialog, way, request)` a request made here is about to be sent;
    - `on_confirmed(dialog)` the call was answered;
    - `on_end(dialog, reason, downstream)` it is over, told once; `downstream` is the way of the BYE, None if
      there was none.
    """

    __slots__ = (
        "answered_at", "callee_socket", "caller_socket", "created_at", "delete_delay", "did", "end_reason", "entry",
        "expires_at", "flags", "lifetime", "local", "number", "on_confirmed", "on_end", "on_own_request", "on_reply",
        "on_request", "options", "pings", "profiles", "routes", "sip", "timer", "values",
    )  # fmt: skip

    def __init__(self, sip: protocol.Dialog, entry: int, number: int, created_at: float) -> None:
        self.sip = sip
        self.entry = entry
        self.number = number
        self.did = f"{reversed_hex(entry)}.{reversed_hex(number)}"
        self.created_at = created_at
        self.answered_at = 0.0
        self.expires_at = 0.0
        self.lifetime = 0
        self.delete_delay = 0
        self.end_reason = ""
        self.options: frozenset[str] = frozenset()
        self.values: dict[str, str | int] = {}
        self.flags: dict[str, None] = {}
        self.profiles: list[tuple[str, str]] = []
        self.routes: dict[str, str] = {}
        self.caller_socket: Listener | None = None
        self.callee_socket: Listener | None = None
        self.timer: Timer | None = None
        self.pings: dict[Direction, Timer] = {}
        self.local: dict[str, Any] = {}
        self.on_request: list[Callable[[Dialog, Context, bool], object]] = []
        self.on_reply: list[Callable[[Dialog, Context], object]] = []
        self.on_own_request: list[Callable[[Dialog, Direction, Message], object]] = []
        self.on_confirmed: list[Callable[[Dialog], object]] = []
        self.on_end: list[Callable[[Dialog, str, bool | None], object]] = []

    @property
    def db_id(self) -> int:
        """Both halves of its identity as one number."""
        return self.entry << 32 | self.number

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self.sip.call_id

    @property
    def state(self) -> int:
        """1 unconfirmed, 2 early, 3 answered, 4 confirmed, 5 deleted."""
        return self.sip.state

    @property
    def caller(self) -> Leg:
        """The side that sent the INVITE."""
        return self.sip.caller

    @property
    def callee(self) -> Leg | None:
        """The side that answered; None before any answer."""
        return self.sip.callee

    @property
    def is_answered(self) -> bool:
        """A 2xx went to the caller and the call is not over."""
        return self.state in (protocol.CONFIRMED_NO_ACK, protocol.CONFIRMED)

    @property
    def is_ended(self) -> bool:
        """The call is over."""
        return self.state == protocol.DELETED

    def sdp(self, way: Direction) -> str:
        """The latest session description that went that way, as received; empty if there is none."""
        leg = self.caller if way is Direction.DOWNSTREAM else self.callee
        return leg.sdp if leg is not None else ""

    def socket(self, way: Direction) -> Listener | None:
        """Our socket for requests of ours that go that way."""
        return self.callee_socket if way is Direction.DOWNSTREAM else self.caller_socket

    def is_named(self, name: str) -> bool:
        """It has that Call-ID, did or number."""
        return name in (self.call_id, self.did, str(self.db_id))


def reversed_hex(number: int) -> str:
    """Hexadecimal, lowest digit first (rtp-relay.md 5.7)."""
    return f"{number:x}"[::-1]
