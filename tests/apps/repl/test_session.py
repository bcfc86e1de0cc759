"""Sessions: text in, text out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relayscript.apps.repl.session import Session
from relayscript.apps.testing.verdict import judge
from tests.apps.repl.conftest import SCRIPT

Say = Callable[..., list[str]]
PIECES = (
    ".", ".msg ", ".route ", ".break ", ".set ", ".why ", ".mi ", "alice ", "calls ", "bob", "$ru", "$(ru{uri.user})",
    "(", ")", "{", "}", ";", '"', "$var(x)", " = ", "1", "if ", "while ", "route", "-> INVITE", "wait 1s", " when ",
    "=~", "\n", "/*", "#", "mock ", "expect ", "NULL", "!", "[", "]", "is_method", ".unbreak ", "é", "\x00",
)  # fmt: skip


# ---- expressions and statements of the script language


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("$ru", '= "sip:bob@example.com"'),
        ("$(ru{uri.user})", '= "bob"'),
        ('is_method("INVITE")', "= 1"),
        ('is_method("BYE")', "= -1"),
        ('is_method("INVITE") && !has_totag()', "= true"),
        ('$rU == "bob"', "= true"),
        ("$var(nothing)", "= <null>"),
        ("2 + 3", "= 5"),
        ("exit", "= 0, which ends a run"),
    ],
)
def test_an_expression_has_a_value(say: Say, typed: str, answer: str) -> None:
    if typed == "exit":
        assert say(typed) == ["exit: a run ends here"]
    else:
        assert say(typed) == [answer]


def test_statements_run_on_the_current_message_and_share_its_run(say: Say) -> None:
    assert say("$var(x) = 3; if ($var(x) == 3) { $avp(y) = \"a\"; }", "$avp(y)") == ['= "a"']


def test_the_script_log_is_shown(say: Say) -> None:
    assert say('xlog("from $fU\\n")')[0].endswith("notice: from you")


def test_routes_can_be_called(say: Say) -> None:
    assert say("alice -> INVITE sip:bob@192.0.2.2", 'route(relay, "in");', "$var(way)") == ['= "in"']


def test_a_loop_ends(say: Say) -> None:
    assert "max_while_loops" in say("while (1) { $var(x) = 1; }")[-1]


def test_loops_typed_before_do_not_count(say: Say) -> None:
    first = say("while (1) { $var(x) = 1; }")
    assert say("while (1) { $var(x) = 1; }") == first


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("$var(x) = ;", "the right side of the assignment is missing"),
        ('nosuch("x")', "unknown function nosuch()"),
        ('is_method()', "too few arguments"),
        ('route("nowhere")', "there is no route[nowhere]"),
        ('t_on_failure("x")', "there is no failure_route[x]"),
        ("$nosuch", "unknown variable $nosuch"),
        ("alice caals bob", "found 'caals'"),
        (".nosuch", "there is no command .nosuch"),
        (".break 9999", "no statement on or after line 9999"),
        (".break route[x]", "the script has no route[x]"),
        (".step", "nothing is held"),
        (".back", "there is no earlier stop"),
        (".save x", "nothing to save"),
        (".load nowhere.cfg", "cannot read nowhere.cfg"),
        ("expect log \"x\"", "there is no such log line"),
        ("bob answers", "bob has no INVITE to answer"),
        ("script other.cfg", ".load FILE"),
    ],
)  # fmt: skip
def test_mistakes_are_told_and_the_session_goes_on(session: Session, typed: str, message: str) -> None:
    answer = session.do(typed)
    assert answer.wrong
    assert message in "\n".join(answer.lines)
    assert session.do("$rU").lines == ('= "bob"',)


def test_a_mistake_has_a_caret(session: Session) -> None:
    lines = session.do('$ru == "x" && nosuch()').lines
    assert lines[1].index("nosuch") == lines[2].index("^")


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_the_session_goes_on(session: Session, typed: str) -> None:
    text = "\n".join(session.do(typed).lines)
    assert "internal error" not in text
    assert "Traceback" not in text
    session.is_complete(typed)


@pytest.mark.parametrize(
    "typed", ["if (1) {", "route(relay", '"abc', "/* x", "$var(x) =", "if ($var(x) == 1)", "$var(x) +"]
)
def test_script_that_is_not_over(session: Session, typed: str) -> None:
    assert not session.is_complete(typed)


@pytest.mark.parametrize(
    "typed", ["", "$ru", "alice calls bob", ".msg (", "if (1) { exit; }", "}", "$(ru{x", "exit", "# ("]
)
def test_text_that_is_over(session: Session, typed: str) -> None:
    assert session.is_complete(typed)


# ---- statements of scenarios


def test_a_call(say: Say) -> None:
    lines = say("alice calls bob")
    assert any(line.endswith("bob <- INVITE sip:bob@192.0.2.2 sdp=127.0.0.1:40000") for line in lines)


def test_the_short_form_of_a_message(say: Say) -> None:
    lines = say('alice: MESSAGE sip:bob@192.0.2.9 X-Mood="good"')
    assert "alice -> MESSAGE sip:bob@192.0.2.9" in lines[0]
    assert say("$hdr(X-Mood)") == ['= "good"']


def test_the_last_request_is_the_current_message(say: Say) -> None:
    assert say("alice calls bob", "$fU") == ['= "alice"']
    assert say(".msg MESSAGE sip:carol@example.com", "$rm") == ['= "MESSAGE"']


def test_a_mock_holds_from_the_beginning(say: Say) -> None:
    assert not any("bob <-" in line for line in say("alice -> INVITE sip:bob@192.0.2.9", "mock route[relay] returns 1"))
    assert not any("sip:carol" in line and "<-" in line for line in say("alice -> INVITE sip:carol@192.0.2.8"))


def test_a_mock_of_a_route_that_there_is_not(session: Session) -> None:
    assert session.do("mock route[nowhere] returns 1").lines == ("error: the script has no route[nowhere]",)


def test_statements_of_a_file(say: Say, tmp_path: Path) -> None:
    (tmp_path / "more.call").write_text("alice calls bob\nbob answers\n")
    say(f"include {tmp_path / 'more.call'}", f".save {tmp_path / 'all'}")
    assert "bob answers\n" in (tmp_path / "all.call").read_text()


# ---- the message, routes, what there is


def test_a_message_from_a_file(say: Say, tmp_path: Path) -> None:
    raw = tmp_path / "message.sip"
    raw.write_text(
        "OPTIONS sip:x@y SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\n"
        "To: <sip:x@y>\nCall-ID: 1\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n"
    )
    assert say(f".msg {raw}", "$ci") == ['= "1"']


def test_a_file_that_is_no_message(session: Session, tmp_path: Path) -> None:
    (tmp_path / "message.sip").write_text("nonsense")
    assert "no SIP message" in session.do(f".msg {tmp_path / 'message.sip'}").lines[-1]


def test_a_reply_as_the_message(say: Say) -> None:
    assert say(".msg 404 INVITE", "$rs") == ["= 404"]


def test_the_kind_of_route_decides_what_can_be_used(session: Session, say: Say) -> None:
    say("record_route()")
    say(".route onreply_route")
    assert "cannot be used in" in session.do("record_route()").lines[0]


def test_a_route_runs_alone(say: Say) -> None:
    assert any("branch_route[out] returned" in line for line in say(".route branch_route[out]"))


def test_what_there_is(say: Say) -> None:
    say("alice calls bob", "bob answers")
    assert "confirmed" in say(".dialogs")[0]
    assert say(".transactions")[0]
    assert say(".relays")[0] == "rtp.io:auto  answers, 1 session"
    assert any("alice-1" in line for line in say(".mi rtp_relay_list"))
    assert any("is_method" in line for line in say(".why alice-1"))
    assert any("INVITE" in line for line in say(".ladder"))
    assert any("proxy.cfg" in line for line in say(".coverage"))
    assert any("$ci" in line for line in say(".vars"))


def test_a_variable_is_set(say: Say) -> None:
    assert say(".set $var(x) 5") == ["= 5"]
    assert say(".set $var(x) some words") == ['= "some words"']
    assert say('.set $avp(y) $var(x)') == ['= "some words"']


def test_every_command_has_help(say: Say) -> None:
    lines = say(".help")
    for name in ("load", "reload", "route", "msg", "vars", "set", "dialogs", "transactions", "relays", "mi", "ladder",
                 "coverage", "why", "save", "break", "step", "back", "help", "quit"):  # fmt: skip
        assert any(line.startswith(f".{name} ") for line in lines)
        assert say(f".help {name}")[0].startswith(f".{name}")


# ---- saving, reloading


def test_what_was_saved_passes_as_a_test(say: Say, tmp_path: Path) -> None:
    say("alice calls bob", "$var(x) = 1;", "bob answers", "alice hangs up")
    lines = say(f".save {tmp_path / 'saved'}")
    assert "3 statements" in lines[0]
    assert "left out: 1 line" in lines[1]
    verdict = judge(tmp_path / "saved.call")
    assert verdict.passed, verdict.text
    assert (tmp_path / "saved.golden").read_text()


def test_what_did_not_come_true_is_not_saved(session: Session, say: Say, tmp_path: Path) -> None:
    say("alice calls bob")
    assert session.do('expect log "never"').wrong
    say(f".save {tmp_path / 'saved'}")
    assert "never" not in (tmp_path / "saved.call").read_text()


def test_a_scenario_of_another_script_is_not_written_over(session: Session, say: Say, tmp_path: Path) -> None:
    (tmp_path / "other.call").write_text("alice calls bob\n")
    say("alice calls bob")
    assert session.do(f".save {tmp_path / 'other'}").wrong
    assert (tmp_path / "other.call").read_text() == "alice calls bob\n"


def test_the_script_that_comes_with_the_prompt_is_saved_too(tmp_path: Path) -> None:
    session = Session()
    session.do("alice calls bob")
    assert not session.do(f".save {tmp_path / 'mine'}").wrong
    session.end()
    assert judge(tmp_path / "mine.call").passed
    assert (tmp_path / "mine.cfg").exists()


def test_a_changed_script_is_read_and_all_is_done_again(session: Session, say: Say, script: Path) -> None:
    say("alice calls bob", "$var(x) = 7;")
    script.write_text(SCRIPT.replace('xlog("to $ru\\n");', 'xlog("now to $ru\\n");'))
    assert say("$var(x)") == ["read proxy.cfg again; 2 typed again", "= 7"]
    assert not session.do('expect log "now to sip:bob"').wrong


def test_a_bad_change_is_told_once_and_the_old_script_stays(session: Session, say: Say, script: Path) -> None:
    say("alice calls bob")
    script.write_text(SCRIPT.replace("exit;", "exit"))
    first, second = session.do("$rm"), session.do("$rm")
    assert "error" in first.lines[0]
    assert first.lines[-2:] == ("proxy.cfg has changed and is no good: the one before stays in force", '= "INVITE"')
    assert second.lines == ('= "INVITE"',)
    script.write_text(SCRIPT)
    assert not session.do("bob answers").wrong


def test_a_bad_script_is_not_loaded(session: Session, tmp_path: Path) -> None:
    (tmp_path / "bad.cfg").write_text("route { nosuch(); }\n")
    answer = session.do(f".load {tmp_path / 'bad.cfg'}")
    assert answer.wrong
    assert session.status.script == "proxy.cfg"


def test_an_interruption_leaves_all_as_it_was(session: Session, say: Say) -> None:
    say("alice calls bob", "$var(x) = 1;")

    class Impatient:
        def message(self, *seen: object) -> None:
            raise KeyboardInterrupt

        def relay(self, node: str, sent: bool, text: str) -> None: ...

        def log(self, level: int, text: str) -> None: ...

        def timer(self, name: str, seconds: float) -> None: ...

    session.bench.world.runtime.observers.append(Impatient())
    answer = session.do("bob answers")
    assert answer.wrong
    assert answer.lines == ("interrupted: all is as it was before",)
    assert say("$var(x)") == ["= 1"]
    assert say("bob answers")
