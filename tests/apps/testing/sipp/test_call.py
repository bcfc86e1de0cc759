"""The run of a call: what it sends and waits for, and what it makes of what arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps.testing.sipp.lab import Lab, acts, reply, scenario, send

INVITE, ACK, BYE, INFO = (send(each) for each in ("INVITE", "ACK", "BYE", "INFO"))
OPTIONAL = '<recv response="100" optional="true"/><recv response="180" optional="true"/>'
CALL = (
    INVITE + OPTIONAL + '<recv response="200"/>' + ACK + '<pause milliseconds="1000"/>' + BYE + '<recv response="200"/>'
)
SET = acts('<assign assign_to="yes" value="1"/>')


def test_a_call_from_begin_to_end(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(CALL))
    lab.answer(180)
    lab.answer(100)
    lab.answer(200)
    assert lab.flow == ["INVITE", "ACK"]
    assert lab.party.lack == "alice is at x.xml:20 and waits for nothing, in a pause"
    lab.pass_time(1)
    lab.answer(200)
    assert (lab.flow, lab.party.lack) == (["INVITE", "ACK", "BYE"], "")


def test_an_unexpected_answer_fails_with_its_place_and_all_messages(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(CALL))
    lab.answer(100)
    lab.answer(486)
    assert lab.party.failure == (
        "alice failed: x.xml:11: expected 100 or 180 or 200; 486 INVITE arrived"
        "\n  0.000  alice -> INVITE sip:b@127.0.0.1 SIP/2.0"
        "\n  0.000  alice <- SIP/2.0 100 X"
        "\n  0.000  alice <- SIP/2.0 486 X"
    )


def test_a_repeated_answer_gets_the_ack_again(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(CALL))
    invite = lab.last
    lab.answer(200)
    lab.answer(200, request=invite)
    assert lab.flow == ["INVITE", "ACK", "ACK"]
    lab.answer(200, "X: other", request=invite)
    assert lab.flow == ["INVITE", "ACK", "ACK", "ACK"]


def test_a_repeated_request_gets_its_answer_again(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario('<recv request="INVITE"/>' + reply(180) + reply(200) + '<recv request="ACK"/>'))
    lab.ask("INVITE")
    lab.ask("INVITE")
    assert lab.flow == ["180", "200", "180"]


@pytest.mark.parametrize(
    ("method", "times"),
    [
        ("INVITE", [0, 0.5, 1.5, 3.5, 7.5, 15.5]),
        ("BYE", [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5]),
    ],
)
def test_a_request_is_sent_again_until_the_call_fails(tmp_path: Path, method: str, times: list[float]) -> None:
    lab = Lab(tmp_path, scenario(send(method, 'retrans="500"') + '<recv response="200"/>'))
    for time in times[1:]:
        lab.pass_time(time - lab.timers.now)
    assert lab.flow == [method] * len(times)
    assert lab.party.failure == ""
    lab.pass_time(16)
    assert f"expected 200; nothing arrived, though the message was sent {len(times)} times" in lab.party.failure


def test_an_answer_ends_the_repetition(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(send("INVITE", 'retrans="500"') + OPTIONAL + '<recv response="200"/>'))
    lab.answer(100)
    lab.pass_time(60)
    assert lab.flow == ["INVITE"]


def test_nothing_is_repeated_over_tcp(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(send("INVITE", 'retrans="500"') + '<recv response="200"/>'), over="tcp")
    lab.pass_time(60)
    assert lab.flow == ["INVITE"]
    assert (lab.last.header("via") or "").startswith("SIP/2.0/TCP ")


def test_nothing_is_sent_before_the_answer_to_what_is_repeated(tmp_path: Path) -> None:
    steps = send("INVITE", 'retrans="500"') + '<pause milliseconds="100"/><nop/>' + INFO
    lab = Lab(tmp_path, scenario(steps))
    lab.pass_time(0.2)
    assert lab.flow == ["INVITE"]
    assert lab.party.lack == "alice is at x.xml:11 and waits for an answer before INFO is sent"


def test_what_is_lost_does_not_arrive(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(send("INFO", 'lost="100"') + BYE))
    assert lab.flow == ["BYE"]
    lab = Lab(tmp_path, scenario(INFO + '<recv response="200" lost="100"/>'))
    lab.answer(200)
    assert lab.party.lack == "alice is at x.xml:11 and waits for 200"


# ---- branches


@pytest.mark.parametrize(
    ("attributes", "flow"),
    [
        ('next="end"', ["BYE"]),
        ('next="end" test="yes"', ["BYE"]),
        ('next="end" test="no"', ["INFO", "BYE"]),
        ('next="end" chance="0"', ["INFO", "BYE"]),
        ('next="end" chance="1"', ["BYE"]),
        ('next="end" condexec="no"', ["BYE"]),
    ],
)
def test_which_step_is_next(tmp_path: Path, attributes: str, flow: list[str]) -> None:
    lab = Lab(tmp_path, scenario(f'{SET}<nop {attributes}/>{INFO}<label id="end"/>{BYE}'))
    assert lab.flow == flow


@pytest.mark.parametrize(
    ("attributes", "flow"),
    [
        ('condexec="yes"', ["INFO", "BYE"]),
        ('condexec="no"', ["BYE"]),
        ('condexec="yes" condexec_inverse="true"', ["BYE"]),
        ('condexec="no" condexec_inverse="true"', ["INFO", "BYE"]),
    ],
)
def test_which_step_is_done(tmp_path: Path, attributes: str, flow: list[str]) -> None:
    assert Lab(tmp_path, scenario(SET + send("INFO", attributes) + BYE)).flow == flow


def test_an_optional_message_may_lead_elsewhere(tmp_path: Path) -> None:
    steps = INVITE + '<recv response="486" optional="true" next="busy"/><recv response="200"/>' + INFO
    lab = Lab(tmp_path, scenario(steps + '<label id="busy"/>' + ACK))
    lab.answer(486)
    assert lab.flow == ["INVITE", "ACK"]


def test_a_loop_that_never_waits_fails(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario('<label id="1"/><nop next="1"/>' + INFO))
    assert "10000 steps were done and no time has passed" in lab.party.failure


def test_a_global_message_is_taken_at_any_time(tmp_path: Path) -> None:
    info = '<recv request="INFO" optional="global"><action><log message="info"/></action></recv>'
    lab = Lab(tmp_path, scenario(INVITE + info + '<recv response="200"/>' + ACK + '<pause milliseconds="1000"/>'))
    lab.answer(200)
    lab.ask("INFO", call=lab.last.call_id)
    assert lab.said == ["alice logs: info"]
    assert lab.party.lack == "alice is at x.xml:20 and waits for nothing, in a pause"
    lab.pass_time(1)
    assert lab.party.lack == ""


def test_patterns_of_methods_and_statuses(tmp_path: Path) -> None:
    steps = '<recv request="INFO|MESSAGE" regexp_match="true"/>' + INFO
    lab = Lab(tmp_path, scenario(steps + '<recv response="2.." regexp_match="true"/>'))
    lab.ask("MESSAGE")
    lab.answer(202)
    assert lab.party.lack == ""
    lab.ask("MESSAGES", call="c2")
    assert "expected INFO|MESSAGE; MESSAGES arrived" in lab.party.failure


def test_answers_belong_to_their_transaction(tmp_path: Path) -> None:
    steps = send("INVITE", 'start_txn="i"') + send("INFO", 'start_txn="o"')
    steps += '<recv response="200" response_txn="o"/><recv response="200" response_txn="i"/>'
    steps += "<nop/>" + send("ACK", 'ack_txn="i"') + '<recv request="BYE"/>'
    lab = Lab(tmp_path, scenario(steps))
    invite, info = lab.sent
    lab.answer(200, request=info)
    assert lab.party.lack == "alice is at x.xml:20 and waits for 200"
    lab.answer(200, request=invite)
    assert lab.flow == ["INVITE", "INFO", "ACK"]
    lab.answer(200, "X: again", request=invite)
    assert lab.flow == ["INVITE", "INFO", "ACK", "ACK"]
    assert lab.party.failure == ""


def test_an_answer_to_another_method_is_not_expected(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario("<nop/>" + INFO + '<recv response="200"/>'))
    lab.sent[0].lines[-2] = lab.sent[0].lines[-2].replace("INFO", "BYE")
    lab.answer(200)
    assert "expected 200; 200 BYE arrived" in lab.party.failure


# ---- time


@pytest.mark.parametrize(
    ("pause", "seconds"),
    [
        ('<pause milliseconds="1500"/>', 1.5),
        ("<pause/>", 0.25),
        ('<pause variable="yes"/>', 0.001),
        ('<pause distribution="fixed" value="70"/>', 0.07),
        ('<pause distribution="uniform" min="30" max="30"/>', 0.03),
        ('<pause min="40" max="40"/>', 0.04),
    ],
)
def test_pauses(tmp_path: Path, pause: str, seconds: float) -> None:
    lab = Lab(tmp_path, scenario(SET + pause + INFO), pause=250)
    lab.pass_time(seconds - 0.0005)
    assert lab.flow == []
    lab.pass_time(0.0006)
    assert lab.flow == ["INFO"]


def test_a_pause_that_is_drawn_is_that_of_the_seed(tmp_path: Path) -> None:
    def length(seed: int) -> float:
        lab = Lab(tmp_path, scenario('<pause distribution="exponential" mean="1000"/>' + INFO), seed=seed)
        found = lab.timers.deadline()
        assert found is not None
        return found

    assert length(1) == length(1)
    assert length(1) != length(2)


def test_a_timeout_leads_to_its_label(tmp_path: Path) -> None:
    steps = INVITE + '<recv response="180" optional="true"/><recv response="200" timeout="500" ontimeout="late"/>' + ACK
    lab = Lab(tmp_path, scenario(steps + '<label id="late"/>' + send("CANCEL")))
    lab.pass_time(0.5)
    assert lab.flow == ["INVITE", "CANCEL"]


def test_a_timeout_without_label_fails(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(INVITE + '<recv response="200" timeout="500"/>'))
    lab.pass_time(0.5)
    assert lab.party.failure.startswith("alice failed: x.xml:11: expected 200; nothing arrived within 0.5 s\n")


def test_a_call_that_waits_for_repetitions_went_well(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario('<recv request="BYE"/>' + reply(200) + '<timewait milliseconds="4000"/>'))
    assert lab.party.lack == "alice has taken 0 of 1 calls"
    lab.ask("BYE")
    assert lab.party.lack == ""
    lab.ask("BYE")
    lab.ask("INFO", 2)
    assert (lab.flow, lab.party.lack) == (["200", "200"], "")
    lab.pass_time(4)
    lab.ask("BYE")
    assert lab.flow == ["200", "200"]


# ---- what is not expected


@pytest.mark.parametrize("method", ["BYE", "CANCEL"])
def test_an_unexpected_end_is_agreed_to_and_fails(tmp_path: Path, method: str) -> None:
    lab = Lab(tmp_path, scenario('<recv request="INVITE"/>' + reply(180) + '<pause milliseconds="1000"/>'))
    lab.ask("INVITE")
    lab.ask(method, 2)
    assert (lab.flow, lab.last.method) == (["180", "200"], method)
    assert f"expected nothing, in a pause; {method} arrived" in lab.party.failure


def test_pings_are_answered_and_others_if_asked_for(tmp_path: Path) -> None:
    xml = scenario('<recv request="INVITE"/><recv request="BYE"/>')
    lab = Lab(tmp_path, xml, aa="yes")
    lab.ask("INVITE")
    lab.ask("PING", 2)
    lab.ask("OPTIONS", 3)
    assert (lab.flow, lab.party.failure) == (["200", "200"], "")
    lab = Lab(tmp_path, xml)
    lab.ask("INVITE")
    lab.ask("OPTIONS", 2)
    assert "expected BYE; OPTIONS arrived" in lab.party.failure


def test_a_label_takes_what_is_not_expected(tmp_path: Path) -> None:
    steps = '<recv request="INVITE"/><recv request="BYE"/>' + reply(200, 'next="end"')
    steps += '<label id="_unexp.main"/>' + reply(481) + acts('<jump variable="_unexp.retaddr"/>')
    lab = Lab(tmp_path, scenario(steps + '<label id="end"/><timewait milliseconds="10"/>'))
    lab.ask("INVITE")
    lab.ask("INFO", 2)
    lab.ask("BYE", 3)
    assert (lab.flow, lab.party.lack) == (["481", "200"], "")


def test_what_is_not_expected_may_end_the_call(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(INVITE + '<recv response="200"/>' + ACK + '<label id="_unexp.main"/>'))
    lab.answer(486)
    assert (lab.flow, lab.party.lack) == (["INVITE"], "")


def test_nothing_is_sent_again_once_all_calls_have_ended(tmp_path: Path) -> None:
    steps = send("INVITE", 'retrans="500"') + '<recv response="486"><action><exec int_cmd="stop_now"/></action></recv>'
    lab = Lab(tmp_path, scenario(steps), calls=2)
    lab.pass_time(0.2)
    lab.answer(486, request=lab.sent[0])
    lab.pass_time(60)
    assert (lab.flow, lab.party.lack) == (["INVITE", "INVITE"], "")
