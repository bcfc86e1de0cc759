"""The commands about connections (`tcp:*`)."""

from __future__ import annotations

from relayscript.interpreter.connections import Connection
from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.core_commands.process import clock
from relayscript.sip.transport import Address

Json = dict[str, object]


class ConnectionCommands(Module):
    """Connections over TCP, TLS and WebSocket."""

    name = "core_commands"

    @command("tcp:list", "list_tcp_conns")
    def connections(self, proto: str | None = None) -> dict[str, list[Json]]:
        """The connections there are, over one transport only if it is given."""
        found = self.runtime.host.connections()
        return {"Connections": [_shown(each) for each in found if proto in (None, each.protocol)]}

    @command("tcp:close")
    def close(self, ipport: str) -> str:
        """Close the connection to `ip:port`, or the one with that ID."""
        for each in self.runtime.host.connections():
            if ipport in (str(each.number), _address(each.source), _address(each.destination)):
                self.runtime.host.close_connection(each.number)
                return "OK"
        raise CommandError(404, "Connection not found")


def _shown(connection: Connection) -> Json:
    return {
        "ID": connection.number,
        "Type": connection.protocol,
        "State": "CONN_OK" if connection.is_connected else "CONN_CONNECTING",
        "Source": _address(connection.source),
        "Destination": _address(connection.destination),
        "Lifetime": clock(connection.idle_until),
        "Alias port": connection.aliases[0] if connection.aliases else 0,
    }


def _address(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
