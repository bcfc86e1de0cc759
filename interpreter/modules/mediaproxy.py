"""Module mediaproxy: media relays of a dispatcher of that name (rtp-relay.md 6.6 and 10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from relayscript.engines.contract import Outcome, Removal, Session
from relayscript.engines.mediaproxy.engine import MediaproxyEngine
from relayscript.engines.mediaproxy.settings import MediaproxySettings
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function
from relayscript.interpreter.descriptions import deliver, description
from relayscript.interpreter.direct_media import exchange_of, finished, session_of
from relayscript.interpreter.following import Json, follow, keep, leave
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.relays import wire
from relayscript.interpreter.values import text_of

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

YES, NO, NO_DESCRIPTION = 1, -1, -2


class Mediaproxy(Module):
    """Relays through the relays of a dispatcher; also an engine of rtp_relay."""

    name = "mediaproxy"
    parameters = (
        Parameter("disable", 0), Parameter("mediaproxy_socket", "/run/mediaproxy/dispatcher.sock"),
        Parameter("mediaproxy_timeout", 500), Parameter("signaling_ip_avp", "$avp(signaling_ip)"),
        Parameter("media_relay_avp", "$avp(media_relay)"), Parameter("ice_candidate_avp", "$avp(ice_candidate)"),
        Parameter("ice_candidate", "none"),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.engine = MediaproxyEngine(
            wire(runtime),
            MediaproxySettings(
                settings["mediaproxy_socket"], settings["mediaproxy_timeout"], settings["ice_candidate"]
            ),
        )
        runtime.engines["mediaproxy"] = self.engine

    def start(self) -> None:
        """Be ready to connect, and have engaged calls stored with their dialogs."""
        self.engine.start()
        keep(self.runtime, "engage_media_proxy", Engaged, lambda stored: Engaged(self, Session(**stored["session"])))

    def leave(self, done: Callable[[], None]) -> None:
        """Release the calls that `engage_media_proxy` follows."""
        leave(self.runtime, Engaged, done)

    def stop(self) -> None:
        """Close the connection."""
        self.engine.stop()

    @function(waits=True)
    def use_media_proxy(self, context: Context) -> int:
        """Relay the description of the message: 1, -1 for an error, -2 if there is none."""
        if self.settings["disable"]:
            return NO
        session = session_of(context, None, None)
        return self.relay(context, session, is_offer=context.message.is_request)

    @function(waits=True)
    def end_media_session(self, context: Context) -> int:
        """End the session of the message's call: 1 or -1."""
        if self.settings["disable"]:
            return NO
        session = session_of(context, None, None)
        session.node = self.settings["mediaproxy_socket"]
        self.engine.delete(session, Removal(), _ignore)
        return YES

    @function(waits=True)
    def engage_media_proxy(self, context: Context) -> int:
        """Relay the call from here to its end, by itself: 1 or -1. Only for an initial INVITE."""
        if self.settings["disable"]:
            return NO
        return YES if follow(self.runtime, context, Engaged(self, session_of(context, None, None))) else NO

    def relay(self, context: Context, session: Session, *, is_offer: bool) -> int:
        """Give the description of a message to the dispatcher and replace it: 1, -1 or -2."""
        message, body = context.message, description(context.message)
        if not body:
            return NO_DESCRIPTION
        exchange = exchange_of(context, body)
        if 100 < message.status < 200:
            exchange.from_tag = ""
        exchange.source = self._avp(context, "signaling_ip_avp") or exchange.source
        exchange.in_iface = self._avp(context, "media_relay_avp")
        if priority := self._avp(context, "ice_candidate_avp"):
            exchange.flags = f"ice={priority}"
        dialogs = self.runtime.module(DialogModule)
        dialog = dialogs.current(context) if dialogs is not None else None
        exchange.dialog_id = dialog.did if dialog is not None else ""
        outcome = finished(self.engine.offer if is_offer else self.engine.answer, session, exchange)
        if not outcome.ok:
            return NO
        deliver(context, outcome.body)
        return YES

    def _avp(self, context: Context, parameter: str) -> str:
        name = self.settings[parameter]
        return text_of(self.runtime.registry.reader_of(name)(context)) or "" if name else ""


@dataclass(slots=True)
class Engaged:
    """A call relayed by `engage_media_proxy`."""

    module: Mediaproxy
    session: Session

    def offer(self, context: Context) -> bool:
        """The description of a message is an offer."""
        return self._relayed(context, is_offer=True)

    def answer(self, context: Context) -> bool:
        """The description of a message is an answer."""
        return self._relayed(context, is_offer=False)

    def release(self, done: Callable[[], None]) -> None:
        """The call is over."""
        self.module.engine.delete(self.session, Removal(), lambda _: done())

    def to_json(self) -> Json:
        """What is stored with the dialog."""
        return {"session": asdict(self.session)}

    def _relayed(self, context: Context, *, is_offer: bool) -> bool:
        if context.message.to_tag and not self.session.to_tag:
            self.session.to_tag = context.message.to_tag
        return self.module.relay(context, self.session, is_offer=is_offer) == YES


def _ignore(outcome: Outcome) -> None:
    """The engine logs what goes wrong; nobody waits for it."""
