"""Comments and blank lines on the statements they belong to."""

from __future__ import annotations

from relayscript.dsl import nodes
from relayscript.dsl.parser import parse_text

TEXT = """\
# about the script
log_level=3 # noisy

# about the route
/* two
   lines */
route { # after the brace
	# above exit
	exit; # beside exit

	if ($rU /* inside */ == "x") {
		drop;
		# last in the block
	}
	switch ($rd) {
	# above the case
	case "a":
		f(); # beside f
	}
	# last in the route
}
# the end
"""


def script() -> nodes.Script:
    found = parse_text(TEXT).script
    assert found is not None
    return found


def test_comments_above_and_beside_an_item() -> None:
    level, route = script().items
    assert level.trivia == nodes.Trivia(("# about the script",), "# noisy")
    assert route.trivia.blank_before
    assert route.trivia.leading[:2] == ("# about the route", "/* two\n   lines */")


def test_comments_of_statements() -> None:
    leave, test, choice = script().routes("route")[0].body.statements
    assert leave.trivia == nodes.Trivia(("# above exit",), "# beside exit")
    assert test.trivia == nodes.Trivia(("/* inside */",), "", True)
    assert isinstance(choice, nodes.Switch)
    assert choice.cases[0].trivia.leading == ("# above the case",)
    assert choice.cases[0].statements[0].trivia.trailing == "# beside f"


def test_comments_at_the_end_of_blocks_and_of_the_script() -> None:
    found = script()
    route = found.routes("route")[0]
    test = route.body.statements[1]
    assert isinstance(test, nodes.If)
    assert test.then.closing == ("# last in the block",)
    assert route.body.closing == ("# last in the route",)
    assert found.closing == ("# the end",)


def test_a_comment_behind_a_brace_is_not_lost() -> None:
    assert "# after the brace" in script().routes("route")[0].trivia.leading


def test_comments_do_not_make_another_tree() -> None:
    assert parse_text("route { exit; }").script == parse_text("# a\nroute {\n\n\texit; # b\n}\n").script
