"""The commands about the status of subsystems (`status_report:*`)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.core_commands.process import clock
from relayscript.interpreter.status import MAIN, Identifier

Json = dict[str, object]
NO_GROUP = (404, "Group not found")
NO_IDENTIFIER = (404, "Identifier not found")


class StatusCommands(Module):
    """Is it ready, and what did it say."""

    name = "core_commands"

    @command("status_report:get", "sr_get_status")
    def get(self, group: str, identifier: str | None = None) -> Json:
        """The status of an identifier, or of `all` of a group together."""
        self._group(group)
        found = self.runtime.status.get(group, identifier)
        if found is None:
            raise CommandError(*NO_IDENTIFIER)
        return _shown(*found)

    @command("status_report:status", "sr_list_status")
    def status(self, group: str | None = None) -> Json | list[Json]:
        """The status of everything, or of a group."""
        return self._listed(group, lambda name, each: {"Name": name, **_shown(each.status, each.details)})

    @command("status_report:reports", "sr_list_reports")
    def reports(self, group: str | None = None, identifier: str | None = None) -> Json | list[Json]:
        """What was reported: by all, by a group, or by one identifier."""
        if group is None or identifier is None:
            return self._listed(group, _reported)
        found = self._group(group).get(identifier or MAIN)
        if found is None:
            raise CommandError(*NO_IDENTIFIER)
        return _reported(identifier, found)

    @command("status_report:identifiers", "sr_list_identifiers")
    def identifiers(self, group: str | None = None) -> Json | list[Json]:
        """The identifiers there are, by group."""
        if group is not None:
            return {"Group": group, "Identifiers": list(self._group(group))}
        groups = self.runtime.status.groups.items()
        return [{"Group": name, "Identifiers": list(found)} for name, found in groups]

    def _listed(self, group: str | None, show: Callable[[str, Identifier], Json]) -> Json | list[Json]:
        if group is not None:
            return _named(group, self._group(group), show)
        return [_named(name, found, show) for name, found in self.runtime.status.groups.items()]

    def _group(self, name: str) -> dict[str, Identifier]:
        found = self.runtime.status.groups.get(name)
        if found is None:
            raise CommandError(*NO_GROUP)
        return found


def _named(name: str, found: dict[str, Identifier], show: Callable[[str, Identifier], Json]) -> Json:
    return {"Name": name, "Identifiers": [show(each, one) for each, one in found.items()]}


def _shown(status: int, details: str) -> Json:
    made: Json = {"Readiness": status > 0, "Status": status}
    return {**made, "Details": details} if details else made


def _reported(name: str, one: Identifier) -> Json:
    reports = [{"Timestamp": int(time), "Date": clock(time), "Log": text} for time, text in one.reports]
    return {"Name": name, "Reports": reports}
