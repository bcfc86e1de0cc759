"""What one run of a script works on: the message, its branches, flags and AVPs."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.values import Value
from relayscript.sip.message import Changes, Message
from relayscript.sip.transport import Listener

if TYPE_CHECKING:
    from relayscript.interpreter.failing import ErrorInfo
    from relayscript.interpreter.runtime import Runtime
    from relayscript.interpreter.tracing import Trace


class Kind(IntFlag):
    """Kinds of route (Script manual, "Route types"); the value is the bit in a function's allowed routes."""

    REQUEST = 1
    FAILURE = 2
    ONREPLY = 4
    BRANCH = 8
    ERROR = 16
    LOCAL = 32
    STARTUP = 64
    TIMER = 128
    EVENT = 256


class Branch:
    """Where one copy of a request goes: R-URI, next hop (`$du`), q (thousandths, -1 unset), path, socket.

    `flags` are the branch flags, `attributes` those of `$msg.branch.attr`.
    """

    __slots__ = ("attributes", "duri", "flags", "path", "q", "socket", "uri")

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.duri: str | None = None
        self.q = -1
        self.path: str | None = None
        self.socket: Listener | None = None
        self.flags: set[str] = set()
        self.attributes: dict[str, Value] = {}

    def copy(self) -> Branch:
        """The same destination, to change independently."""
        other = Branch.__new__(Branch)
        other.uri, other.duri, other.q = self.uri, self.duri, self.q
        other.path, other.socket = self.path, self.socket
        other.flags, other.attributes = self.flags.copy(), self.attributes.copy()
        return other


class Context:
    """One run: which message, in which kind of route, and everything a route can change about it.

    `branch` is the R-URI branch (branch 0); `branches` are the added ones. `changes` are the queued edits of
    the message. `avps` maps a name to its values, newest first. `rc` is `$rc`, `passes` how many passes of
    loops are done, `params` those of the running route (a tuple for `route(x, ...)`, a dict for events),
    `returned` the values of the last `route()`. `stack` are the routes that led here, outermost first, as
    `kind[name]`. `transaction` and `branch_index` are set by tm; `request` is the request that a reply
    belongs to. `error` is what was found wrong and is still to be told, `trace` how the run is traced.
    `local` is for modules to keep things for this run only.
    """

    __slots__ = (
        "avps", "branch", "branch_index", "branches", "changes", "error", "flags", "kind", "line", "local", "message",
        "params", "passes", "rc", "reply", "request", "returned", "runtime", "stack", "trace", "transaction",
        "via_flags",
    )  # fmt: skip

    def __init__(
        self,
        runtime: Runtime,
        message: Message,
        kind: Kind,
        branch: Branch | None = None,
        changes: Changes | None = None,
    ) -> None:
        self.runtime = runtime
        self.passes = 0
        self.message = message
        self.kind = kind
        self.branch = branch or Branch(message.uri)
        self.branches: list[Branch] = []
        self.changes = changes or Changes()
        self.flags: set[str] = set()
        self.avps: dict[str, list[Value]] = {}
        self.params: tuple[Value, ...] | dict[str, Value] = ()
        self.returned: tuple[Value, ...] = ()
        self.stack: list[str] = []
        self.rc = 1
        self.line = 0
        self.error: ErrorInfo | None = None
        self.trace: Trace | None = None
        self.transaction: Any = None
        self.branch_index = 0
        self.request: Message | None = None
        self.reply: Message | None = None
        self.via_flags: set[str] = set()
        self.local: dict[str, Any] = {}

    def log(self, level: int, text: str) -> None:
        """Write to the script's log, with the place in the script in front of warnings and errors."""
        self.runtime.log(level, text)
