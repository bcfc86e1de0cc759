"""Names and records, asked of the hosts file, of memory, and of a small real name server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relayscript.apps.names.hostsfile import HostsFile, read_hosts
from relayscript.apps.names.resolver import DnsSettings, Memory, Resolver
from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.serving.turns import ServingLoop
from relayscript.sip.locating import Naptr, Question, Records, Srv
from tests.nameserver import NameServer

ZONE = """
example.net. 300 IN NAPTR 10 50 "s" "SIP+D2U" "" _sip._udp.example.net.
_sip._udp.example.net. 300 IN SRV 10 5 5070 a.example.net.
a.example.net. 300 IN A 10.0.0.1
a.example.net. 300 IN AAAA ::1
b.example.net. 300 IN CNAME a.example.net.
brief.example.net. 0 IN A 10.0.0.2
"""


class Lab:
    """A resolver, its name server, and an end to each wait."""

    def __init__(self, patience: float = 0.0) -> None:
        self.server = NameServer(ZONE)
        self.failures: list[Exception] = []
        self.loop = ServingLoop()
        self.events = EventLoop(self.loop, self.failures.append)
        settings = DnsSettings(servers=(self.server.address,), patience=patience, tries=1)
        self.resolver = Resolver(self.events, settings)

    def until(self, done: Callable[[], object]) -> None:
        async def look() -> None:
            async with asyncio.timeout(10):
                while not done():
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(look())

    def ask(self, kind: str, name: str) -> Records | None:
        """The answer to one question."""
        found: list[Records | None] = []
        self.resolver.look_up(Question(name, kind), found.append)
        self.until(lambda: found)
        return found[0]

    def close(self) -> None:
        self.resolver.close()
        self.loop.close()
        self.server.close()
        assert self.failures == []


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("kind", "name", "records"),
    [
        ("NAPTR", "example.net", (Naptr(10, 50, "s", "SIP+D2U", "_sip._udp.example.net"),)),
        ("SRV", "_SIP._udp.Example.net", (Srv(10, 5, 5070, "a.example.net"),)),
        ("A", "b.example.net", ("10.0.0.1",)),
        ("AAAA", "b.example.net", ("::1",)),
        ("SRV", "b.example.net", ()),
        ("A", "c.example.net", ()),
    ],
)
def test_answers_are_remembered_and_that_there_are_none(lab: Lab, kind: str, name: str, records: Records) -> None:
    assert [lab.ask(kind, name), lab.ask(kind, name.upper())] == [records, records]
    assert lab.server.asked == [f"{kind} {name.lower()}"]


def test_an_answer_is_forgotten_when_its_time_is_over(lab: Lab) -> None:
    for _ in range(2):
        assert lab.ask("A", "brief.example.net") == ("10.0.0.2",)
    assert len(lab.server.asked) == 2


def test_a_question_is_asked_once_for_all_who_wait(lab: Lab) -> None:
    found: list[Records | None] = []
    for _ in range(3):
        lab.resolver.look_up(Question("a.example.net", "A"), found.append)
    lab.until(lambda: len(found) == 3)
    assert (found, len(lab.server.asked)) == ([("10.0.0.1",)] * 3, 1)


def test_addresses_of_both_kinds(lab: Lab) -> None:
    found: list[list[str]] = []
    for name in ("b.example.net", "c.example.net", "[::7]"):
        lab.resolver.resolve(name, found.append)
    lab.until(lambda: len(found) == 3)
    assert sorted(found) == [[], ["10.0.0.1", "::1"], ["::7"]]


@pytest.mark.parametrize("name", ["no.such.invalid", "\xff", "a..b", "x" * 70 + ".net", "", "localhost"])
def test_what_no_server_is_asked(lab: Lab, name: str) -> None:
    assert lab.ask("SRV", name) == ()
    assert lab.server.asked == []


def test_a_host_of_the_hosts_file_has_its_addresses_and_nothing_else(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("10.0.0.7 sip.test\n::7 sip.test\n")
    lab.resolver.hosts = HostsFile(file)
    assert [lab.ask(kind, "Sip.Test") for kind in ("A", "AAAA", "NAPTR")] == [("10.0.0.7",), ("::7",), ()]
    assert lab.ask("SRV", "_sip._udp.sip.test") == ()
    assert lab.server.asked == []


def test_silence_is_told_and_not_remembered() -> None:
    lab = Lab(patience=0.05)
    lab.server.silent_for.add("a.example.net")
    assert lab.ask("A", "a.example.net") is None
    lab.server.silent_for.clear()
    assert lab.ask("A", "a.example.net") == ("10.0.0.1",)
    lab.close()


def test_nothing_is_left_of_a_question_that_nobody_answers(lab: Lab) -> None:
    lab.server.silent_for.add("a.example.net")
    lab.resolver.look_up(Question("a.example.net", "A"), lambda records: None)
    lab.until(lambda: lab.server.asked)
    lab.resolver.close()
    assert asyncio.all_tasks(lab.loop) == set()


def test_memory_is_bounded() -> None:
    memory = Memory(2)
    first, second, third = (Question(name, "A") for name in "abc")
    memory.keep(first, ("1",), 10)
    memory.keep(second, ("2",), 10)
    assert memory.find(first, 9) == ("1",)
    memory.keep(third, ("3",), 5)
    assert [memory.find(each, 6) for each in (first, second, third)] == [("1",), None, None]
    assert len(memory) == 1


def test_a_hosts_file_and_its_changes(tmp_path: Path) -> None:
    text = "# none\n10.0.0.1 a A.b # c\n10.0.0.2\ta\n10.0.0.1 a\nfe80::1%eth0 link\n\n"
    assert read_hosts(text) == {"a": ("10.0.0.1", "10.0.0.2"), "a.b": ("10.0.0.1",), "link": ("fe80::1",)}
    hosts = HostsFile(tmp_path / "hosts")
    assert hosts.addresses("a") == ()
    assert hosts.addresses("x.localhost") == ("127.0.0.1", "::1")
    (tmp_path / "hosts").write_text(text)
    assert hosts.addresses("A.b.") == ("10.0.0.1",)
