"""mi_datagram: management commands as JSON-RPC 2.0 in datagrams (mi_datagram module documentation)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.management import Management

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class MiDatagram(Module):
    """Serves the commands of all modules at `socket_name`, `udp:host:port`; one datagram per call."""

    name = "mi_datagram"
    parameters = (
        Parameter("socket_name", ""),
        Parameter("pretty_printing", 0),
        Parameter("children_count", 1),
        Parameter("socket_buf_size", 65457),
        Parameter("socket_timeout", 2000),
        Parameter("unix_socket_group"),
        Parameter("unix_socket_mode", 0o660),
        Parameter("unix_socket_user"),
        Parameter("trace_bwlist"),
        Parameter("trace_destination"),
    )

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        if not settings["socket_name"]:
            raise ValueError("socket_name is not set")

    def start(self) -> None:
        """Listen. Raises OSError if the address is taken."""
        management = Management(self.runtime, indent=2 if self.settings["pretty_printing"] else None)
        self.runtime.host.serve(self.settings["socket_name"], management.receive)
