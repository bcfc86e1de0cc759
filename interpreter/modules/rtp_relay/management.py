"""The management commands of module rtp_relay (rtp-relay.md 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from relayscript.engines.contract import Engine
from relayscript.interpreter.declaration import command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.rtp_relay.batch import Batch, is_updatable
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.core import RelayCore
from relayscript.interpreter.modules.rtp_relay.settings_json import SettingsError, parse_settings
from relayscript.interpreter.modules.rtp_relay.update import Change, Result
from relayscript.interpreter.waiting import wait

UNKNOWN_ENGINE = (404, "unknown RTP  Relay engine")
NO_CALL = (404, "RTP Relay session not found")
NOT_AVAILABLE = (400, "RTP Relay not available")
FAILED = (400, "Failed")
SERVER_ERROR = (-32000, "Server error")
AT_ONCE = 200
"""How many calls are listed before others get their turn."""

BREATH = 0.0005
"""Seconds for others; timers that are due at once would still run before any message is read."""


class RelayCommands(RelayCore):
    """Lists calls and moves them."""

    def start(self) -> None:
        """Watch the nodes if calls are to leave those that fail."""
        super().start()
        self.operations.on_astray.append(self._astray)
        if self.settings["reanchor"]:
            self.runtime.relay_events.status.append(self._node_changed)

    @command("rtp_relay:list", "rtp_relay_list")
    def list_calls(
        self,
        engine: str | None = None,
        set: int | None = None,
        node: str | None = None,
    ) -> object:
        """All established calls, the latest first; those of an engine, set or node only if given."""
        self._engine(engine)
        found = [
            call for call in reversed(self.followed()) if call.is_listed and _is_at(call, engine, set, node)
        ]
        made: list[dict[str, object]] = []
        for first in range(0, len(found), AT_ONCE):
            if first:
                self._give_way()
            made += [call.to_json() for call in found[first : first + AT_ONCE] if call.is_listed]
        return made

    @command("rtp_relay:update", "rtp_relay_update")
    def update(
        self,
        engine: str | None = None,
        set: int | None = None,
        node: str | None = None,
        new_set: int | None = None,
        new_node: str | None = None,
    ) -> object:
        """Negotiate the calls of an engine, set or node anew, on another set or node if given."""
        self._engine(engine)
        calls = [call for call in self.followed() if is_updatable(call) and _is_at(call, engine, set, node)]
        batch = Batch(self.operations, calls, Change(set=new_set, node=new_node or ""))
        return _report(batch.run(self.settings["update_at_once"])) if batch.total else "OK"

    @command("rtp_relay:update_callid", "rtp_relay_update_callid")
    def update_callid(
        self,
        callid: str,
        engine: str | None = None,
        set: int | None = None,
        node: str | None = None,
        flags: object = None,
    ) -> object:
        """Negotiate one call anew: with another engine, set or node, with other settings of its participants."""
        found = [call for call in self.followed() if call.call_id == callid and call.is_listed]
        if not found:
            raise CommandError(*NO_CALL)
        chosen = self._engine(engine)
        try:
            settings = {} if flags is None else parse_settings(flags, self._warn)
        except SettingsError as error:
            raise CommandError(*SERVER_ERROR, str(error)) from None
        change = Change(engine=chosen, set=set, node=node or "", flags=settings)
        if all(call.updating for call in found):
            raise CommandError(*SERVER_ERROR, "Command handler returned null")
        batch = Batch(self.operations, found, change)
        if not batch.total:
            raise CommandError(*NOT_AVAILABLE)
        return _report(batch.run(1))

    def _engine(self, name: str | None) -> Engine | None:
        """The engine of that name; None for no name. Raises CommandError."""
        if name is None:
            return None
        engine = self.runtime.engines.get(name)
        if engine is None:
            raise CommandError(*UNKNOWN_ENGINE)
        return engine

    def _warn(self, text: str) -> None:
        self.runtime.log(1, f"rtp_relay:update_callid: {text}")

    def _give_way(self) -> None:
        def start(done: Callable[[None], None]) -> None:
            self.runtime.timers.start(BREATH, lambda: done(None))

        wait(start)

    # ---- nodes that fail

    def _node_changed(self, engine: str, node: str, set_id: int, active: bool) -> None:
        """The calls of a node that fails go to others."""
        if active:
            return
        calls = [call for call in self.followed() if is_updatable(call) and _is_at(call, engine, None, node)]
        if calls:
            self.runtime.log(1, f"rtp_relay: {len(calls)} calls leave {engine} {node}")
            self.runtime.spawn(self._lead, calls, Change(leave=True))

    def _astray(self, call: RelayCall) -> None:
        """Both sides are led to where the call is now, after the message that is under way."""
        if is_updatable(call) and not call.updating:
            self.runtime.log(1, f"rtp_relay: a node is gone, call {call.call_id} is led to another")
        self.runtime.timers.start(0, lambda: self.runtime.spawn(self._lead, [call], Change()))

    def _lead(self, calls: Iterable[RelayCall], change: Change) -> None:
        Batch(self.operations, calls, change).run(self.settings["update_at_once"])


def _is_at(call: RelayCall, engine: str | None, number: int | None, node: str | None) -> bool:
    """The call is relayed by that engine, set and node; None for any."""
    session = call.established
    return (
        session is not None
        and engine in (None, session.engine.name)
        and number in (None, session.session.set)
        and node in (None, session.session.node)
    )


def _report(results: Counter[Result]) -> str:
    """What is answered when all updates have ended. Raises CommandError if none succeeded."""
    if results[Result.DONE]:
        return f"Sessions: {results[Result.DONE]}"
    if not results[Result.FAILED]:
        raise CommandError(*NOT_AVAILABLE)
    raise CommandError(*FAILED, f"Sessions: {results[Result.FAILED]}")
