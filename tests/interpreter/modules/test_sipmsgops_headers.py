"""Headers added, removed and asked for, as the next hop sees them."""

from __future__ import annotations

import pytest

from .stage import BOB, Proxy, reply, request

EXTRA = "X-List: one\nP-Call-Id: 1\nx-list: two\nSubject: hello\nX-Glob: g\nX-Gab-not: n\ns: short\n"


def sent(body: str, headers: str = EXTRA) -> tuple[list[str], list[str]]:
    """The header lines that bob gets after a route body ran, and what it logged."""
    proxy = Proxy(f"route {{ {body} t_relay(); }}", "tm sl sipmsgops")
    proxy.send(request("MESSAGE", headers=headers))
    return proxy.take("bob").lines, proxy.log


def test_added_headers_land_where_they_belong() -> None:
    lines, _ = sent("""
        append_hf("X-A: 1\\r\\n"); append_hf("X-A: 2\\r\\n"); append_hf("X-C: 1\\r\\n", "i");
        insert_hf("X-I: 1\\r\\n"); insert_hf("X-I: 2\\r\\n"); insert_hf("X-T: 1\\r\\n", "To");
        append_hf("X-N: 1\\r\\n", "X-Missing"); append_urihf("X-U: <", ">\\r\\n");
    """)
    assert lines[:2] == ["X-I: 1", "X-I: 2"]
    assert lines[-4:] == ["X-A: 1", "X-A: 2", "X-N: 1", "X-U: <sip:bob@192.0.2.2>"]
    names = [line.partition(":")[0] for line in lines]
    assert names[names.index("To") - 1] == "X-T"
    assert names[names.index("Call-ID") + 1] == "X-C"


@pytest.mark.parametrize(
    ("call", "rc", "gone"),
    [
        ('remove_hf("X-List")', 1, {"X-List", "x-list"}),
        ('remove_hf("s")', 1, {"s"}),
        ('remove_hf("Subject")', 1, {"Subject", "s"}),
        ('remove_hf("X-Nothing")', -1, set()),
        ('remove_hf_re("^P-.*-Id")', 1, {"P-Call-Id"}),
        ('remove_hf_re("^Q")', -1, set()),
        ('remove_hf_glob("X-G*b")', 1, {"X-Glob"}),
    ],
)
def test_removed_headers_are_gone(call: str, rc: int, gone: set[str]) -> None:
    lines, log = sent(f'{call}; xlog("rc=$rc");')
    assert log == [f"rc={rc}"]
    given = {line.partition(":")[0] for line in EXTRA.splitlines()}
    assert given - {line.partition(":")[0] for line in lines} == gone


def test_values_by_pattern() -> None:
    _, log = sent("""
        get_glob_headers_values("X-G*", $avp(n), $avp(v));
        xlog("$avp(n)=$avp(v) $(avp(n)[1])=$(avp(v)[1])");
    """)
    assert log == ["X-Gab-not=n X-Glob=g"]


def test_questions() -> None:
    _, log = sent(
        """
        if (is_method("INVITE|MESSAGE")) xlog("method");
        if (is_method("INVITE")) xlog("never");
        if (!has_totag()) xlog("no tag");
        if (is_present_hf("k")) xlog("supported");
        if (is_privacy("id")) xlog("id");
        if (is_privacy("header")) xlog("never");
        """,
        "Supported: path\nPrivacy: user;ID\n",
    )
    assert log == ["method", "no tag", "supported", "id"]


def test_the_date_is_that_of_the_host() -> None:
    proxy = Proxy('route { append_time(); sl_send_reply(200, "OK"); }', "sl sipmsgops")
    proxy.send(request("MESSAGE"))
    assert proxy.take("alice").header("date") == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_all_replies_made_here_have_the_queued_headers() -> None:
    proxy = Proxy(
        """
        route {
            append_to_reply("X-A: 1\\r\\n");
            t_newtran(); t_reply(180, "Ringing");
            append_to_reply("X-B: 1\\r\\n");
            t_on_failure("f"); t_relay();
        }
        failure_route[f] { append_to_reply("X-C: 1\\r\\n"); t_reply(480, "Gone"); }
        """,
        "tm sl sipmsgops",
    )
    proxy.send(request("INVITE"))
    proxy.send(reply(proxy.take("bob"), 404, "Not Found"), BOB)
    names = [[name for name in ("x-a", "x-b", "x-c") if name in each.keys] for each in proxy.got["alice"]]
    assert names == [["x-a"], ["x-a"], ["x-a", "x-b", "x-c"]]


def test_the_uri_that_is_added_is_the_one_received() -> None:
    lines, _ = sent('$ru = "sip:other@192.0.2.2"; append_urihf("X-U: ", "");')
    assert lines[-1] == "X-U: sip:bob@192.0.2.2"


def test_methods_are_compared_without_case() -> None:
    proxy = Proxy('route { if (is_method("Foo|BAR")) xlog("yes"); }', "sipmsgops")
    proxy.send(request("fOO"))
    assert proxy.log == ["yes"]


def test_options_of_lists() -> None:
    lines, log = sent(
        """
        if (list_hdr_has_option("k", "TIMER")) xlog("timer");
        if (list_hdr_has_option("Supported", "tim")) xlog("never");
        list_hdr_add_option("Supported", "gruu");
        list_hdr_remove_option("Supported", "path");
        list_hdr_remove_option("Unsupported", "only"); xlog("$rc");
        list_hdr_remove_option("Supported", "absent"); xlog("$rc");
        list_hdr_add_option("Require", "x"); xlog("$rc");
        """,
        "Supported: timer, replaces\nSupported: a ,path, outbound\nUnsupported: only\n",
    )
    assert log == ["timer", "1", "-1", "-1"]
    found = [line for line in lines if line.startswith(("Supported", "Unsupported"))]
    assert found == ["Supported: timer, replaces,gruu", "Supported: a ,outbound"]


def test_the_last_option_takes_its_comma_along() -> None:
    lines, _ = sent('list_hdr_remove_option("Supported", "replaces");', "Supported: timer, replaces\n")
    assert "Supported: timer" in lines


def test_of_a_repeated_option_the_last_goes() -> None:
    lines, _ = sent('list_hdr_remove_option("Supported", "path");', "Supported: path, timer, PATH\nSupported: path\n")
    assert [line for line in lines if line.startswith("Supported")] == ["Supported: path, timer"]


def test_a_reply_gets_another_status_but_not_another_meaning() -> None:
    proxy = Proxy(
        """
        route { t_on_reply("r"); t_relay(); }
        onreply_route[r] { change_reply_status(480, "Gone"); change_reply_status(200, "Fine"); xlog("$rc"); }
        """,
        "tm sl sipmsgops",
    )
    proxy.send(request("MESSAGE"))
    proxy.send(reply(proxy.take("bob"), 404, "Not Found"), BOB)
    assert proxy.take("alice").first_line == "SIP/2.0 480 Gone"
    assert proxy.log[-1] == "-1"


def test_a_reply_of_ours_has_the_body_that_was_queued() -> None:
    proxy = Proxy(
        """route {
            append_to_reply("Content-Type: text/plain\\r\\n");
            append_body_to_reply("sorry"); sl_send_reply(404, "No");
        }""",
        "sl sipmsgops",
    )
    proxy.send(request("MESSAGE"))
    answer = proxy.take("alice")
    assert (answer.header("content-type"), answer.body) == ("text/plain", "sorry")
