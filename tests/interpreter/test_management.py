"""JSON-RPC calls of management commands: names, parameters, errors (rtp-relay.md section 7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.dsl.catalogue import CommandSpec
from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.management import CommandError, Management, bytes_only
from relayscript.interpreter.waiting import wait

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class Relay(Module):
    """Commands with the names of rtp_relay."""

    name = "rtp_relay"

    @command("rtp_relay:list", "rtp_relay_list")
    def listed(
        self, engine: str | None = None, set: int | None = None, node: str | None = None
    ) -> list[object]:
        """Return the arguments."""
        return [engine, set, node]

    @command("rtp_relay:update_callid", "rtp_relay_update_callid")
    def update_callid(self, callid: str, engine: str | None = None, set: int | None = None) -> str:
        """Refuse one call."""
        if callid == "nobody":
            raise CommandError(404, "RTP Relay session not found")
        if callid == "broken":
            raise RuntimeError("no such luck")
        return f"Sessions: {callid}"

    @command("other:list")
    def other(self, wanted: list[str]) -> list[str]:
        """A second command whose bare name is `list`."""
        return wanted

    @command("dialog:list")
    def dialogs(self, callid: str | None = None, from_tag: str | None = None) -> str:
        """One whose sets of parameters are in the catalogue."""
        return f"{callid} {from_tag}"

    waiting: Callable[[str], None]

    @command("rtp_relay:slow")
    def slow(self) -> str:
        """Give way until answered."""
        return wait(lambda done: setattr(self, "waiting", done))


def make() -> tuple[Management, Relay]:
    logged: list[str] = []
    runtime = SimpleNamespace(
        commands={}, modules={"rtp_relay": None}, log=lambda level, text: logged.append(text)
    )
    recipes = ((), ("callid",), ("callid", "from_tag"))
    core = SimpleNamespace(commands={"dialog:list": CommandSpec("dialog:list", recipes)})
    runtime.catalogue = SimpleNamespace(core=core, modules={})
    module = Relay(cast("Runtime", runtime), {})
    for each in module.commands():
        runtime.commands[each.name] = (each, getattr(module, each.method))
    return Management(cast("Runtime", runtime)), module


def ask(management: Management, method: str, params: object = None) -> dict[str, Any]:
    request: dict[str, object] = {"jsonrpc": "2.0", "id": 7, "method": method}
    if params is not None:
        request["params"] = params
    answers: list[bytes] = []
    management.receive(json.dumps(request).encode(), answers.append)
    (answer,) = answers
    reply: dict[str, Any] = json.loads(answer)
    assert reply.pop("jsonrpc") == "2.0"
    assert reply.pop("id") == 7
    return reply


def error(code: int, message: str, data: str | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"code": code, "message": message}
    return {"error": made if data is None else {**made, "data": data}}


@pytest.mark.parametrize(
    ("method", "params", "reply"),
    [
        ("rtp_relay:list", None, {"result": [None, None, None]}),
        ("rtp_relay_list", {"engine": "rtpproxy", "set": 1}, {"result": ["rtpproxy", 1, None]}),
        ("rtp_relay:list", {"set": "12"}, {"result": [None, 12, None]}),
        ("rtp_relay:list", ["rtpproxy"], {"result": ["rtpproxy", None, None]}),
        ("rtp_relay:list", ["rtpproxy", 2, "udp:1.2.3.4:5"], {"result": ["rtpproxy", 2, "udp:1.2.3.4:5"]}),
        ("update_callid", {"callid": "a"}, {"result": "Sessions: a"}),
        ("rtp_relay:update_callid", {"callid": "nobody"}, error(404, "RTP Relay session not found")),
        ("rtp_relay:update_callid", {"callid": "broken"}, error(-32000, "Server error", "no such luck")),
        ("rtp_relay:update_callid", None, error(-32602, "Invalid params", "Too few or too many parameters")),
        ("update_callid", {"no": 1}, error(-32602, "Invalid params", "Named parameters do not match")),
        ("rtp_relay:list", {"set": "one"}, error(-32602, "Invalid params", "Bad type for parameter 'set'")),
        ("rtp_relay:list", {"set": True}, error(-32602, "Invalid params", "Bad type for parameter 'set'")),
        ("rtp_relay:list", {"node": ["x"]}, error(-32602, "Invalid params", "Bad type for parameter 'node'")),
        ("rtp_relay:list", [1, 2, 3, 4], error(-32602, "Invalid params", "Too few or too many parameters")),
        ("other:list", {"wanted": ["a"]}, {"result": ["a"]}),
        ("dialog:list", {"from_tag": "x"}, error(-32602, "Invalid params", "Named parameters do not match")),
        ("dialog:list", ["x", "y"], {"result": "x y"}),
        ("list", None, error(-32001, "Method ambiguous")),
        ("no_such", None, error(-32601, "Method not found")),
    ],
)  # fmt: skip
def test_a_call_and_its_reply(method: str, params: object, reply: dict[str, Any]) -> None:
    assert ask(make()[0], method, params) == reply


def test_junk_and_wrong_requests_are_answered() -> None:
    management, _ = make()
    answers: list[bytes] = []
    for data in (
        b"\xff{",
        b"[]",
        b'{"jsonrpc": "1.0", "method": "x", "id": 3}',
        b'{"jsonrpc": "2.0", "id": 4}',
        b'{"jsonrpc": "2.0", "method": "rtp_relay:list", "id": [5]}',
    ):
        management.receive(data, answers.append)
    replies = [json.loads(each) for each in answers]
    assert [(each["error"]["code"], each["id"]) for each in replies] == [
        (-32700, None),
        (-32600, None),
        (-32600, 3),
        (-32600, 4),
        (-32600, None),
    ]


def test_a_notification_has_no_answer() -> None:
    management, _ = make()
    management.receive(
        b'{"jsonrpc": "2.0", "method": "rtp_relay:list"}', lambda data: pytest.fail("answered")
    )


def test_a_batch_is_answered_in_its_order_without_its_notifications() -> None:
    management, _ = make()
    call = '{"jsonrpc": "2.0", "method": "rtp_relay:list"'
    answers: list[bytes] = []
    management.receive(f'[{call}, "id": "a"}}, {call}}}, 5, {call}, "id": 1}}]'.encode(), answers.append)
    (batch,) = map(json.loads, answers)
    assert [(each["id"], "result" in each) for each in batch] == [("a", True), (None, False), (1, True)]
    management.receive(f"[{call}}}]".encode(), lambda data: pytest.fail("answered"))


def test_a_command_may_wait_while_others_are_answered() -> None:
    management, module = make()
    answers: list[bytes] = []
    management.receive(b'{"jsonrpc": "2.0", "method": "slow", "id": 1}', answers.append)
    assert not answers
    assert ask(management, "update_callid", ["a"]) == {"result": "Sessions: a"}
    module.waiting("done")
    assert json.loads(answers[0])["result"] == "done"


def test_text_beyond_ascii_comes_back_as_it_was_sent() -> None:
    management, _ = make()
    assert ask(management, "update_callid", ["Zoë €"]) == {"result": "Sessions: Zoë €"}


@settings(max_examples=50)
@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_byte_text_has_one_character_per_byte(value: Any) -> None:
    def back(each: Any) -> Any:
        if isinstance(each, str):
            return each.encode("latin-1").decode("utf-8", "surrogatepass")
        if isinstance(each, list):
            return [back(one) for one in each]
        return {back(name): back(one) for name, one in each.items()} if isinstance(each, dict) else each

    assert back(bytes_only(value)) == value
