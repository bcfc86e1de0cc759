"""Management over HTTP: what is posted is answered, everything else refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relayscript.apps.serving.httpserver import HttpWire, Site
from relayscript.sip.transport import Listener
from tests.apps.serving.streams.conftest import LOCAL, Bench, Peer


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.host.close()
    for sock in made.peers:
        sock.close()
    made.loop.close()


def post(body: bytes = b"{}", path: str = "/mi", headers: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def answered(data: bytes, site: Site | None = None, reply: bytes = b'{"r": 1}') -> bytes:
    """What a wire says to these bytes, given one at a time; a request is answered with `reply`."""
    wire = HttpWire(site or Site("/mi"))
    wire.start()
    for number in range(len(data)):
        for _ in wire.receive(data[number : number + 1]):
            wire.send(reply)
    assert wire.is_over or wire.is_partial
    return bytes(wire.outgoing)


def test_a_post_is_answered_with_json() -> None:
    reply = answered(post())
    assert reply.startswith(b"HTTP/1.1 200 \r\n")
    assert b"content-type: application/json\r\n" in reply.lower()
    assert b"connection: close\r\n" in reply.lower()
    assert reply.endswith(b'\r\n\r\n{"r": 1}')
    assert answered(post(), reply=b"").startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post(path="/mi/"), 200),
        (post(path="/mi?x=1"), 200),
        (post(path="/other"), 404),
        (b"GET /mi HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        (post(b"x" * 70000), 413),
        (b"hello\r\n\r\n", 400),
        (b"POST /mi HTTP/1.1\r\n" + b"x" * 20000, 431),
        (post(headers="Expect: 100-continue\r\n"), 100),
    ],
)
def test_what_is_answered_how(request_: bytes, status: int) -> None:
    assert answered(request_).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("header", "status"), [("", 401), ("Authorization: Basic YTpj\r\n", 401), ("Authorization: Basic YTpi\r\n", 200)]
)
def test_a_password_is_asked_for(header: str, status: int) -> None:
    reply = answered(post(headers=header), Site("/mi", "a:b", "our place"))
    assert reply.startswith(f"HTTP/1.1 {status} ".encode())
    assert (b'Basic realm="our place"' in reply) == (status == 401)


def serve(bench: Bench, url_options: str = "", login: str = "") -> Peer:
    """A client of a site that answers with what it gets, backwards."""
    import socket

    with socket.socket() as free:
        free.bind((LOCAL, 0))
        port = free.getsockname()[1]
    url = f"http://{login}{LOCAL}:{port}/mi?{url_options}"
    bench.host.serve(url, lambda data, answer: bench.host.events.soon(lambda: answer(data[::-1])))
    return bench.connect(Listener("http", LOCAL, port))


def test_a_client_is_served_and_the_connection_closed(bench: Bench) -> None:
    client = serve(bench)
    client.send(post(b"[1, 2]"))
    bench.until(client.is_left)
    assert client.got.endswith(b"]2 ,1[")
    assert bench.log.getvalue() == b""


def test_a_client_that_leaves_is_not_called_back(bench: Bench) -> None:
    client = serve(bench)
    client.send(post())
    client.sock.close()
    bench.until(lambda: True)
    assert bench.count("connection") == 0


def test_half_a_request_is_not_waited_for_for_ever(bench: Bench) -> None:
    client = serve(bench, "timeout=0.05")
    client.send(post()[:20])
    bench.until(client.is_left)
    assert b"a message took too long" in bench.log.getvalue()


def test_a_login_in_the_url_is_asked_for(bench: Bench) -> None:
    client = serve(bench, "realm=r", "a:b%40c@")
    client.send(post())
    bench.until(client.is_left)
    assert client.got.startswith(b"HTTP/1.1 401 ")
