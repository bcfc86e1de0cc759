"""Profiles: named groups of dialogs, some of them by a value, that can be counted (dialog manual)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from relayscript.interpreter.modules.dialog.dialog import Dialog


class Profiles:
    """The profiles that a script declares, and how many dialogs are in each."""

    def __init__(self, with_value: str | None, without_value: str | None) -> None:
        self.has_value: dict[str, bool] = {}
        for text, has_value in ((without_value, False), (with_value, True)):
            for each in (text or "").split(";"):
                name = each.partition("/")[0].strip()
                if name:
                    self.has_value[name] = has_value
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in self.has_value}

    def accepts(self, name: str, value: str | None) -> bool:
        """There is such a profile, and a dialog can be put into it with that value (None: without one)."""
        return name in self.has_value and (not self.has_value[name] or value is not None)

    def add(self, dialog: Dialog, name: str, value: str | None) -> None:
        """Put a dialog into a profile; nothing if it is there already."""
        entry = (name, value or "" if self.has_value[name] else "")
        if entry not in dialog.profiles and not dialog.is_ended:
            dialog.profiles.append(entry)
            self._counts[name][entry[1]] += 1

    def discard(self, dialog: Dialog, name: str, value: str | None) -> bool:
        """Take a dialog out of a profile, with any value if None; whether it was in it."""
        found = self.entries(dialog, name, value)
        for entry in found:
            dialog.profiles.remove(entry)
            self._count_down(*entry)
        return bool(found)

    @staticmethod
    def entries(dialog: Dialog, name: str, value: str | None) -> list[tuple[str, str]]:
        """What a dialog has in a profile, with that value only unless None."""
        return [each for each in dialog.profiles if each[0] == name and value in (None, each[1])]

    def clear(self, dialog: Dialog) -> None:
        """Take a dialog out of all profiles."""
        for entry in dialog.profiles:
            self._count_down(*entry)
        dialog.profiles.clear()

    def _count_down(self, name: str, value: str) -> None:
        counts = self._counts[name]
        counts[value] -= 1
        if counts[value] <= 0:
            del counts[value]

    def size(self, name: str, value: str | None) -> int:
        """How many dialogs are in a profile, with that value only unless None."""
        counts = self._counts[name]
        return counts.total() if value is None or not self.has_value[name] else counts.get(value, 0)

    def values(self, name: str) -> dict[str, int]:
        """The values in use and how many dialogs have each."""
        return dict(self._counts[name])

    def members(self, dialogs: Iterable[Dialog], name: str, value: str | None) -> list[Dialog]:
        """Those of the dialogs that are in a profile."""
        return [each for each in dialogs if self.entries(each, name, value)]
