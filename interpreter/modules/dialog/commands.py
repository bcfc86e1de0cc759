"""The management commands of module dialog (dialog manual, "Exported MI Functions")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relayscript.interpreter.declaration import command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.dialog.core import DialogCore
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.listing import context_of, listed
from relayscript.interpreter.storage import StorageError

Json = dict[str, Any]
NOT_FOUND = (404, "Requested Dialog not found")
NO_PROFILE = (404, "Profile not found")
FAILED = (403, "Operation failed")
UNSUPPORTED = (500, "Not supported")


class DialogCommands(DialogCore):
    """Lists and ends dialogs, and changes what is kept with them."""

    # ---- lists

    @command("dialog:list", "dlg_list")
    def list_dialogs(
        self,
        callid: str | None = None,
        from_tag: str | None = None,
        index: int | None = None,
        counter: int | None = None,
    ) -> Json:
        """The dialogs: all, those of a call, or `counter` of them from `index` on."""
        return self._listed(callid, from_tag, index, counter, with_context=False)

    @command("dialog:list_ctx", "dlg_list_ctx")
    def list_with_context(
        self,
        callid: str | None = None,
        from_tag: str | None = None,
        index: int | None = None,
        counter: int | None = None,
    ) -> Json:
        """As `dialog:list`, with what is kept with each."""
        return self._listed(callid, from_tag, index, counter, with_context=True)

    def _listed(
        self,
        callid: str | None,
        from_tag: str | None,
        index: int | None,
        counter: int | None,
        *,
        with_context: bool,
    ) -> Json:
        found = self.table.live(callid or "", from_tag or "")
        if callid is not None and not found:
            raise CommandError(*NOT_FOUND)
        made: Json = {}
        if index is not None and counter is not None:
            made["count"] = len(found)
            found = found[index : index + counter]
        made["Dialogs"] = [self._with_context(each) if with_context else listed(each) for each in found]
        return made

    def _with_context(self, dialog: Dialog) -> Json:
        context = context_of(dialog)
        for hook in self.on_list_context:
            hook(dialog, context)
        return {**listed(dialog), "context": context}

    # ---- ending and changing

    @command("dialog:end_dlg", "dlg_end_dlg")
    def end_dlg(self, dialog_id: str, extra_hdrs: str | None = None) -> str:
        """End a call, given by Call-ID, did or number: with a BYE to both sides, before the answer with CANCELs."""
        if not self._end(self._named(dialog_id), extra_hdrs or ""):
            raise CommandError(*FAILED)
        return "OK"

    def _end(self, dialog: Dialog, headers: str = "") -> bool:
        return self.lifecycle.terminate(dialog, "MI Termination", headers) or self.lifecycle.cancel(dialog)

    @command("dialog:push_var", "dlg_push_var")
    def push_var(self, dlg_val_name: str, dlg_val_value: str, DID: list[str] | str) -> str:  # noqa: N803
        """Keep a value with some dialogs."""
        for name in [DID] if isinstance(DID, str) else DID:
            self.store(self._named(name), dlg_val_name, dlg_val_value)
        return "OK"

    @command("dialog:set_profile", "dlg_set_profile")
    def set_profile(self, dlg_id: str, profile: str, value: str | None = None, clear_values: int | None = None) -> str:
        """Put a dialog into a profile."""
        dialog = self._named(dlg_id)
        if not self.profiles.accepts(profile, value):
            raise CommandError(*NO_PROFILE)
        if clear_values:
            self.profiles.discard(dialog, profile, None)
        self.profiles.add(dialog, profile, value)
        self.annotated(dialog)
        return "OK"

    @command("dialog:unset_profile", "dlg_unset_profile")
    def unset_profile(self, dlg_id: str, profile: str, value: str | None = None) -> str:
        """Take a dialog out of a profile."""
        dialog = self._named(dlg_id)
        self._known(profile)
        self.profiles.discard(dialog, profile, value)
        self.annotated(dialog)
        return "OK"

    def _named(self, name: str) -> Dialog:
        dialog = self.table.named(name)
        if dialog is None:
            raise CommandError(*NOT_FOUND)
        return dialog

    # ---- profiles

    @command("dialog:list_all_profiles")
    def list_all_profiles(self) -> Json:
        """The profiles that the script declares."""
        profiles = self.profiles.has_value.items()
        return {"Profiles": [{"name": name, "has value": has_value} for name, has_value in profiles]}

    @command("dialog:profile_get_size")
    def profile_get_size(self, profile: str, value: str | None = None) -> Json:
        """How many dialogs are in a profile."""
        self._known(profile)
        made = {"name": profile, "value": value, "count": self.profiles.size(profile, value)}
        return {"Profile": {**made, "shared": "no", "replicated": "no"}}

    @command("dialog:profile_get_values")
    def profile_get_values(self, profile: str) -> Json:
        """The values of a profile and how many dialogs have each."""
        self._known(profile)
        values = self.profiles.values(profile).items()
        return {"Profile": profile, "Values": [{"value": value, "count": count} for value, count in values]}

    @command("dialog:profile_list_dlgs")
    def profile_list_dlgs(self, profile: str, value: str | None = None) -> Json:
        """The dialogs in a profile."""
        self._known(profile)
        found = self.profiles.members(self.table.live(), profile, value)
        return {"Dialogs": [listed(each) for each in found]}

    @command("dialog:profile_end_dlgs")
    def profile_end_dlgs(self, profile: str, value: str | None = None) -> str:
        """End all dialogs in a profile."""
        self._known(profile)
        for each in self.profiles.members(self.table.live(), profile, value):
            self._end(each)
        return "OK"

    def _known(self, profile: str) -> None:
        if profile not in self.profiles.has_value:
            raise CommandError(*NO_PROFILE)

    # ---- databases and clusters

    @command("dialog:db_sync", "dlg_db_sync")
    def db_sync(self) -> str:
        """Take up the dialogs that are in the database and not known here."""
        return self._with_database(self.persistence.synchronize)

    @command("dialog:restore_db", "dlg_restore_db")
    def restore_db(self) -> str:
        """Have in the database the answered dialogs that there are here, and no others."""
        return self._with_database(self.persistence.rewrite)

    def _with_database(self, act: Callable[[], object]) -> str:
        if not self.is_persistent:
            raise CommandError(*UNSUPPORTED)
        try:
            act()
        except StorageError as error:
            raise CommandError(*FAILED, str(error)) from None
        return "OK"

    @command("dialog:cluster_sync", "dlg_cluster_sync")
    def cluster_sync(self, sharing_tag: str | None = None) -> str:
        """There is no cluster: always an error."""
        raise CommandError(*UNSUPPORTED)
