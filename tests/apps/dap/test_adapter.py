"""The session of an editor: requests in, responses and events out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps.dap.conftest import Editor

BODY = 6
"""The first line of the script's route."""


@pytest.fixture
def held(editor: Editor, case: Path) -> Editor:
    """It is held at the first line."""
    editor.launch(case, stopOnEntry=True)
    editor.begin()
    assert editor.stopped() == ("entry", [("route", BODY)])
    return editor


def finished(editor: Editor) -> int:
    """The exit code, when it has come to its end."""
    code = editor.wait("exited")["exitCode"]
    editor.wait("terminated")
    assert isinstance(code, int)
    return code


def test_what_comes_true_without_a_breakpoint_ends_with_0(editor: Editor, case: Path) -> None:
    editor.launch(case)
    editor.begin()
    assert finished(editor) == 0
    assert editor.output("important") == ["x.call: all came true"]
    assert editor.output("stdout") == ["x is 4", "x is 4"]
    assert editor.output("console")[:2] == [
        "<- 192.0.2.1:5060  OPTIONS sip:x@127.0.0.1 SIP/2.0",
        "-> 192.0.2.1:5060  SIP/2.0 200 Fine",
    ]
    assert "over" in editor.refused("stackTrace", threadId=1)


def test_what_does_not_come_true_ends_with_1(editor: Editor, case: Path) -> None:
    case.write_text("alice -> OPTIONS sip:x@127.0.0.1\nalice <- 404\n")
    editor.launch(case)
    editor.begin()
    assert finished(editor) == 1
    (verdict,) = editor.output("important")
    assert verdict.startswith(f"{case}:2: expected alice <- 404")


def test_a_breakpoint_moves_to_the_next_statement(editor: Editor, case: Path) -> None:
    editor.launch(case)
    found = editor.at_lines(case.with_suffix(".cfg"), 7, 100)
    assert [(each["verified"], each.get("line")) for each in found] == [(True, 8), (False, None)]
    assert "no statement" in found[1]["message"]
    (other,) = editor.at_lines(case, 1)
    assert other["message"] == "x.call is no file of this script"
    editor.begin()
    event = editor.wait("stopped")
    assert (event["reason"], event["hitBreakpointIds"]) == ("breakpoint", [found[0]["id"]])


def test_breakpoints_of_a_file_replace_those_before(held: Editor, case: Path) -> None:
    held.at_lines(case.with_suffix(".cfg"), 8)
    held.at_lines(case.with_suffix(".cfg"), 11)
    assert held.goes("continue") == ("breakpoint", [("route", 11)])


def test_conditions_and_points_that_log(editor: Editor, case: Path) -> None:
    editor.launch(case)
    rows = [
        {"line": 11, "condition": '$ru =~ "sip:y"'},
        {"line": 20, "logMessage": "x={$var(x)} of {$(ru{uri.user})}"},
        {"line": 8, "condition": "$ru =="},
        {"line": 8, "logMessage": "{$ru"},
    ]
    path = {"path": str(case.with_suffix(".cfg"))}
    found = editor.ask("setBreakpoints", source=path, breakpoints=rows)["breakpoints"]
    assert [each["verified"] for each in found] == [True, True, False, False]
    assert found[3]["message"] == "a { is not closed"
    editor.begin()
    assert editor.stopped() == ("breakpoint", [("route", 11)])
    assert editor.values("Message")["$ru"] == '"sip:y@127.0.0.1"'
    assert [each for each in editor.output("console") if "x=" in each] == ['x=4 of "x"', 'x=4 of "y"']


def test_a_point_logs_as_well_where_a_step_ends(held: Editor, case: Path) -> None:
    path = {"path": str(case.with_suffix(".cfg"))}
    held.ask("setBreakpoints", source=path, breakpoints=[{"line": 8, "logMessage": "here"}])
    held.output("console")
    held.goes("next")
    assert held.output("console") == ["here"]


def test_routes_and_messages_are_functions(editor: Editor, case: Path) -> None:
    editor.launch(case)
    names = [{"name": "count"}, {"name": "message 200"}, {"name": "route[nowhere]"}]
    found = editor.ask("setFunctionBreakpoints", breakpoints=names)["breakpoints"]
    assert [(each["verified"], each.get("line")) for each in found] == [(True, 19), (True, None), (False, None)]
    editor.begin()
    assert editor.stopped() == ("function breakpoint", [("route[count]", 19), ("route", 10)])
    assert editor.goes("continue")[1] == [("route", 12)]


def test_a_message_that_comes_is_held_before_any_route(editor: Editor, case: Path) -> None:
    editor.launch(case)
    editor.ask("setFunctionBreakpoints", breakpoints=[{"name": "message OPTIONS"}])
    editor.begin()
    assert editor.stopped() == ("function breakpoint", [("OPTIONS sip:x@127.0.0.1 SIP/2.0", 0)])
    assert editor.values("Message")["$ru"] == '"sip:x@127.0.0.1"'


def test_steps(held: Editor) -> None:
    assert held.goes("next") == ("step", [("route", 8)])
    assert held.goes("next")[1] == [("route", 9)]
    assert held.goes("next")[1] == [("route", 10)]
    assert held.goes("stepIn")[1] == [("route[count]", 19), ("route", 10)]
    assert held.goes("stepOut")[1] == [("route", 11)]


def test_back_by_a_line_and_to_a_breakpoint(held: Editor, case: Path) -> None:
    held.at_lines(case.with_suffix(".cfg"), 8)
    for _ in range(4):
        held.goes("stepIn")
    assert held.goes("next")[1] == [("route[count]", 20), ("route", 10)]
    assert held.values("Script variables") == {"$var(x)": "4"}
    assert held.goes("stepBack") == ("step", [("route[count]", 19), ("route", 10)])
    assert held.values("Script variables") == {"$var(x)": "1"}
    assert held.goes("reverseContinue") == ("breakpoint", [("route", 8)])
    assert held.values("AVPs") == {}
    assert held.goes("reverseContinue") == ("entry", [("route", BODY)])
    assert held.refused("stepBack", threadId=1) == "this is the first line that ran"
    assert held.goes("continue") == ("breakpoint", [("route", 8)])


def test_what_was_set_is_set_again_after_going_back(held: Editor) -> None:
    held.goes("next")
    held.ask("evaluate", expression="$var(z) = 5;", context="repl")
    held.goes("next")
    held.goes("next")
    held.goes("stepBack")
    assert held.values("Script variables")["$var(z)"] == "5"


def test_the_log_is_not_told_again_after_going_back(held: Editor, case: Path) -> None:
    held.at_lines(case.with_suffix(".cfg"), 12)
    held.goes("continue")
    assert held.output("stdout") == ["x is 4"]
    held.goes("stepBack")
    held.goes("stepBack")
    assert held.output("stdout") == []
    held.goes("continue")
    assert held.output("stdout") == ["x is 4"]


def test_values_are_read_and_set(held: Editor) -> None:
    held.goes("next")
    scopes = {each["name"]: each["variablesReference"] for each in held.ask("scopes", frameId=1)["scopes"]}
    assert list(scopes) == ["Message", "Script variables", "AVPs", "Branch", "Relay"]
    row = held.rows("Script variables")["$var(x)"]
    assert (row["value"], row["presentationHint"]["attributes"]) == ("1", ["changed"])
    reference = scopes["Script variables"]
    found = held.ask("setVariable", variablesReference=reference, name="$var(x)", value="$var(x) + 1")
    assert found["value"] == "2"
    found = held.ask("setExpression", expression="$du", value="sip:there.example.com")
    assert found["value"] == '"sip:there.example.com"'
    assert held.values("Branch")["$du"] == '"sip:there.example.com"'
    assert "cannot be set" in held.refused("setVariable", variablesReference=1, name="index", value="1")
    assert "error" in held.refused("setExpression", expression="$ci", value="1")


def test_the_message_as_received_is_shown_on_demand(held: Editor) -> None:
    row = held.rows("Message")["as received"]
    assert row["presentationHint"] == {"kind": "data", "attributes": ["readOnly"], "lazy": True}
    rows = held.ask("variables", variablesReference=row["variablesReference"])["variables"]
    assert rows[0]["value"] == "OPTIONS sip:x@127.0.0.1 SIP/2.0"
    assert any(each["value"].startswith("Via: ") for each in rows)


def test_questions(held: Editor) -> None:
    def ask(text: str, context: str) -> str:
        return str(held.ask("evaluate", expression=text, context=context, frameId=1)["result"])

    assert ask("$ru", "hover") == '"sip:x@127.0.0.1"'
    assert ask('is_method("OPTIONS")', "watch") == "1"
    assert ask('$rm == "INVITE"', "watch") == "false"
    assert ask("$var(q) = 2; $var(q) = $var(q) * 3;", "repl") == ""
    assert ask("$var(q)", "repl") == "6"
    assert ask(".vars", "repl").splitlines()[0].split() == ["$rm", "=", '"OPTIONS"']
    wrong = (("$var(q) = 1;", "watch"), ('is_method("x")', "hover"), (".reload", "repl"), ("$nosuch", "repl"))
    refused = [
        held.refused("evaluate", expression=text, context=context)
        for text, context in wrong
    ]
    assert refused[:2] == ["that is no value"] * 2
    assert refused[2].startswith("commands here are .vars")
    assert "error" in refused[3]


def test_a_route_that_a_question_runs_is_not_held(held: Editor, case: Path) -> None:
    held.at_lines(case.with_suffix(".cfg"), 19)
    held.goes("next")
    assert held.ask("evaluate", expression="route(count, 2)", context="repl")["result"] == "1"
    assert held.values("Script variables")["$var(y)"] == "6"
    held.goes("continue")
    assert held.goes("stepBack")[1] == [("route", 10)]
    assert held.values("Script variables") == {"$var(x)": "3", "$var(y)": "6"}


def test_added_branches_are_shown(held: Editor) -> None:
    held.ask("evaluate", expression='append_msg_branch("sip:z@127.0.0.1");', context="repl")
    row = held.rows("Branch")["branch 1"]
    inner = held.ask("variables", variablesReference=row["variablesReference"])["variables"]
    assert [(each["name"], each["value"]) for each in inner[:2]] == [
        ("Request-URI", '"sip:z@127.0.0.1"'),
        ("next hop", "<null>"),
    ]


def test_mocks_stay_in_the_script_after_going_back(editor: Editor, case: Path) -> None:
    case.write_text(f"mock route[count] returns 1\n{case.read_text()}")
    editor.launch(case, stopOnEntry=True)
    editor.begin()
    editor.stopped()
    for _ in range(3):
        editor.goes("next")
    assert editor.goes("stepIn")[1] == [("route", 11)]
    assert editor.goes("stepBack")[1] == [("route", 10)]
    assert editor.goes("stepIn")[1] == [("route", 11)]


def test_errors_in_the_log(editor: Editor, case: Path) -> None:
    case.write_text("alice -> PUBLISH sip:x@127.0.0.1\nalice <- 405\n")
    editor.launch(case)
    assert "no filter" in editor.refused("setExceptionBreakpoints", filters=["all"])
    editor.ask("setExceptionBreakpoints", filters=["errors"])
    editor.begin()
    event = editor.wait("stopped")
    assert (event["reason"], event["text"]) == ("exception", "what is that?")
    assert [each["line"] for each in editor.ask("stackTrace", threadId=2)["stackFrames"]] == [15]
    assert editor.goes("next") == ("step", [("route", 16)])
    assert editor.goes("reverseContinue") == ("exception", [("route", 15)])
    editor.ask("continue", threadId=1)
    assert finished(editor) == 0


def test_calls_are_threads(held: Editor, case: Path) -> None:
    held.at_lines(case.with_suffix(".cfg"), 12)
    held.goes("continue")
    first = held.ask("threads")["threads"]
    held.ask("continue", threadId=2)
    assert held.wait("stopped")["threadId"] == 3
    assert [each["name"] for each in first] == ["no call", "call alice-1"]
    assert [each["name"] for each in held.ask("threads")["threads"]] == ["no call", "call alice-1", "call bob-1"]
    assert held.ask("stackTrace", threadId=2)["stackFrames"] == []


def test_a_part_of_the_stack(held: Editor) -> None:
    for _ in range(4):
        held.goes("stepIn")
    found = held.ask("stackTrace", threadId=2, startFrame=1, levels=1)
    assert ([each["name"] for each in found["stackFrames"]], found["totalFrames"]) == (["route"], 2)


def test_lines_from_zero(editor: Editor, case: Path) -> None:
    editor.ask("initialize", linesStartAt1=False)
    editor.ask("launch", scenario=str(case))
    (found,) = editor.at_lines(case.with_suffix(".cfg"), 6)
    editor.begin()
    assert (found["line"], editor.stopped()[1]) == (7, [("route", 7)])


def test_pause_before_the_first_line(editor: Editor, case: Path) -> None:
    editor.launch(case)
    editor.ask("pause", threadId=1)
    editor.begin()
    assert editor.stopped() == ("pause", [("route", BODY)])


def test_requests_are_served_while_the_script_runs(editor: Editor, case: Path) -> None:
    text = case.with_suffix(".cfg").read_text()
    endless = '\t$var(i) = 0;\n\twhile ($var(go) == NULL) {\n\t\t$var(i) = $var(i) + 1;\n\t\t$var(i) = 1;\n\t}\n'
    head = "max_while_loops=100000000\n"
    case.with_suffix(".cfg").write_text(head + text.replace("route {\n", f"route {{\n{endless}", 1))
    editor.launch(case)
    editor.begin()
    assert "is not held" in editor.refused("evaluate", expression="$var(i)")
    editor.ask("pause", threadId=1)
    assert editor.stopped()[0] == "pause"
    editor.ask("continue", threadId=1)
    (found,) = editor.at_lines(case.with_suffix(".cfg"), 9)
    assert editor.wait("stopped")["hitBreakpointIds"] == [found["id"]]
    editor.ask("evaluate", expression="$var(go) = 1;", context="repl")
    editor.at_lines(case.with_suffix(".cfg"))
    editor.ask("continue", threadId=1)
    assert finished(editor) == 0


def test_an_end_from_outside(held: Editor) -> None:
    held.ask("terminate")
    assert finished(held) == 1
    assert held.output("important") == ["it was ended before its end"]
    held.ask("disconnect")


def test_requests_at_the_wrong_time(editor: Editor, case: Path, tmp_path: Path) -> None:
    assert "nothing is launched" in editor.refused("continue", threadId=1)
    assert "not known" in editor.refused("attach")
    editor.ask("initialize")
    assert "needs a scenario" in editor.refused("launch")
    assert "has to be a string" in editor.refused("launch", scenario=7)
    assert "no target 9" in editor.refused("launch", scenario=str(case), target="9")
    case.with_name("idle.call").write_text(f"script x.cfg\nmock route[nowhere] returns 1\n{case.read_text()}")
    assert "no route[nowhere]" in editor.refused("launch", scenario=str(case.with_name("idle.call")))
    assert "nowhere.call" in editor.refused("launch", scenario=str(tmp_path / "nowhere.call"))
    bad = tmp_path / "bad.cfg"
    bad.write_text("route { nonsense(); }\n")
    assert "RS" in editor.refused("launch", scenario=str(case), script=str(bad))
    editor.ask("launch", scenario=str(case))
    assert "has not begun" in editor.refused("stackTrace", threadId=1)
    editor.begin()
    assert finished(editor) == 0


def test_a_file_that_has_changed_is_not_gone_back_in(held: Editor, case: Path) -> None:
    held.goes("next")
    case.with_suffix(".cfg").write_text("# another one\n")
    assert "has changed" in held.refused("stepBack", threadId=1)


def test_an_editor_that_disappears_ends_it(held: Editor) -> None:
    held.goes("next")  # the fixture closes the stream now, and waits for the adapter to end
