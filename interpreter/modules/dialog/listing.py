"""Dialogs as JSON data: how management and `$DLG_json` show them, and how they are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.sip import dialog as protocol
from relayscript.sip.dialog import Leg

Json = dict[str, Any]


def listed(dialog: Dialog) -> Json:
    """The dialog as `dialog:list` shows it."""
    sip, expires = dialog.sip, dialog.expires_at
    callee = dialog.callee
    return {
        "ID": dialog.did,
        "db_id": str(dialog.db_id),
        "state": dialog.state,
        "user_flags": " ".join(dialog.flags),
        "timestart": int(dialog.answered_at),
        "datestart": date(dialog.answered_at),
        "timeout": int(expires),
        "dateout": date(expires),
        "callid": dialog.call_id,
        "from_uri": sip.local_uri,
        "to_uri": sip.remote_uri,
        "caller_tag": sip.caller.tag,
        "caller_contact": sip.caller.contact,
        "callee_cseq": str(callee.cseq if callee is not None else 0),
        "caller_route_set": ",".join(sip.caller.routes),
        "caller_bind_addr": str(dialog.caller_socket or ""),
        "CALLEES": [_callee(dialog, leg) for leg in ([callee] if sip.winner and callee else sip.callees.values())],
    }


def _callee(dialog: Dialog, leg: Leg) -> Json:
    return {
        "callee_tag": leg.tag,
        "callee_contact": leg.contact,
        "caller_cseq": str(dialog.caller.cseq),
        "callee_route_set": ",".join(leg.routes),
        "callee_bind_addr": str(dialog.callee_socket or ""),
    }


def context_of(dialog: Dialog) -> Json:
    """What scripts keep with the dialog, newest first."""
    return {
        "values": [{name: value} for name, value in reversed(dialog.values.items())],
        "profiles": [{name: value} for name, value in dialog.profiles],
    }


def date(seconds: float) -> str:
    """A time as `2026-11-23 10:20:30`; empty for none."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S") if seconds else ""


# ---- storing


def to_json(dialog: Dialog) -> Json:
    """All that is needed to go on with a dialog after a restart; `local` is for its owners to add."""
    sip = dialog.sip
    return {
        "entry": dialog.entry, "number": dialog.number, "created_at": dialog.created_at,
        "answered_at": dialog.answered_at, "expires_at": dialog.expires_at, "lifetime": dialog.lifetime,
        "delete_delay": dialog.delete_delay, "options": sorted(dialog.options), "values": dialog.values,
        "flags": list(dialog.flags), "profiles": [list(each) for each in dialog.profiles],
        "routes": dialog.routes, "caller_socket": str(dialog.caller_socket or ""),
        "callee_socket": str(dialog.callee_socket or ""), "state": sip.state, "call_id": sip.call_id,
        "invite_cseq": sip.invite_cseq, "local_uri": sip.local_uri, "remote_uri": sip.remote_uri,
        "recorded": sip.recorded, "winner": sip.winner, "caller": _leg(sip.caller),
        "callees": [_leg(leg) for leg in sip.callees.values()],
    }  # fmt: skip


def from_json(stored: Json) -> Dialog:
    """The dialog that `to_json` stored; sockets, timers and profile counts are for the module to restore."""
    sip = protocol.Dialog.__new__(protocol.Dialog)
    for name in ("call_id", "invite_cseq", "local_uri", "remote_uri", "recorded", "winner", "state"):
        setattr(sip, name, stored[name])
    sip.caller = _leg_from(stored["caller"])
    sip.callees = {each["tag"]: _leg_from(each) for each in stored["callees"]}
    dialog = Dialog(sip, stored["entry"], stored["number"], stored["created_at"])
    for name in ("answered_at", "expires_at", "lifetime", "delete_delay"):
        setattr(dialog, name, stored[name])
    dialog.options = frozenset(stored["options"])
    dialog.values, dialog.routes = dict(stored["values"]), dict(stored["routes"])
    dialog.flags = dict.fromkeys(stored["flags"])
    dialog.profiles = [(name, value) for name, value in stored["profiles"]]
    return dialog


def _leg(leg: Leg) -> Json:
    return {
        "tag": leg.tag, "cseq": leg.cseq, "contact": leg.contact, "routes": list(leg.routes), "sdp": leg.sdp,
        "shift": leg.shift, "invite_shift": leg.invite_shift,
    }  # fmt: skip


def _leg_from(stored: Json) -> Leg:
    return Leg(**{**stored, "routes": tuple(stored["routes"])})
