"""Datagrams to listeners over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from relayscript.apps.serving.emitter import Emitter

Complaints = list[tuple[str, str]]


@pytest.fixture
def complaints() -> Complaints:
    return []


@pytest.fixture
def emitter(complaints: Complaints) -> Iterator[Emitter]:
    made = Emitter(
        lambda name, done: done(["127.0.0.1"] if name == "here" else [name] if name[0].isdigit() else []),
        lambda kind, text: complaints.append((kind, text)),
    )
    yield made
    made.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "here"])
def test_a_datagram_over_udp(emitter: Emitter, host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        emitter.emit(f"udp:{host}:{sock.getsockname()[1]}", b"hello")
        assert sock.recv(100) == b"hello"


def test_a_datagram_over_a_socket_in_the_file_system(emitter: Emitter, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(path)
        sock.settimeout(5)
        emitter.emit(f"unix:{path}", b"hello")
        assert sock.recv(100) == b"hello"


@pytest.mark.parametrize("url", ["unix:/nowhere/at/all", "udp:127.0.0.1:x", "udp:127.0.0.1:99999"])
def test_a_failure_is_a_complaint(emitter: Emitter, complaints: Complaints, url: str) -> None:
    emitter.emit(url, b"hello")
    assert [kind for kind, _ in complaints] == ["emit"]


def test_a_name_without_an_address_gets_nothing(emitter: Emitter, complaints: Complaints) -> None:
    emitter.emit("udp:nowhere:1", b"hello")
    assert complaints == []
