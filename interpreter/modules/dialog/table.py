"""Finds dialogs: by the parameter in the Route, by Call-ID and tags, by any of their names."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.sip import dialog as protocol
from relayscript.sip.dialog import Direction
from relayscript.sip.ids import Ids
from relayscript.sip.message import Message

NUMBERS = 2**31


class Table:
    """All dialogs there are."""

    def __init__(self, ids: Ids, entries: int) -> None:
        self._ids = ids
        self._entries = entries
        self._by_did: dict[str, Dialog] = {}
        self._by_call: dict[str, list[Dialog]] = {}

    def __iter__(self) -> Iterator[Dialog]:
        return iter(list(self._by_did.values()))

    def new(self, sip: protocol.Dialog, created_at: float) -> Dialog:
        """A dialog with an identity of its own, in the table."""
        entry = crc32(sip.call_id.encode("latin-1")) % self._entries
        dialog = Dialog(sip, entry, self._ids.number("dialog", NUMBERS), created_at)
        while dialog.did in self._by_did:
            dialog = Dialog(sip, entry, self._ids.number("dialog", NUMBERS), created_at)
        self.add(dialog)
        return dialog

    def add(self, dialog: Dialog) -> None:
        """Put a dialog into the table."""
        self._by_did[dialog.did] = dialog
        self._by_call.setdefault(dialog.call_id, []).append(dialog)

    def remove(self, dialog: Dialog) -> None:
        """Forget a dialog."""
        if self._by_did.pop(dialog.did, None) is None:
            return
        others = self._by_call[dialog.call_id]
        others.remove(dialog)
        if not others:
            del self._by_call[dialog.call_id]

    def of_did(self, request: Message, did: str) -> tuple[Dialog, Direction] | None:
        """The dialog with that did, if the request belongs to it, and where the request goes."""
        dialog = self._by_did.get(did)
        way = dialog.sip.direction(request) if dialog is not None else None
        return (dialog, way) if dialog is not None and way is not None else None

    def of_tags(self, request: Message) -> tuple[Dialog, Direction] | None:
        """The dialog of a request by Call-ID and tags (RFC 3261 12.2.2), and where the request goes."""
        for dialog in self._by_call.get(request.call_id, ()):
            if (way := dialog.sip.direction(request)) is not None:
                return dialog, way
        return None

    def of_invite(self, invite: Message) -> Dialog | None:
        """The dialog that an initial INVITE created when it passed here before."""
        tag, number = invite.from_tag, invite.cseq[0]
        for dialog in self._by_call.get(invite.call_id, ()):
            if dialog.caller.tag == tag and dialog.sip.invite_cseq == number and not dialog.is_ended:
                return dialog
        return None

    def named(self, name: str) -> Dialog | None:
        """The live dialog with that Call-ID, did or number."""
        found = [*self._by_call.get(name, ())] or [each for each in self._by_did.values() if each.is_named(name)]
        return next((each for each in found if not each.is_ended), None)

    def find(self, name: str, *, by_did: bool, active: bool) -> Dialog | None:
        """The dialog with that did, or else Call-ID; with `active` only one that is not over."""
        one = self._by_did.get(name)
        found = ([one] if one is not None else []) if by_did else self._by_call.get(name, [])
        return next((each for each in found if not (active and each.is_ended)), None)

    def live(self, call_id: str = "", from_tag: str = "") -> list[Dialog]:
        """The dialogs that are not over, those of a call or of a caller only if given."""
        return [
            each
            for each in self._by_did.values()
            if not each.is_ended and call_id in ("", each.call_id) and from_tag in ("", each.caller.tag)
        ]
