"""The commands about events (`evi:*`)."""

from __future__ import annotations

import json

from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.events import EventError, Params, Subscriber
from relayscript.interpreter.management import BAD_PARAMETERS, CommandError
from relayscript.interpreter.values import Value

Json = dict[str, object]
AN_HOUR = 3600
"""Seconds for which a subscription holds if nobody says."""

NO_EVENT = (404, "Event not published")
NO_SUBSCRIBER = (404, "Subscriber does not exist")


class EventCommands(Module):
    """Events: listing, raising, subscribing."""

    name = "core_commands"

    @command("evi:list", "events_list")
    def events(self) -> dict[str, list[Json]]:
        """The events there are."""
        return {"Events": [{"name": name, "id": number} for name, number in self.runtime.events.names().items()]}

    @command("evi:raise", "raise_event")
    def raise_event(self, event: str, params: list[object] | dict[str, object] | str | None = None) -> str:
        """Raise an event; parameters are an array of values, or a JSON object."""
        self._number(event)
        self.runtime.raise_event(event, given(params))
        return "OK"

    @command("evi:subscribe", "event_subscribe")
    def subscribe(self, event: str, socket: str, expire: int | None = None) -> str:
        """Tell a socket of an event, for an hour if nothing else is said, 0 for ever."""
        self._number(event)
        try:
            self.runtime.events.subscribe(event, socket, AN_HOUR if expire is None else max(expire, 0))
        except EventError as error:
            raise CommandError(500, "Cannot subscribe", str(error)) from None
        return "OK"

    @command("evi:subscribers", "subscribers_list")
    def subscribers(self, event: str | None = None, socket: str | None = None) -> Json:
        """Who is told of which event, of one event, or one of them."""
        if event is None:
            names = self.runtime.events.names()
            found = [self._listed(name) for name in names if self.runtime.events.subscribers(name)]
            return {"Events": found}
        if socket is None:
            return {"Event": self._listed(event)}
        number = self._number(event)
        for each in self.runtime.events.subscribers(event):
            if each.socket == socket:
                return {"Event": {"name": event, "id": number, "Subscriber": self._shown(each)}}
        raise CommandError(*NO_SUBSCRIBER)

    def _listed(self, name: str) -> Json:
        told = [self._shown(each) for each in self.runtime.events.subscribers(name)]
        return {"name": name, "id": self._number(name), "subscribers": told}

    def _shown(self, subscriber: Subscriber) -> Json:
        if not subscriber.seconds:
            return {"socket": subscriber.socket, "expire": "never"}
        left = int(subscriber.until - self.runtime.timers.now)
        return {"socket": subscriber.socket, "expire": subscriber.seconds, "ttl": left}

    def _number(self, name: str) -> int:
        found = self.runtime.events.names().get(name)
        if found is None:
            raise CommandError(*NO_EVENT)
        return found


def given(params: list[object] | dict[str, object] | str | None) -> Params:
    """The parameters of an event as a command gives them. Raises CommandError if they are no JSON object."""
    if isinstance(params, str):
        try:
            params = json.loads(params) if params else None
        except ValueError:
            params = [params]
    if params is None:
        return {}
    if isinstance(params, dict):
        return {name: plain(each) for name, each in params.items()}
    if isinstance(params, list):
        return {str(number): plain(each) for number, each in enumerate(params, 1)}
    raise CommandError(*BAD_PARAMETERS, "Bad type for parameter 'params'")


def plain(value: object) -> Value:
    """A JSON value as a script has it."""
    if value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return json.dumps(value)
