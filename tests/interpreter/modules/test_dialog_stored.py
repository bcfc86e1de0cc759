"""The stored form of dialogs: what is written is read again as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.stored import COLUMNS, from_row, pack, to_row, unpack
from relayscript.sip import dialog as protocol
from relayscript.sip.dialog import Leg

TEXTS = st.text(st.characters(max_codepoint=255), max_size=12)
WORDS = st.text("abcXYZ019-_.~", min_size=1, max_size=8)
NUMBERS = st.integers(0, 2**31 - 1)
ROUTES = st.lists(WORDS.map("<sip:{};lr>".format) | WORDS.map('"a, b" <sip:{};lr>;x=1'.format), max_size=3).map(tuple)
LEGS = st.builds(Leg, WORDS, NUMBERS, TEXTS, ROUTES, TEXTS, NUMBERS, NUMBERS)


@st.composite
def dialogs(draw: st.DrawFn) -> Dialog:
    sip = protocol.Dialog.__new__(protocol.Dialog)
    sip.call_id, sip.local_uri, sip.remote_uri = draw(TEXTS), draw(TEXTS), draw(TEXTS)
    sip.caller = draw(LEGS)
    sip.callees = {leg.tag: leg for leg in draw(st.lists(LEGS, min_size=1, max_size=3))}
    sip.winner = next(iter(sip.callees))
    sip.state, sip.invite_cseq, sip.recorded = draw(st.sampled_from((3, 4))), draw(NUMBERS), draw(NUMBERS)
    made = Dialog(sip, draw(st.integers(0, 4095)), draw(NUMBERS), draw(st.floats(0, 2**31)))
    made.answered_at, made.expires_at = float(draw(NUMBERS)), float(draw(NUMBERS))
    made.lifetime, made.delete_delay = draw(NUMBERS), draw(NUMBERS)
    made.options = frozenset(draw(st.lists(WORDS, max_size=3)))
    made.values = draw(st.dictionaries(TEXTS.filter("_dialog_".__ne__), TEXTS | st.integers(), max_size=4))
    made.flags = dict.fromkeys(draw(st.lists(WORDS, max_size=3)))
    made.profiles = draw(st.lists(st.tuples(WORDS, TEXTS), max_size=3))
    made.routes = draw(st.dictionaries(st.sampled_from(("answer", "timeout", "hangup")), WORDS))
    return made


def said(dialog: Dialog) -> dict[str, object]:
    """All that is to be kept of a dialog."""
    sip = {name: getattr(dialog.sip, name) for name in protocol.Dialog.__slots__}
    names = (
        "did", "db_id", "created_at", "answered_at", "expires_at", "lifetime", "delete_delay", "options", "values",
        "flags", "profiles", "routes",
    )  # fmt: skip
    return sip | {name: getattr(dialog, name) for name in names}


@given(dialogs())
def test_a_dialog_is_read_as_it_was_written(dialog: Dialog) -> None:
    row = to_row(dialog, {})
    assert set(row) == set(COLUMNS) - {"mangled_from_uri", "mangled_to_uri"}
    assert said(from_row(row)) == said(dialog)


@given(dialogs(), st.dictionaries(WORDS, TEXTS, max_size=3))
def test_what_others_keep_comes_back_among_the_values(dialog: Dialog, kept: dict[str, str]) -> None:
    values = from_row(to_row(dialog, kept)).values
    assert {name: str(values[name]) for name in kept} == kept


@given(st.lists(st.tuples(TEXTS, TEXTS)))
@example([("a#b", "c|d\\")])
@example([("", "")])
def test_pairs_are_unpacked_as_they_were_packed(pairs: list[tuple[str, str]]) -> None:
    assert unpack(pack(pairs)) == pairs


@given(TEXTS)
def test_any_text_can_be_unpacked(text: str) -> None:
    unpack(text)


@pytest.mark.parametrize(
    "cells",
    [
        {"dlg_id": "x"}, {"dlg_id": None, "caller_cseq": "x"}, {"vars": "_dialog_#{|"}, {"vars": "_dialog_#[]|"},
        {"vars": '_dialog_#{"caller": {"colour": 1}}|'}, {"vars": '_dialog_#{"callees": [{}]}|'},
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_an_error(cells: dict[str, str | None]) -> None:
    row = dict.fromkeys(COLUMNS) | {"dlg_id": 1, "state": 4, "start_time": 1, "timeout": 2}
    with pytest.raises(ValueError, match=r"."):
        from_row(row | cells)
