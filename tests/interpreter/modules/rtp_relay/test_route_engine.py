"""The engine `route`: routes of the script as the relay (rtp-relay.md 8, OURS)."""

from __future__ import annotations

import pytest

from .lab import Lab, port, sdp

ENGAGED = 'rtp_relay_engage("route", 5);'


def offer(answer: str) -> str:
    """A route for offers that returns this."""
    return (
        f'route[rtp_relay_offer] {{ xlog("offer $param(callid) $param(from_tag) $param(set)\\n"); {answer} }}'
    )


@pytest.mark.parametrize("more", ["", offer("return (1);"), offer("return (1, $rb);")])
def test_row_38_body_and_routes_may_be_missing(more: str) -> None:
    lab = Lab(ENGAGED, more=more).establish()
    (listed,) = lab.listed()
    assert (listed["relay"], listed["set"], listed["node"]) == ("route", 5, "")


def test_a_route_gives_body_and_node() -> None:
    route = offer('$var(b) = $(rb{re.subst,/m=audio [0-9]+/m=audio 9000/}); return (1, $var(b), "node-a");')
    answer = 'route[rtp_relay_answer] { xlog("answered at $param(node) for $param(to_tag)\\n"); }'
    lab = Lab(ENGAGED, more=route + answer)
    assert port(lab.invite(sdp("alice"))) == 9000
    lab = Lab(ENGAGED, more=route + answer).establish()
    assert "offer call-1 alice 5" in lab.log
    assert "answered at node-a for bob" in lab.log


def test_a_negative_code_is_a_failure() -> None:
    lab = Lab(ENGAGED, more=offer("return (-1, $rb);")).establish()
    assert lab.listed() == []


def test_the_delete_gets_the_tags_and_the_flags_of_who_ended_the_call() -> None:
    shown = "$rm $param(from_tag) $param(to_tag) $param(delete) $param(ctx-flags)"
    delete = f'route[rtp_relay_delete] {{ xlog("delete {shown}\\n"); }}'
    lab = Lab(
        f'$rtp_relay(delete) = "own"; $rtp_relay_ctx(delete) = "all"; {ENGAGED}', more=delete
    ).establish()
    lab.hang_up()
    assert "delete BYE alice bob own all" in lab.log


def test_a_route_may_end_the_call_by_its_code_without_ending_the_script() -> None:
    lab = Lab(ENGAGED, more=offer("exit;")).establish()
    assert lab.listed()
