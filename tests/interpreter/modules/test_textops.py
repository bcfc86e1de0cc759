"""Search and replace in messages, as the next hop sees the result."""

from __future__ import annotations

import pytest

from relayscript.dsl.diagnostics import ScriptError

from .stage import Proxy, request

HEADERS = "Subject: hello hello\nX-Num: one two one two\nX-Swap: left right\nContent-Type: text/plain\n"
BODY = "first line\nsecond line\n"


def run(call: str) -> tuple[list[str], str, str]:
    """Header lines and body that bob got after a call, and its return code."""
    proxy = Proxy(f'route {{ {call}; xlog("$rc"); t_relay(); }}', "tm textops")
    body = BODY.replace("\n", "\r\n")
    proxy.send(request("MESSAGE", headers=HEADERS, body=body).replace("\r", ""))
    got = proxy.take("bob")
    assert got.content_length == len(got.body)
    return got.lines, got.body.replace("\r\n", "\n"), proxy.log[-1]


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ('replace("hello", "HELLO")', "Subject: HELLO hello"),
        ('replace_all("one", "ONE")', "X-Num: ONE two ONE two"),
        ('search_append("two", "-2")', "X-Num: one two-2 one two"),
        ('subst("/^(X-Swap: )([a-z]+) ([a-z]+)/\\1\\3 \\2/")', "X-Swap: right left"),
        ('subst("/ h[a-z]+/ \\u/")', "Subject: sip:bob@192.0.2.2 hello"),
        ('subst("/one/1/g")', "X-Num: 1 two 1 two"),
        ('replace("hello hello", "a\\r\\nX-More: b")', "X-More: b"),
    ],
)
def test_headers(call: str, line: str) -> None:
    lines, body, rc = run(call)
    assert line in lines
    assert (body, rc) == (BODY, "1")


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ('replace_body("line", "row")', "first row\nsecond line\n"),
        ('replace_body_all("line", "row")', "first row\nsecond row\n"),
        ('replace_body_atonce("^.*$", "all")', "all"),
        ('search_append_body("first", "ly")', "firstly line\nsecond line\n"),
        ('subst_body("/(f)(i)/\\2\\1/")', "ifrst line\nsecond line\n"),
        ('replace("second", "2nd")', "first line\n2nd line\n"),
    ],
)
def test_bodies(call: str, after: str) -> None:
    _, body, rc = run(call)
    assert (body, rc) == (after, "1")


@pytest.mark.parametrize(
    ("call", "rc"),
    [
        ('search("Subject: .*hello")', "1"), ('search("^second")', "1"), ('search("^MESSAGE sip:")', "1"),
        ('search_body("^second")', "1"), ('search_body("Subject")', "-1"), ('replace("absent", "x")', "-1"),
        ('subst("/absent/x/")', "-1"), ('subst_uri("/absent/x/")', "-1"),
    ],
)  # fmt: skip
def test_what_matches(call: str, rc: str) -> None:
    assert run(call)[2] == rc


@pytest.mark.parametrize(
    ("call", "uri"),
    [
        ('subst_uri("/bob@(.*)/rob@\\1;x/")', "sip:rob@192.0.2.2;x"),
        ('subst_user("/b(.)b/\\1/")', "sip:o@192.0.2.2"),
    ],
)
def test_uris(call: str, uri: str) -> None:
    proxy = Proxy(f"route {{ {call}; t_relay(); }}", "tm textops")
    proxy.send(request("MESSAGE"))
    assert proxy.take("bob").uri == uri


@pytest.mark.parametrize("expression", ["x", "/a/b", "/a/b/q", "/(/b/"])
def test_what_is_no_substitution_is_refused(expression: str) -> None:
    with pytest.raises(ScriptError, match="is no /expression/replacement/flags"):
        run(f'subst("{expression}")')
