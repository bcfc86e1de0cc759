"""Code that is kept with a tree: taken again for the same purpose alone, and linked to each runtime on its own."""

from __future__ import annotations

from types import CodeType

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.nodes import Script
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.compiler.codes import Codes
from relayscript.interpreter.context import Kind
from relayscript.interpreter.mocks import NONE, Mocks
from relayscript.interpreter.runtime import Runtime

SCRIPT = """
loadmodule "proto_udp.so"
socket = udp:127.0.0.1:5060
route {
    if ($var(a) == NULL) { $var(a) = 0; }
    $var(a) = $var(a) + 1;
    if (is_myself("127.0.0.1")) { $var(b) = "ours"; } else { $var(b) = $fd; }
    route(more);
}
route[more] { xlog("a is $var(a)\\n"); }
"""


@pytest.fixture
def script() -> Script:
    found = parse_text(SCRIPT, "codes.cfg").script
    assert found is not None
    return found


def code_of(runtime: Runtime) -> CodeType:
    code: CodeType = runtime.routes["route", ""].function.__code__
    return code


def ran(runtime: Runtime) -> dict[str, object]:
    runtime.run(runtime.routes["route", ""], runtime.dummy_context(Kind.REQUEST))
    return dict(runtime.script_variables)


def test_runtimes_of_one_tree_share_code_and_nothing_else(script: Script) -> None:
    first, second = (Runtime(script, VirtualHost()) for _ in range(2))
    assert code_of(first) is code_of(second)
    assert (ran(first)["a"], ran(first)["a"], ran(second)["a"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("lines", "mocks"),
    [
        (True, NONE),
        (False, Mocks(functions={"is_myself": -1})),
        (False, Mocks(routes={"more": -1})),
        (False, Mocks(variables={"$fd": "mocked.invalid"})),
    ],
)
def test_another_purpose_has_code_of_its_own(script: Script, lines: bool, mocks: Mocks) -> None:
    plain = Runtime(script, VirtualHost())
    other = Runtime(script, VirtualHost(), lines=lines, mocks=mocks)
    assert code_of(other) is not code_of(plain)
    fresh = parse_text(SCRIPT, "codes.cfg").script
    assert fresh is not None
    assert ran(other) == ran(Runtime(fresh, VirtualHost(), lines=lines, mocks=mocks))


def test_code_is_taken_only_for_the_same_names() -> None:
    known: list[tuple[CodeType, tuple[str, ...]]] = []
    one, two = (compile(text, "codes.cfg", "exec") for text in ("a", "b"))
    assert Codes(known).code(["a"], lambda: one) is one
    assert Codes(known).code(["a"], lambda: two) is one
    assert Codes(known).code(["b"], lambda: two) is two
    assert known == [(one, ("a",))]
