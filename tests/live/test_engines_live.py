"""Media through real relays: the daemon rtpengine, and rtpproxy inside our own process."""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from relayscript.engines.contract import Channel, Engine, Exchange, Outcome, Removal, Session, Wire
from relayscript.engines.embedded import EmbeddedChannel, EmbeddedSettings
from relayscript.engines.rtpengine.engine import RtpengineEngine
from relayscript.engines.rtpengine.ng import NgDict
from relayscript.engines.rtpengine.settings import RtpengineSettings
from relayscript.engines.rtpproxy.engine import RtpproxyEngine
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.sip.ids import Ids
from relayscript.sip.sdp import Description
from relayscript.sip.timers import Timers

pytestmark = pytest.mark.live

HOST = "127.0.0.1"
CONTROL, MEDIA = 23222, (23400, 23598)
EMBEDDED = EmbeddedSettings(HOST, 23100, 23198)


def missing(what: str) -> None:
    """Skip, except where the real relays must be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


class UdpChannel:
    def __init__(self, address: tuple[str, int], receive: Callable[[bytes], None]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(address)
        self.receive = receive

    def send(self, data: bytes) -> None:
        self.socket.send(data)

    def close(self) -> None:
        self.socket.close()


class Driver:
    """Blocks until something has happened; owns the sockets and the clock."""

    def __init__(self) -> None:
        self.timers = Timers(time.monotonic())
        self.channels: list[UdpChannel] = []
        self.events: SimpleQueue[Callable[[], object]] = SimpleQueue()

    def connect(self, url: str, receive: Callable[[bytes], None]) -> Channel:
        if url == "rtp.io:auto":
            return EmbeddedChannel(receive, self.events.put, EMBEDDED)
        host, _, port = url.removeprefix("udp:").rpartition(":")
        channel = UdpChannel((host, int(port)), receive)
        self.channels.append(channel)
        return channel

    def wait(self, start: Callable[[Callable[[Any], None]], None], seconds: float = 10.0) -> Any:
        """Start an operation and return what it calls back with."""
        results: list[Any] = []
        start(results.append)
        end = time.monotonic() + seconds
        while not results:
            assert time.monotonic() < end, "the operation does not end"
            self.turn()
        return results[0]

    def turn(self) -> None:
        sockets = {channel.socket: channel for channel in self.channels if channel.socket.fileno() >= 0}
        readable, _, _ = select.select(list(sockets), [], [], 0.01)
        self.timers.now = max(self.timers.now, time.monotonic())
        for each in readable:
            try:
                sockets[each].receive(each.recv(65536))
            except ConnectionRefusedError:
                continue  # not listening yet
        with suppress(Empty):
            self.events.get_nowait()()
        self.timers.fire(time.monotonic())


class Phone:
    """A media port, what it would announce, and what it was told."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.settimeout(0.1)
        self.remote = (HOST, 0)

    @property
    def sdp(self) -> str:
        port = self.socket.getsockname()[1]
        return (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )

    def told(self, body: str) -> None:
        description = Description(body)
        (section,) = description.sections
        (stream,) = section.streams
        line = description.connection_of(section, stream)
        assert line is not None
        address = description.address(line)
        assert address is not None
        self.remote = (address.host, stream.port)

    def hears(self, other: Phone, payload: bytes, attempts: int = 50) -> bool:
        """Do packets that the other sends to where it was told arrive here?"""
        for number in range(attempts):
            header = (
                bytes([0x80, 0]) + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big") + b"ssrc"
            )
            other.socket.sendto(header + payload, other.remote)
            try:
                data, source = self.socket.recvfrom(2048)
            except TimeoutError:
                continue
            return data[12:] == payload and source == self.remote
        return False


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    for channel in driver.channels:
        channel.close()


@pytest.fixture
def phones() -> Iterator[tuple[Phone, Phone]]:
    pair = (Phone(), Phone())
    yield pair
    for phone in pair:
        phone.socket.close()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[str]:
    """A running rtpengine; its URL."""
    program = shutil.which("rtpengine")
    if program is None:
        missing("rtpengine")
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [
                str(program), "--config-file=none", "--table=-1", "-f",
                f"--interface={HOST}", f"--listen-ng={HOST}:{CONTROL}",
                "--log-stderr", f"--pidfile={tmp_path / 'pid'}",
                f"--port-min={MEDIA[0]}", f"--port-max={MEDIA[1]}",
            ],
            stderr=log, stdout=log,
        )  # fmt: skip
        yield f"udp:{HOST}:{CONTROL}"
        process.terminate()
        process.wait()


def call(driver: Driver, engine: Engine, phones: tuple[Phone, Phone], session: Session) -> None:
    """Offer and answer, then packets both ways."""
    alice, bob = phones
    offer = Exchange(alice.sdp, "alice", source=HOST)
    offered: Outcome = driver.wait(lambda done: engine.offer(session, offer, done))
    assert offered.ok, offered.error
    bob.told(offered.body)
    answer = Exchange(bob.sdp, "bob", "alice", source=HOST, in_reply=True)
    answered: Outcome = driver.wait(lambda done: engine.answer(session, answer, done))
    assert answered.ok, answered.error
    alice.told(answered.body)
    session.to_tag = "bob"
    ports = [phone.socket.getsockname()[1] for phone in phones]
    assert not {alice.remote[1], bob.remote[1]} & set(ports)
    assert bob.hears(alice, b"from alice" * 16)
    assert alice.hears(bob, b"from bob!!" * 16)


def wire_of(driver: Driver, traces: list[str]) -> Wire:
    return Wire(driver, driver.timers, Ids(), trace=lambda node, sent, text: traces.append(text))


def test_the_embedded_rtpproxy(driver: Driver, phones: tuple[Phone, Phone]) -> None:
    traces: list[str] = []
    engine = RtpproxyEngine(wire_of(driver, traces), RtpproxySettings(("rtp.io:auto",)))
    engine.start()
    session = Session("live-1", "alice")
    call(driver, engine, phones, session)
    assert EMBEDDED.port_min <= phones[0].remote[1] <= EMBEDDED.port_max
    numbers = driver.wait(lambda done: engine.command(session.node, "Q live-1 alice;1 bob;1", done))
    assert [int(number) > 0 for number in numbers.split()][:4] == [True] * 4  # ttl, from either side, relayed
    assert driver.wait(lambda done: engine.delete(session, Removal(), done)).ok
    assert driver.wait(lambda done: engine.command(session.node, "D live-1 alice bob", done)) == "E50"
    threads = os.listdir("/proc/self/task")
    engine.stop()
    assert len(os.listdir("/proc/self/task")) < len(threads)
    assert not phones[1].hears(phones[0], b"nobody relays", 5)


def test_branches_at_the_embedded_rtpproxy(driver: Driver, phones: tuple[Phone, Phone]) -> None:
    engine = RtpproxyEngine(wire_of(driver, []), RtpproxySettings(("rtp.io:auto",)))
    engine.start()
    winner, loser = Session("live-2", "alice", branch=1), Session("live-2", "alice", branch=0)
    offer = Exchange(phones[0].sdp, "alice", source=HOST)
    assert driver.wait(lambda done: engine.offer(loser, offer, done)).ok
    call(driver, engine, phones, winner)
    assert driver.wait(lambda done: engine.delete(loser, Removal(whole_call=False), done)).ok
    assert phones[0].hears(phones[1], b"still there")
    assert driver.wait(lambda done: engine.delete(winner, Removal(), done)).ok
    engine.stop()


def test_rtpengine(driver: Driver, phones: tuple[Phone, Phone], daemon: str) -> None:
    traces: list[str] = []
    settings = RtpengineSettings((daemon,), rtpengine_tout=0.2, rtpengine_retr=20)
    engine = RtpengineEngine(wire_of(driver, traces), settings)
    engine.start()
    session = Session("live-1", "alice")
    call(driver, engine, phones, session)
    assert MEDIA[0] <= phones[0].remote[1] <= MEDIA[1]
    assert re.match(r"d3:sdp\d+:v=0.*7:command5:offere$", next(t for t in traces if "offere" in t), re.DOTALL)
    listing: NgDict = {"command": "list", "limit": "10"}
    assert driver.wait(lambda done: engine.request(daemon, listing, done))["calls"] == ["live-1"]
    assert driver.wait(lambda done: engine.delete(session, Removal("delete-delay=0"), done)).ok
    assert driver.wait(lambda done: engine.request(daemon, listing, done))["calls"] == []
    engine.stop()


def test_branches_at_rtpengine(driver: Driver, phones: tuple[Phone, Phone], daemon: str) -> None:
    settings = RtpengineSettings((daemon,), rtpengine_tout=0.2, rtpengine_retr=20)
    engine = RtpengineEngine(wire_of(driver, []), settings)
    engine.start()
    loser, winner = Session("live-2", "alice", branch=0), Session("live-2", "alice", branch=1)
    offer = Exchange(phones[0].sdp, "alice", source=HOST)
    assert driver.wait(lambda done: engine.offer(loser, offer, done)).ok
    call(driver, engine, phones, winner)
    removal = Removal("delete-delay=0", whole_call=False)
    assert driver.wait(lambda done: engine.delete(loser, removal, done)).ok
    assert phones[0].hears(phones[1], b"still there")
    assert driver.wait(lambda done: engine.delete(winner, Removal("delete-delay=0"), done)).ok
    listing: NgDict = {"command": "list", "limit": "10"}
    assert driver.wait(lambda done: engine.request(daemon, listing, done))["calls"] == []
    engine.stop()


def test_an_embedded_rtpproxy_ends_with_its_channel(driver: Driver) -> None:
    events: list[bytes] = []
    channel = EmbeddedChannel(events.append, driver.events.put, EMBEDDED)
    channel.send(b"V\n")
    channel.close()
    channel.close()
    channel.send(b"V\n")
    driver.turn()
    assert events == []  # nothing arrives after the end
