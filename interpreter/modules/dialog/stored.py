"""A dialog as a row of a table, with the columns of OpenSIPS's table `dialog`, and back.

What the columns have no place for goes into the values, as JSON under a name of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.storage import Cell, Kind, Row
from relayscript.sip import dialog as protocol
from relayscript.sip.dialog import Leg
from relayscript.sip.nameaddr import split_list

Json = dict[str, Any]

EXTRA = "_dialog_"
"""The value that holds what has no column."""

COLUMNS: Mapping[str, tuple[Kind, str]] = {
    "dlg_id": (Kind.INTEGER, "dlg_id_column"), "callid": (Kind.TEXT, "call_id_column"),
    "from_uri": (Kind.TEXT, "from_uri_column"), "from_tag": (Kind.TEXT, "from_tag_column"),
    "to_uri": (Kind.TEXT, "to_uri_column"), "to_tag": (Kind.TEXT, "to_tag_column"),
    "mangled_from_uri": (Kind.TEXT, ""), "mangled_to_uri": (Kind.TEXT, ""),
    "caller_cseq": (Kind.TEXT, "from_cseq_column"), "callee_cseq": (Kind.TEXT, "to_cseq_column"),
    "caller_ping_cseq": (Kind.INTEGER, ""), "callee_ping_cseq": (Kind.INTEGER, ""),
    "caller_route_set": (Kind.TEXT, "from_route_column"), "callee_route_set": (Kind.TEXT, "to_route_column"),
    "caller_contact": (Kind.TEXT, "from_contact_column"), "callee_contact": (Kind.TEXT, "to_contact_column"),
    "caller_sock": (Kind.TEXT, "from_sock_column"), "callee_sock": (Kind.TEXT, "to_sock_column"),
    "state": (Kind.INTEGER, "state_column"), "start_time": (Kind.INTEGER, "start_time_column"),
    "timeout": (Kind.INTEGER, "timeout_column"), "vars": (Kind.BYTES, "vars_column"),
    "profiles": (Kind.TEXT, "profiles_column"), "script_flags": (Kind.TEXT, "sflags_column"),
    "module_flags": (Kind.INTEGER, "mflags_column"), "flags": (Kind.INTEGER, "flags_column"),
    "rt_on_answer": (Kind.TEXT, ""), "rt_on_timeout": (Kind.TEXT, ""), "rt_on_hangup": (Kind.TEXT, ""),
}  # fmt: skip
"""Each column: what it holds, and the parameter of module dialog that names it (none: this is its name)."""

OCCASIONS = ("answer", "timeout", "hangup")
_PAIR = re.compile(r"((?:[^\\#|]++|\\.)*+)(?:#((?:[^\\|]++|\\.)*+))?\|", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

OWN_OF_A_LEG = ("sdp", "shift", "invite_shift")
"""What of a leg has no column."""


def to_row(dialog: Dialog, kept: Mapping[str, str]) -> Row:
    """An answered dialog, with texts that other modules keep with it. Times are whole seconds."""
    sip, callee = dialog.sip, dialog.callee
    assert callee is not None
    return {
        "dlg_id": dialog.db_id, "callid": sip.call_id, "from_uri": sip.local_uri, "to_uri": sip.remote_uri,
        **_leg_cells("caller", "from", sip.caller), "caller_sock": str(dialog.caller_socket or ""),
        **_leg_cells("callee", "to", callee), "callee_sock": str(dialog.callee_socket or ""),
        "caller_ping_cseq": 0, "callee_ping_cseq": 0, "state": sip.state, "start_time": int(dialog.answered_at),
        "timeout": int(dialog.expires_at), "profiles": pack(dialog.profiles), "script_flags": " ".join(dialog.flags),
        "vars": pack([*_values(dialog), *kept.items()]), "module_flags": 0, "flags": 0,
        **{f"rt_on_{each}": dialog.routes.get(each) or None for each in OCCASIONS},
    }  # fmt: skip


def _leg_cells(side: str, header: str, leg: Leg) -> dict[str, Cell]:
    return {
        f"{header}_tag": leg.tag, f"{side}_cseq": str(leg.cseq), f"{side}_contact": leg.contact,
        f"{side}_route_set": ",".join(leg.routes),
    }  # fmt: skip


def _values(dialog: Dialog) -> Iterator[tuple[str, str]]:
    yield from ((name, str(value)) for name, value in dialog.values.items())
    sip = dialog.sip
    callees = [leg for tag, leg in sip.callees.items() if tag != sip.winner]
    extra = {
        "created_at": dialog.created_at, "lifetime": dialog.lifetime, "delete_delay": dialog.delete_delay,
        "options": sorted(dialog.options), "invite_cseq": sip.invite_cseq, "recorded": sip.recorded,
        "numbers": [name for name, value in dialog.values.items() if isinstance(value, int)],
        "caller": {name: getattr(sip.caller, name) for name in OWN_OF_A_LEG},
        "callee": {name: getattr(dialog.callee, name) for name in OWN_OF_A_LEG},
        "callees": [_leg_json(leg) for leg in callees],
    }  # fmt: skip
    yield EXTRA, json.dumps(extra)


def _leg_json(leg: Leg) -> Json:
    own = {name: getattr(leg, name) for name in OWN_OF_A_LEG}
    return {**own, "tag": leg.tag, "cseq": leg.cseq, "contact": leg.contact, "routes": list(leg.routes)}


def from_row(row: Row) -> Dialog:
    """The dialog of a row, also of one that OpenSIPS wrote. Raises ValueError if it is none.

    What other modules kept is among the values. Sockets, timers and the counts of profiles are for the
    module to restore.
    """
    values = dict(unpack(_text(row, "vars")))
    try:
        extra: Json = json.loads(values.pop(EXTRA, "{}"))
        dialog = _dialog(row, extra)
        numbers = set(extra.get("numbers", ()))
        dialog.values = {name: int(value) if name in numbers else value for name, value in values.items()}
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    dialog.profiles = unpack(_text(row, "profiles"))
    dialog.flags = dict.fromkeys(_text(row, "script_flags").split())
    dialog.routes = {each: name for each in OCCASIONS if (name := _text(row, f"rt_on_{each}"))}
    return dialog


def _dialog(row: Row, extra: Json) -> Dialog:
    number, start, end = _number(row, "dlg_id"), _number(row, "start_time"), _number(row, "timeout")
    dialog = Dialog(_sip(row, extra), number >> 32, number & 0xFFFFFFFF, extra.get("created_at", float(start)))
    dialog.answered_at, dialog.expires_at = float(start), float(end)
    dialog.lifetime, dialog.delete_delay = extra.get("lifetime", end - start), extra.get("delete_delay", 0)
    dialog.options = frozenset(extra.get("options", ()))
    return dialog


def _sip(row: Row, extra: Json) -> protocol.Dialog:
    sip = protocol.Dialog.__new__(protocol.Dialog)
    sip.call_id, sip.local_uri, sip.remote_uri = _text(row, "callid"), _text(row, "from_uri"), _text(row, "to_uri")
    sip.caller = _leg(row, "caller", "from", extra)
    callee = _leg(row, "callee", "to", extra)
    others = [Leg(**{**each, "routes": tuple(each["routes"])}) for each in extra.get("callees", ())]
    sip.callees = {leg.tag: leg for leg in (callee, *others)}
    sip.winner, sip.state = callee.tag, _number(row, "state")
    sip.invite_cseq, sip.recorded = extra.get("invite_cseq", sip.caller.cseq), extra.get("recorded", 0)
    return sip


def _leg(row: Row, side: str, header: str, extra: Json) -> Leg:
    routes = tuple(split_list(_text(row, f"{side}_route_set")))
    cseq, contact = int(_text(row, f"{side}_cseq") or 0), _text(row, f"{side}_contact")
    return Leg(_text(row, f"{header}_tag"), cseq, contact, routes, **extra.get(side, {}))


def _text(row: Row, name: str) -> str:
    cell = row.get(name)
    return "" if cell is None else str(cell)


def _number(row: Row, name: str) -> int:
    return int(row[name] or 0)


# ---- lists of names with values


def pack(pairs: Iterable[tuple[str, str]]) -> str:
    r"""Names and values as `name#value|name#value|`; `#`, `|` and `\` in them follow a `\`."""
    return "".join(f"{_escaped(name)}#{_escaped(value)}|" for name, value in pairs)


def unpack(text: str) -> list[tuple[str, str]]:
    """What `pack` packed; a name may also stand alone."""
    pairs, at = [], 0
    while (found := _PAIR.match(text, at)) is not None:
        pairs.append((_plain(found[1]), _plain(found[2] or "")))
        at = found.end()
    return pairs


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#").replace("|", "\\|")
