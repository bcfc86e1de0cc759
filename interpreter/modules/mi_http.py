"""mi_http: management commands as JSON-RPC 2.0 over HTTP (mi_http module documentation)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.management import Management
from relayscript.interpreter.modules.httpd import Httpd


class MiHttp(Module):
    """Serves the commands of all modules to POSTs at `/root` of module httpd's server."""

    name = "mi_http"
    requires = ("httpd",)
    parameters = (
        Parameter("root", "mi"),
        Parameter("pretty_printing", 0),
        Parameter("trace_bwlist"),
        Parameter("trace_destination"),
    )

    def start(self) -> None:
        """Listen. Raises OSError if the address is taken."""
        server = self.runtime.module(Httpd)
        assert server is not None, "a script that does not load it is refused"
        root = self.settings["root"]
        server.roots.append(root)
        management = Management(self.runtime, indent=2 if self.settings["pretty_printing"] else None)
        self.runtime.host.serve(server.url(root), management.receive_and_answer)
