"""Module topology_hiding: neither side of a call sees addresses of the other (topology_hiding manual)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function, variable
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.modules.dialog.functions import MATCH_MODES
from relayscript.interpreter.modules.topology_hiding.contact import Options
from relayscript.interpreter.modules.topology_hiding.hiding import HIDDEN, Hidden, Hiding
from relayscript.interpreter.modules.topology_hiding.packing import Target, unpack
from relayscript.interpreter.values import Value
from relayscript.interpreter.variables.sources import find_socket
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import parse_nameaddr
from relayscript.sip.uri import is_loose, parse_uri

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

VALUE = "_topology_hiding_"
"""The value in the stored form of a dialog that says how it is hidden."""


class TopologyHiding(Module):
    """Stands between the two sides of a dialog: with module dialog, or with all that is needed in the Contacts.

    A Call-ID is hidden from the callee only, so that a request that passes here twice is told apart by itself
    whatever `th_callid_loop_protection` says.
    """

    name = "topology_hiding"
    requires = ("tm",)
    parameters = (
        Parameter("force_dialog", 0), Parameter("th_passed_contact_uri_params"), Parameter("th_passed_contact_params"),
        Parameter("th_callid_passwd", "OpenSIPS"), Parameter("th_callid_prefix", "DLGCH_"),
        Parameter("th_callid_loop_protection", 0), Parameter("th_contact_encode_passwd", "ToPoCtPaSS"),
        Parameter("th_contact_encode_param", "thinfo"), Parameter("th_contact_encode_scheme", "base64"),
        Parameter("th_contact_caller_username_var", "_th_contact_caller_username_var_"),
        Parameter("th_contact_callee_username_var", "_th_contact_callee_username_var_"),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.hiding = Hiding(runtime, settings)

    def start(self) -> None:
        """Have what is hidden stored with the dialogs."""
        module = self.runtime.module(DialogModule)
        if module is not None:
            module.persistence.on_store.append(_store)
            module.persistence.on_restored.append(self._restored)

    def _restored(self, dialog: Dialog) -> None:
        text = dialog.values.pop(VALUE, None)
        if text is None:
            return
        try:
            self._keep(dialog, Options.parse(str(text)))
        except ValueError as error:
            self.runtime.log(1, f"topology_hiding: call {dialog.call_id} is not hidden any more: {error}")

    # ---- the first request

    @function()
    def topology_hiding(self, context: Context, flags: str | None = None, users: str | None = None) -> int:
        """Hide caller and callee of an initial request from each other: 1; -1 if that is not possible.

        Flags: `U` keeps the user of contacts, `C` hides the Call-ID, `D` carries the dialog's name as user, `a` and
        `A` give the caller and the callee the same Contact all the time; all but `U` only in a dialog.
        `users` are those of the contacts given to caller and callee, `/one/other`, or one for both.
        """
        message = context.message
        try:
            options = Options.read(flags or "", users or "")
            if message.to_tag:
                context.log(-1, "topology_hiding: only for initial requests")
                return -1
            dialog = self._dialog(context)
            self._hide(context, Hidden(options, Direction.DOWNSTREAM, dialog, is_first=True))
        except (SipError, ValueError) as error:
            context.log(-1, f"topology_hiding: {error}")
            return -1
        return 1

    def _dialog(self, context: Context) -> Dialog | None:
        module = self.runtime.module(DialogModule)
        if module is None or context.message.method != "INVITE":
            return None
        found = module.current(context)
        return module.create(context) if found is None and self.settings["force_dialog"] else found

    def _hide(self, context: Context, hidden: Hidden) -> None:
        self.hiding.hide(context, hidden)
        dialog, options = hidden.dialog, hidden.options
        if dialog is None or not hidden.is_first:
            return
        self._keep(dialog, options)
        for side, user in (("caller", options.to_caller), ("callee", options.to_callee)):
            if user:
                dialog.values[self.settings[f"th_contact_{side}_username_var"]] = user

    def _keep(self, dialog: Dialog, options: Options) -> None:
        if options.hides_call_id and HIDDEN not in dialog.local:
            dialog.on_own_request.append(self.hiding.hide_own)
        dialog.local[HIDDEN] = options

    # ---- later requests

    @function()
    def topology_hiding_match(self, context: Context, mode: str | None = None) -> int:
        """Send a later request of a hidden dialog where it belongs: 1; -1 if it belongs to none.

        `mode` is how its dialog is found, as in match_dialog().
        """
        if not context.message.to_tag or (mode is not None and mode.upper() not in MATCH_MODES):
            return -1
        try:
            packed = parse_uri(context.branch.uri).param(self.hiding.parameter.lower())
            target = unpack(packed, self.hiding.scheme) if packed else None
            if target is not None:
                return self._match_target(context, target)
            return self._match_dialog(context, mode)
        except (SipError, ValueError) as error:
            context.log(-1, f"topology_hiding_match: {error}")
            return -1

    def _match_target(self, context: Context, target: Target) -> int:
        """The Request-URI says where the request goes."""
        changes, branch = context.changes, context.branch
        way = Direction.DOWNSTREAM if target.is_callee else Direction.UPSTREAM
        self.hiding.hide(context, Hidden(Options.parse(target.options), way, None, target.routes))
        for index in context.message.indexes("route"):
            changes.replaced.pop(index, None)
            changes.removed.add(index)
        branch.uri, branch.duri = target.uri, None
        branch.socket = find_socket(self.runtime.listeners, target.socket)
        if target.routes:
            changes.last.append(f"Route: {', '.join(target.routes)}")
            first = parse_nameaddr(target.routes[0])
            branch.duri = first.uri if is_loose(first.parsed_uri) else None
        return 1

    def _match_dialog(self, context: Context, mode: str | None) -> int:
        """The dialog says where the request goes."""
        module = self.runtime.module(DialogModule)
        if module is None:
            return -1
        number = module.settings["dlg_match_mode"] if mode is None else MATCH_MODES[mode.upper()]
        did = parse_uri(context.branch.uri).user or None

        def match() -> bool:
            return module.match(context, number) or module.match(context, number, did)

        if not match() and not self.hiding.with_plain_call_id(context.message, match):
            return -1
        dialog, way = module.current(context), module.way(context)
        options: Options | None = dialog.local.get(HIDDEN) if dialog is not None else None
        if dialog is None or way is None or options is None:
            return -1
        self.hiding.hide(context, Hidden(options, way, dialog))
        if module.fix_route_dialog(context) < 0:
            return -1
        context.branch.socket = dialog.socket(way)
        return 1

    @variable("TH_callee_callid")
    def callee_call_id(self, context: Context) -> Value:
        """The Call-ID that the callee sees; NULL unless it is hidden."""
        module = self.runtime.module(DialogModule)
        dialog = module.current(context) if module is not None else None
        options: Options | None = dialog.local.get(HIDDEN) if dialog is not None else None
        if dialog is None or options is None or not options.hides_call_id:
            return None
        return self.hiding.hidden_call_id(dialog.call_id)


def _store(dialog: Dialog, kept: dict[str, str]) -> None:
    options: Options | None = dialog.local.get(HIDDEN)
    if options is not None:
        kept[VALUE] = str(options)
