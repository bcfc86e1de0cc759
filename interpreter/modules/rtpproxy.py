"""Module rtpproxy: the relay engine of that name, its nodes and their management."""

from __future__ import annotations

from typing import Any

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy.engine import RtpproxyEngine
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.interpreter.declaration import Module, Parameter, command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.relays import about_to_stop, by_set, wire


class Rtpproxy(Module):
    """Relays through rtpproxy daemons, or the one inside this process (`rtp.io:auto`)."""

    name = "rtpproxy"
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

    def __init__(self, runtime: Any, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        try:
            self.engine = RtpproxyEngine(wire(runtime), _settings(settings))
        except EngineError as error:
            raise ValueError(f"{error}") from None
        runtime.engines["rtpproxy"] = self.engine

    def start(self) -> None:
        """Probe the nodes."""
        self.engine.start()

    def stop(self) -> None:
        """Close the channels to them."""
        about_to_stop(self.runtime)
        self.engine.stop()

    @command("rtpproxy:enable", "rtpproxy_enable")
    def enable(self, url: str, enable: int, setid: int | None = None) -> object:
        """Switch a node off for good (0), on (1), or off until the next test (2)."""
        if not url:
            raise CommandError(400, "Empty url")
        if not self.engine.enable(url, enable, setid):
            raise CommandError(404, "RTP proxy not found")
        return "OK"

    @command("rtpproxy:show", "rtpproxy_show")
    def show(self) -> object:
        """All nodes, set by set."""
        return by_set(self.engine.nodes())


def _settings(given: dict[str, Any]) -> RtpproxySettings:
    return RtpproxySettings(
        rtpproxy_sock=tuple(given["rtpproxy_sock"]),
        rtpproxy_disable_tout=given["rtpproxy_disable_tout"],
        rtpproxy_timeout=float(given["rtpproxy_timeout"]),
        rtpproxy_retr=given["rtpproxy_retr"],
        rtpproxy_autobridge=bool(given["rtpproxy_autobridge"]),
        default_set=given["default_set"],
        nortpproxy_str=given["nortpproxy_str"].rstrip("\r\n"),
        rtpp_notify_socket=given["rtpp_notify_socket"] or "",
    )
