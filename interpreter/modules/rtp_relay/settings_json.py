"""The `flags` of `rtp_relay:update_callid`: new settings of the participants as JSON (rtp-relay.md 7)."""

from __future__ import annotations

import json
from collections.abc import Callable

from relayscript.interpreter.modules.rtp_relay.legs import FIELDS
from relayscript.interpreter.values import Value

SIDES = ("caller", "callee")
Settings = dict[str, dict[str, Value]]


class SettingsError(ValueError):
    """They cannot be understood; the text says why."""


def parse_settings(given: object, warn: Callable[[str], None]) -> Settings:
    """Read them, from text or from an object; members that mean nothing are warned about and skipped.

    Raises SettingsError.
    """
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise SettingsError(f"Failed to handle parameter 'flags': {error}") from None
        except RecursionError:
            raise SettingsError("Failed to handle parameter 'flags': too deep") from None
    if not isinstance(given, dict):
        raise SettingsError("'flags' is not an object")
    made: Settings = {}
    for name, members in given.items():
        if name not in SIDES:
            warn(f"there is no participant {name!r}")
        elif not isinstance(members, dict):
            raise SettingsError(f"'{name}' in 'flags' is not an object")
        else:
            made[name] = {each: value for each, value in members.items() if _fits(each, value, warn)}
    return made


def _fits(field: str, value: object, warn: Callable[[str], None]) -> bool:
    wanted = int if field == "disabled" else str
    if field not in FIELDS:
        warn(f"there is no setting {field!r}")
    elif not isinstance(value, wanted):
        warn(f"setting {field!r} cannot be {value!r}")
    else:
        return True
    return False
