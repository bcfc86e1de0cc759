"""Names to records: from the hosts file, from memory, else from name servers, on the loop that everything runs on."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relayscript.apps.names.hostsfile import HostsFile
from relayscript.apps.serving.eventloop import EventLoop
from relayscript.interpreter.settings import Globals
from relayscript.sip.locating import Question, Records
from relayscript.sip.transport import Address

if TYPE_CHECKING:
    from relayscript.apps.names.nameservers import NameServers

MOST_ANSWERS = 4096
"""How many answers are remembered."""

TRIES = 2
"""How often a name server is asked if nothing says (resolv.conf(5), `attempts`)."""


@dataclass(frozen=True, slots=True)
class DnsSettings:
    """How name servers are asked; what is not set is as in `/etc/resolv.conf`.

    `servers` are asked in place of those named there; of these only `most_servers` (0: all). `patience` are the seconds
    for one try (0: as there), `tries` how many there are for each server.
    """

    servers: tuple[Address, ...] = ()
    most_servers: int = 0
    patience: float = 0.0
    tries: int = TRIES
    uses_search_list: bool = True

    @classmethod
    def of(cls, own: Globals, servers: tuple[Address, ...]) -> DnsSettings:
        """Those of a script (`dns_*`), with the name servers that the command line gives."""
        return cls(
            servers, own.dns_servers_no, own.dns_retr_time, own.dns_retr_no or TRIES, bool(own.dns_use_search_list)
        )


Done = Callable[[Records | None], None]


def is_address(name: str) -> bool:
    """An IPv4 or IPv6 address, not a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except (OSError, ValueError):
            continue
        return True
    return False


class Memory:
    """Answers until their time is over; the one that was of no use for longest goes first when there are too many."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._answers: OrderedDict[Question, tuple[float, Records]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, question: Question, now: float) -> Records | None:
        """The answer if there is one that still holds."""
        found = self._answers.get(question)
        if found is None:
            return None
        if found[0] <= now:
            del self._answers[question]
            return None
        self._answers.move_to_end(question)
        return found[1]

    def keep(self, question: Question, records: Records, until: float) -> None:
        """Remember an answer."""
        self._answers[question] = (until, records)
        self._answers.move_to_end(question)
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)


class Resolver:
    """Answers questions about names; one that is being asked already is not asked again.

    `settings` may be changed until the first question. `hosts` are the names that no
    name server is asked about.
    """

    def __init__(self, events: EventLoop, settings: DnsSettings | None = None) -> None:
        self.settings = settings or DnsSettings()
        self.hosts = HostsFile()
        self._events = events
        self._memory = Memory()
        self._servers: NameServers | None = None
        self._asked: dict[Question, list[Done]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def look_up(self, question: Question, done: Done) -> None:
        """The records that answer a question, None if no name server answers; calls back exactly once."""
        question = Question(question.name.lower(), question.kind)
        known = self._known(question)
        if known is None:
            known = self._memory.find(question, self._events.timers.now)
        if known is not None:
            done(known)
            return
        waiting = self._asked.setdefault(question, [])
        waiting.append(done)
        if len(waiting) == 1:
            task = self._events.loop.create_task(self._ask(question))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def resolve(self, name: str, done: Callable[[list[str]], None]) -> None:
        """The addresses of a host name, IPv4 first, none if there are none; calls back exactly once."""
        bare = name.strip("[]")
        if is_address(bare):
            done([bare])
            return
        found: dict[str, list[str]] = {}

        def answered(kind: str, records: Records | None) -> None:
            found[kind] = [each for each in records or () if isinstance(each, str)]
            if len(found) == 2:
                done(found["A"] + found["AAAA"])

        self.look_up(Question(name, "A"), lambda records: answered("A", records))
        self.look_up(Question(name, "AAAA"), lambda records: answered("AAAA", records))

    def close(self) -> None:
        """Ask nothing any more: who still waits never hears."""
        tasks, self._tasks = list(self._tasks), set()
        for task in tasks:
            task.cancel()
        if tasks and not self._events.loop.is_running() and not self._events.loop.is_closed():
            self._events.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    # ---- inside

    def _known(self, question: Question) -> Records | None:
        """What needs no name server: a host of the hosts file has its addresses and nothing else (RFC 6761 6)."""
        if not question.name or not question.name.isascii() or question.name.endswith(".invalid"):
            return ()
        host = question.name
        while host.startswith("_"):
            host = host.partition(".")[2]
        found = self.hosts.addresses(host)
        if not found:
            return None
        if host != question.name or question.kind not in ("A", "AAAA"):
            return ()
        return tuple(each for each in found if (":" in each) == (question.kind == "AAAA"))

    async def _ask(self, question: Question) -> None:
        if self._servers is None:
            from relayscript.apps.names.nameservers import NameServers

            self._servers = NameServers(self.settings)
        records, seconds = await self._servers.ask(question)
        self._events.run(lambda: self._answer(question, records, seconds))

    def _answer(self, question: Question, records: Records | None, seconds: float) -> None:
        if records is not None and seconds > 0:
            self._memory.keep(question, records, self._events.timers.now + seconds)
        for done in self._asked.pop(question, []):
            done(records)
