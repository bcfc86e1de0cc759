"""A request of the client, and its arguments read as what they have to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from relayscript.apps.dap.framing import BadFrame, Object


class Refused(Exception):  # noqa: N818 - the answer to a request
    """A request cannot be done; the text says why, for whoever sits at the editor."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """A JSON object. What is missing is empty; what is of another type raises Refused."""

    values: Object = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A string."""
        found = self.values.get(name)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise Refused(f"{name} has to be a string")
        return found

    def number(self, name: str, default: int = 0) -> int:
        """An integer."""
        found = self.values.get(name)
        if found is None:
            return default
        if not isinstance(found, int) or isinstance(found, bool):
            raise Refused(f"{name} has to be an integer")
        return found

    def truth(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        found = self.values.get(name)
        if found is None:
            return default
        if not isinstance(found, bool):
            raise Refused(f"{name} has to be true or false")
        return found

    def inner(self, name: str) -> Arguments:
        """An object."""
        found = self.values.get(name)
        if found is not None and not isinstance(found, dict):
            raise Refused(f"{name} has to be an object")
        return Arguments(found or {})

    def all(self, name: str) -> list[Arguments]:
        """A list of objects."""
        found = self.values.get(name) or []
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Refused(f"{name} has to be a list of objects")
        return [Arguments(each) for each in found]

    def words(self, name: str) -> list[str]:
        """A list of strings."""
        found = self.values.get(name) or []
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise Refused(f"{name} has to be a list of strings")
        return found


@dataclass(frozen=True, slots=True)
class Request:
    """What the client wants; `seq` is its number, which the response carries."""

    seq: int
    command: str
    arguments: Arguments


def request_of(message: Object) -> Request:
    """A message as the request that it is. Raises BadFrame."""
    seq, command, arguments = message.get("seq"), message.get("command"), message.get("arguments")
    if message.get("type") != "request" or not isinstance(seq, int) or not isinstance(command, str):
        raise BadFrame("a message is no request with seq and command")
    if arguments is not None and not isinstance(arguments, dict):
        raise BadFrame(f"the arguments of {command} are no object")
    return Request(seq, command, Arguments(arguments or {}))
