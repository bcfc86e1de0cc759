"""What a script says about connections: the `tcp_*` globals and the parameters of the proto modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relayscript.apps.serving.streams.connection import Limits
from relayscript.sip.transport import DEFAULT_PORTS

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

NEVER, IF_ASKED, ALWAYS = 0, 1, 2
"""Values of `tcp_accept_aliases`."""

MESSAGE_CHUNKS = 4
"""In how many reads a message may come unless the protocol's module says otherwise (`tcp_max_msg_chunks`)."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Limits and options of all connections; times in seconds. Defaults are those of the manual.

    `modules` are the parameters of the loaded proto modules, by module name.
    """

    max_connections: int = 2048
    backlog: int = 10
    connect_timeout: float = 0.1
    message_time: float = 4.0
    lifetime: float = 120.0
    aliases: int = NEVER
    keeps_alive: bool = True
    modules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, runtime: Runtime) -> StreamSettings:
        """Those of a script."""
        own = runtime.globals
        return cls(
            max_connections=own.tcp_max_connections,
            backlog=own.tcp_socket_backlog,
            connect_timeout=own.tcp_connect_timeout / 1000,
            message_time=own.tcp_max_msg_time,
            lifetime=own.tcp_connection_lifetime,
            aliases=own.tcp_accept_aliases,
            keeps_alive=bool(own.tcp_keepalive),
            modules={name: module.settings for name, module in runtime.modules.items()},
        )

    @property
    def accepts_aliases(self) -> bool:
        """A connection may be found by the port that its peer listens on (RFC 5923)."""
        return self.aliases != NEVER

    @property
    def always_aliases(self) -> bool:
        """That is so even if the peer does not ask for it."""
        return self.aliases == ALWAYS

    def option(self, protocol: str, name: str) -> int | str | None:
        """The parameter `<protocol>_<name>` or `<name>` of the protocol's module, if it is loaded and set."""
        parameters = self.modules.get(f"proto_{protocol}", {})
        return next((value for key in (f"{protocol}_{name}", name) if (value := parameters.get(key)) is not None), None)

    def limits(self, protocol: str) -> Limits:
        """How long things may take on a connection of that protocol.

        A handshake may take as long as a message unless the script says otherwise: nobody waits for it.
        """
        parameters = self.modules.get(f"proto_{protocol}", {}).items()
        given = [value / 1000 for name, value in parameters if name.endswith("handshake_timeout") and value is not None]
        handshake = sum(given) if given else self.message_time
        chunks = self.option(protocol, "max_msg_chunks")
        most = chunks if isinstance(chunks, int) else MESSAGE_CHUNKS
        return Limits(self.connect_timeout, handshake, self.message_time, self.lifetime, most)

    def default_port(self, protocol: str) -> int:
        """The port of a URI or Via of that protocol that names none."""
        port = self.option(protocol, "port")
        return port if isinstance(port, int) else DEFAULT_PORTS.get(protocol, 5060)
