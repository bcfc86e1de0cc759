"""The client at the other end, who may be gone at any time."""

from __future__ import annotations

import json

from relayscript.apps.dap.connection import Connection
from relayscript.apps.dap.framing import Object, framed

REQUEST: Object = {"seq": 1, "type": "request", "command": "threads"}


def connected(*pieces: bytes) -> tuple[Connection, list[bytes]]:
    """A client that sends these pieces and ends."""
    coming, sent = iter(pieces), list[bytes]()
    return Connection(lambda: next(coming, b""), sent.append), sent


def test_requests_come_in_order_and_then_nothing() -> None:
    data = framed(REQUEST) + framed({**REQUEST, "seq": 2})
    connection, _ = connected(data[:50], data[50:])
    assert [getattr(connection.receive(), "seq", None) for _ in range(4)] == [1, 2, None, None]
    assert (connection.is_over, connection.wrong, connection.pending()) == (True, "", None)


def test_what_is_behind_a_bad_frame_is_not_read() -> None:
    connection, _ = connected(framed(REQUEST), b"nonsense\r\n\r\n", framed(REQUEST))
    assert connection.receive() is not None
    assert connection.receive() is None
    assert connection.wrong == "no header field: 'nonsense'"


def test_responses_and_events_are_numbered() -> None:
    connection, sent = connected(framed(REQUEST))
    request = connection.receive()
    assert request is not None
    connection.respond(request, {"threads": []})
    connection.refuse(request, "no")
    connection.tell("initialized", {})
    found = [json.loads(each.partition(b"\r\n\r\n")[2]) for each in sent]
    assert [(each["seq"], each["type"]) for each in found] == [(1, "response"), (2, "response"), (3, "event")]
    assert [each.get("success") for each in found] == [True, False, None]
    assert found[1]["message"] == "no"


def test_a_client_that_is_gone_is_told_nothing() -> None:
    def gone(*_: bytes) -> bytes:
        raise BrokenPipeError

    connection = Connection(gone, gone)
    connection.tell("initialized", {})
    assert connection.receive() is None
    assert connection.is_over
