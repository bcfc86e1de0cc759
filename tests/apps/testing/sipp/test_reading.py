"""Scenarios from XML: what their steps are, and what is refused, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.apps.testing.sipp.actionreading import MEDIA, REFUSED
from relayscript.apps.testing.sipp.actions import Jump, Stop
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.reading import read_sipp
from relayscript.apps.testing.sipp.steps import Flow, Nop, Pause, Recv, Send, SippScenario
from tests.apps.testing.sipp.lab import Lab, acts, reply, scenario, send

OPTIONS = send("OPTIONS")


def read(steps: str, around: str = "") -> SippScenario:
    return read_sipp(scenario(steps, around).encode("latin-1"), "x.xml")


def test_steps_and_where_they_lead() -> None:
    found = read(
        send("INVITE", 'retrans="500" start_txn="i"')
        + '<recv response="180" optional="true" next="end" test="1" chance="0.5"/>'
        '<recv response="200" rrs="true" auth="true" timeout="5" ontimeout="end" response_txn="i"/>'
        '<pause milliseconds="70" condexec="2" condexec_inverse="true"/><label id="end"/><timewait milliseconds="9"/>'
    )
    invite, ringing, ok, pause, end = (step.what for step in found.steps)
    assert isinstance(invite, Send)
    assert (invite.method, invite.retrans, invite.start_txn) == ("INVITE", 500.0, "i")
    assert ringing == Recv("180", False, None, "true", frozenset({"INVITE"}))
    assert found.steps[1].flow == Flow(4, "1", False, 0.5)
    assert isinstance(ok, Recv)
    assert (ok.rrs, ok.auth, ok.timeout, ok.ontimeout, ok.response_txn) == (True, True, 5.0, 4, "i")
    assert isinstance(pause, Pause)
    assert found.steps[3].flow == Flow(-1, "", False, 1.0, "2", True)
    assert isinstance(end, Pause)
    assert end.is_last
    assert found.is_caller


def test_sections_and_variables() -> None:
    found = read(
        '<recv request="OPTIONS"/><label id="_unexp.main"/><nop/>',
        f'<Global variables="a, b"/><User variables="c"/><Reference variables="d"/><init>{acts()}</init>'
        '<ResponseTimeRepartition value="10"/><CallLengthRepartition value="10"/>',
    )
    assert found.shared == {"a", "b"}
    assert [type(step.what) for step in found.init] == [Nop]
    assert found.unexpected == 1
    assert not found.is_caller


@pytest.mark.parametrize("name", MEDIA)
def test_sound_is_accepted_and_not_played(name: str) -> None:
    assert read(OPTIONS + acts(f'<exec {name}="x"/>')).steps[1].actions == ()


def test_commands_that_stop() -> None:
    found = read(acts('<exec int_cmd="stop_now"/>', '<jump value="0"/>') + OPTIONS)
    assert found.steps[0].actions == (Stop(2, True), Jump(2, 0.0))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ("", "2: expected <send> or <recv> in the scenario, found none"),
        ("\n<snd/>", "3: expected <send> or <recv> or <pause> or <nop> or <label> or <timewait>, found <snd>"),
        ("<sendCmd/>", "2: <sendCmd> is not supported: it connects two running SIPp (3PCC)"),
        ("<recvCmd/>", "2: <recvCmd> is not supported: it connects two running SIPp (3PCC)"),
        ("<recv/>", "2: <recv> expects response or request, found nothing"),
        ('<recv response="2xx"/>', "2: expected a status as response, found 2xx"),
        ('<recv request="(" regexp_match="true"/>', "2: the regular expression ( is malformed: "),
        ('<recv request="A" next="x"/>', "2: expected a label that is there (none), found x"),
        ('<recv request="A" timeout="soon"/>', "2: expected a number as timeout, found soon"),
        ('<recv request="A" timeout="-1"/>', "2: expected a number from 0 as timeout, found -1"),
        ('<recv request="A" chance="2"/>', "2: expected a chance from 0 to 1, found 2"),
        ('<label/><recv request="A"/>', "2: <label> expects id, found nothing"),
        ('<recv request="A"><foo/></recv>', "2: expected <action>, found <foo>"),
        ("<send/>", "2: expected a SIP message, found nothing"),
        ('<pause distribution="odd"/>', "2: expected one of fixed, uniform, normal, "),
        ('<pause distribution="normal" mean="1"/>', "2: <pause> expects stdev, found distribution, mean"),
        ('<pause distribution="uniform" min="2" max="1"/>', "2: min has to be at most max"),
        ('<pause distribution="gamma" k="0" theta="1"/>', "2: the parameters of gamma have to be above 0"),
        ('<pause min="2" max="1"/>', "2: min has to be at most max"),
        (acts("<dance/>"), "2: expected an action of SIPp, found <dance>"),
        (acts('<ereg regexp="a"/>'), "2: <ereg> expects assign_to, found regexp"),
        (acts('<ereg regexp="a" search_in="hdr" assign_to="1"/>'), "2: <ereg> expects header, found "),
        (acts('<ereg regexp="a" search_in="sky" assign_to="1"/>'), "2: expected one of msg, hdr, body, var as "),
        (acts('<assign assign_to="1"/>'), "2: <assign> expects value or variable, found assign_to"),
        (acts('<divide assign_to="1" value="0"/>'), "2: <divide> expects a value other than 0"),
        (acts('<test assign_to="1" variable="2" compare="like" value="1"/>'), "2: expected one of equal, not_equal"),
        (acts('<gettimeofday assign_to="1"/>'), "2: <gettimeofday> expects the names of two variables"),
        (acts('<exec command="rm"/>'), "2: <exec command> is not supported in scenarios: no program is started"),
        (acts('<exec int_cmd="sing"/>'), "2: expected one of stop_call, stop_now, stop_gracefully as int_cmd"),
        (acts('<log message="[what]"/>'), "2: expected a keyword of SIPp or a key given to the party, found [what]"),
        *((acts(f"<{name}/>"), f"2: the action <{name}> is not supported in scenarios") for name in sorted(REFUSED)),
    ],
)
def test_what_is_refused(steps: str, message: str) -> None:
    with pytest.raises(SippError) as caught:
        read(steps)
    assert str(caught.value).startswith(f"x.xml:{message}")


def test_another_document_is_refused() -> None:
    with pytest.raises(SippError, match=r"^x.xml:1: expected <scenario>, found <html>$"):
        read_sipp(b"<html/>", "x.xml")


def test_only_actions_initialize() -> None:
    with pytest.raises(SippError, match=r"^x.xml:2: expected <nop> or <label>, found <send>$"):
        read(OPTIONS, "<init><send/></init>")


# ---- any document

NAMES = st.sampled_from([
    "send", "recv", "pause", "nop", "label", "timewait", "action", "ereg", "assign", "add", "divide", "test", "strcmp",
    "todouble", "log", "exec", "jump", "sample", "gettimeofday", "init", "Global", "assignstr", "trim", "foo",
])  # fmt: skip
KEYS = st.sampled_from([
    "request", "response", "optional", "next", "test", "condexec", "id", "milliseconds", "distribution", "min", "max",
    "regexp", "search_in", "header", "assign_to", "variable", "value", "message", "int_cmd", "timeout", "ontimeout",
    "chance", "regexp_match", "retrans", "variables", "mean", "stdev", "k", "theta", "compare", "check_it", "rrs",
])  # fmt: skip
VALUES = st.sampled_from(
    [
        "INVITE",
        "200",
        "true",
        "global",
        "1",
        "0",
        "-1",
        "1e400",
        "a",
        "(a|b)*",
        ".*",
        "hdr",
        "body",
        "Via:",
        "uniform",
        "gamma",
        "[$1]",
        "[last_Via:]",
        "[branch]",
        "[",
        "stop_call",
        "nan",
        "99999999999999999999",
        "equal",
        "a,b",
    ]
) | st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"], exclude_characters='<&"'), max_size=6)
TEXTS = st.sampled_from(
    ["", "INVITE sip:b SIP/2.0", "SIP/2.0 200 OK\n[last_Via:]\n[last_CSeq:]", "[len][routes]", "x[$a]"]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> str:
    attributes = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    inside = "".join(draw(st.lists(elements(depth - 1), max_size=2))) if depth else ""
    name, text = draw(NAMES), draw(TEXTS)
    given = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f"<{name} {given}>{text}{inside}</{name}>"


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(elements(), max_size=5))
def test_any_document_is_read_and_played_or_refused(steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("any")
    begins = [OPTIONS, '<recv request="INVITE"/>' + reply(200)]
    for begin in begins:
        try:
            lab = Lab(folder, scenario(begin + "".join(steps)))
        except SippError:
            continue
        lab.ask("INVITE")
        lab.ask("BYE", 2)
        if lab.sent and lab.last.is_request:
            lab.answer(200)
        for _ in range(20):
            lab.pass_time(10)
        assert lab.party.lack == "" or lab.party.lack.startswith("alice ")
