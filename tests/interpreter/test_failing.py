"""What is found wrong with a message, and the error route."""

from __future__ import annotations

import pytest

from tests.interpreter.modules.stage import Proxy, request

REPORT = 'error_route { xlog("$err.class $err.level $err.rcode $err.rreason in $(route[*])\\n"); }'
BAD_TO = request("OPTIONS").replace("To: <sip:bob@example.com>", "To: <sip:bob@example.com")
BAD_FROM = request("OPTIONS").replace("<sip:alice@example.com>", "<sip:alice@example.com")


def with_header(line: str) -> str:
    """A request with a header line put before its CSeq, which goes if the line is one."""
    lines = request("OPTIONS").split("\n")
    at = next(index for index, each in enumerate(lines) if each.startswith("CSeq"))
    lines[at : at + (1 if line.startswith("CSeq") else 0)] = [line]
    return "\n".join(lines)


def run(text: str, script: str, globals_: str = "") -> Proxy:
    """A proxy that got a request."""
    proxy = Proxy(f"xlog_level=3\n{globals_}\n{script}", "tm sl signaling")
    proxy.send(text)
    return proxy


def reports(proxy: Proxy) -> list[str]:
    """What the script logged."""
    return [line for line in proxy.log if "dropped" not in line and "OPTIONS from" not in line]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("CSeq: 1", "bad CSeq header"),
        ("CSeq: one two three", "bad CSeq header"),
        ("Content-Length: five", "bad Content-Length header"),
    ],
)
def test_a_request_that_does_not_parse_goes_to_the_error_route(line: str, reason: str) -> None:
    proxy = run(with_header(line), f'route {{ xlog("routed\\n"); }} {REPORT}')
    assert reports(proxy) == [f"1 3 400 {reason} in error_route"]
    assert not proxy.got["alice"]


def test_the_error_route_can_answer_and_has_its_own_kind() -> None:
    proxy = run(with_header("CSeq: 1"), 'route { exit; } error_route { send_reply(400, "$err.rreason"); }')
    assert proxy.take("alice").reason == "bad CSeq header"


def test_without_an_error_route_it_is_dropped_and_counted() -> None:
    proxy = run(with_header("CSeq: 1"), "route { exit; }")
    assert not proxy.got["alice"]
    assert proxy.call("statistics:get", statistics=["core:err_requests", "core:bad_msg_hdr"]) == {
        "core:err_requests": 1, "core:bad_msg_hdr": 1,
    }  # fmt: skip


def test_without_a_via_no_route_runs() -> None:
    text = "\n".join(line for line in request("OPTIONS").split("\n") if not line.startswith("Via"))
    assert reports(run(text, f"route {{ exit; }} {REPORT}")) == []


def test_a_header_that_a_variable_cannot_read_runs_the_error_route_behind_the_action() -> None:
    proxy = run(BAD_FROM, f'route {{ xlog("[$fu]\\n"); xlog("$err.class\\n"); }} {REPORT}')
    assert reports(proxy) == ["[<null>]", "1 3 400 bad From header in route > error_route", "0"]


def test_an_error_route_inside_a_sub_route_and_its_exit() -> None:
    script = (
        'route { route(deep); xlog("not reached\\n"); } route[deep] { $var(x) = $fU; xlog("nor this\\n"); }'
        'error_route { xlog("$(route[*])\\n"); exit; }'
    )
    assert reports(run(BAD_FROM, script)) == ["route > route[deep] > error_route"]


def test_an_error_inside_the_error_route_is_not_told_again() -> None:
    script = 'route { xlog("[$fu]\\n"); } error_route { xlog("error [$fU]\\n"); }'
    assert reports(run(BAD_FROM, script)) == ["[<null>]", "error [<null>]"]


def test_an_unreadable_request_uri_is_told_when_it_is_read() -> None:
    script = f'route {{ xlog("start\\n"); if ($rU) exit; xlog("$err.class\\n"); }} {REPORT}'
    proxy = run(request("OPTIONS", "sip:bob@"), script)
    assert reports(proxy) == ["start", "1 3 400 bad R-URI in route > error_route", "0"]


def test_what_was_wrong_stays_readable_without_an_error_route() -> None:
    proxy = run(BAD_FROM, 'route { xlog("[$fu]\\n"); xlog("$err.class $err.rcode\\n"); }')
    assert reports(proxy) == ["[<null>]", "1 400"]


def test_no_error_route_runs_for_replies() -> None:
    script = f'route {{ exit; }} onreply_route {{ xlog("[$fu] $err.class\\n"); xlog("$err.class\\n"); }} {REPORT}'
    proxy = Proxy(f"xlog_level=3\n{script}")
    status = BAD_FROM.replace("OPTIONS sip:bob@192.0.2.2 SIP/2.0", "SIP/2.0 200 OK")
    assert status.startswith("SIP/2.0")
    proxy.send(status)
    assert [line for line in proxy.log if line[0] in "[1"] == ["[<null>] 1", "1"]


def test_a_failed_assertion_ends_the_run_behind_the_error_route() -> None:
    script = f'route {{ assert(1, "fine"); assert($var(unset), "it is $var(unset)"); xlog("no\\n"); }} {REPORT}'
    proxy = run(request("OPTIONS"), script, "enable_asserts=yes")
    assert reports(proxy)[-1] == "4 1 500 server error in route > error_route"
    assert "assertion failed: it is" in proxy.log[0]
    assert "no" not in proxy.log


def test_asserts_that_are_off_cost_only_a_return_code() -> None:
    proxy = run(request("OPTIONS"), f'route {{ assert(0, "no"); xlog("rc $rc\\n"); }} {REPORT}')
    assert reports(proxy) == ["rc -5"]


def test_a_malformed_to_is_found_before_the_script_starts() -> None:
    assert reports(run(BAD_TO, f'route {{ xlog("routed\\n"); }} {REPORT}')) == ["1 3 400 bad To header in error_route"]
