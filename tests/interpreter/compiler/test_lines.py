"""Code that tells of its lines: it tells of those that a tracer of Python sees, in the same order."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.linetrace import LineTrace, headers
from relayscript.dsl.parser import parse_file, parse_text
from relayscript.interpreter.context import Kind
from relayscript.interpreter.runtime import Runtime

CONDITIONS = st.sampled_from(
    ["$var(i) > 1", "$var(i) == 2 ||\n$var(j) < 3", "!($var(i) > 2)", "route(x)", "1", '$var(s) > "x"', "$avp(l)"]
)
SIMPLE = st.sampled_from(
    [
        "$var(i) = $var(i) + 1;", "$var(j) = 2; $var(i) = 3;", "$avp(l) = $var(i);", "route(x);", "exit;", "return;",
        "return(2, $var(i));", 'xlog(\n"text"\n);', "$var(s) = $var(j) +\n1;", "{\n$var(i) = 0;\n}", ";",
    ]
)  # fmt: skip
STATEMENTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("if ({}) {{\n{}\n}}".format, CONDITIONS, inner),
        st.builds("if ({}) {{\n{}\n}} else {{\n{}\n}}".format, CONDITIONS, inner, inner),
        st.builds("if ({}) {{\n{}\n}} else if ({}) {{\n{}\n}}".format, CONDITIONS, inner, CONDITIONS, inner),
        st.builds("while ($var(w) < 3) {{\n$var(w) = $var(w) + 1;\n{}\n}}".format, inner),
        st.builds("while ({}) {{\n{}\nbreak;\n}}".format, CONDITIONS, inner),
        st.builds("for ($var(f) in $(avp(l)[*])) {{\n{}\n}}".format, inner),
        st.builds("switch ($var(i)) {{\ncase 1:\n{}\nbreak;\ncase 2:\n{}\ndefault:\n}}".format, inner, inner),
        st.builds("{}\n{}".format, inner, inner),
    ),
    max_leaves=8,
)
FIRST = '$var(i) = 1; $var(j) = 1; $var(w) = 0; $var(s) = "a"; $avp(l) = 7;'
"""So no operand is NULL, and the other route does not exit: a tracer sees a line again if it catches an exception."""
TAILS = st.sampled_from(["", "$var(a) = $rc;\n", "$var(a) = $return(0);\n"])
ERRORS = st.sampled_from(["", "error_route {\n$var(e) = 1;\n}\n"])


def told(runtime: Runtime, *, traced: bool) -> list[tuple[str, int]]:
    """The lines of a run of the main route, from a tracer or from the code itself."""
    seen: list[tuple[str, int]] = []

    def on_line(file: str, line: int) -> None:
        seen.append((file, line))

    route = runtime.route("route")
    assert route is not None
    context = runtime.dummy_context(Kind.REQUEST)
    if traced:
        with LineTrace(runtime.files, on_line, headers(runtime.script)):
            runtime.run(route, context)
    else:
        runtime.on_line = on_line
        runtime.run(route, context)
    return seen


def both(text: str) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """What a tracer sees of a script, and what its own code tells."""
    script = parse_text(text).script
    assert script is not None
    tracer = told(Runtime(script, VirtualHost()), traced=True)
    return tracer, told(Runtime(script, VirtualHost(), lines=True), traced=False)


def once(lines: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Each line once until another one runs: a tracer sees it again when it goes on from a line of another route."""
    return [line for line, _ in groupby(lines)]


@settings(max_examples=100, deadline=None)
@given(main=STATEMENTS, sub=STATEMENTS, tail=TAILS, error=ERRORS)
def test_the_lines_are_those_that_a_tracer_sees(main: str, sub: str, tail: str, error: str) -> None:
    sub = sub.replace("route(x);", ";").replace("route(x)", "$var(i)").replace("exit;", "return;")
    tracer, own = both(f"max_while_loops=9\nroute {{\n{FIRST}\n{main}\n{tail}}}\nroute[x] {{\n{sub}\n}}\n{error}")
    assert once(own) == once(tracer)


@pytest.mark.parametrize(
    ("text", "lines"),
    [("route { $var(a) = 1; }", [1]), ("route {\n}", []), ("route { $var(a) = 1;\n$var(b) = 2; }", [1, 2])],
)
def test_the_head_of_a_route_is_told_if_a_statement_stands_there(text: str, lines: list[int]) -> None:
    script = parse_text(text).script
    assert script is not None
    assert [line for _, line in told(Runtime(script, VirtualHost(), lines=True), traced=False)] == lines


def test_lines_of_included_files_are_told_as_theirs(tmp_path: Path) -> None:
    (tmp_path / "part.inc").write_text("$var(b) = 2;\nif ($var(b) == 2) {\n$var(c) = 3;\n}\n")
    file = tmp_path / "script.cfg"
    file.write_text('route {\n$var(a) = 1;\ninclude_file "part.inc"\n$var(d) = 4;\n}\n')
    script = parse_file(str(file)).script
    assert script is not None
    seen = told(Runtime(script, VirtualHost(), lines=True), traced=False)
    assert [(Path(name).name, line) for name, line in seen] == [
        ("script.cfg", 2), ("part.inc", 1), ("part.inc", 2), ("part.inc", 3), ("script.cfg", 4)
    ]  # fmt: skip


def test_nothing_is_told_unless_the_script_was_loaded_for_it() -> None:
    script = parse_text("route {\n$var(a) = 1;\n}\n").script
    assert script is not None
    assert told(Runtime(script, VirtualHost()), traced=False) == []
