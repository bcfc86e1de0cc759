"""Transactions: the four state machines of RFC 3261 17 with RFC 6026, timed as OpenSIPS's tm does.

Each machine is a table: state -> event -> (next state, actions). An event without an entry does nothing.
The timers are those of OpenSIPS: instead of B, F and H (64*T1) `fr_timeout`, instead of C `fr_inv_timeout`,
and instead of D, I, J, K, L and M `wt`, over every transport. Retransmissions double from T1 up to T2.

In three places the tables follow OpenSIPS where RFC 3261 is silent or lets go earlier: a retransmitted INVITE
gets the final response again even after the ACK, or in Accepted; a client transaction that timed out stays
for `wt`, to acknowledge a late refusal (state Expired).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from relayscript.sip.message import Message
from relayscript.sip.timers import Timer, Timers

# states
TRYING: Final = "trying"
CALLING: Final = "calling"
PROCEEDING: Final = "proceeding"
COMPLETED: Final = "completed"
CONFIRMED: Final = "confirmed"
ACCEPTED: Final = "accepted"
EXPIRED: Final = "expired"
TERMINATED: Final = "terminated"

# events
REQUEST: Final = "request"
ACK: Final = "ack"
PROVISIONAL: Final = "provisional"
SUCCESS: Final = "success"
FAILURE: Final = "failure"
RETRANSMIT: Final = "timer retransmit"
NO_ANSWER: Final = "timer no answer"
WAITED: Final = "timer wait"

Table = Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]]

INVITE_SERVER: Table = {
    PROCEEDING: {
        REQUEST: (PROCEEDING, ("transmit",)),
        PROVISIONAL: (PROCEEDING, ("transmit",)),
        SUCCESS: (ACCEPTED, ("transmit", "start_wait")),
        FAILURE: (COMPLETED, ("transmit", "start_retransmit", "start_no_answer")),
    },
    COMPLETED: {
        REQUEST: (COMPLETED, ("transmit",)),
        RETRANSMIT: (COMPLETED, ("transmit", "retransmit_later")),
        ACK: (CONFIRMED, ("stop_retransmit", "start_wait")),
        NO_ANSWER: (TERMINATED, ("end",)),
    },
    CONFIRMED: {
        REQUEST: (CONFIRMED, ("transmit",)),
        ACK: (CONFIRMED, ()),
        WAITED: (TERMINATED, ("end",)),
    },
    ACCEPTED: {
        REQUEST: (ACCEPTED, ("transmit",)),
        SUCCESS: (ACCEPTED, ("transmit",)),
        WAITED: (TERMINATED, ("end",)),
    },
    TERMINATED: {},
}
"""RFC 3261 17.2.1, RFC 6026 7.1. In Accepted an ACK is no event: it goes to the transaction user."""

SERVER: Table = {
    TRYING: {
        REQUEST: (TRYING, ()),
        PROVISIONAL: (PROCEEDING, ("transmit",)),
        SUCCESS: (COMPLETED, ("transmit", "start_wait")),
        FAILURE: (COMPLETED, ("transmit", "start_wait")),
    },
    PROCEEDING: {
        REQUEST: (PROCEEDING, ("transmit",)),
        PROVISIONAL: (PROCEEDING, ("transmit",)),
        SUCCESS: (COMPLETED, ("transmit", "start_wait")),
        FAILURE: (COMPLETED, ("transmit", "start_wait")),
    },
    COMPLETED: {
        REQUEST: (COMPLETED, ("transmit",)),
        WAITED: (TERMINATED, ("end",)),
    },
    TERMINATED: {},
}
"""RFC 3261 17.2.2."""

INVITE_CLIENT: Table = {
    CALLING: {
        RETRANSMIT: (CALLING, ("transmit", "retransmit_later")),
        NO_ANSWER: (EXPIRED, ("stop_retransmit", "start_wait", "time_out")),
        PROVISIONAL: (PROCEEDING, ("stop_retransmit", "start_inv_no_answer", "pass_up")),
        SUCCESS: (ACCEPTED, ("stop_retransmit", "start_wait", "pass_up")),
        FAILURE: (COMPLETED, ("stop_retransmit", "acknowledge", "start_wait", "pass_up")),
    },
    PROCEEDING: {
        NO_ANSWER: (EXPIRED, ("start_wait", "time_out")),
        PROVISIONAL: (PROCEEDING, ("restart_inv_no_answer", "pass_up")),
        SUCCESS: (ACCEPTED, ("start_wait", "pass_up")),
        FAILURE: (COMPLETED, ("acknowledge", "start_wait", "pass_up")),
    },
    COMPLETED: {
        FAILURE: (COMPLETED, ("acknowledge",)),
        WAITED: (TERMINATED, ("end",)),
    },
    ACCEPTED: {
        SUCCESS: (ACCEPTED, ("pass_up",)),
        WAITED: (TERMINATED, ("end",)),
    },
    EXPIRED: {
        PROVISIONAL: (EXPIRED, ("start_wait", "pass_up")),
        SUCCESS: (ACCEPTED, ("start_wait", "pass_up")),
        FAILURE: (COMPLETED, ("acknowledge", "start_wait", "pass_up")),
        WAITED: (TERMINATED, ("end",)),
    },
    TERMINATED: {},
}
"""RFC 3261 17.1.1, RFC 6026 7.2."""

CLIENT: Table = {
    TRYING: {
        RETRANSMIT: (TRYING, ("transmit", "retransmit_later")),
        NO_ANSWER: (EXPIRED, ("stop_retransmit", "start_wait", "time_out")),
        PROVISIONAL: (PROCEEDING, ("pass_up",)),
        SUCCESS: (COMPLETED, ("stop_retransmit", "start_wait", "pass_up")),
        FAILURE: (COMPLETED, ("stop_retransmit", "start_wait", "pass_up")),
    },
    PROCEEDING: {
        RETRANSMIT: (PROCEEDING, ("transmit", "retransmit_at_t2")),
        NO_ANSWER: (EXPIRED, ("stop_retransmit", "start_wait", "time_out")),
        PROVISIONAL: (PROCEEDING, ("pass_up",)),
        SUCCESS: (COMPLETED, ("stop_retransmit", "start_wait", "pass_up")),
        FAILURE: (COMPLETED, ("stop_retransmit", "start_wait", "pass_up")),
    },
    COMPLETED: {
        WAITED: (TERMINATED, ("end",)),
    },
    EXPIRED: {
        PROVISIONAL: (EXPIRED, ("pass_up",)),
        SUCCESS: (COMPLETED, ("start_wait", "pass_up")),
        FAILURE: (COMPLETED, ("start_wait", "pass_up")),
        WAITED: (TERMINATED, ("end",)),
    },
    TERMINATED: {},
}
"""RFC 3261 17.1.2."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Timers in seconds, with the defaults of OpenSIPS's tm.

    `t1` and `t2`: first and longest retransmission interval. `fr_timeout`: until any response, a final one to
    a request other than INVITE, or the ACK to a refusal. `fr_inv_timeout`: from a provisional response to the
    next response, or to the end if `restart` is off. `wt`: how long a completed transaction stays to absorb
    late messages.
    """

    t1: float = 0.5
    t2: float = 4.0
    fr_timeout: float = 5.0
    fr_inv_timeout: float = 30.0
    wt: float = 5.0
    restart: bool = True


def _event(status: int) -> str:
    if status < 200:
        return PROVISIONAL
    return SUCCESS if status < 300 else FAILURE


_Acting = Mapping[str, Mapping[str, tuple[str, tuple[Callable[["_Machine"], None], ...]]]]
"""A table with the methods that its actions name."""


def _acting(table: Table, machine: type[_Machine]) -> _Acting:
    return {
        state: {
            event: (following, tuple(getattr(machine, f"_{action}") for action in actions))
            for event, (following, actions) in events.items()
        }
        for state, events in table.items()
    }


class _Machine:
    """A state, a table, two timers (one retransmits, one waits), and the actions that the tables name.

    `patience` has name and seconds of the latest timer that gives up when it fires.
    """

    __slots__ = (
        "_data", "_interval", "_on_end", "_reliable", "_retransmission", "_send", "_table", "_timers",
        "_waiting", "patience", "state", "timing",
    )  # fmt: skip

    def __init__(
        self,
        table: _Acting,
        state: str,
        reliable: bool,
        timers: Timers,
        timing: Timing,
        send: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> None:
        self.state = state
        self.timing = timing
        self._table = table
        self._reliable = reliable
        self._timers = timers
        self._send = send
        self._on_end = on_end
        self._data = b""
        self._interval = 0.0
        self._retransmission: Timer | None = None
        self._waiting: Timer | None = None
        self.patience = ("", 0.0)

    def _handle(self, event: str) -> bool:
        """Take an event; False if the state has no entry for it."""
        entry = self._table[self.state].get(event)
        if entry is None:
            return False
        self.state, actions = entry
        for action in actions:
            action(self)
        return True

    def terminate(self) -> None:
        """End now, whatever the state: timers stop, nothing is sent, `on_end` is called if it was not yet."""
        if self.state != TERMINATED:
            self.state = TERMINATED
            self._end()

    # ---- actions

    def _transmit(self) -> None:
        if self._data:
            self._send(self._data)

    def _start_retransmit(self) -> None:
        if not self._reliable:
            self._interval = min(self.timing.t1, self.timing.t2)
            self._retransmission = self._timers.start(self._interval, self._retransmit)

    def _retransmit_later(self) -> None:
        self._interval = min(self._interval * 2, self.timing.t2)
        self._retransmission = self._timers.start(self._interval, self._retransmit)

    def _retransmit_at_t2(self) -> None:
        self._interval = self.timing.t2
        self._retransmission = self._timers.start(self._interval, self._retransmit)

    def _stop_retransmit(self) -> None:
        if self._retransmission is not None:
            self._retransmission.cancel()
            self._retransmission = None

    def _start_no_answer(self) -> None:
        self._bear("fr_timeout", self.timing.fr_timeout)

    def _start_inv_no_answer(self) -> None:
        self._bear("fr_inv_timeout", self.timing.fr_inv_timeout)

    def _restart_inv_no_answer(self) -> None:
        if self.timing.restart:
            self._start_inv_no_answer()

    def _bear(self, name: str, seconds: float) -> None:
        self.patience = (name, seconds)
        self._wait(seconds, self._give_up)

    def _start_wait(self) -> None:
        self._wait(self.timing.wt, self._stop_waiting)

    def _wait(self, delay: float, then: Callable[[], None]) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self._timers.start(delay, then)

    def _end(self) -> None:
        self._stop_retransmit()
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._on_end()

    # ---- timers

    def _retransmit(self) -> None:
        self._handle(RETRANSMIT)

    def _give_up(self) -> None:
        self._handle(NO_ANSWER)

    def _stop_waiting(self) -> None:
        self._handle(WAITED)


class ServerTransaction(_Machine):
    """The side of a transaction that received the request (RFC 3261 17.2).

    `send` puts bytes on the wire; `on_end` is called once, when the transaction is over. `status` is that
    of the latest response sent, 0 before any.
    """

    __slots__ = ("status",)

    def __init__(
        self,
        invite: bool,
        reliable: bool,
        timers: Timers,
        timing: Timing,
        send: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> None:
        table, state = (_INVITE_SERVER, PROCEEDING) if invite else (_SERVER, TRYING)
        super().__init__(table, state, reliable, timers, timing, send, on_end)
        self.status = 0

    def receive_again(self) -> None:
        """The request came again: the latest response goes out again, if there is one."""
        self._handle(REQUEST)

    def receive_ack(self) -> bool:
        """An ACK came: True if it ends here (it was for a refusal), False if it is for the user."""
        return self._handle(ACK)

    def respond(self, status: int, data: bytes) -> bool:
        """Send a response; False, and nothing is sent, if the state forbids it (a final one went before)."""
        event = _event(status)
        if event not in self._table[self.state]:
            return False
        self.status, self._data = status, data
        return self._handle(event)


class ClientTransaction(_Machine):
    """The side of a transaction that sends the request (RFC 3261 17.1).

    `on_response` gets what the transaction user must see: each provisional response, the first final one,
    every 2xx to an INVITE; other retransmissions stay here. `on_timeout` is called when no response came in
    time; late ones are still passed up and acknowledged for `timing.wt` seconds. `on_end` is called once, at
    the end.

    `make_ack` builds the ACK to the first refusal of an INVITE; it goes out at once and for each
    retransmission (`ack_data`). Without it nothing is acknowledged.
    """

    __slots__ = ("_on_response", "_on_timeout", "_response", "ack_data", "make_ack")

    def __init__(
        self,
        invite: bool,
        reliable: bool,
        timers: Timers,
        timing: Timing,
        send: Callable[[bytes], None],
        on_response: Callable[[Message], None],
        on_timeout: Callable[[], None],
        on_end: Callable[[], None],
        make_ack: Callable[[Message], bytes] | None = None,
    ) -> None:
        table, state = (_INVITE_CLIENT, CALLING) if invite else (_CLIENT, TRYING)
        super().__init__(table, state, reliable, timers, timing, send, on_end)
        self._on_response = on_response
        self._on_timeout = on_timeout
        self._response: Message | None = None
        self.make_ack = make_ack
        self.ack_data = b""

    def start(self, data: bytes) -> None:
        """Send the request and wait for responses."""
        self._data = data
        self._send(data)
        self._start_retransmit()
        self._start_no_answer()

    def retime(self, timing: Timing) -> None:
        """Use other timers from now on; an INVITE that has been answered provisionally waits anew."""
        self.timing = timing
        if self.state == PROCEEDING and self._table is _INVITE_CLIENT:
            self._start_inv_no_answer()

    def receive(self, response: Message) -> None:
        """A response to the request came."""
        self._response = response
        try:
            self._handle(_event(response.status))
        finally:
            self._response = None

    # ---- actions

    def _acknowledge(self) -> None:
        if not self.ack_data and self.make_ack is not None and self._response is not None:
            self.ack_data = self.make_ack(self._response)
        if self.ack_data:
            self._send(self.ack_data)

    def _pass_up(self) -> None:
        if self._response is not None:
            self._on_response(self._response)

    def _time_out(self) -> None:
        self._on_timeout()


_INVITE_SERVER, _SERVER = _acting(INVITE_SERVER, ServerTransaction), _acting(SERVER, ServerTransaction)
_INVITE_CLIENT, _CLIENT = _acting(INVITE_CLIENT, ClientTransaction), _acting(CLIENT, ClientTransaction)
