"""What becomes of a call when relay nodes die at any moment of it; `docs/relay-faults.md` is made from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from .trial import NODES, Trial

PAGE = Path(__file__).parents[4] / "docs" / "relay-faults.md"
COLUMNS = ("what happens", "relay", "sound", "waited", "held at the end", "events")
ENGINES = tuple(NODES)
HEAD = """# When relays fail

What becomes of a call when relay nodes die, as observed on the simulator. Two nodes are in the set of the call:
A serves it, B is the spare. All parameters have their defaults except where a row names one. This page is written by
`pytest --update-golden tests/interpreter/modules/rtp_relay/test_fault_matrix.py`; [rtp-relay.md](rtp-relay.md)
explains it.

- **relay**: where the phones send their sound in the end; `direct`: to each other.
- **sound**: who hears whom then, provided that the phones can reach each other.
- **waited**: seconds that the caller waited for the answer to its last INVITE.
- **held at the end**: sessions that nodes hold after the BYE.
- A node that dies forgets its sessions; one that is cut off keeps them until its own time-out for silent calls.
"""


def before_the_offer(trial: Trial) -> str:
    trial.die("A")
    trial.call()
    return "A dies before the offer"


def between_offer_and_answer(trial: Trial) -> str:
    trial.faults["bob"] = lambda: trial.die("A")
    trial.call()
    trial.rest()
    return "A dies between offer and answer"


def answer_lost_then_re_invite(trial: Trial) -> str:
    between_offer_and_answer(trial)
    trial.reinvite()
    return "A dies between offer and answer; then a re-INVITE"


def in_the_call(trial: Trial) -> str:
    trial.call().die("A")
    return "A dies in the call"


def in_the_call_then_re_invite(trial: Trial) -> str:
    trial.call().die("A")
    trial.reinvite()
    return "A dies in the call; then a re-INVITE"


def in_the_call_then_noticed(trial: Trial) -> str:
    trial.call().die("A")
    trial.call(2)
    return "A dies in the call; another call notices"


def in_a_re_invite(trial: Trial) -> str:
    trial.call()
    trial.faults["bob"] = lambda: trial.die("A")
    trial.reinvite()
    trial.rest()
    return "A dies between offer and answer of a re-INVITE"


def in_a_refused_re_invite(trial: Trial) -> str:
    trial.call().die("A")
    trial.refusals["bob"] = 488
    trial.reinvite(488)
    trial.rest()
    return "A dies in the call; then a re-INVITE that is refused"


def before_an_update(trial: Trial) -> str:
    trial.call().die("A")
    return f"A dies in the call; then an update: {trial.update()}"


def during_an_update(trial: Trial) -> str:
    trial.call()
    trial.faults["alice"] = lambda: trial.die("A")
    return f"A dies during an update: {trial.update()}"


def during_a_move(trial: Trial) -> str:
    trial.call()
    trial.faults["alice"] = lambda: trial.die("B")
    return f"B dies while the call moves to it: {trial.update(new_node=trial.nodes['B'])}"


def source_during_a_move(trial: Trial) -> str:
    trial.call()
    trial.faults["alice"] = lambda: trial.die("A")
    return f"A dies while the call moves to B: {trial.update(new_node=trial.nodes['B'])}"


def both_before_the_offer(trial: Trial) -> str:
    trial.die("A", "B")
    trial.call()
    return "both die before the offer"


def both_between_offer_and_answer(trial: Trial) -> str:
    trial.faults["bob"] = lambda: trial.die("A", "B")
    trial.call()
    return "both die between offer and answer"


def both_in_the_call(trial: Trial) -> str:
    trial.call().die("A", "B")
    trial.reinvite()
    return "both die in the call; then a re-INVITE"


def both_during_an_update(trial: Trial) -> str:
    trial.call()
    trial.faults["alice"] = lambda: trial.die("A", "B")
    return f"both die during an update: {trial.update()}"


def returns_for_new_calls(trial: Trial) -> str:
    trial.die("A")
    trial.call(2)
    trial.come_back("A")
    trial.rest()
    trial.call()
    return "A dies, another call notices, A returns; then the call"


def returns_unnoticed(trial: Trial) -> str:
    trial.call().die("A")
    trial.come_back("A")
    trial.reinvite()
    return "A dies in the call and returns at once; then a re-INVITE"


def returns_after_take_over(trial: Trial) -> str:
    trial.call().die("A")
    trial.reinvite()
    trial.come_back("A")
    trial.rest()
    trial.reinvite()
    return "A dies, a re-INVITE goes to B, A returns; then a re-INVITE"


def is_cut_off_for_a_while(trial: Trial) -> str:
    trial.call().cut_off("A")
    trial.reinvite()
    trial.come_back("A")
    trial.rest()
    return "A is cut off, a re-INVITE goes to B, A returns"


def both_return(trial: Trial) -> str:
    trial.call().die("A", "B")
    trial.reinvite()
    trial.come_back("A")
    trial.come_back("B")
    trial.rest()
    trial.reinvite()
    return "both die, a re-INVITE, both return; then a re-INVITE"


def in_the_call_then_moved(trial: Trial) -> str:
    in_the_call_then_noticed(trial)
    trial.rest()
    return "A dies in the call; another call notices (`reanchor` 1)"


def in_a_re_invite_then_moved(trial: Trial) -> str:
    in_a_re_invite(trial)
    trial.rest()
    return "A dies between offer and answer of a re-INVITE (`reanchor` 1)"


def between_offer_and_answer_as_in_4_0(trial: Trial) -> str:
    between_offer_and_answer(trial)
    return "A dies between offer and answer (`answer_elsewhere` 0)"


def in_an_update_then_moved(trial: Trial) -> str:
    what = during_an_update(trial)
    trial.rest()
    return f"{what} (`reanchor` 1)"


def rejected(trial: Trial) -> str:
    trial.die("A", "B")
    trial.call()
    return f"both die before the offer (`no_relay_reply` 503): {trial.status}"


Fault = Callable[[Trial], str]
FAULTS: tuple[Fault, ...] = (
    before_the_offer, between_offer_and_answer, answer_lost_then_re_invite, in_the_call, in_the_call_then_re_invite,
    in_the_call_then_noticed, in_a_re_invite, in_a_refused_re_invite, before_an_update, during_an_update, during_a_move,
    source_during_a_move, both_before_the_offer, both_between_offer_and_answer, both_in_the_call,
    both_during_an_update, returns_for_new_calls, returns_unnoticed, returns_after_take_over,
    is_cut_off_for_a_while, both_return,
)  # fmt: skip
MOVING: tuple[Fault, ...] = (
    in_the_call_then_moved, in_a_re_invite_then_moved, in_an_update_then_moved
)  # fmt: skip
PLAYED = (
    *((each, "") for each in FAULTS),
    *((each, 'modparam("rtp_relay", "reanchor", 1)') for each in MOVING),
    (between_offer_and_answer_as_in_4_0, 'modparam("rtp_relay", "answer_elsewhere", 0)'),
    (rejected, 'modparam("rtp_relay", "no_relay_reply", 503)'),
)


@cache
def row(engine: str, fault: Fault, settings: str) -> tuple[str, ...]:
    """Play a fault, end the call, and tell what came of it."""
    trial = Trial(engine, settings)
    what = fault(trial)
    path, sound, waited = trial.path, trial.sound, f"{trial.waited:.0f} s"
    if trial.status == 200:
        trial.hang_up()
    assert trial.lab.runtime.statistics[f"rtp_relay:{engine}_sessions"] == trial.others
    return what, path, sound, waited, str(trial.held()), trial.events


def table(engine: str) -> str:
    """All faults with one engine."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(row(engine, *each) for each in PLAYED)]
    lines = ("| " + " | ".join(cells).replace("|  |", "| |") + " |" for cells in rows)
    return "\n".join((f"\n## {engine}\n", *lines, ""))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("fault", "settings"), PLAYED)
def test_a_call_survives_and_leaves_nothing_behind(engine: str, fault: Fault, settings: str) -> None:
    what, path, _, waited, held, _ = row(engine, fault, settings)
    assert held == "0", what
    assert (path == "-") == (fault is rejected)
    assert int(waited.split()[0]) <= 10, "two nodes, five attempts each, a second per attempt"


def test_the_page_tells_what_was_played(request: pytest.FixtureRequest) -> None:
    made = HEAD + "".join(map(table, ENGINES))
    if request.config.getoption("--update-golden"):
        PAGE.write_text(made)
    assert PAGE.read_text() == made, "run pytest --update-golden tests/interpreter/modules/rtp_relay"
