"""Completion knows the place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from relayscript.apps.repl.completion import Completion
from relayscript.apps.repl.session import Session

Say = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (".ro", "route"),
        (".help wh", "where"),
        (".route rel", "relay"),
        (".route route[", "route[relay]"),
        ("re", "record_route("),
        (".break branch", "branch_route[out]"),
        (".break message INV", "INVITE"),
        (".break relay o", "offer"),
        (".break when $r", "ru"),
        (".mi rtp_relay_l", "rtp_relay_list"),
        (".mi rtp_relay_list en", "engine="),
        (".msg OPT", "OPTIONS"),
        ("al", "alice"),
        ("exp", "expect"),
        ("alice ca", "calls"),
        ("alice calls b", "bob"),
        ("alice -> INV", "INVITE"),
        ("expect l", "log"),
        ("relay rtp.io:auto an", "answers"),
        ("run branch", "branch_route[out] with "),
        ("rtp_relay_en", "rtp_relay_engage("),
        ("if (is_meth", "is_method("),
        ('is_method("OP', "OPTIONS"),
        ('rtp_relay_engage("rtpp', "rtpproxy"),
        ("route(re", "relay"),
        ('t_on_branch("o', "out"),
        ("$r", "ru"),
        ("$(r", "ru"),
        ("$(ru{uri.us", "uri.user"),
        ("$(ru{uri.user}{s.l", "s.len"),
        ("$hdr(Cal", "Call-ID"),
        ('remove_hf("Max', "Max-Forwards"),
        ("$var(cal", "callee"),
        ('xlog("to $r', "ru"),
    ],
)
def test_a_candidate(session: Session, say: Say, typed: str, wanted: str) -> None:
    say("alice calls bob")
    found = Completion(session.bench).candidates(typed)
    assert wanted in [each.text for each in found]


@pytest.mark.parametrize("typed", ["alice calls bob ", ".vars ", '"', "$nosuch", "nosuch(", "wait "])
def test_no_candidate_where_nothing_is_known(session: Session, typed: str) -> None:
    assert [each.text for each in Completion(session.bench).candidates(typed)] == []


def test_what_is_there_is_replaced_by_the_candidate(session: Session) -> None:
    found = next(each for each in Completion(session.bench).candidates("if (is_meth") if each.text == "is_method(")
    assert found.replaces == len("is_meth")


def test_functions_and_variables_show_how_they_are_used(session: Session) -> None:
    completion = Completion(session.bench)
    function = next(each for each in completion.candidates("rtp_relay_engage") if each.text == "rtp_relay_engage(")
    assert function.shown.startswith("rtp_relay_engage(engine")
    assert function.meaning
    variable = next(each for each in completion.candidates("$rtp_relay") if each.text == "rtp_relay")
    assert variable.meaning == "can be set"


def test_files(session: Session, script: Path) -> None:
    found = Completion(session.bench).candidates(f".load {script.parent}/pro")
    assert [each.text for each in found] == ["proxy.cfg"]


def test_calls_and_dialogs(session: Session, say: Say) -> None:
    say("alice calls bob")
    completion = Completion(session.bench)
    assert [each.text for each in completion.candidates(".why ")] == ["alice-1"]
    assert "alice-1" in [each.text for each in completion.candidates("mi dlg_list callid=")]


def test_another_script_has_other_words(session: Session, say: Say, tmp_path: Path) -> None:
    completion = Completion(session.bench)
    assert completion.candidates("rtp_relay_en")
    (tmp_path / "small.cfg").write_text('socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\nroute { exit; }\n')
    say(f".load {tmp_path / 'small.cfg'}")
    assert not completion.candidates("rtp_relay_en")
