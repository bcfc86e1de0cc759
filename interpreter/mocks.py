"""What a test puts in the place of parts of a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from relayscript.interpreter.values import Value


@dataclass(frozen=True, slots=True)
class Mocks:
    """Functions and routes (`route[name]`) that only return a code, and variables that are always the same.

    A function need not be one that we run; a variable is named as in the script, with its `$`.
    """

    functions: Mapping[str, int] = field(default_factory=dict)
    routes: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, Value] = field(default_factory=dict)


NONE = Mocks()
