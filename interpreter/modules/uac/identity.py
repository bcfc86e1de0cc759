"""From and To changed for the callee, and put back for the caller (uac manual; RFC 3261 12.2.1.1 needs both)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.modules.rr import Rr
from relayscript.interpreter.modules.uac.hiding import pack, unpack
from relayscript.interpreter.modules.uac.restoring import Restoring
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr
from relayscript.sip.params import find_param

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

FOLLOWED = "uac.followed"
"""Under which key a dialog notes that its requests are followed."""


@dataclass(frozen=True, slots=True)
class Side:
    """A header that can be changed: the one that has the same URI on the way back, the parameter that names its
    Record-Route parameter, and the dialog values that keep its URIs."""

    key: str
    opposite: str
    setting: str
    before: str
    after: str


FROM = Side("from", "to", "rr_from_store_param", "_uac_fu", "_uac_funew")
TO = Side("to", "from", "rr_to_store_param", "_uac_to", "_uac_tonew")


class Identity(Module):
    """Replaces and restores From and To."""

    parameters = (
        Parameter("restore_mode", "auto"), Parameter("restore_passwd", ""), Parameter("rr_from_store_param", "vsf"),
        Parameter("rr_to_store_param", "vst"), Parameter("force_dialog", 0),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        if settings["restore_mode"] not in ("none", "manual", "auto"):
            raise ValueError(f"restore_mode is none, manual or auto, not {settings['restore_mode']!r}")
        self.restoring = Restoring(runtime)

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """What is restored is remembered in the routes that rr records."""
        if self.settings["restore_mode"] != "none" and self.runtime.module(Rr) is None:
            text = "module uac needs module rr, unless restore_mode is none"
            yield Diagnostic(Severity.ERROR, "RS246", text, None, 'add loadmodule "rr.so"')

    def start(self) -> None:
        """Follow transactions, and if URIs are restored by themselves also the routes of rr."""
        self.restoring.start()
        rr = self.runtime.module(Rr)
        if self._is_automatic and rr is not None:
            rr.on_loose_route.append(self._route_followed)
        if (dialogs := self.runtime.module(DialogModule)) is not None:
            dialogs.persistence.on_restored.append(self._restored)

    def _restored(self, dialog: Dialog) -> None:
        """Follow a dialog from before a restart if its URIs were changed."""
        if any(name in dialog.values for side in (FROM, TO) for name in (side.before, side.after)):
            self._follow(dialog)

    @property
    def _is_automatic(self) -> bool:
        return bool(self.settings["restore_mode"] == "auto")

    # ---- functions

    @function()
    def uac_replace_from(self, context: Context, display: str | None, uri: str) -> int:
        """Send another display name (None keeps it, empty removes it) and URI (empty keeps it) in From: 1 or -1."""
        return self._replace(context, FROM, display, uri)

    @function()
    def uac_replace_to(self, context: Context, display: str | None, uri: str) -> int:
        """Send another display name (None keeps it, empty removes it) and URI (empty keeps it) in To: 1 or -1."""
        return self._replace(context, TO, display, uri)

    @function()
    def uac_restore_from(self, context: Context) -> int:
        """Exchange the URI that was hidden in From, as our route says: 1; -1 if it does not say."""
        return self._restore(context, FROM)

    @function()
    def uac_restore_to(self, context: Context) -> int:
        """Exchange the URI that was hidden in To, as our route says: 1; -1 if it does not say."""
        return self._restore(context, TO)

    # ---- the first request

    def _replace(self, context: Context, side: Side, display: str | None, uri: str) -> int:
        message = context.message
        try:
            known = message.from_ if side is FROM else message.to
        except SipError as error:
            context.log(-1, f"uac_replace_{side.key}: {error}")
            return -1
        made = replace(known, display=known.display if display is None else display, uri=uri or known.uri)
        index = message.keys.index(side.key)
        context.changes.replaced[index] = message.line_with(index, str(made))
        if made.uri != known.uri and self.settings["restore_mode"] != "none":
            self._remember(context, side, known.uri, made.uri)
            self.restoring.watch(context, side.key)
        return 1

    def _remember(self, context: Context, side: Side, before: str, after: str) -> None:
        """Keep both URIs with the dialog if there is one, else in the Record-Route."""
        dialog = self._dialog(context)
        if dialog is not None:
            dialog.values[side.before], dialog.values[side.after] = before, after
            self._follow(dialog)
        elif (rr := self.runtime.module(Rr)) is not None:
            packed = pack(before, after, self.settings["restore_passwd"])
            rr.add_param(context, f";{self.settings[side.setting]}={packed}")

    def _dialog(self, context: Context) -> Dialog | None:
        module = self.runtime.module(DialogModule)
        if module is None:
            return None
        found = module.current(context)
        if found is None and self.settings["force_dialog"] and context.message.method == "INVITE":
            found = module.create(context)
        return found

    # ---- later requests

    def _route_followed(self, context: Context, params: str) -> None:
        for side in (FROM, TO):
            self._exchange(context, side, params)

    def _restore(self, context: Context, side: Side) -> int:
        params = Rr.params(context)
        return 1 if params and self._exchange(context, side, params) else -1

    def _exchange(self, context: Context, side: Side, params: str) -> bool:
        """Put the other URI of the pair in a Route parameter in the place of the one that came."""
        packed, rr = find_param(params, self.settings[side.setting].lower()), self.runtime.module(Rr)
        if not packed or rr is None:
            return False
        key = side.key if rr.is_downstream(context) else side.opposite
        try:
            known = context.message.from_.uri if key == "from" else context.message.to.uri
        except SipError:
            return False
        other = unpack(packed, known, self.settings["restore_passwd"])
        return other is not None and self._put(context, key, other)

    def _put(self, context: Context, key: str, uri: str) -> bool:
        message = context.message
        try:
            known = message.from_ if key == "from" else message.to
        except SipError:
            return False
        index = message.keys.index(key)
        context.changes.replaced[index] = message.line_with(index, str(replace(known, uri=uri)))
        self.restoring.watch(context, key)
        return True

    def _follow(self, dialog: Dialog) -> None:
        if self._is_automatic and not dialog.local.get(FOLLOWED):
            dialog.local[FOLLOWED] = True
            dialog.on_request.append(self._request_matched)
            dialog.on_own_request.append(_hide_own)

    def _request_matched(self, dialog: Dialog, context: Context, downstream: bool) -> None:
        for side in (FROM, TO):
            uri = dialog.values.get(side.after if downstream else side.before)
            if uri is not None:
                self._put(context, side.key if downstream else side.opposite, str(uri))


def _hide_own(dialog: Dialog, way: Direction, request: Message) -> None:
    """A request made here goes to the callee: it knows the call by other URIs."""
    for side in (FROM, TO):
        uri = dialog.values.get(side.after)
        if way is Direction.DOWNSTREAM and uri is not None:
            index = request.keys.index(side.key)
            known = parse_nameaddr(request.value(index))
            request.lines[index] = request.line_with(index, str(replace(known, uri=str(uri))))
