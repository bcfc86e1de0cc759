"""The steps of a SIPp scenario as values."""

from __future__ import annotations

from dataclasses import dataclass

from relayscript.apps.testing.sipp.actions import Action
from relayscript.apps.testing.sipp.distribution import Distribution
from relayscript.apps.testing.sipp.keywords import Template
from relayscript.interpreter.regex import Matcher


@dataclass(frozen=True, slots=True)
class Flow:
    """Whether a step is done, and which is next: indexes of steps, -1 for the one below.

    It is done if the variable `condexec` is set (not set: `condexec_inverse`) or none is named. `next` is taken
    if `test` is set (not set: `test_inverse`) or none is named, with the probability `chance`.
    """

    next: int = -1
    test: str = ""
    test_inverse: bool = False
    chance: float = 1.0
    condexec: str = ""
    condexec_inverse: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """A message; sent again after `retrans` milliseconds, and so on, until an answer comes (0: never).

    `lost` per cent of them get lost. The transaction `start_txn` is known by its branch from now on; `ack_txn`
    is the one that this ACK is for.
    """

    template: Template
    retrans: float = 0.0
    lost: float = 0.0
    start_txn: str = ""
    ack_txn: str = ""

    @property
    def method(self) -> str:
        """The method of a request; empty for a response."""
        word = self.template.start.partition(" ")[0]
        return "" if word.startswith("SIP/") else word


@dataclass(frozen=True, slots=True)
class Recv:
    """A message that has to come, or may: `optional` is `false`, `true` or `global`.

    `name` is the method or status as written, `pattern` what it has to match if it is a regular expression.
    A response has to be to one of the `methods` sent so far, or of the transaction `response_txn`. `timeout` is in
    milliseconds (0: none), `ontimeout` the step that is next then (-1: the call fails).
    """

    name: str
    is_request: bool
    pattern: Matcher | None = None
    optional: str = "false"
    methods: frozenset[str] = frozenset()
    response_txn: str = ""
    rrs: bool = False
    auth: bool = False
    lost: float = 0.0
    timeout: float = 0.0
    ontimeout: int = -1

    @property
    def is_mandatory(self) -> bool:
        """It has to come before the steps below are done."""
        return self.optional == "false"


@dataclass(frozen=True, slots=True)
class Pause:
    """Time passes, in milliseconds: as drawn, as a variable says, or (neither) as the party was given.

    `is_last` is a `timewait`: the call went well, and only answers what is repeated.
    """

    distribution: Distribution | None = None
    variable: str = ""
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Nop:
    """Nothing but its actions."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, at its line."""

    line: int
    what: Send | Recv | Pause | Nop
    flow: Flow = Flow()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class SippScenario:
    """A scenario: its steps, those of the `init` section, the variables that all calls share.

    `unexpected` is the step to go to when an unexpected message comes (the label `_unexp.main`; -1: none).
    """

    file: str
    steps: tuple[Step, ...]
    init: tuple[Step, ...] = ()
    shared: frozenset[str] = frozenset()
    unexpected: int = -1

    @property
    def is_caller(self) -> bool:
        """It begins calls: it sends before it receives."""
        return isinstance(next(each.what for each in self.steps if isinstance(each.what, Send | Recv)), Send)
