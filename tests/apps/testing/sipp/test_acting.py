"""What actions do to variables and to the call."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps.testing.sipp.lab import Lab, acts, scenario, send, shows

ANSWER = "X-A: aXb\nX-A: cad\nContact: <sip:me@4.4.4.4>"


def assign(name: str, value: str) -> str:
    return f'<assignstr assign_to="{name}" value="{value}"/>'


def ereg(pattern: str, more: str) -> str:
    return f'<ereg regexp="{pattern}" {more}/>'


@pytest.mark.parametrize(
    ("search", "values"),
    [
        (ereg("tag=([a-z]+)", 'search_in="hdr" header="To:" assign_to="1,2"'), ["tag=peer", "peer"]),
        (ereg("(a)|(b)", 'search_in="hdr" header="X-A:" occurrence="2" assign_to="1,2,3"'), ["a", "a", ""]),
        (ereg(".*", 'search_in="hdr" header="X-A:" assign_to="1"'), [" aXb"]),
        (ereg(".*", 'search_in="hdr" header="x-a:" occurrence="3" assign_to="1"'), [""]),
        (ereg(".+", 'search_in="hdr" header="SIP/2.0" start_line="true" assign_to="1"'), [" 200 X"]),
        (ereg("[[:alpha:]]+", 'search_in="body" assign_to="1"'), ["bo"]),
        (ereg("SIP/2.0 ([0-9]*)", 'assign_to="1,2"'), ["SIP/2.0 200", "200"]),
        (ereg("[0-9]", 'search_in="var" variable="old" assign_to="1"'), ["7"]),
        (ereg("nothing here", 'search_in="msg" assign_to="old,1"'), [""]),
    ],
)
def test_searches(tmp_path: Path, search: str, values: list[str]) -> None:
    recv = f'<recv response="200"><action>{assign("old", "a7")}{search}</action></recv>'
    lab = Lab(tmp_path, scenario(send("OPTIONS") + recv + shows(*"123"[: len(values)])))
    lab.answer(200, ANSWER, "bo")
    assert lab.values() == values


@pytest.mark.parametrize(
    ("check", "pattern", "text"),
    [
        ("check_it", "X-Z", "expected X-Z in the header X-A:, found aXb"),
        ("check_it_inverse", "X", "expected no X in the header X-A:, found aXb"),
    ],
)
def test_a_search_that_is_checked(tmp_path: Path, check: str, pattern: str, text: str) -> None:
    search = ereg(pattern, f'search_in="hdr" header="X-A:" assign_to="1" {check}="true"')
    recv = f'\n<recv response="200"><action>\n{search}</action></recv>'
    lab = Lab(tmp_path, scenario(send("OPTIONS") + recv))
    lab.answer(200, ANSWER)
    assert text in lab.party.failure
    assert "x.xml:13: " in lab.party.failure


@pytest.mark.parametrize(
    ("actions", "value"),
    [
        (['<assign assign_to="1" value="2.5"/>'], "2.500000"),
        (['<assign assign_to="1" value="0"/>'], ""),
        (['<assign assign_to="1" value="2"/>', '<add assign_to="1" value="1"/>'], "3.000000"),
        (['<assign assign_to="1" value="2"/>', '<subtract assign_to="1" variable="1"/>'], ""),
        (['<assign assign_to="1" value="2"/>', '<multiply assign_to="1" value="-4"/>'], "-8.000000"),
        (['<assign assign_to="1" value="2"/>', '<divide assign_to="1" value="4"/>'], "0.500000"),
        (['<assign assign_to="1" value="2"/>', '<divide assign_to="1" variable="unset"/>'], "2.000000"),
        ([assign("1", "x[call_number]y")], "x1y"),
        ([assign("2", "12.5 m"), '<todouble assign_to="1" variable="2"/>'], "12.500000"),
        ([assign("2", "m"), '<todouble assign_to="1" variable="2"/>'], ""),
        ([assign("1", "  a "), '<trim assign_to="1"/>'], "a"),
        ([assign("1", "a%20b"), '<urldecode variable="1"/>'], "a b"),
        ([assign("1", "a b"), '<urlencode variable="1"/>'], "a%20b"),
        ([assign("2", "a"), '<strcmp assign_to="1" variable="2" value="b"/>'], "-1.000000"),
        ([assign("2", "a"), '<strcmp assign_to="1" variable="2" value="a"/>'], ""),
        ([assign("2", "ab"), assign("3", "a"), '<strcmp assign_to="1" variable="2" variable2="3"/>'], "98.000000"),
        (['<test assign_to="1" variable="2" compare="equal" value="0"/>'], "true"),
        (['<test assign_to="1" variable="2" compare="less_than" value="0"/>'], "false"),
        (['<test assign_to="1" variable="2" compare="greater_than_equal" variable2="3"/>'], "true"),
        (['<sample assign_to="1" distribution="fixed" value="3"/>'], "3.000000"),
        (['<gettimeofday assign_to="1,2"/>'], "1767225600.000000"),
        (['<gettimeofday assign_to="2,1"/>'], "250000.000000"),
    ],
)
def test_values(tmp_path: Path, actions: list[str], value: str) -> None:
    assert Lab(tmp_path, scenario(acts(*actions) + shows("1"))).values() == [value]


def test_what_is_said(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(acts('<log message="call [call_number]"/>', '<warning message="oh"/>') + shows()))
    assert lab.said == ["alice logs: call 1", "alice warns: oh"]


def test_an_error_ends_the_call(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(acts('<error message="no [service]"/>') + shows()))
    assert lab.party.failure == "alice failed: x.xml:2: no service"
    assert lab.sent == []


def test_the_index_of_the_next_step_may_be_computed(tmp_path: Path) -> None:
    steps = acts('<assign assign_to="1" value="2"/>', '<jump variable="1"/>') + send("OPTIONS") + send("INFO")
    assert Lab(tmp_path, scenario(steps)).flow == ["INFO"]


def test_a_stop_ends_the_call_or_all(tmp_path: Path) -> None:
    steps = send("OPTIONS") + acts('<exec int_cmd="{}"/>') + send("INFO")
    for command, flow in (("stop_call", ["OPTIONS", "OPTIONS"]), ("stop_now", ["OPTIONS"])):
        lab = Lab(tmp_path, scenario(steps.replace("{}", command)), calls=2)
        lab.pass_time(1)
        assert (lab.flow, lab.party.lack) == (flow, "")


def test_a_text_may_not_grow_without_end(tmp_path: Path) -> None:
    double = '<assignstr assign_to="1" value="x[$1][$1]"/>'
    lab = Lab(tmp_path, scenario('<label id="a"/><nop next="a"><action>' + double + "</action></nop>" + send("INFO")))
    assert lab.party.failure == "alice failed: x.xml:2: 131071 bytes are more than a message may have"


def test_a_stop_of_all_after_a_pause_ends_the_others(tmp_path: Path) -> None:
    steps = send("OPTIONS") + '<pause milliseconds="1000"/>' + acts('<exec int_cmd="stop_now"/>') + send("INFO")
    lab = Lab(tmp_path, scenario(steps), calls=20, rate="1.5")
    lab.pass_time(30)
    assert (lab.flow, lab.party.lack) == (["OPTIONS", "OPTIONS"], "")


def test_bytes_at_the_ends_of_a_text_are_not_blanks(tmp_path: Path) -> None:
    xml = scenario(acts(assign("1", " \xc3\xa0 "), '<trim assign_to="1"/>') + shows("1"))
    assert Lab(tmp_path, xml).values() == ["\xc3\xa0"]
