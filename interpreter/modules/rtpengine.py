"""Module rtpengine: the relay engine of that name, its nodes and their management."""

from __future__ import annotations

from typing import Any

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.engine import RtpengineEngine
from relayscript.engines.rtpengine.settings import RtpengineSettings
from relayscript.interpreter.declaration import Module, Parameter, command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.relays import about_to_stop, by_set, wire


class Rtpengine(Module):
    """Relays through rtpengine daemons."""

    name = "rtpengine"
    parameters = (
        Parameter("rtpengine_sock", None, repeatable=True), Parameter("rtpengine_disable_tout", 60),
        Parameter("rtpengine_tout", 1), Parameter("rtpengine_retr", 5),
        Parameter("rtpengine_timer_interval", 5), Parameter("notification_sock"), Parameter("extra_id_pv"),
        Parameter("setid_avp"), Parameter("error_pv"), Parameter("db_url"), Parameter("db_table", "rtpengine"),
        Parameter("extra_failover_error", None, repeatable=True), Parameter("socket_column", "socket"),
        Parameter("set_column", "set_id"), Parameter("ping_enabled", 0),
    )  # fmt: skip

    def __init__(self, runtime: Any, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        try:
            self.engine = RtpengineEngine(wire(runtime), _settings(settings))
        except EngineError as error:
            raise ValueError(str(error)) from None
        runtime.engines["rtpengine"] = self.engine

    def start(self) -> None:
        """Ping the nodes."""
        self.engine.start()

    def stop(self) -> None:
        """Close the channels to them."""
        about_to_stop(self.runtime)
        self.engine.stop()

    @command("rtpengine:enable", "rtpengine_enable")
    def enable(self, url: str, enable: int, setid: int | None = None) -> object:
        """Switch a node off for good (0), on (1), or off until the next test (2)."""
        if not url:
            raise CommandError(400, "Empty url")
        if not self.engine.enable(url, enable, setid):
            raise CommandError(404, "RTP engine not found")
        return "OK"

    @command("rtpengine:show", "rtpengine_show")
    def show(self) -> object:
        """All nodes, set by set."""
        return by_set(self.engine.nodes())


def _settings(given: dict[str, Any]) -> RtpengineSettings:
    return RtpengineSettings(
        rtpengine_sock=tuple(given["rtpengine_sock"]),
        rtpengine_disable_tout=given["rtpengine_disable_tout"],
        rtpengine_tout=given["rtpengine_tout"],
        rtpengine_retr=given["rtpengine_retr"],
        rtpengine_timer_interval=given["rtpengine_timer_interval"],
        extra_failover_error=tuple(given["extra_failover_error"]),
        ping_enabled=bool(given["ping_enabled"]),
    )
