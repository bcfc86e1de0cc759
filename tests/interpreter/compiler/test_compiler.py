"""Compiled routes: results of statements, control flow, conditions, and where errors point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from relayscript.dsl.diagnostics import ScriptError

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("1", True),
        ("0", False),
        ("$var(unset)", False),
        ('$rm == "dummy"', True),
        ('$rm == "OTHER"', False),
        ('$rm != "OTHER" && $rm', True),
        ('!$var(unset) || $rm == "x"', True),
        ('$rm == "x" || $rm == "DUMMY" && $var(unset)', False),
        ("[5 & 2]", False),
        ("[5 & 4]", True),
        ("$var(unset) == NULL", True),
        ("$var(unset) != NULL", False),
        ('$var(unset) == "x"', False),
        ('$var(unset) != "x"', True),
        ('$rm =~ "^DU.*Y$"', True),
        ('$rm !~ "^du"', False),
        ("$var(x) = 0", True),
        ("{ $var(x) = 1; $var(y) = $var(unset) + 5; }", False),
    ],
)
def test_conditions(run: Run, condition: str, holds: bool) -> None:
    done = run(f'if ({condition}) $var(r) = "yes"; else $var(r) = "no";')
    assert done.variables["r"] == ("yes" if holds else "no")


def test_a_comparison_that_cannot_be_made_is_false_and_so_is_its_negation(run: Run) -> None:
    done = run(
        '$var(s) = "1"; $var(a) = 0; $var(b) = 0;'
        "if ($var(s) == 1) $var(a) = 1; if (!($var(s) == 1)) $var(b) = 1;"
    )
    assert (done.variables["a"], done.variables["b"]) == (0, 0)
    assert sum("expression error" in line for line in done.log) == 2


def test_a_warning_names_the_line_of_the_script(run: Run) -> None:
    done = run('$var(s) = "x";\n\nif ($var(s) > 3)\n\texit;')
    assert any(line.startswith("<script>:5:") for line in done.log)


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ("$var(x) = 1;", 1),
        ("return(7);", 7),
        ("return;", 1),
        ("return(-3);", -3),
        ('$var(n) = "text"; return $var(n);', 1),
        ("return $var(unset);", -1),
        ("if (0) exit;", 1),
        ("$var(x) = $var(unset) - 1;", -1),
        ("while (1) break;", -5),
        ('switch ($rm) { case "DUMMY": break; }', -5),
        ('switch ($rm) { case "OTHER": exit; }', 1),
        ('isflagset("NEVER");', -1),
    ],
)
def test_the_result_of_a_route_is_that_of_its_last_action(run: Run, body: str, result: int) -> None:
    done = run("$var(r) = route(x);", f"route[x] {{ {body} }}")
    assert done.variables["r"] == result


def test_zero_ends_the_whole_script(run: Run) -> None:
    done = run("$var(a) = 1; route(x); $var(a) = 2;", "route[x] { return(0); }")
    assert done.variables["a"] == 1


def test_exit_leaves_every_level(run: Run) -> None:
    done = run(
        "$var(a) = 1; if (route(x)) $var(a) = 2; $var(a) = 3;",
        'route[x] { while (1) { switch ($rm) { case "DUMMY": route(y); } } } route[y] { exit; }',
    )
    assert done.variables["a"] == 1


def test_rc_is_the_result_of_the_last_action(run: Run) -> None:
    done = run(
        'isflagset("NEVER"); $var(a) = $rc; route(x); $var(b) = $retcode; xlog("x"); $var(c) = $rc;',
        "route[x] { return(-9); }",
    )
    assert [done.variables[name] for name in "abc"] == [-1, -9, 1]


def test_values_returned_by_a_route(run: Run) -> None:
    done = run(
        '$var(r) = route(x, 1, "two", $rm); $var(a) = $return(0); $var(b) = $return(1); $var(c) = $return(2);',
        "route[x] { $var(p) = $param(2); return(4, $param(3), NULL, 5); }",
    )
    assert [done.variables[name] for name in "rabcp"] == [4, "DUMMY", None, 5, "two"]


def test_a_route_that_returns_no_values_leaves_none_of_those_that_it_called(run: Run) -> None:
    done = run(
        "$var(r) = route(x); $var(a) = $return(0);",
        "route[x] { route(y); $var(b) = $return(0); } route[y] { return(4, 5); }",
    )
    assert [done.variables[name] for name in "rab"] == [1, None, 5]


def test_cases_fall_through_until_a_break(run: Run) -> None:
    body = (
        '$var(l) = ""; $var(n) = %d; switch ($var(n)) { case 1: $var(l) = $var(l) + "1"; '
        'case 2: $var(l) = $var(l) + "2"; break; case 3: $var(l) = "3"; default: $var(l) = $var(l) + "d"; }'
    )
    results = [run(body % number).variables["l"] for number in (1, 2, 3, 4)]
    assert results == ["12", "2", "3d", "d"]


def test_a_case_of_the_other_type_does_not_match(run: Run) -> None:
    done = run('$var(n) = "5"; $var(r) = "none"; switch ($var(n)) { case 5: $var(r) = "int"; }')
    assert done.variables["r"] == "none"


def test_while_stops_at_its_limit_and_the_script_goes_on(run: Run) -> None:
    done = run("while (1) $var(i) += 1; $var(after) = 1;", before="max_while_loops=20")
    assert done.variables["after"] == 1
    assert any("max_while_loops" in line for line in done.log)


def test_nested_endless_loops_end_together(run: Run) -> None:
    body = "$var(i) = 0; while (1) { while (1) { while (1) $var(i) = $var(i) + 1; } } $var(after) = 1;"
    done = run(body, before="max_while_loops=20")
    assert done.variables["after"] == 1
    assert done.variables["i"] <= 20 * 100


def test_routes_that_call_themselves_twice_end(run: Run) -> None:
    more = "route[x] { $var(n) = $var(n) + 1; route(x); route(x); }"
    done = run("$var(n) = 0; route(x);", more, "max_while_loops=20")
    assert 99 < done.variables["n"] <= 20 * 100


def test_a_list_that_grows_while_it_is_read_comes_to_an_end(run: Run) -> None:
    body = '$avp(l) = "a"; for ($var(v) in $(avp(l)[*])) { $avp(l) = "b"; } $var(after) = 1;'
    done = run(body, before="max_while_loops=20")
    assert done.variables["after"] == 1


def test_passes_count_also_where_a_route_is_left_from_within_a_loop(run: Run) -> None:
    done = run(
        "$var(n) = 0; while (1) { while (1) { route(x); } }",
        "route[x] { while (1) { $var(n) = $var(n) + 1; if ($var(n) > 0) return; } }",
        "max_while_loops=20",
    )
    assert done.variables["n"] <= 20 * 100


def test_for_runs_over_the_values_of_a_list(run: Run) -> None:
    done = run(
        '$avp(l) = "a"; $avp(l) = "b"; $var(s) = ""; for ($var(v) in $(avp(l)[*])) $var(s) = $var(s) + $var(v);'
    )
    assert done.variables["s"] == "ba"


def test_recursion_ends_at_a_hundred_routes(run: Run) -> None:
    done = run("$var(n) = 0; route(x);", "route[x] { $var(n) = $var(n) + 1; route(x); }")
    assert done.variables["n"] == 99
    assert any("routes deep" in line for line in done.log)


def test_an_unknown_route_name_at_run_time(run: Run) -> None:
    done = run('$var(name) = "nowhere"; $var(r) = route($var(name));')
    assert done.variables["r"] == -5


def test_a_null_argument_keeps_the_function_from_being_called(run: Run) -> None:
    done = run("$var(r) = seturi($var(unset)); $var(u) = $ru;")
    assert done.variables["r"] == -1
    assert done.variables["u"] == "sip:user@dummy.com"


def test_drop_is_exit_in_a_request_route(run: Run) -> None:
    assert run("$var(a) = 1; drop; $var(a) = 2;").variables["a"] == 1


def test_code_objects_carry_the_script_name_and_lines(run: Run) -> None:
    done = run("$var(a) = 1;\n$var(b) = 2;")
    code = done.runtime.route("route").function.__code__
    assert code.co_filename == "<script>"
    assert {3, 4} <= {line for _, _, line in code.co_lines() if line is not None}


def test_a_route_that_python_cannot_nest_is_refused(run: Run) -> None:
    with pytest.raises(ScriptError, match="nested too deeply"):
        run("while (1) { " * 25 + "exit;" + "}" * 25)


def test_an_unknown_route_leaves_the_return_code_of_before(run: Run) -> None:
    done = run(
        '$var(name) = "none"; route(known); route($var(name)); $var(b) = $rc; $var(r) = route($var(name));'
        '$var(name) = "known"; route($var(name)); $var(c) = $rc;',
        "route[known] { return(-3); }",
    )
    assert [done.variables[name] for name in "brc"] == [-3, -5, -3]


def test_a_return_inside_a_condition_ends_the_run(run: Run) -> None:
    done = run('$var(r) = "before"; if ({ $var(x) = 1; return(-1); }) $var(r) = "yes"; else $var(r) = "no";')
    assert (done.variables["x"], done.variables["r"]) == (1, "before")


@pytest.mark.parametrize("double", ["$var(s) = $var(s) + $var(s);", "$var(s) += $var(s);"])
def test_a_text_that_doubles_does_not_fill_the_memory(run: Run, double: str) -> None:
    done = run(f'$var(s) = "ab"; $var(i) = 0; while ($var(i) < 100) {{ {double} $var(i) = $var(i) + 1; }}')
    assert (len(done.variables["s"]), done.variables["i"]) == (1 << 20, 100)
