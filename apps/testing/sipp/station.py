"""Where the calls of a party take place: its addresses, its keys, its clock and chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.injection import Injection
from relayscript.apps.testing.sipp.variables import Value
from relayscript.apps.testing.useragent import UserAgent
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address

SERVICE = "service"
"""What `[service]` is if it is not given, as in SIPp."""


@dataclass(slots=True)
class Station:
    """What all calls of a party have in common.

    `pid` stands for the process that SIPp would be. `wall` is the time in seconds since 1970, `say` what tells whoever
    reads along. What the party was given: `keys`, `service` and `au`, `ap`, `auth_uri` (user, password and URI for
    digest) among them; the variables that its calls share; fields; the length of a pause that has none, in
    milliseconds; and whether INFO, NOTIFY, OPTIONS and UPDATE that are not expected get a 200 (SIPp's option `-aa`).

    `failures` says why calls did not go as the scenario says. `is_stopped`: a call has ended all.
    """

    agent: UserAgent
    media_port: int
    pid: int
    timers: Timers
    wall: Callable[[], float]
    say: Callable[[str], None]
    chance: Random
    keys: dict[str, str] = field(default_factory=dict)
    shared: dict[str, Value | None] = field(default_factory=dict)
    injection: Injection | None = None
    pause: float = 0.0
    answers_all: bool = False
    started: float = 0.0
    failures: list[SippError] = field(default_factory=list)
    is_stopped: bool = False

    @property
    def name(self) -> str:
        """The name of the party."""
        return self.agent.name

    @property
    def local(self) -> Address:
        """Where the party is."""
        return self.agent.address

    @property
    def remote(self) -> Address:
        """Where the script listens."""
        return self.agent.proxy

    @property
    def transport(self) -> str:
        """The name of the transport as in a Via."""
        return self.agent.transport.upper()

    def transmit(self, data: bytes) -> None:
        """Send a message, unless all calls have ended."""
        if not self.is_stopped:
            self.agent.transmit(data)

    @property
    def is_reliable(self) -> bool:
        """The transport repeats by itself what gets lost."""
        return self.transport != "UDP"

    def is_lost(self, percent: float) -> bool:
        """Whether chance takes a message, with that probability in per cent."""
        return percent > 0 and self.chance.random() * 100 < percent
