"""mi_fifo: management commands as JSON-RPC 2.0 through a named pipe (mi_fifo module documentation)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.management import Management

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class MiFifo(Module):
    """Serves the commands of all modules at the pipe `fifo_name`; replies go to pipes in `reply_dir`."""

    name = "mi_fifo"
    parameters = (
        Parameter("fifo_name", "/tmp/opensips_fifo"),
        Parameter("fifo_mode", 0o660),
        Parameter("fifo_user"),
        Parameter("fifo_group"),
        Parameter("reply_dir", "/tmp/"),
        Parameter("pretty_printing", 0),
        Parameter("trace_bwlist"),
        Parameter("trace_destination"),
    )

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        if not settings["fifo_name"]:
            raise ValueError("fifo_name is empty")

    def start(self) -> None:
        """Make the pipe. Raises OSError if that is not possible."""
        management = Management(self.runtime, indent=2 if self.settings["pretty_printing"] else None)
        self.runtime.host.serve(self.url(), management.receive)

    def url(self) -> str:
        """Where and how, for the host."""
        chosen = {"reply_dir": "reply_dir", "mode": "fifo_mode", "user": "fifo_user", "group": "fifo_group"}
        query = {name: self.settings[key] for name, key in chosen.items() if self.settings[key] is not None}
        return f"fifo:{quote(self.settings['fifo_name'])}?{urlencode(query)}"
