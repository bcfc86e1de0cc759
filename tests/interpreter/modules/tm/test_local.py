"""Requests made here: from the script and from management."""

from __future__ import annotations

import pytest

from relayscript.interpreter.management import CommandError, Management

from .stage import BOB, Stage

SCRIPT = f"""
route {{
    $var(from) = "Robot sip:robot@example.com";
    $var(rc) = t_new_request($rm, "{BOB}", "$var(from)", "sip:bob@example.com", "text/plain Hi there", "ctx");
    xlog("$var(rc)");
}}
local_route {{ xlog("local $rm $ru $avp(uac_ctx) [$rb]"); append_hf("X-Local: 1\\r\\n"); $ru = "sip:b@192.0.2.2"; }}
"""


def test_a_request_of_the_script_passes_the_local_route() -> None:
    stage = Stage(SCRIPT)
    stage.invite(method="MESSAGE")
    made = stage.take("bob")
    assert stage.log == [f"local MESSAGE {BOB} ctx [Hi there]", "1"]
    assert (made.uri, made.body, made.header("x-local")) == ("sip:b@192.0.2.2", "Hi there", "1")
    assert (made.from_.display, made.from_.uri, made.header("to")) == (
        "Robot",
        "sip:robot@example.com",
        "<sip:bob@example.com>",
    )
    assert (made.cseq, made.header("content-type"), made.header("content-length")) == (
        (10, "MESSAGE"),
        "text/plain",
        "8",
    )
    assert len(made.vias()) == 1
    stage.answer("bob", made, 200)
    assert stage.statistic("UAC_transactions") == 1
    stage.let(10)
    assert stage.leaks == (0, 0, 0)


def test_a_request_that_cannot_be_sent() -> None:
    stage = Stage(SCRIPT.replace('$ru = "sip:b@192.0.2.2"', '$du = "sip:nobody.example"'))
    stage.invite(method="MESSAGE")
    assert stage.log[-1] == "-1"
    assert stage.leaks == (0, 0, 0)


HEADERS = "From: <sip:robot@example.com>\r\nTo: <sip:bob@example.com>\r\nCall-ID: made\r\nCSeq: 7 INVITE\r\n"


def test_management_sends_a_request_and_gets_its_answer() -> None:
    stage = Stage("route { exit; }")
    answers: list[object] = []

    def ask() -> None:
        params = {"method": "INVITE", "ruri": BOB, "headers": HEADERS, "body": "x"}
        answers.append(Management(stage.runtime).call("t_uac_dlg", params))

    stage.runtime.spawn(ask)
    stage.host.settle()
    made = stage.take("bob")
    assert (made.call_id, made.cseq[0], made.body, bool(made.from_tag)) == ("made", 7, "x", True)
    stage.answer("bob", made, 180)
    assert stage.call("t_uac_cancel", callid="made", cseq="7 INVITE") == "OK"
    assert stage.seen("bob") == ["CANCEL"]
    stage.answer("bob", made, 487, "Terminated")
    assert [answer["Status"] for answer in answers if isinstance(answer, dict)] == ["487 Terminated"]
    stage.let(10)
    assert stage.leaks == (0, 0, 0)


def test_what_is_sent_from_here_is_shown_to_a_route() -> None:
    stage = Stage(
        f"""
        modparam("tm", "local_request_route", "sent")
        modparam("tm", "local_reply_route", "answered")
        route {{ t_newtran(); t_new_request("MESSAGE", "{BOB}", "sip:a@b", "sip:c@d"); t_reply(404, "Gone"); }}
        local_route {{ append_hf("X-Local: yes\r\n"); }}
        route[sent] {{ xlog("sent $rm $ru $hdr(X-Local) $hdrcnt(Via) $DLG_x"); $ru = "sip:no@where"; }}
        onreply_route[answered] {{ xlog("answered $rs $rr $rm $tt"); }}
        """.replace(" $DLG_x", "")
    )
    stage.invite()
    assert stage.take("bob").uri == BOB
    tag = stage.got["alice"][-1].to_tag
    assert stage.log == [
        "answered 100 Giving it a try INVITE <null>", f"sent MESSAGE {BOB} yes 1", f"answered 404 Gone INVITE {tag}",
    ]  # fmt: skip


def test_a_route_in_place_of_a_reply_route_is_shown_replies() -> None:
    stage = Stage(
        'modparam("tm", "local_reply_route", "answered") route { t_reply(404, "Gone"); } '
        'route[answered] { xlog("$rs"); }'
    )
    stage.invite(method="OPTIONS")
    assert stage.log == ["404"]


def test_management_is_told_of_mistakes() -> None:
    stage = Stage("route { exit; }")
    for method, params in (
        ("t_uac_cancel", {"callid": "a", "cseq": "1"}),
        ("t_reply", {"code": 200, "reason": "OK", "trans_id": "a", "to_tag": "b"}),
        ("t_uac_dlg", {"method": "OPTIONS", "ruri": BOB, "headers": "To: <sip:a@b>\r\n"}),
        ("t_uac_dlg", {"method": "OPTIONS", "ruri": BOB, "headers": HEADERS, "socket": "udp:1.1.1.1:5"}),
    ):
        with pytest.raises(CommandError):
            Management(stage.runtime).call(method, params)


def test_management_sees_and_answers_transactions() -> None:
    stage = Stage("route { t_newtran(); }")
    stage.invite()
    shown = stage.call("t_hash")
    assert isinstance(shown, dict)
    (one,) = shown["Transactions"]
    assert (one["method"], one["callid"], one["status"], one["branches"]) == ("INVITE", "call-1", 100, 0)
    stage.call(
        "t_reply",
        code=302,
        reason="There",
        trans_id=one["id"],
        to_tag="mine",
        new_headers="Contact: <sip:x@y>",
    )
    answer = stage.got["alice"][-1]
    assert (answer.status, answer.to_tag, answer.header("contact")) == (302, "mine", "<sip:x@y>")
