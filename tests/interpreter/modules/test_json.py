"""JSON documents in variables."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.modules.json.document import (
    COMPACT,
    COMPACT_UNESCAPED,
    LONGEST,
    PRETTY,
    SPACED,
    DocumentError,
    Json,
    merged,
    parse,
    show,
)
from tests.interpreter.modules.stage import Proxy

BYTES = st.text(st.characters(max_codepoint=127))
DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | BYTES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(BYTES, inner, max_size=4),
    max_leaves=12,
)


def ran(*statements: str, parameters: str = "") -> Proxy:
    """A proxy whose startup route ran these statements."""
    return Proxy(f"{parameters}\nstartup_route {{\n" + "\n".join(statements) + "\n}\nroute { exit; }", "json")


def value_after(*statements: str, variable: str = "out", parameters: str = "") -> object:
    """A `$var` after these statements."""
    return ran(*statements, parameters=parameters).runtime.script_variables[variable]


@settings(max_examples=60)
@given(DOCUMENTS)
@example({"a/b": ['\x00\x1f"\\\n', {}, [], None]})
def test_what_is_printed_reads_back(value: Json) -> None:
    for style in (SPACED, COMPACT, COMPACT_UNESCAPED, PRETTY):
        text = show(value, style)
        assert parse(text) == value
        assert json.loads(text) == value


@settings(max_examples=60)
@given(st.text(st.characters(max_codepoint=255)))
@example("[" * 100_000)
@example("1" * 10_000)
def test_any_bytes_are_a_document_or_refused(text: str) -> None:
    try:
        value = parse(text)
    except DocumentError:
        return
    assert isinstance(show(value, SPACED), str)


def test_bytes_and_escapes_become_utf_8_bytes() -> None:
    assert parse('"caf\xc3\xa9 \\u00e9 \xff"') == "caf\xc3\xa9 \xc3\xa9 \xff"
    assert parse('"\\ud83d\\ude00"') == "\U0001f600".encode().decode("latin-1")
    assert parse('"\\ud800"') == "\xef\xbf\xbd"


def test_what_is_no_json_is_refused() -> None:
    for text in ("", "not json", "NaN", "[1,]", "{'a': 1}", "[1] x", "-Infinity"):
        with pytest.raises(DocumentError):
            parse(text)


def test_numbers_keep_their_text_and_64_bits() -> None:
    assert show(parse("[1.50, 1e3, 99999999999999999999999]"), SPACED) == "[ 1.50, 1e3, 9223372036854775807 ]"


def test_styles() -> None:
    value = parse('{"a": [1, "x/y"], "b": {}, "c": []}')
    assert show(value, SPACED) == '{ "a": [ 1, "x\\/y" ], "b": { }, "c": [ ] }'
    assert show(value, COMPACT) == '{"a":[1,"x\\/y"],"b":{},"c":[]}'
    assert show(value, COMPACT_UNESCAPED) == '{"a":[1,"x/y"],"b":{},"c":[]}'
    assert show(value, PRETTY) == '{\n  "a":[\n    1,\n    "x\\/y"\n  ],\n  "b":{},\n  "c":[]\n}'


def test_a_merge_replaces_adds_and_removes() -> None:
    target, patch = (
        parse('{"a": 1, "b": {"c": 2, "d": 3}, "e": [1]}'),
        parse('{"a": null, "b": {"d": 4}, "e": 5, "f": 6}'),
    )
    assert merged(target, patch) == {"b": {"c": 2, "d": 4}, "e": 5, "f": 6}
    assert target == {"a": 1, "b": {"c": 2, "d": 3}, "e": [1]}


def test_the_text_of_a_document_has_an_end() -> None:
    with pytest.raises(DocumentError, match="too long"):
        show(["x" * LONGEST], COMPACT)


def test_a_string_is_kept_as_it_is_unless_it_is_read() -> None:
    assert value_after('$json(a) = "[1]";', "$var(out) = $json(a[0]);") is None
    assert value_after('$json(a) := "[1]";', "$var(out) = $json(a[0]);") == 1


def test_a_key_or_index_from_a_variable() -> None:
    lines = ('$json(a) := "{\\"k\\": [5, 6]}";', '$var(k) = "k";', "$var(i) = -1;")
    assert value_after(*lines, "$var(out) = $json(a/$var(k)[$var(i)]);") == 6
    assert value_after(*lines, "$var(out) = $json(a/$var(unset));") is None


@pytest.mark.parametrize("path", ["a[3]", "a[0]/x", "b[0]", "a/x", "a/x/y", "none/x", "none[]", "b[]"])
def test_nothing_can_be_put_where_no_path_leads(path: str) -> None:
    lines = ('$json(a) := "[1, 2, 3]";', '$json(b) := "{}";', f"$json({path}) = 7;", "$var(out) = $rc;")
    proxy = ran(*lines)
    assert proxy.runtime.script_variables["out"] == -1


def test_deleting_what_is_not_there() -> None:
    assert value_after('$json(b) := "{}";', "$json(b/x) = NULL;", "$var(out) = $rc;") == 1
    assert value_after('$json(a) := "[]";', "$json(a[0]) = NULL;", "$var(out) = $rc;") == -1


def test_a_link_shows_changes_in_both() -> None:
    lines = (
        '$json(b) := "[{}, {}]";', "json_link($json(stub), $json(b[0]));", '$json(stub/ana) = "are";',
        '$json(stub/ar) := "[]";', "$json(stub/ar[]) = 1;", "$json(stub/ar[]) = 2;", "$json(b[0]/ar[0]) = NULL;",
    )  # fmt: skip
    assert value_after(*lines, "$var(out) = $json_compact(stub);") == '{"ana":"are","ar":[2]}'
    gone = (*lines, "$json(stub) = NULL;", "$var(out) = $json(b);")
    assert value_after(*gone) == '[ { "ana": "are", "ar": [ 2 ] }, { } ]'


def test_a_document_never_contains_itself() -> None:
    lines = ('$json(b) := "[1]";', "json_link($json(b[0]), $json(b));", "$var(out) = $rc;")
    assert value_after(*lines) == -1
    assert value_after(*lines, "$var(out) = $json(b);") == "[ 1 ]"


def test_links_that_double_a_document_cannot_fill_the_memory() -> None:
    lines = (
        '$json(d) := "[\\"0123456789\\"]";',
        "while ($var(i) < 200) {",
        '$json(next) := "[0, 0]";',
        "json_link($json(next[0]), $json(d));",
        "json_link($json(next[1]), $json(d));",
        "json_link($json(d), $json(next));",
        "$var(i) = $var(i) + 1;",
        "}",
        "$var(out) = $json(d);",
    )
    proxy = ran("$var(i) = 0;", *lines)
    assert proxy.runtime.script_variables["out"] is None
    assert proxy.runtime.script_variables["i"] == 200


def test_json_merge_writes_the_result() -> None:
    lines = ('$json(a) := "{\\"x\\": 1, \\"y\\": 2}";', '$json(b) := "{\\"y\\": 3}";')
    assert value_after(*lines, "json_merge($json(a), $json(b), $var(out));") == '{"x":1,"y":3}'
    assert value_after(*lines, 'json_merge($json(a), "no", $var(x));', "$var(out) = $rc;") == -1


def test_numbers_beyond_32_bits() -> None:
    lines = ('$json(a) := "[4294967297, 7]";', "$var(out) = $json(a[0]);")
    assert value_after(*lines) == 1
    assert value_after(*lines, parameters='modparam("json", "enable_long_quoting", 1)') == "4294967297"


def test_the_other_variables_are_written_alike() -> None:
    for name in ("json_pretty", "json_compact", "json_compact_noescape"):
        assert value_after(f'${name}(a) := "[1]";', f"${name}(a[0]) = 5;", "$var(out) = $json(a[0]);") == 5


def test_elements_of_an_object_are_its_values() -> None:
    lines = ('$json(a) := "{\\"x\\": 1, \\"y\\": {\\"z\\": null}}";', '$var(out) = "";')
    loop = 'for ($var(v) in $(json(a)[*])) $var(out) = $var(out) + "|" + $var(v);'
    assert value_after(*lines, loop) == '|1|{ "z": null }'


def test_a_malformed_path_is_refused_at_the_start() -> None:
    with pytest.raises(ScriptError, match="index"):
        ran("$var(out) = $json(a[x]);")
