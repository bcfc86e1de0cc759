"""Trees as text: read again they are the same trees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.dsl import nodes
from relayscript.dsl.formatter import format_script, format_text
from relayscript.dsl.parser import parse_text
from relayscript.dsl.source import Span

HERE = Span("<made>", 1, 1, 1, 1)
WORDS = st.sampled_from(["a", "x1", "Some_name", "log", "switch", "b2"])
BYTES = st.text(st.characters(max_codepoint=255), max_size=8)
SAFE = st.text("abcXYZ09 -_:;#", min_size=1, max_size=6).map(str.strip).filter(bool)


def variables(inner: st.SearchStrategy[nodes.Variable]) -> st.SearchStrategy[nodes.Variable]:
    args = st.one_of(SAFE, inner)
    step = st.builds(
        nodes.Transformation,
        st.just(HERE),
        st.sampled_from(["s", "uri", "re"]),
        st.sampled_from(["len", "fill.left"]),
        st.lists(args, max_size=2).map(tuple),
    )
    one_argument = step.map(
        lambda made: made if made.group != "re" else nodes.Transformation(HERE, "re", "subst", made.args[:1])
    )
    return st.builds(
        nodes.Variable,
        st.just(HERE),
        st.sampled_from(["var", "avp", "rU", "auth.nonce", "xx_or_y"]),
        st.one_of(st.none(), SAFE, inner),
        st.one_of(st.none(), st.integers(-5, 5), st.just("*"), st.just("append"), inner),
        st.lists(one_argument, max_size=2).map(tuple),
        st.sampled_from([None, "request"]),
    )


VARIABLES = st.recursive(st.just(nodes.Variable(HERE, "var", "x")), variables, max_leaves=4)
NUMBERS = st.integers(-(2**31) + 1, 2**31 - 1).map(lambda value: nodes.Number(HERE, value, str(value)))
TEXTS = BYTES.map(lambda value: nodes.Text(HERE, value, ""))
NULLS = st.just(nodes.Null(HERE))
NAMES = st.one_of(WORDS, BYTES.filter(lambda name: "$" not in name)).map(lambda name: nodes.Text(HERE, name, ""))
VALUES = st.one_of(VARIABLES, NUMBERS, TEXTS, NULLS)
CALLS = st.builds(
    nodes.Call,
    st.just(HERE),
    st.sampled_from(["f", "sl_reply"]),
    st.lists(st.one_of(VARIABLES, NUMBERS, TEXTS, st.none()), max_size=4).map(tuple).filter(lambda a: a != (None,)),
)
COMMANDS = st.one_of(
    CALLS,
    st.builds(nodes.RouteCall, st.just(HERE), st.one_of(NAMES, VARIABLES), st.lists(VALUES, max_size=2).map(tuple)),
    st.just(nodes.Exit(HERE)),
    st.just(nodes.Drop(HERE)),
    st.builds(
        nodes.Return, st.just(HERE), st.one_of(NUMBERS, VARIABLES, st.none()), st.lists(VALUES, max_size=2).map(tuple)
    ),
    st.builds(nodes.Xlog, st.just(HERE), st.one_of(st.none(), TEXTS), TEXTS),
    st.builds(nodes.Log, st.just(HERE), st.one_of(st.none(), NUMBERS), TEXTS),
    st.builds(nodes.Launch, st.just(HERE), CALLS, NAMES, st.one_of(st.none(), TEXTS)),
    st.builds(nodes.Async, st.just(HERE), CALLS, NAMES, st.one_of(st.none(), NUMBERS.filter(lambda n: n.value >= 0))),
)
COMPARISONS = st.one_of(
    st.builds(
        nodes.Compare,
        st.just(HERE),
        st.sampled_from(["==", "!="]),
        VARIABLES,
        st.one_of(VARIABLES, NUMBERS, TEXTS, NULLS, st.just(nodes.Network(HERE, "10.0.0.0/8"))),
    ),
    st.builds(nodes.Compare, st.just(HERE), st.sampled_from(["=~", "!~"]), VARIABLES, st.one_of(VARIABLES, TEXTS)),
)


def grouped(node: nodes.Expression) -> nodes.Expression:
    """An operand in parentheses if it has operators of its own."""
    return nodes.Group(HERE, node) if isinstance(node, nodes.Binary | nodes.Compare) else node


def expressions(inner: st.SearchStrategy[nodes.Expression]) -> st.SearchStrategy[nodes.Expression]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"])
    return st.one_of(
        st.builds(nodes.Binary, st.just(HERE), operators, inner.map(grouped), inner.map(grouped)),
        st.builds(nodes.Complement, st.just(HERE), inner.map(grouped)),
    )


def is_no_bare_return(node: object) -> bool:
    return node != nodes.Return(HERE)


OPERANDS = st.one_of(NUMBERS, TEXTS, VARIABLES, COMPARISONS, COMMANDS.filter(is_no_bare_return))
EXPRESSIONS = st.recursive(OPERANDS, expressions, max_leaves=4)
ASSIGNMENTS = st.builds(nodes.Assign, st.just(HERE), VARIABLES, st.sampled_from(["=", ":=", "+=", "^="]), EXPRESSIONS)


def conditions(inner: st.SearchStrategy[nodes.Condition]) -> st.SearchStrategy[nodes.Condition]:
    whole = inner.map(lambda node: nodes.Group(HERE, node))
    return st.one_of(
        st.builds(nodes.Logical, st.just(HERE), st.sampled_from(["&&", "||"]), whole, whole),
        st.builds(nodes.Not, st.just(HERE), whole),
        st.builds(nodes.Bracket, st.just(HERE), EXPRESSIONS),
    )


CONDITIONS = st.recursive(st.one_of(VARIABLES, NUMBERS, COMPARISONS, COMMANDS, ASSIGNMENTS), conditions, max_leaves=4)


def bodies(statement: st.SearchStrategy[nodes.Statement], least: int = 0) -> st.SearchStrategy[nodes.Block]:
    return st.builds(nodes.Block, st.just(HERE), st.lists(statement, min_size=least, max_size=3).map(tuple))


def compound(inner: st.SearchStrategy[nodes.Statement]) -> st.SearchStrategy[nodes.Statement]:
    case = st.builds(nodes.Case, st.just(HERE), st.one_of(NUMBERS, TEXTS), st.lists(inner, max_size=2).map(tuple))
    last = st.builds(nodes.Case, st.just(HERE), st.none(), st.lists(inner, max_size=1).map(tuple))
    cases = st.builds(
        lambda some, end: (*some, *end), st.lists(case, min_size=1, max_size=2), st.lists(last, max_size=1)
    )
    return st.one_of(
        st.builds(nodes.If, st.just(HERE), CONDITIONS, bodies(inner), st.one_of(st.none(), bodies(inner))),
        st.builds(nodes.While, st.just(HERE), CONDITIONS, bodies(inner)),
        st.builds(nodes.For, st.just(HERE), VARIABLES, VARIABLES, bodies(inner)),
        st.builds(nodes.Switch, st.just(HERE), VARIABLES, cases),
    )


SIMPLE = st.one_of(st.just(nodes.Empty(HERE)), st.builds(nodes.Evaluate, st.just(HERE), COMMANDS), ASSIGNMENTS)
STATEMENTS = st.recursive(SIMPLE, compound, max_leaves=4)
ROUTES = st.one_of(
    st.builds(
        nodes.Route,
        st.just(HERE),
        st.sampled_from(["route", "onreply_route"]),
        NAMES.map(lambda n: n.value),
        bodies(STATEMENTS, 1),
    ),
    st.builds(
        nodes.Route,
        st.just(HERE),
        st.just("timer_route"),
        NAMES.map(lambda n: n.value),
        bodies(STATEMENTS, 1),
        st.integers(0, 9999),
    ),
).filter(lambda route: (route.kind, route.name) != ("route", "0"))
PARAMETERS = st.builds(nodes.ModParam, st.just(HERE), TEXTS, TEXTS, st.one_of(TEXTS, NUMBERS))
SCRIPTS = st.builds(
    nodes.Script, st.just(HERE), st.lists(st.one_of(ROUTES, PARAMETERS), min_size=1, max_size=3).map(tuple)
)


@settings(max_examples=100, deadline=None)
@given(SCRIPTS)
def test_a_printed_tree_is_read_as_the_same_tree(script: nodes.Script) -> None:
    text = format_script(script)
    parsed = parse_text(text)
    assert parsed.script == script
    assert format_script(parsed.script) == text


@given(BYTES)
def test_any_text_can_be_written(value: str) -> None:
    parsed = parse_text(f"route {{ xlog({format_text(value)}); }}")
    assert parsed.script is not None
    (statement,) = parsed.script.routes("route")[0].body.statements
    assert isinstance(statement, nodes.Evaluate)
    assert isinstance(statement.command, nodes.Xlog)
    assert statement.command.message.value == value


EVERYTHING = """\
# about it
log_level = -1
socket = udp:127.0.0.1:5060-5062 as "host.example":5080 tag out frag
socket = bond:pair {"udp:127.0.0.1", "udp:127.0.0.2"}
alias = udp:"a.example":5060 "b.example" accept_subdomain
dst_blacklist = bad / expire : { ( udp , 192.0.2.1 , 5060 , "x" ) , ! 10.0.0.0/8 }

# the module
loadmodule "tm.so" # as it is
modparam("tm", "fr_timeout", 5)

route {
	# first
	if ($rU == "x" && (!f() || [ $var(a) & 4 ])) {
		exit; # beside
	} else if ($rd =~ '^\\d') {
		drop;
		# last
	} else {
		while (1) {
			break;
		}
	}
	switch ($(rU{s.len})) {
	case 1:
	case "b":
		route(sub, 1, NULL);
	default:
		return(1, "x");
	}
	async(sleep(1), sub);
	$(avp(x)[0]) := ~ 5;
	for ($var(i) in $(avp(l)[*])) {
		;
	}
	# end
}

route[sub] {
	xlog("L_INFO", "a\\n");
	if ({ exit; }) { }
}

timer_route["every hour", 3600] {
	return;
}
# the end
"""


def test_what_is_laid_out_stays() -> None:
    parsed = parse_text(EVERYTHING)
    assert parsed.diagnostics == ()
    assert parsed.script is not None
    assert format_script(parsed.script) == EVERYTHING


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("if ($rU) exit; else drop;", "if ($rU) {\n\texit;\n} else {\n\tdrop;\n}"),
        ("if (not $rU and $rd) exit;", "if (!$rU && $rd) {\n\texit;\n}"),
        ("$var(a)=yes+0x10;", "$var(a) = 1 + 16;"),
    ],
)
def test_layout(written: str, printed: str) -> None:
    parsed = parse_text(f"route {{ {written} }}")
    assert parsed.script is not None
    inside = printed.replace("\n", "\n\t")
    assert format_script(parsed.script) == f"route {{\n\t{inside}\n}}\n"
