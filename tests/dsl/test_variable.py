"""Variables as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.nodes import Transformation, Variable
from relayscript.dsl.source import Span
from relayscript.dsl.variable import parse_variable, read_variable, within

HERE = Span("x.cfg", 3, 5, 3, 5)


def made(name: str, parameter: object = None, index: object = None, *steps: Transformation, **more: object) -> Variable:
    return Variable(HERE, name, parameter, index, steps, **more)  # type: ignore[arg-type]


def step(group: str, op: str, *args: str | Variable) -> Transformation:
    return Transformation(HERE, group, op, args)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$rU", made("rU")),
        ("$(rU)", made("rU")),
        ("$auth.nonce", made("auth.nonce")),
        ("$hdr(X-a (b))", made("hdr", "X-a (b)")),
        ("$var( x )", made("var", " x ")),
        ("$avp($var(i))", made("avp", made("var", "i"))),
        ("$(avp(x)[-1])", made("avp", "x", -1)),
        ("$(avp(x)[*])", made("avp", "x", "*")),
        ("$(avp(x)[append])", made("avp", "x", "append")),
        ("$(avp(x)[$var(i)])", made("avp", "x", made("var", "i"))),
        ("$(<request>hdr(Via)[0])", made("hdr", "Via", 0, scope="request")),
        ("$$", made("$")),
        ("$($)", made("$")),
        ("$(rU{S.Len} {s.int})", made("rU", None, None, step("s", "len"), step("s", "int"))),
        ("$(rU{s.substr, 0 , 1})", made("rU", None, None, step("s", "substr", "0", "1"))),
        ("$(rU{s.select,1,,})", made("rU", None, None, step("s", "select", "1", ","))),
        ("$(rU{s.select,1, }{s.len})", made("rU", None, None, step("s", "select", "1", " "), step("s", "len"))),
        ("$(rU{uri.param,$(var(l){csv.value,0})})",
         made("rU", None, None, step("uri", "param", made("var", "l", None, step("csv", "value", "0"))))),
        ("$(rU{re.subst,/a\\{2\\},b/\\1/g})", made("rU", None, None, step("re", "subst", "/a{2},b/\\1/g"))),
        ("$(rU{re.subst,$var(re)})", made("rU", None, None, step("re", "subst", made("var", "re")))),
        ("$(ct{nameaddr.$var(I).uri})", made("ct", None, None, step("nameaddr", "$var(I).uri"))),
        ("$(rU{s.index,\\,})", made("rU", None, None, step("s", "index", ","))),
    ],
)  # fmt: skip
def test_forms(text: str, wanted: Variable) -> None:
    found = parse_variable(text, HERE)
    assert found == wanted
    assert found.raw == text


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("$", "RS120", 5), ("$(", "RS120", 5), ("$([0])", "RS120", 5), ("$var()", "RS121", 9), ("$(rU", "RS122", 5),
        ("$var(a", "RS122", 5), ("$(avp(x)[)", "RS123", 5), ("$(avp(x)[])", "RS123", 13),
        ("$(avp(x)[$var(i)", "RS123", 14), ("$(rU{len})", "RS124", 9), ("$(rU{s.len)", "RS125", 9),
        ("$(rU])", "RS126", 9), ("$rU.x ", "RS126", 10), ("$ru{uri.user}", "RS126", 8),
    ],
)  # fmt: skip
def test_mistakes_have_a_code_and_a_place(text: str, code: str, column: int) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_variable(text, HERE)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span and found.span.column) == (code, column)


def test_parts_know_their_places() -> None:
    found = parse_variable("$(avp(x)[$var(i)]{s.len})", HERE)
    assert isinstance(found.index, Variable)
    assert (found.index.span.column, found.index.span.end_column) == (14, 21)
    assert (found.transformations[0].span.column, found.span.end_column) == (22, 30)


def test_reading_stops_behind_the_variable() -> None:
    assert read_variable("a $rU:$rd", 2, HERE)[1] == 5


def test_a_place_in_a_text_of_several_lines() -> None:
    assert within(HERE, "ab\ncd", 1, 4) == Span("x.cfg", 3, 6, 4, 2)
    assert within(HERE, "ab\ncd", 3, 5) == Span("x.cfg", 4, 1, 4, 3)


@given(st.text("$()[]{}<>.,\\sva0- \n", max_size=40))
def test_any_text_is_a_variable_or_a_script_error(text: str) -> None:
    try:
        found, end = read_variable("$" + text, 0, HERE)
    except ScriptError as mistake:
        places = [each.span for each in mistake.diagnostics]
    else:
        places = [found.span]
        assert found.raw == ("$" + text)[:end]
    assert None not in places
