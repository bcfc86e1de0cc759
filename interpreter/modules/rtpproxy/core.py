"""The engine of module rtpproxy, its nodes and their management (rtp-relay.md 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy.engine import RtpproxyEngine
from relayscript.engines.rtpproxy.notifications import Digit, MediaTimeout, parse_notification
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.interpreter.declaration import Parameter, command
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.relay_nodes import RelayModule
from relayscript.interpreter.relays import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from relayscript.interpreter.runtime import Runtime

TIMEOUT = "RTPProxy Timeout"


class RtpproxyCore(RelayModule):
    """Keeps the engine. Without `db_url` there must be a `rtpproxy_sock`."""

    engine: RtpproxyEngine
    sockets = "rtpproxy_sock"
    socket_column = "rtpp_socket_col"
    set_column = "set_id_col"
    unknown_node = "RTP proxy not found"
    parameters = (
        Parameter("rtpproxy_sock", None, repeatable=True), Parameter("rtpproxy_disable_tout", 60),
        Parameter("rtpproxy_timeout", "1"), Parameter("rtpproxy_retr", 5),
        Parameter("rtpproxy_autobridge", 0), Parameter("default_set", 0),
        Parameter("nortpproxy_str", "a=nortpproxy:yes"), Parameter("db_url"),
        Parameter("db_table", "rtpproxy_sockets"), Parameter("rtpp_socket_col", "rtpproxy_sock"),
        Parameter("set_id_col", "set_id"), Parameter("rtpp_notify_socket"),
        Parameter("generated_sdp_port_min", 35000), Parameter("generated_sdp_port_max", 65000),
        Parameter("generated_sdp_media_ip", "127.0.0.1"),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        try:
            self.engine = RtpproxyEngine(wire(runtime), _settings(settings, self.first_sockets()))
        except EngineError as error:
            raise ValueError(str(error)) from None
        runtime.engines["rtpproxy"] = self.engine

    def start(self) -> None:
        """Probe the nodes, and listen to what they tell unasked."""
        if url := self.settings["rtpp_notify_socket"]:
            self.runtime.host.serve(self._notify_url(url), self._notified)
        super().start()

    # ---- nodes

    @command("rtpproxy:enable", "rtpproxy_enable")
    def enable(self, url: str, enable: int, setid: int | None = None) -> object:
        """Switch a node off for good (0), on (1), or off until the next test (2)."""
        return self.enable_node(url, enable, setid)

    @command("rtpproxy:show", "rtpproxy_show")
    def show(self) -> object:
        """All nodes, set by set."""
        return self.show_nodes()

    @command("rtpproxy:reload", "rtpproxy_reload")
    def reload(self) -> object:
        """Read the nodes again; those that are still there keep their state."""
        return self.reload_nodes()

    # ---- notifications

    def _notify_url(self, url: str) -> str:
        """The socket for notifications; only our nodes may connect to one of TCP."""
        full = url if url.startswith(("tcp:", "tcp6:", "unix:")) else f"unix:{url}"
        hosts = {node.url.partition(":")[2].rpartition(":")[0].strip("[]") for node in self.engine.nodes()}
        return f"{full}?from={','.join(sorted(filter(None, hosts)))}" if full.startswith("tcp") else full

    def _notified(self, data: bytes, answer: Callable[[bytes], None]) -> None:
        """Lines from a node: a timeout ends the call, a digit is an event (rtp-relay.md 5.7)."""
        for line in data.decode("latin-1").splitlines():
            match parse_notification(line):
                case MediaTimeout(dialog_id):
                    self.runtime.spawn(self._timed_out, dialog_id)
                case Digit() as digit:
                    self._pressed(digit)

    def _timed_out(self, dialog_id: str) -> None:
        dialogs = self.runtime.module(DialogModule)
        dialog = dialogs.table.named(dialog_id) if dialogs is not None else None
        if dialogs is not None and dialog is not None:
            dialogs.lifecycle.terminate(dialog, TIMEOUT)

    def _pressed(self, digit: Digit) -> None:
        self.runtime.raise_event(
            "E_RTPPROXY_DTMF",
            {
                "digit": digit.digit, "duration": digit.duration, "volume": digit.volume, "id": digit.id,
                "is_callid": int(digit.is_callid), "stream": digit.stream,
            },
        )  # fmt: skip


def _settings(given: dict[str, Any], sockets: tuple[str, ...]) -> RtpproxySettings:
    """The engine's settings. Raises ValueError if they name no node."""
    if not sockets and not given["db_url"]:
        raise ValueError("there is no rtpproxy_sock")
    return RtpproxySettings(
        rtpproxy_sock=sockets,
        rtpproxy_disable_tout=given["rtpproxy_disable_tout"],
        rtpproxy_timeout=float(given["rtpproxy_timeout"]),
        rtpproxy_retr=given["rtpproxy_retr"],
        rtpproxy_autobridge=bool(given["rtpproxy_autobridge"]),
        default_set=given["default_set"],
        nortpproxy_str=given["nortpproxy_str"].rstrip("\r\n"),
        rtpp_notify_socket=given["rtpp_notify_socket"] or "",
        generated_sdp_port_min=given["generated_sdp_port_min"],
        generated_sdp_port_max=given["generated_sdp_port_max"],
        generated_sdp_media_ip=given["generated_sdp_media_ip"],
    )
