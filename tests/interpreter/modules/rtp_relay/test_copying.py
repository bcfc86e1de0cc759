"""Copies of a call's media, with each engine."""

from __future__ import annotations

import pytest

from .lab import Lab, sdp

FOR_RECORDER = "m=audio 7000 RTP/AVP 0\\r\\nm=audio 7002 RTP/AVP 0\\r\\n"
ANSWER = f"v=0\\r\\no=r 1 1 IN IP4 192.0.2.7\\r\\ns=-\\r\\nc=IN IP4 192.0.2.7\\r\\nt=0 0\\r\\n{FOR_RECORDER}"
START = f"""
if (rtp_relay_copy_offer("rec", $var(sdp))) {{
    xlog("offer $(var(sdp){{s.len}}) $(var(sdp){{sdp.line,m}})|$(var(sdp){{sdp.line,c}})\\n");
    if (rtp_relay_copy_answer("rec", "{ANSWER}")) xlog("started\\n"); else xlog("not started\\n");
}} else
    xlog("no copy\\n");
"""
STOP = 'if (rtp_relay_copy_delete("rec")) xlog("ended\\n"); else xlog("not ended\\n");'
HOLD = f'rtp_relay_copy_answer("rec", "{ANSWER.replace("m=audio 7002", "m=audio 0")}");'
INSIDE = f"""
if ($hdr(X-Do) == "start") {{ {START} }}
if ($hdr(X-Do) == "stop") {{ {STOP} }}
if ($hdr(X-Do) == "hold") {{ {HOLD} }}
"""
ROUTES = """
route[rtp_relay_copy_offer] {
    xlog("copy offer of $param(callid) $param(from_tag) $param(to_tag) [$param(flags)]\\n");
    return (1, "handle-1", "v=0");
}
route[rtp_relay_copy_answer] { xlog("copy answer of $param(copy-ctx) $(param(body){s.len})\\n"); }
route[rtp_relay_copy_delete] { xlog("copy delete of $param(copy-ctx)\\n"); }
"""


def recorded(engine: str, more: str = "") -> Lab:
    lab = Lab(f'rtp_relay_engage("{engine}", 1);', inside=INSIDE, more=more).establish()
    lab.wire.commands.clear()
    return lab


def tell(lab: Lab, what: str) -> None:
    """Alice's INFO has the script do something with the copy."""
    lab.request("INFO", tag="bob", route=lab.route, headers=f"X-Do: {what}\n")


def test_rtpproxy_copies_each_stream_of_both_sides() -> None:
    lab = recorded("rtpproxy")
    tell(lab, "start")
    assert lab.log[-2].endswith("m=audio 35000 RTP/AVP 0|c=IN IP4 127.0.0.1")
    assert lab.log[-1] == "started"
    assert lab.wire.commands == [
        "C call-1 udp:192.0.2.7:7000 alice;1 bob;1", "C call-1 udp:192.0.2.7:7002 bob;1 alice;1"
    ]  # fmt: skip


def test_a_stream_that_is_not_wanted_any_more_is_ended_and_the_rest_at_the_end() -> None:
    lab = recorded("rtpproxy")
    tell(lab, "start")
    tell(lab, "hold")
    assert lab.wire.commands[2:] == ["C call-1 udp:192.0.2.7:7000 alice;1 bob;1", "N call-1 bob;1 alice;1"]
    tell(lab, "stop")
    tell(lab, "stop")
    assert lab.wire.commands[4:] == ["N call-1 alice;1 bob;1"]
    assert lab.log[-2:] == ["ended", "not ended"]


def test_rtpengine_is_asked_for_a_subscription() -> None:
    lab = recorded("rtpengine")
    tell(lab, "start")
    assert "17:subscribe request" in lab.wire.commands[0]
    assert "5:flagsl3:alle" in lab.wire.commands[0]


def test_routes_may_copy() -> None:
    lab = recorded("route", ROUTES)
    tell(lab, "start")
    assert lab.log[-4:] == [
        "copy offer of call-1 alice bob [<null>]", "offer 3 <null>|<null>", "copy answer of handle-1 111", "started"
    ]  # fmt: skip
    lab.hang_up()
    assert "copy delete of handle-1" in lab.log


def test_the_end_of_the_call_ends_its_copies() -> None:
    lab = recorded("rtpproxy")
    tell(lab, "start")
    lab.hang_up()
    assert [each[0] for each in lab.wire.commands] == ["C", "C", "N", "N", "D"]
    assert lab.held() == []


def test_an_answer_that_does_not_fit_starts_nothing() -> None:
    lab = recorded("rtpproxy", more="")
    tell(lab, "hold")
    tell(lab, "stop")
    assert lab.log[-1] == "not ended"
    assert lab.wire.commands == []


@pytest.mark.parametrize("what", ["start", "stop"])
def test_without_an_answered_call_there_is_nothing_to_copy(what: str) -> None:
    lab = Lab('if (is_method("INVITE")) { create_dialog(); } ' + (START if what == "start" else STOP))
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    assert lab.log[-1] == ("no copy" if what == "start" else "not ended")
