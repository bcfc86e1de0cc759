"""Parts of a route that stand in another file do what they would do in the route itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import Exit
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.message import Message

OPTIONS = "OPTIONS sip:bob@example.com SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"


def ran(folder: Path, included: str, route: str = 'include_file "part.inc"') -> tuple[int | str, list[str]]:
    """What `route[x]` returns (or "exit"), and what is logged."""
    (folder / "part.inc").write_text(included)
    file = folder / "x.cfg"
    loads = 'socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\n'
    body = f'\txlog("a");\n\t{route}\n\txlog("z");\n\treturn(9);\n'
    file.write_text(f"{loads}route {{\n\texit;\n}}\nroute[x] {{\n{body}}}\n")
    host = VirtualHost()
    runtime = Runtime.load(str(file), host)
    compiled = runtime.route("route", "x")
    assert compiled is not None
    result: int | str
    try:
        result = compiled.function(Context(runtime, Message.parse(OPTIONS.encode()), Kind.REQUEST))
    except Exit:
        result = "exit"
    return result, [text for _, text in host.logged]


@pytest.mark.parametrize(
    ("included", "result", "logged"),
    [
        ('xlog("b");', 9, ["a", "b", "z"]),
        ('xlog("b"); return(-4);', -4, ["a", "b"]),
        ('if ($rU == "bob") return;', 1, ["a"]),
        ('if ($rU == "carol") return;', 9, ["a", "z"]),
        ("exit;", "exit", ["a"]),
        ("", 9, ["a", "z"]),
        ('while (1) { xlog("b"); break; }', 9, ["a", "b", "z"]),
    ],
)
def test_what_is_included_runs_in_its_place(
    tmp_path: Path, included: str, result: int | str, logged: list[str]
) -> None:
    assert ran(tmp_path, included) == (result, logged)


@pytest.mark.parametrize(
    ("included", "result", "logged"),
    [
        ('xlog("$var(i)");\nif ($var(i) == 2) break;', 9, ["a", "1", "2", "z"]),
        ('xlog("$var(i)");\nif ($var(i) == 2) return(5);', 5, ["a", "1", "2"]),
    ],
)
def test_loops_go_round_what_is_included(tmp_path: Path, included: str, result: int, logged: list[str]) -> None:
    loop = '$var(i) = 0;\n\twhile ($var(i) < 3) {\n\t$var(i) = $var(i) + 1;\n\tinclude_file "part.inc"\n\t}'
    assert ran(tmp_path, included, loop) == (result, logged)


def test_the_place_of_a_warning_is_in_the_included_file(tmp_path: Path) -> None:
    _, logged = ran(tmp_path, '\n\n$var(a) = $hdr(X) + 1;\n')
    assert any("part.inc:3: " in line for line in logged), logged
