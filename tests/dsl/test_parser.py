"""Scripts to trees, and every mistake on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relayscript.dsl import nodes, parser
from relayscript.dsl.formatter import format_expression
from relayscript.dsl.parser import parse_file, parse_flattened, parse_text
from relayscript.dsl.preprocess import flatten_file
from relayscript.dsl.visitor import walk


def script_of(text: str) -> nodes.Script:
    """The tree of a script without mistakes."""
    parsed = parse_text(text)
    assert parsed.diagnostics == ()
    assert parsed.script is not None
    return parsed.script


def statements(body: str) -> tuple[nodes.Statement, ...]:
    """The statements of a main route."""
    return script_of(f"route {{ {body} }}").routes("route")[0].body.statements


def statement(body: str) -> nodes.Statement:
    (only,) = statements(body)
    return only


def condition(text: str) -> nodes.Condition:
    found = statement(f"if ({text}) exit;")
    assert isinstance(found, nodes.If)
    return found.condition


def value(text: str) -> nodes.Expression | nodes.Null:
    found = statement(f"$var(a) = {text};")
    assert isinstance(found, nodes.Assign)
    return found.value


def shape(node: object) -> object:
    """Operators and operands as nested tuples."""
    match node:
        case nodes.Logical(op=op, left=left, right=right) | nodes.Binary(op=op, left=left, right=right):
            return (op, shape(left), shape(right))
        case nodes.Compare(op=op, left=left, right=right):
            return (op, shape(left), shape(right))
        case nodes.Not(operand=operand):
            return ("!", shape(operand))
        case nodes.Complement(operand=operand):
            return ("~", shape(operand))
        case nodes.Group(inner=inner):
            return ("()", shape(inner))
        case nodes.Bracket(expression=inner):
            return ("[]", shape(inner))
        case nodes.Number(value=number):
            return number
        case nodes.Text(value=text):
            return repr(text)
        case nodes.Variable():
            return f"${node.name}"
        case nodes.Null():
            return None
        case nodes.Network(text=text):
            return text
        case nodes.Call(name=name):
            return f"{name}()"
        case _:
            return type(node).__name__


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$rU || $rd && $rp", ("&&", ("||", "$rU", "$rd"), "$rp")),
        ("not $rU and f()", ("&&", ("!", "$rU"), "f()")),
        ("!$rU == 5", ("!", ("==", "$rU", 5))),
        ("[$rU & 4] || -1", ("||", ("[]", ("&", "$rU", 4)), -1)),
        ("$si == 10.0.0.0/8", ("==", "$si", "10.0.0.0/8")),
        ("$si != [2001:db8::1]", ("!=", "$si", "[2001:db8::1]")),
        ("$rU == null", ("==", "$rU", None)),
        ("$rU =~ 'a'", ("=~", "$rU", "'a'")),
        ("($rU)", ("()", "$rU")),
        ("$var(x) = 5", "Assign"),
        ("{ exit; }", "Block"),
        ("if ($rU) exit;", "If"),
    ],
)
def test_conditions(text: str, wanted: object) -> None:
    assert shape(condition(text)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3", ("*", ("+", 1, 2), 3)),
        ("1 | 2 + 3", ("|", 1, ("+", 2, 3))),
        ("1 - -1", ("-", 1, -1)),
        ("~1 & 2", ("&", ("~", 1), 2)),
        ("$rU == $rd + 1", ("+", ("==", "$rU", "$rd"), 1)),
        ("f() + 'x'", ("+", "f()", "'x'")),
        ("(1 + 2)", ("()", ("+", 1, 2))),
        ("NULL", None),
        ("yes", 1),
    ],
)
def test_expressions(text: str, wanted: object) -> None:
    assert shape(value(text)) == wanted


@pytest.mark.parametrize("op", ["=", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="])
def test_assignments(op: str) -> None:
    found = statement(f"$var(a) {op} 1;")
    assert isinstance(found, nodes.Assign)
    assert found.op == op


def test_arguments_can_be_left_out() -> None:
    found = statement('f(, 1, "x", $rU,);')
    assert isinstance(found, nodes.Evaluate)
    assert isinstance(found.command, nodes.Call)
    assert [shape(each) for each in found.command.args] == ["NoneType", 1, "'x'", "$rU", "NoneType"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("return", (None, [])),
        ("return()", (None, [])),
        ("return -1", (-1, [])),
        ("return $rc", ("$rc", [])),
        ("return(1)", (1, [])),
        ('return(1, "x", NULL)', (1, ["'x'", None])),
        ("return(, 2)", (None, [2])),
    ],
)
def test_returns(text: str, wanted: object) -> None:
    found = statement(f"{text};")
    assert isinstance(found, nodes.Evaluate)
    assert isinstance(found.command, nodes.Return)
    code = shape(found.command.code) if found.command.code is not None else None
    assert (code, [shape(each) for each in found.command.values]) == wanted


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("xlog('L_INFO', 'a' 'b')", 'xlog("L_INFO", "ab")'),
        ("xdbg('a')", 'xdbg("a")'),
        ("log(-1, 'x')", 'log(-1, "x")'),
        ("log('x')", 'log("x")'),
        ("error('a', 'b')", 'error("a", "b")'),
        ("assert(1, 'x')", 'assert(1, "x")'),
        ("async(f(1), x, 7)", "async(f(1), x, 7)"),
        ("launch(f())", "launch(f())"),
        ("launch(f(), 'a b', '$rU')", 'launch(f(), "a b", "$rU")'),
        ("route(yes, 1)", "route(1, 1)"),
        ("route($var(x))", "route($var(x))"),
        ("drop()", "drop"),
        ("exit", "exit"),
    ],
)
def test_commands(written: str, printed: str) -> None:
    found = statement(f"{written};")
    assert isinstance(found, nodes.Evaluate)
    assert format_expression(found.command) == printed


def test_else_belongs_to_the_nearest_if() -> None:
    outer = statement("if ($rU) if ($rd) exit; else drop;")
    assert isinstance(outer, nodes.If)
    assert outer.otherwise is None


def test_a_switch_has_its_default_last() -> None:
    found = statement("switch ($rU) { case -1: case 'x': exit; break; default: }")
    assert isinstance(found, nodes.Switch)
    assert [(each.value and each.value.value, len(each.statements)) for each in found.cases] == [
        (-1, 0),
        ("x", 2),
        (None, 0),
    ]


def test_loops() -> None:
    loop, each = statements("while ($rU) break; for ($var(x) in $(avp(l)[*])) { break; }")
    assert isinstance(loop, nodes.While)
    assert not loop.body.braces
    assert isinstance(each, nodes.For)
    assert (each.iterator.name, each.source.index) == ("var", "*")


def test_routes() -> None:
    found = script_of(
        "route { exit; } route[a] { exit; } branch_route['b c'] { exit; } onreply_route { exit; } "
        "onreply_route[0] { exit; }"
        "timer_route[t, 0x10] { exit; } event_route[E] { exit; } route[0x10] { exit; }"
    )
    routes = [(r.kind, r.name, r.interval) for r in found.items if isinstance(r, nodes.Route)]
    assert routes == [
        ("route", "", None),
        ("route", "a", None),
        ("branch_route", "b c", None),
        ("onreply_route", "", None),
        ("onreply_route", "0", None),
        ("timer_route", "t", 16),
        ("event_route", "E", None),
        ("route", "16", None),
    ]


def test_the_main_route_is_route_zero() -> None:
    (route,) = script_of("route[0] { exit; }").routes("route")
    assert route.name == ""


def test_sockets() -> None:
    first, second, third = script_of(
        "socket=udp:192.0.2.1:5060-5062, 5070 as host.example.com:5080 tag out use_workers 2 frag\n"
        "socket=tcp:* ALLOW-PROXY\nsocket=bond:b{'udp:1', 'udp:2'}"
    ).items
    assert isinstance(first, nodes.Socket)
    assert (first.endpoint.protocol, first.endpoint.host, first.endpoint.ports) == (
        "udp",
        "192.0.2.1",
        ((5060, 5062), (5070, 5070)),
    )
    names = [(option.name, option.value) for option in first.options]
    assert isinstance(names[0][1], nodes.Endpoint)
    assert (names[0][1].host, names[0][1].ports) == ("host.example.com", ((5080, 5080),))
    assert [name for name, _ in names] == ["as", "tag", "use_workers", "frag"]
    assert isinstance(second, nodes.Socket)
    assert [option.name for option in second.options] == ["allow_proxy_protocol"]
    assert isinstance(third, nodes.Socket)
    assert [member.value for member in third.members] == ["udp:1", "udp:2"]


def test_aliases_stand_side_by_side() -> None:
    (found,) = script_of('alias = udp:"a.example":5060 b.example accept_subdomain any:c:any').items
    assert isinstance(found, nodes.Alias)
    assert [(e.protocol, e.host, e.ports, e.subdomains) for e in found.endpoints] == [
        ("udp", "a.example", ((5060, 5060),), False),
        ("", "b.example", (), True),
        ("any", "c", (), False),
    ]


def test_globals_share_a_line() -> None:
    found = script_of('log_level=-1 check_via=yes mpath="a/":"b/" tos=16 poll_method=epoll').items
    shown = {
        each.name: [shape(v) if not isinstance(v, nodes.Word) else v.text for v in each.values]
        for each in found
        if isinstance(each, nodes.Global)
    }
    assert shown == {
        "log_level": [-1],
        "check_via": [1],
        "mpath": ["'a/'", ":", "'b/'"],
        "tos": [16],
        "poll_method": ["epoll"],
    }


def test_a_profile_and_a_blacklist_are_their_tokens() -> None:
    profile, blacklist = script_of(
        "auto_scaling_profile = P scale up to 8 on 70 % for 4 cycles within 5 scale down to 2 on 20 % for 10 cycles\n"
        "dst_blacklist = b/expire:{ !192.0.2.0/24, (udp, 192.0.2.9, 5060, 'x') }"
    ).items
    assert isinstance(profile, nodes.Global)
    assert len(profile.values) == 18
    assert isinstance(blacklist, nodes.Global)
    assert [v.text for v in blacklist.values if isinstance(v, nodes.Word)][:7] == [
        "b",
        "/",
        "expire",
        ":",
        "{",
        "!",
        "192.0.2.0/24",
    ]


def test_spans_are_exact() -> None:
    found = script_of("route {\n\t$var(a) = f( 1 ) +\n\t\t2;\n}\n").routes("route")[0]
    (assign,) = found.body.statements
    assert isinstance(assign, nodes.Assign)
    assert (str(found.span), found.span.end_line, found.span.end_column) == ("<script>:1:1", 4, 2)
    assert (str(assign.span), assign.span.end_line, assign.span.end_column) == ("<script>:2:2", 3, 5)
    assert isinstance(assign.value, nodes.Binary)
    assert (assign.value.left.span.column, assign.value.left.span.end_column) == (12, 18)


def test_bytes_pass_through() -> None:
    found = statement('xlog("caf\xc3\xa9\xff\n");')
    assert isinstance(found, nodes.Evaluate)
    assert isinstance(found.command, nodes.Xlog)
    assert found.command.message.value == "caf\xc3\xa9\xff\n"


# ---------------------------------------------------------------- mistakes


def mistakes(text: str) -> list[tuple[str, int]]:
    """Codes and lines of the findings."""
    return [(each.code, each.span.line if each.span else 0) for each in parse_text(text).diagnostics]


def test_independent_mistakes_are_all_told_and_what_is_right_is_kept() -> None:
    parsed = parse_text(
        "log_levle = 3\n"
        "route {\n"
        "\t$var(a) = ;\n"
        '\tif ("x" == $rU) {\n'
        "\t\texit\n"
        "\t}\n"
        "\tswitch ($rU) { case $rd: drop; }\n"
        "\tf(g(1));\n"
        "\txlog('good');\n"
        "}\n"
        "branch_route { exit; }\n"
        "route[good] { exit; }\n"
    )
    assert [each.span and each.span.line for each in parsed.diagnostics] == [1, 3, 4, 6, 7, 8, 11]
    assert parsed.script is not None
    assert [route.name for route in parsed.script.routes("route")] == ["", "good"]
    assert any(isinstance(each, nodes.Evaluate) for each in parsed.script.routes("route")[0].body.statements)


def test_a_missing_brace_is_told_where_the_next_route_begins() -> None:
    text = "route {\n\tif ($rU) {\n\t\texit;\n}\nroute[b] { exit; }\nfailure_route[c] { exit; }\n"
    assert mistakes(text) == [("RS131", 5)]
    parsed = parse_text(text)
    assert parsed.script is not None
    assert len(parsed.script.items) == 3


def test_a_word_of_the_top_inside_of_a_route_is_told_once() -> None:
    assert mistakes("route {\n\tlog_level = 3;\n\tmodparam('a', 'b', 1);\n\texit;\n}\n") == [("RS131", 2), ("RS131", 3)]


def test_a_brace_too_many() -> None:
    assert mistakes("route { exit; } }\nroute[b] { exit; }") == [("RS131", 1)]


def test_the_end_of_the_script_comes_too_early() -> None:
    assert mistakes("route {\n\tif ($rU) { exit;\n") == [("RS131", 2)]
    assert mistakes("") == [("RS131", 1)]
    assert mistakes("# nothing\n") == [("RS131", 2)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("if ([4 & $rp]) exit;", "`]` in $rp]"),
        ("if ($xx_or_y) exit;", "or, and, not are operators"),
        ("$var(x) = $avp(y)[0];", "inside of $( )"),
        ("$var(x) = 09;", "09 is no number"),
        ("// text; more\n exit;", "`//` does not start a comment"),
        ("if (method == 'x') exit;", "`method` is no variable"),
        ("if (1) { exit; } elseif ($rU == 1) { exit; }", "two words"),
        ("route(log);", "`log` is a reserved word"),
        ("if (f(1) { exit; }", "a `)` is missing"),
        ("if (f(1))) exit;", "one `)` too many"),
        ("exit drop;", "a `;` is missing"),
    ],
)
def test_the_place_tells_what_is_wrong(body: str, said: str) -> None:
    found = [each for each in parse_text(f"route {{ {body} }}").diagnostics if each.code != "RS110"]
    assert len(found) == 1
    assert said in found[0].message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('route { xlog("open);\n}', "RS113"),
        ("route { exit; } /* open", "RS114"),
        ("route { $var(a = 1;\n}", "RS115"),
        ("route { exit; ` }", "RS111"),
        ("route { exit; \0}", "RS112"),
        ("route { if ($si == 1.2.3.256) exit; }", "RS106"),
        ("route { $ru{uri.user} = 1; }", "RS110"),
        ("route { $var() = 1; }", "RS121"),
    ],
)
def test_mistakes_in_the_text_itself_are_told_once(text: str, code: str) -> None:
    assert [each for each, _ in mistakes(text)] == [code]


def test_after_too_many_mistakes_reading_stops() -> None:
    assert len(mistakes("route {\n" + "\t$var(a) = ;\n" * 500 + "}")) < 150


WORDS = [
    "route",
    "{",
    "}",
    "(",
    ")",
    ";",
    "if",
    "else",
    "$rU",
    '"x"',
    "1",
    "f",
    "=",
    "==",
    ",",
    "[",
    "]",
    "\n",
    "switch",
    "case",
    ":",
    "while",
    "x",
    "for",
    "in",
    "socket",
    "default",
    "+",
    "!",
    "&&",
    "break",
    "loadmodule",
    "return",
    "NULL",
    "branch_route",
    "//",
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
@example("route { if ( route [ x")
@example("switch { case } }")
def test_any_words_are_read_to_the_end(text: str) -> None:
    parsed = parse_text(text)
    assert parsed.script is not None or parsed.diagnostics


@settings(max_examples=60)
@given(st.binary(max_size=60).map(lambda data: f"route {{ {data.decode('latin-1')} }}"))
def test_any_bytes_are_read_to_the_end(text: str) -> None:
    parsed = parse_text(text)
    assert parsed.script is not None or parsed.diagnostics


EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").rglob("*.cfg"))


@pytest.mark.parametrize("path", EXAMPLES, ids=[each.stem for each in EXAMPLES])
def test_a_file_that_was_read_before_gives_the_same_tree(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    parser._known.cache_clear()  # other tests have read it in this process
    first = parse_file(str(path))
    again = parse_file(str(path))
    assert again == first
    assert first.script is not None
    assert again.script is not None
    assert again.script is not first.script
    assert [repr(each) for each in walk(again.script)] == [repr(each) for each in walk(first.script)]


def test_a_change_of_an_included_file_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    script, part = tmp_path / "script.cfg", tmp_path / "part.inc"
    script.write_text('route {\ninclude_file "part.inc"\n}\n')
    for text in ("exit;\n", "drop;\n", "\nexit;\n", "exit;\n"):
        part.write_text(text)
        assert parse_file(str(script)) == parse_flattened(flatten_file(str(script)))
        assert parse_file(str(script)).script is not None


def test_a_file_with_mistakes_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    script = tmp_path / "script.cfg"
    script.write_text('route {\ninclude_file "part.inc"\n}\n')
    assert "RS101" in {each.code for each in parse_file(str(script)).diagnostics}
    (tmp_path / "part.inc").write_text("exit;\n")
    assert parse_file(str(script)).diagnostics == ()
