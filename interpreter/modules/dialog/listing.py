"""Dialogs as JSON data: how management and `$DLG_json` show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from relayscript.interpreter.modules.dialog.dialog import Dialog
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
