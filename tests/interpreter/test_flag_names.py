"""The flags that a script names."""

from __future__ import annotations

from relayscript.dsl.parser import parse_text
from relayscript.interpreter.flag_names import FlagNames

SCRIPT = """
route {
    setflag("FIRST");
    if ($msg.flag(SECOND) == 1 && isflagset("FIRST"))
        xlog("flag $msg.flag(THIRD) and 100$$ \\n");
    $(msg.branch.flag(FOURTH)[1]) = 1;
    resetbflag("FIFTH", 1);
}
"""


def names(script: str) -> FlagNames:
    """The flags of a script."""
    parsed = parse_text(script)
    assert parsed.script is not None
    return FlagNames(parsed.script)


def test_they_are_listed_by_their_first_mention_from_the_last() -> None:
    found = names(SCRIPT)
    assert all(name in found for name in ("FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH"))
    assert found.listed({"FIRST", "THIRD", "FIFTH", "SECOND", "FOURTH"}) == "FIFTH FOURTH THIRD SECOND FIRST"
    assert found.listed(set()) == ""


def test_flags_that_the_script_does_not_name() -> None:
    found = names(SCRIPT)
    assert "OTHER" not in found
    assert found.listed({"OTHER", "ANOTHER", "FIRST"}) == "ANOTHER OTHER FIRST"


def test_a_text_that_is_no_format_string_names_nothing() -> None:
    assert "X" not in names('route { log("flag( $ $msg.flag(X)"); }')
