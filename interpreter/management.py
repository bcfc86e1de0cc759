"""The management interface without a transport: JSON-RPC 2.0 calls of the commands that modules declare.

A command is called by its full name (`rtp_relay:list`), an old name (`rtp_relay_list`), or its bare local
name where only one module has it. Parameters come by name or by position and must be one of the sets that
the catalogue lists (rtp-relay.md section 7); those of `rtp_relay` may be left out freely.
"""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from relayscript.dsl.catalogue import CommandSpec
from relayscript.interpreter.declaration import CommandDeclaration
from relayscript.interpreter.waiting import spawn

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

PARSE_ERROR = (-32700, "Parse error")
INVALID_REQUEST = (-32600, "Invalid Request")
NOT_FOUND = (-32601, "Method not found")
BAD_PARAMETERS = (-32602, "Invalid params")
AMBIGUOUS = (-32001, "Method ambiguous")
FAILED = (-32000, "Server error")

TOO_FEW = "Too few or too many parameters"
NO_MATCH = "Named parameters do not match"
SEVERAL = "Ambiguous call, use named parameters instead"
NAMED_ONLY = "Only named parameters are accepted"

FREE = frozenset({"rtp_relay"})
"""Modules whose optional parameters may be left out in any combination."""

Recipes = tuple[tuple[str, ...], ...]
Reply = dict[str, Any]
Command = tuple[CommandDeclaration, Callable[..., object]]


class CommandError(Exception):
    """A management command that fails, with JSON-RPC's code, message and, if given, data."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Management:
    """Answers management calls of one running script."""

    def __init__(self, runtime: Runtime, indent: int | None = None) -> None:
        self._runtime = runtime
        self._indent = indent

    def receive(self, data: bytes, answer: Callable[[bytes], None]) -> None:
        """Take a JSON-RPC request or a batch; `answer` gets the reply, nothing for notifications alone."""
        spawn(self._serve, data, answer, False)

    def receive_and_answer(self, data: bytes, answer: Callable[[bytes], None]) -> None:
        """The same for a transport that has to answer: notifications alone are answered with no bytes."""
        spawn(self._serve, data, answer, True)

    def call(self, method: str, params: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        """Run a command and return its result as JSON data. Raises CommandError. It may wait."""
        declaration, handler = find_command(self._runtime.commands, method)
        arguments = bind(declaration, handler, spec_of(self._runtime, declaration), params)
        return handler(**arguments)

    def _serve(self, data: bytes, answer: Callable[[bytes], None], always: bool) -> None:
        reply = self.reply(data)
        if reply is not None:
            answer(self._encode(reply))
        elif always:
            answer(b"")

    def reply(self, data: bytes) -> Reply | list[Reply] | None:
        """The JSON-RPC response to a request, or to each of a batch (JSON-RPC 2.0 section 6); None if there is none.

        Notifications have none. It may wait.
        """
        try:
            given = bytes_only(json.loads(data.decode("utf-8", "surrogateescape")))
        except (ValueError, RecursionError):
            return response(None, error=CommandError(*PARSE_ERROR))
        if not isinstance(given, list) or not given:
            return self._reply_to(given)
        return [made for each in given if (made := self._reply_to(each)) is not None] or None

    def _reply_to(self, request: Any) -> Reply | None:
        if not is_request(request):
            known = request.get("id") if isinstance(request, dict) else None
            return response(known if is_id(known) else None, error=CommandError(*INVALID_REQUEST))
        made = self._answer_to(request)
        return made if "id" in request else None

    def _answer_to(self, request: dict[str, Any]) -> dict[str, Any]:
        number = request.get("id")
        try:
            return response(number, self.call(request["method"], request.get("params")))
        except CommandError as error:
            return response(number, error=error)
        except Exception as error:
            self._runtime.log(-1, f"management command {request['method']}: {type(error).__name__}: {error}")
            return response(number, error=CommandError(*FAILED, str(error)))

    def _encode(self, reply: Reply | list[Reply]) -> bytes:
        text = json.dumps(reply, ensure_ascii=False, indent=self._indent)
        return text.encode("latin-1", "replace").decode("utf-8", "replace").encode()


def find_command(commands: Mapping[str, Command], method: str) -> Command:
    """The command of a name, an old name, or a local name that only one module has. Raises CommandError."""
    if (found := commands.get(method)) is not None:
        return found
    for each in commands.values():
        if method in each[0].aliases:
            return each
    bare = [each for name, each in commands.items() if name.partition(":")[2] == method]
    if len(bare) > 1:
        raise CommandError(*AMBIGUOUS)
    if not bare:
        raise CommandError(*NOT_FOUND)
    return bare[0]


def accepted_names(commands: Mapping[str, Command]) -> list[str]:
    """All names by which commands can be called, sorted."""
    counts = Counter(name.partition(":")[2] for name in commands)
    bare = {name for name, count in counts.items() if count == 1}
    old = {alias for declaration, _ in commands.values() for alias in declaration.aliases}
    return sorted({*commands, *old, *bare})


def spec_of(runtime: Runtime, declaration: CommandDeclaration) -> CommandSpec | None:
    """What the catalogue says of a command; None if it is one of our own."""
    catalogue = runtime.catalogue
    for spec in (catalogue.core, *(catalogue.modules.get(name) for name in runtime.modules)):
        if spec is not None and (entry := spec.commands.get(declaration.name)) is not None:
            return entry
    return None


def is_request(value: object) -> bool:
    """A JSON-RPC 2.0 request object."""
    return (
        isinstance(value, dict)
        and value.get("jsonrpc") == "2.0"
        and isinstance(value.get("method"), str)
        and isinstance(value.get("params", {}), dict | list)
        and is_id(value.get("id"))
    )


def is_id(value: object) -> bool:
    """What a JSON-RPC request can have for its id: a text, a number or null."""
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def response(number: object, result: object = None, error: CommandError | None = None) -> dict[str, Any]:
    """A JSON-RPC response with a result or with an error."""
    made: dict[str, Any] = {"jsonrpc": "2.0"}
    if error is None:
        made["result"] = result
    else:
        made["error"] = {"code": error.code, "message": error.message}
        if error.data is not None:
            made["error"]["data"] = error.data
    made["id"] = number
    return made


def bytes_only(value: Any) -> Any:
    """JSON data with every string as byte text: one character per byte of its UTF-8 form."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("latin-1")
    if isinstance(value, list):
        return [bytes_only(each) for each in value]
    if isinstance(value, dict):
        return {bytes_only(name): bytes_only(each) for name, each in value.items()}
    return value


# ---- parameters


def bind(
    declaration: CommandDeclaration,
    handler: Callable[..., object],
    spec: CommandSpec | None,
    params: Mapping[str, Any] | Sequence[Any] | None,
) -> dict[str, Any]:
    """The arguments of a command by name, checked. Raises CommandError (-32602)."""
    types = parameter_types(handler)
    free = spec is None or declaration.name.partition(":")[0] in FREE
    recipes = recipes_of(handler, spec)
    if isinstance(params, Mapping) or not params:
        named = dict(params or {})
        check_names(named, recipes, required(handler) if free else None)
    elif spec is not None and spec.named_only:
        raise CommandError(*BAD_PARAMETERS, NAMED_ONLY)
    else:
        named = by_position(list(params), recipes, types, free)
    return {name: checked(name, value, types.get(name, "object")) for name, value in named.items()}


def recipes_of(handler: Callable[..., object], spec: CommandSpec | None) -> Recipes:
    """The sets of parameters that a command takes."""
    if spec is not None:
        return spec.recipes
    names = tuple(parameter_types(handler))
    return tuple(names[:count] for count in range(len(required(handler)), len(names) + 1))


def check_names(named: Mapping[str, Any], recipes: Recipes, mandatory: frozenset[str] | None) -> None:
    """Raise unless the names are one of the sets, or (`mandatory` given) any subset with those in it."""
    names = frozenset(named)
    if mandatory is not None:
        if not names <= {name for recipe in recipes for name in recipe}:
            raise CommandError(*BAD_PARAMETERS, NO_MATCH)
        if not mandatory <= names:
            raise CommandError(*BAD_PARAMETERS, TOO_FEW)
    elif names not in map(frozenset, recipes):
        same_count = any(len(recipe) == len(names) for recipe in recipes)
        raise CommandError(*BAD_PARAMETERS, NO_MATCH if same_count and names else TOO_FEW)


def by_position(values: list[Any], recipes: Recipes, types: Mapping[str, str], free: bool) -> dict[str, Any]:
    """Give positional values their names; where several sets fit, the types may decide (if `free`)."""
    fitting = [recipe for recipe in recipes if len(recipe) == len(values)]
    if len(fitting) > 1 and free:
        fitting = [
            recipe
            for recipe in fitting
            if all(map(suits, values, (types.get(name, "object") for name in recipe)))
        ]
        numbers = [sum("int" in types.get(name, "") for name in recipe) for recipe in fitting]
        fitting = [recipe for recipe, count in zip(fitting, numbers, strict=True) if count == max(numbers)]
    if not fitting:
        raise CommandError(*BAD_PARAMETERS, TOO_FEW)
    if len(fitting) > 1:
        raise CommandError(*BAD_PARAMETERS, SEVERAL)
    return dict(zip(fitting[0], values, strict=True))


def parameter_types(handler: Callable[..., object]) -> dict[str, str]:
    """The names of the parameters that a handler takes, each with its annotation as text."""
    return {
        name: each.annotation if isinstance(each.annotation, str) else "object"
        for name, each in inspect.signature(handler).parameters.items()
    }


def required(handler: Callable[..., object]) -> frozenset[str]:
    """The parameters that have no default."""
    found = inspect.signature(handler).parameters.values()
    return frozenset(each.name for each in found if each.default is each.empty)


def suits(value: object, kind: str) -> bool:
    """The value can be given for a parameter of that annotation."""
    accepted = kind.replace(" ", "").split("|")
    if isinstance(value, bool):
        return "bool" in accepted or "object" in accepted
    if isinstance(value, int):
        return "list" not in kind and "dict" not in kind
    if isinstance(value, str):
        return "str" in accepted or "object" in accepted or ("int" in accepted and is_decimal(value))
    if isinstance(value, list):
        return "list" in kind or "object" in accepted
    return "object" in accepted or "dict" in kind


def is_decimal(text: str) -> bool:
    """A whole number in decimal digits."""
    return text.isascii() and text.removeprefix("-").isdigit()


def checked(name: str, value: Any, kind: str) -> Any:
    """The value as the handler wants it. Raises CommandError if its type is wrong."""
    if not suits(value, kind):
        raise CommandError(*BAD_PARAMETERS, f"Bad type for parameter '{name}'")
    accepted = kind.replace(" ", "").split("|")
    if isinstance(value, str) and "int" in accepted and "str" not in accepted:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and "str" in accepted and "int" not in accepted:
        return str(value)
    return value
