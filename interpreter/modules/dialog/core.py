"""What all parts of module dialog share: the table of dialogs, and the dialog that a run belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.lifecycle import DIALOG, WAY, Lifecycle
from relayscript.interpreter.modules.dialog.persistence import NONE, Persistence
from relayscript.interpreter.modules.dialog.pinging import Pings
from relayscript.interpreter.modules.dialog.pracking import OPTION as AUTO_PRACK
from relayscript.interpreter.modules.dialog.pracking import Pracks
from relayscript.interpreter.modules.dialog.profiles import Profiles
from relayscript.interpreter.modules.dialog.races import Races
from relayscript.interpreter.modules.dialog.requests import Requests
from relayscript.interpreter.modules.dialog.table import Table
from relayscript.interpreter.modules.rr import Rr
from relayscript.interpreter.modules.tm import Tm, Transaction
from relayscript.interpreter.values import Value
from relayscript.sip import dialog as protocol
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.params import find_param

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

SAVED = "dialog.saved"
DID_ONLY, DID_FALLBACK, DID_NONE = 0, 1, 2
LETTERS = {
    "B": "bye-on-timeout", "P": "options-ping-caller", "p": "options-ping-callee",
    "R": "reinvite-ping-caller", "r": "reinvite-ping-callee", "E": "end-on-race-condition",
}  # fmt: skip
"""The flags of create_dialog() as they were written before they had names."""


class DialogCore(Module):
    """Keeps the dialogs.

    `on_created` are told of each new dialog, with the run that created it; `on_list_context` add to what
    `dialog:list_ctx` shows of one.
    """

    parameters = (
        Parameter("enable_stats", 1), Parameter("hash_size", 4096), Parameter("log_profile_hash_size", 4),
        Parameter("rr_param", "did"), Parameter("default_timeout", 43200), Parameter("dlg_extra_hdrs"),
        Parameter("dlg_match_mode", 1), Parameter("delete_delay", 0), Parameter("db_url"),
        Parameter("db_mode", 0), Parameter("db_update_period", 60), Parameter("options_ping_interval", 30),
        Parameter("reinvite_ping_interval", 300), Parameter("race_condition_timeout", 5),
        Parameter("auto_prack_fr_timeout", 3), Parameter("auto_prack_hangup_on_failure", 0),
        Parameter("profiles_with_value"), Parameter("profiles_no_value"), Parameter("timer_bulk_del_no", 1),
        Parameter("db_flush_vals_profiles", 0), Parameter("cachedb_url"),
        Parameter("profile_value_prefix", "dlg_val_"), Parameter("profile_no_value_prefix", "dlg_noval_"),
        Parameter("profile_size_prefix", "dlg_size_"), Parameter("profile_timeout", 86400),
        Parameter("dialog_replication_cluster", 0), Parameter("profile_replication_cluster", 0),
        Parameter("replicate_profiles_buffer", 1400), Parameter("replicate_profiles_check", 10),
        Parameter("replicate_profiles_timer", 200), Parameter("replicate_profiles_expire", 10),
        Parameter("cluster_auto_sync", 1), Parameter("table_name", "dialog"),
        Parameter("call_id_column", "callid"), Parameter("dlg_id_column", "dlg_id"),
        Parameter("flags_column", "flags"), Parameter("mflags_column", "module_flags"),
        Parameter("sflags_column", "script_flags"), Parameter("profiles_column", "profiles"),
        Parameter("start_time_column", "start_time"), Parameter("state_column", "state"),
        Parameter("timeout_column", "timeout"), Parameter("vars_column", "vars"),
        *(
            Parameter(f"{side}_{name}_column", f"{party}{stored}")
            for side, party in (("from", "caller_"), ("to", "callee_"))
            for name, stored in (
                ("contact", "contact"), ("cseq", "cseq"), ("route", "route_set"), ("sock", "sock")
            )
        ),
        *(Parameter(f"{name}_column", name) for name in ("from_tag", "to_tag", "from_uri", "to_uri")),
    )  # fmt: skip
    gauges = ("active_dialogs", "early_dialogs")
    statistics = (
        "active_dialogs", "early_dialogs", "processed_dialogs", "expired_dialogs", "failed_dialogs",
        "create_sent", "update_sent", "delete_sent", "create_recv", "update_recv", "delete_recv",
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self._judge(settings)
        self.table = Table(runtime.ids, settings["hash_size"])
        self.profiles = Profiles(settings["profiles_with_value"], settings["profiles_no_value"])
        self.requests = Requests(self)
        self.pings, self.pracks, self.races = Pings(self), Pracks(self), Races(self)
        self.lifecycle = Lifecycle(self)
        self.persistence = Persistence(self)
        self.on_created: list[Callable[[Dialog, Context], object]] = []
        self.on_list_context: list[Callable[[Dialog, dict[str, Any]], object]] = []

    @staticmethod
    def _judge(settings: dict[str, Any]) -> None:
        if settings["default_timeout"] <= 0:
            raise ValueError("default_timeout is to be at least 1 second")
        if not settings["rr_param"]:
            raise ValueError("rr_param is empty")
        if settings["dlg_match_mode"] not in (0, 1, 2):
            raise ValueError("dlg_match_mode is 0, 1 or 2")

    def start(self) -> None:
        """Follow the transactions of tm and the routes of rr."""
        if (tm := self.runtime.module(Tm)) is not None:
            tm.on_created.append(self._transaction_created)
            tm.on_cancelled.append(lambda transaction: self.lifecycle.cancelled(transaction, self.races))
        if (rr := self.runtime.module(Rr)) is not None:
            rr.on_loose_route.append(self._route_followed)
        self.persistence.open()

    def restore(self) -> None:
        """Take up the dialogs that a database has kept."""
        self.persistence.load()

    def stop(self) -> None:
        """Have the database keep what there is."""
        self.persistence.close()

    @property
    def is_persistent(self) -> bool:
        """Dialogs outlive the end of the script: a stop need not end what belongs to them."""
        return self.persistence.mode != NONE

    # ---- the dialog of a run

    @staticmethod
    def current(context: Context) -> Dialog | None:
        """The dialog that a run works on; None if there is none."""
        found: Dialog | None = context.local.get(DIALOG)
        if found is None and context.transaction is not None:
            found = context.transaction.local.get(DIALOG)
        return found

    @staticmethod
    def way(context: Context) -> Direction | None:
        """Where the request of a run goes in its dialog; None if it has none."""
        found: Direction | None = context.local.get(WAY)
        if found is None and context.transaction is not None:
            found = context.transaction.local.get(WAY)
        return found

    @staticmethod
    def load(context: Context, dialog: Dialog) -> bool:
        """Work on another dialog for a while; False if another one is loaded already."""
        if context.local.get(SAVED):
            return False
        context.local.setdefault(SAVED, []).append(context.local.get(DIALOG))
        context.local[DIALOG] = dialog
        return True

    @staticmethod
    def unload(context: Context) -> bool:
        """Go back to the dialog from before; False if there was no `load`."""
        saved: list[Dialog | None] = context.local.get(SAVED, [])
        if not saved:
            return False
        context.local[DIALOG] = saved.pop()
        return True

    # ---- creating

    def create(self, context: Context, flags: str = "") -> Dialog | None:
        """The dialog of an initial INVITE, made if it is not there yet; None for any other message."""
        message = context.message
        if message.method != "INVITE" or not message.is_request or message.to_tag:
            context.log(-1, "create_dialog: only for an initial INVITE")
            return None
        dialog = self.current(context) or self.table.of_invite(message)
        if dialog is None:
            try:
                dialog = self._new(message)
            except SipError as error:
                context.log(-1, f"create_dialog: {error}")
                return None
            self._record(context, dialog)
            for hook in self.on_created:
                hook(dialog, context)
        dialog.options |= self._options(context, flags)
        context.local[DIALOG], context.local[WAY] = dialog, Direction.DOWNSTREAM
        if context.transaction is not None:
            self.lifecycle.follow_invite(dialog, context.transaction)
        return dialog

    def _new(self, invite: Message) -> Dialog:
        dialog = self.table.new(protocol.Dialog(invite), self.runtime.host.wall())
        dialog.lifetime = self.settings["default_timeout"]
        dialog.caller_socket = invite.listener
        self.runtime.count("dialog:processed_dialogs")
        return dialog

    def _record(self, context: Context, dialog: Dialog) -> None:
        """Have the dialog's name put into Record-Route, so that later requests bring it along."""
        rr = self.runtime.module(Rr)
        if rr is not None and self.settings["dlg_match_mode"] != DID_NONE:
            rr.add_param(context, f";{self.settings['rr_param']}={dialog.did}")

    @staticmethod
    def _options(context: Context, flags: str) -> frozenset[str]:
        """The flags of create_dialog(): names separated by commas, or letters."""
        if not flags:
            return frozenset()
        if "-" not in flags and "," not in flags and all(each in LETTERS for each in flags):
            return frozenset(LETTERS[each] for each in flags)
        given = frozenset(each.strip() for each in flags.split(",") if each.strip())
        for each in sorted(given - {*LETTERS.values(), AUTO_PRACK}):
            context.log(1, f"create_dialog: unknown flag {each!r}")
        return given

    # ---- following

    def _transaction_created(self, transaction: Transaction, context: Context) -> None:
        dialog, way = context.local.get(DIALOG), context.local.get(WAY)
        if dialog is None or way is None:
            return
        if context.message.to_tag:
            self.lifecycle.follow_request(dialog, transaction, way)
        elif transaction.is_invite:
            self.lifecycle.follow_invite(dialog, transaction)

    def _route_followed(self, context: Context, params: str) -> None:
        self.match(context, self.settings["dlg_match_mode"], find_param(params, self.settings["rr_param"]))

    def match(self, context: Context, mode: int, did: str | None = None) -> bool:
        """Find the dialog of a request inside it and follow it there; whether there is one.

        `did` is the dialog's name if it is known already. A request is followed once, however often it is
        matched.
        """
        message = context.message
        if not message.is_request or not message.to_tag:
            return False
        if context.local.get(DIALOG) is not None and WAY in context.local:
            return True
        found = None
        if mode != DID_NONE and (name := did or self._did_in(message)):
            found = self.table.of_did(message, name)
        if found is None and mode != DID_ONLY:
            found = self.table.of_tags(message)
        if found is None:
            return False
        self.lifecycle.request_matched(*found, context)
        return True

    def _did_in(self, message: Message) -> str | None:
        """The dialog's name in a Route, or in a Request-URI that hides the topology."""
        name = self.settings["rr_param"]
        try:
            for value in message.headers("route"):
                for route in split_list(value):
                    if (did := parse_nameaddr(route).parsed_uri.param(name)) is not None:
                        return did
        except SipError:
            return None
        return find_param(message.uri.partition(";")[2], name)

    # ---- values

    def store(self, dialog: Dialog, name: str, value: Value) -> bool:
        """Keep a value with a dialog, NULL to forget it; whether there was anything to do."""
        if value is None:
            known = dialog.values.pop(name, None) is not None
        else:
            dialog.values[name], known = int(value) if isinstance(value, int) else str(value), True
        self.annotated(dialog)
        return known

    def annotated(self, dialog: Dialog) -> None:
        """Its values, flags or profiles were changed: written at once only if the script wants that."""
        if self.settings["db_flush_vals_profiles"]:
            self.persistence.changed(dialog)
