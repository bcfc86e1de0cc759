"""The script functions of module dialog (dialog manual, "Exported Functions")."""

from __future__ import annotations

import json

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.dialog.core import DialogCore
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.lifecycle import PREVIOUS_CSEQ, WAY
from relayscript.interpreter.modules.dialog.listing import context_of, listed
from relayscript.interpreter.values import ascii_lower, text_of
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import parse_nameaddr
from relayscript.sip.routing import values as header_values
from relayscript.sip.uri import is_loose

BAD_CSEQ, BAD_CONTACT, BAD_ROUTES, NO_DIALOG = -1, -2, -3, -4
MATCH_MODES = {"DID_ONLY": 0, "DID_FALLBACK": 1, "DID_NONE": 2}


class DialogFunctions(DialogCore):
    """Creating, matching, checking dialogs; values, flags and routes of theirs."""

    # ---- creating and matching

    @function()
    def create_dialog(self, context: Context, flags: str | None = None) -> int:
        """Create the dialog of an initial INVITE, or add flags to the one there is: 1; -1 for others."""
        return 1 if self.create(context, flags or "") is not None else -1

    @function()
    def match_dialog(self, context: Context, mode: str | None = None) -> int:
        """Find the dialog of this request, by the route parameter or by tags as the mode says: 1 or -1."""
        number = self.settings["dlg_match_mode"] if mode is None else MATCH_MODES.get(mode.upper())
        if number is None:
            context.log(-1, f"match_dialog: {mode!r} is no matching mode")
            return -1
        return 1 if self.match(context, number) else -1

    @function()
    def validate_dialog(self, context: Context) -> int:
        """Whether a request fits its dialog: 1; -1 CSeq, -2 contact, -3 route set is wrong, -4 no dialog."""
        dialog, way = self.current(context), context.local.get(WAY)
        message = context.message
        if dialog is None or way is None or not message.to_tag:
            return NO_DIALOG
        try:
            previous = context.local.get(PREVIOUS_CSEQ, 0)
            if message.method not in ("ACK", "CANCEL") and message.cseq[0] <= previous:
                return BAD_CSEQ
            return self._judge_target(dialog, way, context)
        except SipError:
            return NO_DIALOG

    @staticmethod
    def _judge_target(dialog: Dialog, way: Direction, context: Context) -> int:
        target = dialog.callee if way is Direction.DOWNSTREAM else dialog.caller
        if target is None:
            return NO_DIALOG
        if target.contact and context.branch.uri != target.contact:
            return BAD_CONTACT
        given = [parse_nameaddr(each).uri for each in header_values(context.message, "route")]
        wanted = [parse_nameaddr(each).uri for each in target.routes]
        return 1 if given[len(given) - len(wanted) :] == wanted else BAD_ROUTES

    @function()
    def fix_route_dialog(self, context: Context) -> int:
        """Send the request where its dialog says: R-URI, Routes and next hop are set anew; 1 or -1."""
        dialog, way = self.current(context), context.local.get(WAY)
        target = None if dialog is None else dialog.callee if way is Direction.DOWNSTREAM else dialog.caller
        if target is None or way is None or not context.message.to_tag:
            return -1
        changes, branch = context.changes, context.branch
        for index in context.message.indexes("route"):
            changes.replaced.pop(index, None)
            changes.removed.add(index)
        branch.uri = target.contact or branch.uri
        branch.duri = None
        if target.routes:
            changes.last.append(f"Route: {', '.join(target.routes)}")
            first = parse_nameaddr(target.routes[0])
            branch.duri = first.uri if is_loose(first.parsed_uri) else branch.duri
        return 1

    @function()
    def load_dialog_ctx(
        self, context: Context, name: str, kind: str | None = None, active_only: int | None = None
    ) -> int:
        """Work on another dialog until `unload_dialog_ctx`: 1; -1 if there is none, or another is loaded already.

        It is given by its Call-ID, or by its did if the kind is `did`; `active_only` leaves out those that are over.
        """
        by_did = kind is not None and ascii_lower(kind) == "did"
        found = self.table.find(name, by_did=by_did, active=bool(active_only))
        return 1 if found is not None and self.load(context, found) else -1

    @function()
    def unload_dialog_ctx(self, context: Context) -> int:
        """Go back to the dialog from before `load_dialog_ctx`: 1; -1 if none was loaded."""
        return 1 if self.unload(context) else -1

    # ---- routes

    @function()
    def dlg_on_answer(self, context: Context, route: str | None = None) -> int:
        """Run a route when the call is answered; none without a name: 1; -1 without a dialog."""
        return self._set_route(context, "answer", route)

    @function()
    def dlg_on_hangup(self, context: Context, route: str | None = None) -> int:
        """Run a route when the answered call ends; none without a name: 1; -1 without a dialog."""
        return self._set_route(context, "hangup", route)

    @function()
    def dlg_on_timeout(self, context: Context, route: str | None = None) -> int:
        """Run a route when the lifetime is over; none without a name: 1; -1 without a dialog."""
        return self._set_route(context, "timeout", route)

    def _set_route(self, context: Context, occasion: str, route: str | None) -> int:
        dialog = self.current(context)
        if dialog is None:
            return -1
        dialog.routes[occasion] = route or ""
        self.persistence.changed(dialog)
        return 1

    # ---- values and flags

    @function()
    def store_dlg_value(self, context: Context, name: str, value: Reference) -> int:
        """Keep a value with the dialog: 1; -1 without a dialog or a value."""
        dialog = self.current(context)
        return 1 if dialog is not None and self.store(dialog, name, value.get()) else -1

    @function()
    def fetch_dlg_value(self, context: Context, name: str, target: Reference) -> int:
        """Write a kept value to a variable: 1; -1 if there is none."""
        dialog = self.current(context)
        value = dialog.values.get(name) if dialog is not None else None
        return 1 if value is not None and target.set(value) else -1

    @function()
    def set_dlg_flag(self, context: Context, flag: str) -> int:
        """Set a flag of the dialog: 1; -1 without a dialog."""
        dialog = self.current(context)
        if dialog is None:
            return -1
        dialog.flags[flag] = None
        self.annotated(dialog)
        return 1

    @function()
    def reset_dlg_flag(self, context: Context, flag: str) -> int:
        """Clear a flag of the dialog: 1; -1 without a dialog."""
        dialog = self.current(context)
        if dialog is None:
            return -1
        dialog.flags.pop(flag, None)
        self.annotated(dialog)
        return 1

    @function()
    def is_dlg_flag_set(self, context: Context, flag: str) -> int:
        """Whether a flag of the dialog is set: 1 or -1."""
        dialog = self.current(context)
        return 1 if dialog is not None and flag in dialog.flags else -1

    @function()
    def test_and_set_dlg_flag(self, context: Context, flag: str, value: int) -> int:
        """If the flag is as `value` (0 or 1) says, turn it over: 1; else -1."""
        dialog = self.current(context)
        if dialog is None or (flag in dialog.flags) != bool(value):
            return -1
        return self.reset_dlg_flag(context, flag) if value else self.set_dlg_flag(context, flag)

    # ---- other dialogs

    @function()
    def get_dialog_vals(self, context: Context, names: Reference, values: Reference, call_id: str) -> int:
        """Write names and values of a call's dialog to two AVPs: 1; -1 if there is no such call."""
        found = self.table.named(call_id)
        if found is None:
            return -1
        for name, value in found.values.items():
            names.set(name)
            values.set(value)
        return 1

    @function()
    def get_dialogs_by_val(
        self, context: Context, name: str, value: Reference, found: Reference, count: Reference
    ) -> int:
        """Write the dialogs (as JSON) that keep a value, and how many they are: 1; -1 if there is none."""
        wanted = text_of(value.get())
        dialogs = [each for each in self.table.live() if text_of(each.values.get(name)) == wanted is not None]
        return self._report(dialogs, found, count)

    @function()
    def get_dialog_info(
        self, context: Context, attribute: str, found: Reference, key: str, value: Reference, count: Reference
    ) -> int:
        """Write a kept value of each dialog that keeps another one, and how many they are: 1 or -1."""
        wanted = text_of(value.get())
        dialogs = [each for each in self.table.live() if text_of(each.values.get(key)) == wanted is not None]
        for each in dialogs:
            if attribute in each.values:
                found.set(each.values[attribute])
        count.set(len(dialogs))
        return 1 if dialogs else -1

    @function()
    def get_dialogs_by_profile(
        self, context: Context, profile: str, value: str | None, found: Reference, count: Reference
    ) -> int:
        """Write the dialogs (as JSON) in a profile, and how many they are: 1; -1 if there is none."""
        return self._report(self.profiles.members(self.table.live(), profile, value), found, count)

    @staticmethod
    def _report(dialogs: list[Dialog], found: Reference, count: Reference) -> int:
        for each in dialogs:
            found.set(json.dumps({**listed(each), "context": context_of(each)}))
        count.set(len(dialogs))
        return 1 if dialogs else -1

    # ---- profiles

    @function()
    def set_dlg_profile(
        self, context: Context, profile: str, value: str | None = None, clear: int | None = None
    ) -> int:
        """Put the dialog into a profile, with `clear` in place of its other values there: 1 or -1."""
        dialog = self.current(context)
        if dialog is None or not self.profiles.accepts(profile, value):
            context.log(-1, f"set_dlg_profile: no dialog, or no such profile: {profile!r}")
            return -1
        if clear:
            self.profiles.discard(dialog, profile, None)
        self.profiles.add(dialog, profile, value)
        self.annotated(dialog)
        return 1

    @function()
    def unset_dlg_profile(self, context: Context, profile: str, value: str | None = None) -> int:
        """Take the dialog out of a profile, with any value if none is given: 1; -1 if it was not in it."""
        dialog = self.current(context)
        if dialog is None or not self.profiles.discard(dialog, profile, value):
            return -1
        self.annotated(dialog)
        return 1

    @function()
    def is_in_profile(self, context: Context, profile: str, value: str | None = None) -> int:
        """Whether the dialog is in a profile, with any value if none is given: 1 or -1."""
        dialog = self.current(context)
        return 1 if dialog is not None and self.profiles.entries(dialog, profile, value) else -1

    @function()
    def get_profile_size(self, context: Context, profile: str, value: str | None, target: Reference) -> int:
        """Write how many dialogs are in a profile, with any value if none is given: 1 or -1."""
        if profile not in self.profiles.has_value:
            return -1
        return 1 if target.set(self.profiles.size(profile, value)) else -1

    # ---- requests of ours

    @function()
    def dlg_send_sequential(
        self,
        context: Context,
        method: str,
        side: str,
        body: str | None = None,
        content_type: str | None = None,
        headers: str | None = None,
    ) -> int:
        """Send a request inside the dialog to `caller` or `callee`: 1 when it is sent, -1 if it cannot be."""
        dialog = self.current(context)
        ways = {"caller": Direction.UPSTREAM, "callee": Direction.DOWNSTREAM}
        way = ways.get(ascii_lower(side))
        if dialog is None or way is None or not dialog.is_answered:
            return -1
        sent = self.requests.send(
            dialog, way, method.upper(), headers or "", body or "", content_type=content_type or ""
        )
        return 1 if sent else -1

    @function()
    def dlg_inc_cseq(self, context: Context, tag: str | None = None, by: int | None = None) -> int:
        """Raise all further CSeq numbers of requests to the side with that tag, else to where this request goes.

        1; -1 without a dialog or for the tag of nobody in it.
        """
        dialog = self.current(context)
        if dialog is None or (tag and tag != dialog.caller.tag and tag not in dialog.sip.callees):
            return -1
        way: Direction = context.local.get(WAY, Direction.DOWNSTREAM)
        if tag:
            way = Direction.UPSTREAM if tag == dialog.caller.tag else Direction.DOWNSTREAM
        dialog.sip.advance(way, 1 if by is None else by)
        self.persistence.changed(dialog)
        return 1

    @function()
    def set_dlg_sharing_tag(self, context: Context, tag: str) -> int:
        """Sharing tags belong to clusters, and there is none: -1."""
        context.log(-1, "set_dlg_sharing_tag: there is no cluster")
        return -1
