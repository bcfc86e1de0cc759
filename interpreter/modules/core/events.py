"""Functions that raise events and read the status of subsystems (language.md 6)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.events import EventError
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
        """Tell an external listener of an event, for some seconds or for ever: 1; -1 if nothing sends to it."""
        self.runtime.events.declare(name)
        try:
            self.runtime.events.subscribe(name, socket, max(expire or 0, 0))
        except EventError as error:
            context.log(-1, f"subscribe_event: {error}")
            return -1
        return 1

    @function()
    def sr_check_status(self, context: Context, group: str, identifier: str | None = None) -> int:
        """The status of a subsystem, of `all` of a group the worst: above 0 if it is ready; -1 for what is unknown."""
        found = self.runtime.status.get(group, identifier)
        return found[0] if found is not None else -1


def _values(context: Context, reference: Reference | None) -> list[Value]:
    """All values of an AVP, newest first."""
    if reference is None:
        return []
    return list(context.avps.get(reference.parameter or "", ()))
