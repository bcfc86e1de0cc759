"""Lines over TCP and Unix sockets: split, long, from strangers; the address is given back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from relayscript.apps.serving.endpoints import Endpoints
from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.serving.turns import ServingLoop


class Served:
    """Endpoints on a loop that turns only while a test waits for something."""

    def __init__(self) -> None:
        self.loop = ServingLoop()
        self.lines: list[bytes] = []
        self.complaints: list[str] = []
        events = EventLoop(self.loop, lambda error: self.complaints.append(repr(error)))
        self.endpoints = Endpoints(events, lambda kind, text: self.complaints.append(text))

    def serve(self, url: str) -> None:
        self.endpoints.serve(url, lambda data, answer: self.lines.append(data))

    def turn(self, times: int = 8) -> None:
        for _ in range(times):
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.endpoints.close()
    made.loop.close()


def connected(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(str(path))
    return sock


def test_lines_are_handed_over_one_by_one(served: Served, tmp_path: Path) -> None:
    served.serve(f"unix:{tmp_path}/n")
    with connected(tmp_path / "n") as sock:
        served.turn()
        sock.sendall(b"one\ntw")
        served.turn()
        sock.sendall(b"o\nlast")
        served.turn()
        assert served.lines == [b"one", b"two"]
    served.turn()
    assert served.lines == [b"one", b"two", b"last"]


def test_who_sends_too_long_a_line_is_cut_off(served: Served, tmp_path: Path) -> None:
    served.serve(f"unix:{tmp_path}/n")
    with connected(tmp_path / "n") as sock:
        served.turn()
        sock.sendall(b"x" * 300)
        served.turn()
        assert sock.recv(1) == b""
    assert served.lines == []


def test_a_socket_that_was_left_behind_is_replaced_and_one_in_use_is_not(
    served: Served, tmp_path: Path
) -> None:
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(tmp_path / "n"))
    left.close()
    served.serve(f"unix:{tmp_path}/n")
    with pytest.raises(OSError, match="in use"):
        served.serve(f"unix:{tmp_path}/n")
    served.endpoints.close()
    assert not (tmp_path / "n").exists()


def test_strangers_are_refused_over_tcp(served: Served) -> None:
    served.serve("tcp:127.0.0.1:18955?from=192.0.2.1")
    with socket.create_connection(("127.0.0.1", 18955)) as sock:
        served.turn()
        assert sock.recv(1) == b""
    assert "no known relay" in served.complaints[0]
