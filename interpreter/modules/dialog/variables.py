"""The script variables of module dialog (dialog manual, "Exported Pseudo-Variables")."""

from __future__ import annotations

import json

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import variable
from relayscript.interpreter.modules.dialog.core import DialogCore
from relayscript.interpreter.modules.dialog.listing import context_of, listed
from relayscript.interpreter.values import Value, int_of, text_of


class DialogVariables(DialogCore):
    """`$dlg_val` and the `$DLG_*` of the dialog that a run belongs to; all NULL without one."""

    @variable("DLG_count")
    def dlg_count(self, context: Context) -> Value:
        """How many dialogs there are."""
        return len(self.table.live())

    @variable("DLG_status")
    def dlg_status(self, context: Context) -> Value:
        """1 unconfirmed, 2 early, 3 answered, 4 confirmed, 5 deleted."""
        dialog = self.current(context)
        return dialog.state if dialog is not None else None

    @variable("DLG_did")
    def dlg_did(self, context: Context) -> Value:
        """The name of the dialog, as in Record-Route."""
        dialog = self.current(context)
        return dialog.did if dialog is not None else None

    @variable("DLG_dir")
    def dlg_dir(self, context: Context) -> Value:
        """`downstream` for a request of the caller, `upstream` for one of the callee."""
        way = self.way(context) if self.current(context) is not None else None
        return way.value if way is not None else None

    @variable("DLG_end_reason")
    def dlg_end_reason(self, context: Context) -> Value:
        """What ended the dialog; NULL while it goes on."""
        dialog = self.current(context)
        return dialog.end_reason or None if dialog is not None else None

    @variable("DLG_lifetime")
    def dlg_lifetime(self, context: Context) -> Value:
        """Seconds since the answer."""
        dialog = self.current(context)
        if dialog is None:
            return None
        return int(self.runtime.host.wall() - dialog.answered_at) if dialog.answered_at else 0

    @variable("DLG_timeout")
    def dlg_timeout(self, context: Context) -> Value:
        """Seconds until the dialog expires; before the answer, how long it will live from then on."""
        dialog = self.current(context)
        if dialog is None:
            return None
        if not dialog.is_answered:
            return dialog.lifetime
        return max(0, round(dialog.expires_at - self.runtime.host.wall()))

    @dlg_timeout.setter
    def set_dlg_timeout(self, context: Context, op: str, value: Value) -> bool:
        """Let it live that many seconds, from now on if it is answered."""
        dialog, seconds = self.current(context), int_of(value)
        if dialog is None or seconds is None or seconds <= 0 or dialog.is_ended:
            return False
        dialog.lifetime = seconds
        if dialog.is_answered:
            self.lifecycle.start_lifetime(dialog)
        return True

    @variable("DLG_del_delay")
    def dlg_del_delay(self, context: Context) -> Value:
        """Seconds for which an ended dialog still matches requests."""
        dialog = self.current(context)
        return (dialog.delete_delay or self.settings["delete_delay"]) if dialog is not None else None

    @dlg_del_delay.setter
    def set_dlg_del_delay(self, context: Context, op: str, value: Value) -> bool:
        """Set it for this dialog."""
        dialog, seconds = self.current(context), int_of(value)
        if dialog is None or seconds is None or seconds < 0:
            return False
        dialog.delete_delay = seconds
        self.persistence.changed(dialog)
        return True

    @variable("DLG_flags")
    def dlg_flags(self, context: Context) -> Value:
        """The flags that are set, separated by blanks."""
        dialog = self.current(context)
        return " ".join(dialog.flags) if dialog is not None else None

    @dlg_flags.setter
    def set_dlg_flags(self, context: Context, op: str, value: Value) -> bool:
        """Set these flags, separated by blanks, and no others."""
        dialog = self.current(context)
        if dialog is None:
            return False
        dialog.flags = dict.fromkeys((text_of(value) or "").split())
        self.annotated(dialog)
        return True

    @variable("DLG_json")
    def dlg_json(self, context: Context) -> Value:
        """The dialog as `dialog:list` shows it."""
        dialog = self.current(context)
        return json.dumps(listed(dialog)) if dialog is not None else None

    @variable("DLG_ctx_json")
    def dlg_ctx_json(self, context: Context) -> Value:
        """The dialog as `dialog:list_ctx` shows it."""
        dialog = self.current(context)
        return json.dumps({**listed(dialog), "context": context_of(dialog)}) if dialog is not None else None

    @variable("dlg_val", parameter="optional")
    def dlg_val(self, context: Context, name: str | None) -> Value:
        """A value kept with the dialog."""
        dialog = self.current(context)
        return dialog.values.get(name) if dialog is not None and name is not None else None

    @dlg_val.setter
    def set_dlg_val(self, context: Context, name: str | None, op: str, value: Value) -> bool:
        """Keep a value; NULL forgets it."""
        dialog = self.current(context)
        if dialog is None or name is None:
            return False
        self.store(dialog, name, value)
        return True
