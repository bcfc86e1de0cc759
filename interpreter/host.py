"""What the interpreter asks of whoever runs it: time, identifiers, sockets, log. Live, simulated or replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from relayscript.engines.contract import Network
from relayscript.interpreter.connections import Connection
from relayscript.interpreter.storage import Options, Store
from relayscript.sip.ids import Ids
from relayscript.sip.locating import Question, Records
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address, Listener

Undeliverable = Callable[[Listener, Address, bool], None]
"""The socket of ours, the destination, and whether the message was sent and came back, or could not be sent."""

Disconnected = Callable[[Listener, Address], None]
"""The socket of ours that a connection belonged to, and the peer."""


class Host(Protocol):
    """The outside world of one running script. Nothing here blocks."""

    timers: Timers
    ids: Ids
    network: Network

    lag: float
    """Seconds that the packet which is handed in now has waited for it."""

    resident: int
    """Bytes of memory that the process had when it was last looked at; 0 if that is not known."""

    undeliverable: Undeliverable
    """Called for every destination that a message could not be brought to after all; whoever runs a script sets it."""

    disconnected: Disconnected
    """Called for every connection that ended; whoever runs a script sets it."""

    def wall(self) -> float:
        """Seconds since the epoch."""

    def send(self, listener: Listener, destination: Address, data: bytes) -> None:
        """Send a message from one of our sockets. A failure is logged and counted, never raised.

        `undeliverable` is called later if the destination says so or no connection to it can be made.
        """

    def reach(self, listener: Listener, destination: Address, done: Callable[[bool], None], *, connect: bool) -> None:
        """See to it that a message can be sent: True once a connection leads there, False if none can be made.

        Without `connect` none is made if there is none. Over UDP it is True. Calls back exactly once.
        """

    def outbound(self, destination: Address) -> str:
        """The IP address of ours that the system would send from; empty if there is no way."""

    def log(self, level: int, text: str) -> None:
        """Write to the log: -3 alert, -2 critical, -1 error, 1 warning, 2 notice, 3 info, 4 debug."""

    def resolve(self, name: str, done: Callable[[list[str]], None]) -> None:
        """The IP addresses of a host name, none if there are none; calls back exactly once."""

    def look_up(self, question: Question, done: Callable[[Records | None], None]) -> None:
        """The DNS records that answer a question; None if no name server does. Calls back exactly once."""

    def alias(self, listener: Listener, source: Address, port: int) -> bool:
        """Reach that port of a peer over the connection that comes from `source`; False if there is none.

        RFC 5923 5; a port that another connection leads to stays with that one.
        """

    def keep(self, listener: Listener, source: Address, seconds: float) -> None:
        """Leave the connection that comes from `source` open for that long although nothing moves on it."""

    def connections(self) -> list[Connection]:
        """The connections over reliable transports there are now."""

    def close_connection(self, number: int) -> None:
        """Close one of them."""

    def emit(self, url: str, data: bytes) -> None:
        """Send a datagram to `udp:host:port` or `unix:path`. A failure is logged and counted, never raised."""

    def quit(self) -> None:
        """Stop the script soon, as at a signal to terminate."""

    def serve(self, url: str, receive: Callable[[bytes, Callable[[bytes], None]], None]) -> None:
        """Listen for management requests; `receive` gets each with a way to answer it.

        The URL is `udp:host:port` (a datagram each), `fifo:path?reply_dir=&mode=&user=&group=` (a named pipe;
        replies go to pipes in `reply_dir`) or `http[s]://[user:password@]host:port/path?realm=&timeout=&certificate=&
        private_key=` (a POST each; it has to be answered), or `tcp:host:port?from=` or `unix:path` (a line each, from
        the addresses in `from` only, if there are any). Raises OSError if that is not possible.
        """

    def store(self, url: str, options: Options) -> Store:
        """The database at a URL, the same one for all who ask; what is written there outlives the script.

        The URL is `sqlite:///path`, `mysql://user:password@host:port/name` or `postgres://` likewise. Blocks:
        for the start of modules. Raises StorageError if it cannot be opened.
        """


def unheard(listener: Listener, destination: Address, was_sent: bool) -> None:
    """What `undeliverable` is as long as nobody runs a script."""


def unheeded(listener: Listener, peer: Address) -> None:
    """What `disconnected` is as long as nobody runs a script."""
