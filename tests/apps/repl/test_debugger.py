"""The debugger through a session: where it holds, how it goes on, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relayscript.apps.repl.session import Session
from tests.apps.repl.conftest import line_of

Say = Callable[..., list[str]]


def held_at(session: Session) -> tuple[str, int] | None:
    """Route and line where the script is held."""
    stop = session.bench.stop
    return (stop.frames[0].label, stop.frames[0].line) if stop is not None and stop.frames else None


# ---- where


@pytest.mark.parametrize(
    ("place", "route", "text"),
    [
        ("proxy.cfg:22", "route", "$var(callee)"),
        ("22", "route", "$var(callee)"),
        ("route[relay]", "route[relay]", "$var(way)"),
        ("branch_route[out]", "branch_route[out]", 'xlog("to'),
        ("route", "route", "if (has_totag())"),
        ("relay offer", "route[relay]", "\tt_relay();\n}"),
        ('when $var(way) == "out"', "route[relay]", "t_on_branch"),
        ('route[relay] when $rU == "bob"', "route[relay]", "$var(way)"),
    ],
)
def test_a_breakpoint(session: Session, say: Say, place: str, route: str, text: str) -> None:
    if place.endswith("22"):
        place = place.replace("22", str(line_of("$var(callee)")))
    say(f".break {place}", "alice calls bob")
    wanted = line_of("t_on_branch") + 1 if text.startswith("\tt_relay") else line_of(text)
    assert held_at(session) == (route, wanted)


def test_a_condition_that_does_not_hold(session: Session, say: Say) -> None:
    say('.break route[relay] when $rU == "carol"', "alice calls bob")
    assert session.bench.stop is None


@pytest.mark.parametrize("what", ["INVITE", "200", "2xx", "BYE"])
def test_a_breakpoint_at_a_message(session: Session, say: Say, what: str) -> None:
    say(f".break message {what}")
    for line in ("alice calls bob", "bob answers", "alice hangs up"):
        lines = session.do(line).lines
        if session.bench.stop is not None:
            break
    assert any(row.startswith(f"held at message {what}, call alice-1") for row in lines)
    assert say("$ci") == ['= "alice-1"']


def test_what_is_typed_at_a_message_shares_a_run(say: Say) -> None:
    say("alice calls bob", ".break message 200", "bob answers", "$avp(x) = 1;")
    assert say("$avp(x)") == ["= 1"]
    assert say("$rs") == ["= 200"]


def test_a_line_without_a_statement_means_the_next_one(say: Say) -> None:
    assert say(f".break {line_of('$var(way)') - 1}")[0].endswith(f"(proxy.cfg:{line_of('$var(way)')})")


def test_breakpoints_are_listed_and_taken_away(say: Say) -> None:
    say(".break route[relay]", ".break relay offer")
    assert len(say(".break")) == 2
    assert say(".unbreak 1") == ["1: relay offer"]
    assert say(".unbreak all") == ["no breakpoint"]


# ---- on


def test_step_goes_into_a_route_and_next_over_it(session: Session, say: Say) -> None:
    call = line_of("route(relay,")
    say(f".break {call}", "alice calls bob", ".step")
    assert held_at(session) == ("route[relay]", line_of("$var(way)"))
    say(".next", ".next", ".next")
    assert held_at(session) is None
    say("carol calls dave", ".next")
    assert held_at(session) is None


def test_step_goes_into_a_branch_route_and_out_of_it(session: Session, say: Say) -> None:
    say(".break branch_route[out]", "alice calls bob", ".step")
    assert held_at(session) == ("branch_route[out]", line_of('xlog("relay flags'))
    assert [row.split("  ")[0] for row in say(".stack")] == ["branch_route[out]", "route[relay]", "route"]
    say(".out")
    assert held_at(session) is None


def test_the_statement_that_was_held_ends_when_it_goes_on(session: Session, say: Say) -> None:
    say(".break route[relay]", "alice calls bob")
    assert session.do("bob answers").wrong
    assert any("bob <- INVITE" in row for row in say(".continue"))
    say("bob answers")


def test_several_calls_stop_in_one_place(session: Session, say: Say) -> None:
    say(".break route[relay]")
    for caller, callee in (("alice", "bob"), ("carol", "dave")):
        assert any(f"call {caller}-1" in row for row in say(f"{caller} calls {callee}"))
        say(".continue")


def test_where_shows_the_lines_around(say: Say) -> None:
    say(".break route[relay]", "alice calls bob")
    assert [row for row in say(".where") if row.startswith("->")] == [
        f"->  {line_of('$var(way)'):3} |     $var(way) = $param(1);"
    ]


# ---- variables


def test_variables_that_changed_are_marked(say: Say) -> None:
    say(".break route[relay]", "alice calls bob")
    rows = say(".step")
    assert any(row.startswith("* $var(way)") and row.endswith('= "out"') for row in rows)
    assert any(row.startswith("  $ci") for row in rows)


def test_a_variable_changed_at_a_stop_is_what_the_script_goes_on_with(say: Say) -> None:
    say(".break branch_route[out]", "alice calls bob", '$rtp_relay = "r";')
    assert any("notice: relay flags r" in row for row in say(".continue"))


# ---- back


def test_back_returns_to_the_stop_before(session: Session, say: Say) -> None:
    say(".break route[relay]", "alice calls bob")
    first = session.bench.stop
    say(".step", ".step", ".back")
    assert held_at(session) == ("route[relay]", line_of("t_on_branch"))
    say(".back")
    assert first is not None
    assert session.bench.stop is not None
    assert (held_at(session), session.bench.stop.tick) == (("route[relay]", line_of("$var(way)")), first.tick)
    assert session.do(".back").wrong


def test_back_from_the_prompt_returns_to_the_last_stop(session: Session, say: Say) -> None:
    say("alice calls bob", "bob answers", ".break message BYE", "alice hangs up", ".continue", ".continue", ".back")
    assert session.bench.stop is not None
    assert session.bench.stop.reason == "message BYE"
    assert any("alice <- 200 BYE" in row for row in say(".continue"))


def test_what_was_done_at_a_stop_before_is_done_again_on_the_way_back(session: Session, say: Say) -> None:
    say(".break branch_route[out]", "alice calls bob", '$rtp_relay = "r";', ".step", "$var(z) = 1;", ".back", ".step")
    assert say("$rtp_relay") == ['= ""'], "what was typed at the stop itself is undone"
    say('$rtp_relay = "x";', ".continue", "carol calls dave", ".continue", ".back")
    assert held_at(session) == ("branch_route[out]", line_of('xlog("to'))
    say(".unbreak all", ".continue", 'expect log "relay flags x"', 'expect log "to sip:dave"')


def test_a_session_that_ends_while_held(say: Say) -> None:
    say(".break route[relay]", "alice calls bob")
