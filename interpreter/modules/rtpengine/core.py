"""The engine of module rtpengine, its nodes and their management (rtp-relay.md 10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.engine import RtpengineEngine
from relayscript.engines.rtpengine.settings import RtpengineSettings
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Parameter, command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.relay_nodes import RelayModule
from relayscript.interpreter.relays import wire
from relayscript.interpreter.values import Value, text_of

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

RELAY_CALL = "rtp_relay"
NOTIFICATION = "E_RTPENGINE_NOTIFICATION"
TEARDOWN = "MI Termination"


class RtpengineCore(RelayModule):
    """Keeps the engine."""

    engine: RtpengineEngine
    sockets = "rtpengine_sock"
    socket_column = "socket_column"
    set_column = "set_column"
    unknown_node = "RTP engine not found"
    parameters = (
        Parameter("rtpengine_sock", None, repeatable=True), Parameter("rtpengine_disable_tout", 60),
        Parameter("rtpengine_tout", 1), Parameter("rtpengine_retr", 5),
        Parameter("rtpengine_timer_interval", 5), Parameter("notification_sock"), Parameter("extra_id_pv"),
        Parameter("setid_avp"), Parameter("error_pv"), Parameter("db_url"), Parameter("db_table", "rtpengine"),
        Parameter("extra_failover_error", None, repeatable=True), Parameter("socket_column", "socket"),
        Parameter("set_column", "set_id"), Parameter("ping_enabled", 0),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        try:
            self.engine = RtpengineEngine(wire(runtime), _settings(settings, self.first_sockets()))
        except EngineError as error:
            raise ValueError(str(error)) from None
        runtime.engines["rtpengine"] = self.engine
        runtime.relay_events.extra_id = self.extra_id

    def start(self) -> None:
        """Ping the nodes, and listen to what they tell unasked."""
        if address := self.settings["notification_sock"]:
            self.runtime.host.serve(f"udp:{address}", self._notified)
        super().start()

    # ---- variables that parameters name

    def read(self, context: Context, parameter: str) -> Value:
        """The value of the variable that a parameter names; NULL without one."""
        name = self.settings[parameter]
        return self.runtime.registry.reader_of(name)(context) if name else None

    def extra_id(self, context: Context) -> str:
        """What `via-branch=extra` means for a run."""
        return text_of(self.read(context, "extra_id_pv")) or ""

    # ---- nodes

    @command("rtpengine:enable", "rtpengine_enable")
    def enable(self, url: str, enable: int, setid: int | None = None) -> object:
        """Switch a node off for good (0), on (1), or off until the next test (2)."""
        return self.enable_node(url, enable, setid)

    @command("rtpengine:show", "rtpengine_show")
    def show(self) -> object:
        """All nodes, set by set."""
        return self.show_nodes()

    @command("rtpengine:reload", "rtpengine_reload")
    def reload(self, type: str | None = None) -> object:
        """Read the nodes again; those that are still there keep their state if the type is `soft`."""
        done = self.reload_nodes()
        if type != "soft":
            for node in self.engine.nodes():
                self.engine.enable(node.url, 1, node.set)
        return done

    @command("rtpengine:teardown", "rtpengine_teardown")
    def teardown(self, callid: str) -> object:
        """End the call that rtpengine knows by this call-id; OK if there is none."""
        dialogs = self.runtime.module(DialogModule)
        if dialogs is None:
            raise CommandError(500, "Dialog module not loaded")
        if not callid:
            raise CommandError(400, "Empty callid")
        live = dialogs.table.live()
        renamed = [each for each in live if _override(each.local.get(RELAY_CALL)) == callid]
        found = renamed or [each for each in live if each.call_id == callid]
        if found and not all(dialogs.lifecycle.terminate(each, TEARDOWN) for each in found):
            raise CommandError(500, "Failed to terminate dialog")
        return "OK"

    # ---- notifications

    def _notified(self, data: bytes, answer: Callable[[bytes], None]) -> None:
        """A JSON object from a node is an event with a parameter for each member."""
        try:
            given = json.loads(data)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            self.runtime.log(1, "rtpengine: a notification is no JSON object")
            return
        self.runtime.raise_event(NOTIFICATION, {name: _value(each) for name, each in given.items()})


def _override(call: object) -> str:
    values = getattr(call, "values", None)
    return values.get("callid", "") if isinstance(values, dict) else ""


def _value(member: object) -> Value:
    if isinstance(member, bool):
        return int(member)
    if member is None or isinstance(member, int):
        return member
    text = member if isinstance(member, str) else json.dumps(member)
    return text.encode("utf-8", "replace").decode("latin-1")


def _settings(given: dict[str, Any], sockets: tuple[str, ...]) -> RtpengineSettings:
    return RtpengineSettings(
        rtpengine_sock=sockets,
        rtpengine_disable_tout=given["rtpengine_disable_tout"],
        rtpengine_tout=given["rtpengine_tout"],
        rtpengine_retr=given["rtpengine_retr"],
        rtpengine_timer_interval=given["rtpengine_timer_interval"],
        extra_failover_error=tuple(given["extra_failover_error"]),
        ping_enabled=bool(given["ping_enabled"]),
    )
