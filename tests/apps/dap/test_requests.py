"""Requests: what is of another type than it has to be is refused, never guessed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relayscript.apps.dap.framing import BadFrame, Object
from relayscript.apps.dap.requests import Arguments, Refused, Request, request_of


def test_what_is_missing_is_empty() -> None:
    none = Arguments()
    assert (none.text("x"), none.number("x", 3), none.truth("x", True)) == ("", 3, True)
    assert (none.inner("x"), none.all("x"), none.words("x")) == (Arguments(), [], [])


def test_what_is_there() -> None:
    found = Arguments({"t": "a", "n": 2, "b": False, "o": {"t": "b"}, "l": [{"n": 1}], "w": ["c"]})
    assert (found.text("t"), found.number("n"), found.truth("b", True)) == ("a", 2, False)
    assert (found.inner("o").text("t"), found.all("l")[0].number("n"), found.words("w")) == ("b", 1, ["c"])


@pytest.mark.parametrize("value", [1.5, [1], {"a": 1}])
def test_another_type_is_refused(value: object) -> None:
    found = Arguments({"x": value})
    reads: list[Callable[[str], object]] = [found.text, found.number, found.truth, found.words, found.all]
    for read in reads if not isinstance(value, dict) else reads[:3]:
        with pytest.raises(Refused, match=r"^x has to be"):
            read("x")


def test_true_is_no_number_and_a_list_no_object() -> None:
    with pytest.raises(Refused):
        Arguments({"x": True}).number("x")
    with pytest.raises(Refused):
        Arguments({"x": []}).inner("x")


def test_a_request() -> None:
    message: Object = {"type": "request", "seq": 4, "command": "next", "arguments": {"threadId": 1}}
    assert request_of(message) == Request(4, "next", Arguments({"threadId": 1}))


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "response", "seq": 1, "command": "next"},
        {"type": "request", "seq": "1", "command": "next"},
        {"type": "request", "seq": 1},
        {"type": "request", "seq": 1, "command": "next", "arguments": [1]},
    ],
)
def test_what_is_no_request_is_a_bad_frame(message: Object) -> None:
    with pytest.raises(BadFrame):
        request_of(message)
