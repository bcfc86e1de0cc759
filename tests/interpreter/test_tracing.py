"""The lines that `script_trace` writes."""

from __future__ import annotations

import re

from tests.interpreter.modules.stage import Proxy, request


def lines_of(body: str, more: str = "") -> list[str]:
    """What a run of these statements writes to the log; the place is cut down to the line."""
    proxy = Proxy(f"xlog_level=3\nlog_level=3\nroute {{\n{body}\n}}\n{more}", "sl tm")
    proxy.send(request("OPTIONS"))
    return [re.sub(r"\[<script>:(\d+)\]", r"[\1]", line) for line in proxy.log]


def test_each_action_has_a_line_until_the_trace_ends() -> None:
    body = """xlog("before\\n");
    script_trace(1, "m=$rm x=$var(x)", "me");
    $var(x) = 1;
    $var(x) += 2;
    if ($var(x) == 3) {
        route(sub);
    }
    script_trace();
    xlog("after\\n");"""
    first, *traced, last = lines_of(body, 'route[sub] { xlog("in\\n"); return(1); }')
    assert (first, last) == ("before", "after")
    start = re.search(r"\[Script Trace\]\[(\d+)\]", traced[0])
    assert start is not None
    at = int(start[1])
    assert traced == [
        f"[Script Trace][{at}][me][assign equal] -> (m=OPTIONS x=<null>)",
        f"[Script Trace][{at + 1}][me][assign plus-equal] -> (m=OPTIONS x=1)",
        f"[Script Trace][{at + 2}][me][core if] -> (m=OPTIONS x=3)",
        f"[Script Trace][{at + 3}][me][route sub] -> (m=OPTIONS x=3)",
        f"[Script Trace][{at + 8}][me][core xlog] -> (m=OPTIONS x=3)",
        "in",
        f"[Script Trace][{at + 8}][me][core return] -> (m=OPTIONS x=3)",
        f"[Script Trace][{at + 5}][me][module script_trace] -> (m=OPTIONS x=3)",
    ]


def test_the_level_decides_whether_the_lines_are_seen() -> None:
    assert lines_of('script_trace(4, "x"); xlog("only this\\n");') == ["only this"]


def test_a_function_inside_a_condition_has_a_line() -> None:
    traced = lines_of('script_trace(1, "x"); while (isflagset("no")) $var(y) = 1; exit;')
    assert [re.findall(r"\[(\w+ \w+)\] ->", line)[0] for line in traced] == [
        "core while", "module isflagset", "core exit",
    ]  # fmt: skip


def test_a_trace_ends_with_its_run() -> None:
    proxy = Proxy('log_level=3\nroute { if ($rm == "INFO") script_trace(1, "x"); $var(x) = 1; }', "tm")
    proxy.send(request("INFO"))
    traced = len(proxy.log)
    proxy.send(request("OPTIONS"))
    assert traced == 1
    assert len(proxy.log) == traced
