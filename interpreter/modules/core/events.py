"""Functions that raise events and read the status of subsystems (language.md 6)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.values import Value, text_of


class EventFunctions(Module):
    """Events reach the `event_route` of their name."""

    name = "core"

    @function()
    def raise_event(
        self, context: Context, name: str, names: Reference | None = None, values: Reference | None = None
    ) -> int:
        """Raise an event. AVPs give the parameters' names and values, newest first.

        With one AVP it holds values without names. -1 if the numbers of names and values differ.
        """
        if values is None:
            names, values = None, names
        given = _values(context, values)
        titles = _values(context, names) if names is not None else [str(n + 1) for n in range(len(given))]
        if len(titles) != len(given):
            context.log(-1, f"raise_event: {len(titles)} names for {len(given)} values")
            return -1
        self.runtime.raise_event(
            name, {text_of(title) or "": value for title, value in zip(titles, given, strict=True)}
        )
        return 1

    @function()
    def subscribe_event(self, context: Context, name: str, socket: str, expire: int | None = None) -> int:
        """Subscribe an external listener; -1, no transport for events is loaded."""
        context.log(-1, f"subscribe_event: nothing here sends events to {socket!r}")
        return -1

    @function()
    def sr_check_status(self, context: Context, group: str, identifier: str | None = None) -> int:
        """The status of a subsystem: 1 for the core while it runs, -1 for what is unknown."""
        return 1 if group == "core" and identifier in (None, "all", "main") else -1


def _values(context: Context, reference: Reference | None) -> list[Value]:
    """All values of an AVP, newest first."""
    if reference is None:
        return []
    return list(context.avps.get(reference.parameter or "", ()))
