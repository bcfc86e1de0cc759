"""Management through a named pipe: requests are cut out of what is written, replies go to the client's pipe."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.apps.serving.endpoints import Answer
from relayscript.apps.serving.fifo import group_number, take_requests, user_number
from tests.apps.serving.streams.conftest import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.host.close()
    made.loop.close()


class Client:
    """One who writes requests and reads replies."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.folder = folder
        self.asked: list[bytes] = []
        self.times = 1
        self.path = folder / "fifo"
        bench.host.serve(f"fifo:{self.path}?reply_dir={folder}&mode={0o600}", self._receive)

    def _receive(self, data: bytes, answer: Answer) -> None:
        self.asked.append(data)
        answer(data[::-1] * self.times)

    def write(self, data: bytes) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        os.write(file, data)
        os.close(file)

    def reply(self, name: str) -> bytes:
        """What comes to a pipe of ours, up to its end."""
        got = bytearray()
        file = os.open(self.folder / name, os.O_RDONLY | os.O_NONBLOCK)

        def came() -> bool:
            try:
                data = os.read(file, 65536)
            except BlockingIOError:
                return False
            got.extend(data)
            return not data and bool(got)

        self.bench.until(came)
        os.close(file)
        return bytes(got)


@pytest.fixture
def client(bench: Bench, tmp_path: Path) -> Client:
    return Client(bench, tmp_path)


def test_a_request_is_answered_into_the_pipe_it_names(client: Client) -> None:
    for name in ("one", "two"):
        os.mkfifo(client.folder / name)
        client.write(f':{name}:{{"a": 1}}'.encode())
        assert client.reply(name) == b'}1 :"a"{\n'
    assert client.asked == [b'{"a": 1}'] * 2


def test_a_large_reply_waits_for_its_reader(client: Client) -> None:
    os.mkfifo(client.folder / "r")
    file = os.open(client.path, os.O_WRONLY | os.O_NONBLOCK)
    request = b'{"a": "' + b"x" * 60000 + b'"}'
    os.write(file, b":r:" + request)
    os.close(file)
    large = request[::-1] * 3 + b"\n"
    client.times = 3
    assert client.reply("r") == large


def test_who_does_not_read_or_is_no_pipe_gets_nothing(client: Client) -> None:
    (client.folder / "file").write_text("precious")
    client.write(b":file:{}:missing:{}:../x:{}{}::{}")
    client.bench.until(lambda: len(client.asked) == 5)
    assert client.bench.count("fifo") == 3
    assert (client.folder / "file").read_text() == "precious"
    os.mkfifo(client.folder / "unread")
    client.write(b":unread:{}")
    client.bench.until(lambda: len(client.asked) == 6)
    client.bench.host.timers.fire(client.bench.host.timers.now + 6)
    assert client.bench.count("fifo") == 4


def test_the_pipe_is_as_it_should_be_and_goes_away(client: Client) -> None:
    assert stat.S_IMODE(client.path.stat().st_mode) == 0o600
    client.bench.host.endpoints.close()
    assert not client.path.exists()
    os.mkfifo(client.path)  # left behind by one that was killed
    Client(client.bench, client.folder)
    client.bench.host.endpoints.close()
    client.path.write_text("somebody else's")
    with pytest.raises(FileExistsError):
        Client(client.bench, client.folder)


NAMES = st.from_regex(r"[a-z0-9_.]{0,9}", fullmatch=True)
BODIES = st.sampled_from([b"{}", b'{"a": "}:x:{"}', b'[1, {"b": [2]}]'])
REQUESTS = st.lists(st.tuples(NAMES, BODIES), max_size=5)


@settings(max_examples=50)
@given(REQUESTS, st.data())
def test_requests_are_found_however_they_come(requests: list[tuple[str, bytes]], data: st.DataObject) -> None:
    stream = b"".join(f":{name}:".encode() + body for name, body in requests)
    cut = data.draw(st.integers(0, len(stream)))
    buffer, found = bytearray(), []
    for part in (stream[:cut], stream[cut:]):
        buffer += part
        found += take_requests(buffer, has_ended=False)
    assert (found, bytes(buffer)) == (requests, b"")


@pytest.mark.parametrize(
    ("text", "has_ended", "found", "left"),
    [
        (b":r:{bad}\n:s:{}", False, [("r", b"{bad}"), ("s", b"{}")], b""),
        (b":r:{bad", True, [("r", b"{bad")], b""),
        (b":r:{bad", False, [], b":r:{bad"),
        (b"hello\n", False, [("", b"hello")], b""),
        (b":r", True, [("", b":r")], b""),
        (b":r:" + b"[" * 50000, True, [("r", b"[" * 50000)], b""),
        (b":r:{" + b"x" * 70000, False, [], b""),
    ],
)
def test_what_is_no_json_ends_with_its_line(
    text: bytes, has_ended: bool, found: list[tuple[str, bytes]], left: bytes
) -> None:
    buffer = bytearray(text)
    assert take_requests(buffer, has_ended) == found
    assert bytes(buffer) == left


def test_users_and_groups_have_numbers() -> None:
    assert (user_number(""), user_number("0"), user_number("root")) == (-1, 0, 0)
    assert (group_number(""), group_number("7"), group_number("root")) == (-1, 7, 0)
    for number in (user_number, group_number):
        with pytest.raises(OSError, match="no such body"):
            number("no such body")
