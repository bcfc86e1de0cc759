"""Reads the actions of a step from XML."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.apps.testing.sipp.actions import (
    Action,
    AssignText,
    Change,
    CompareText,
    Compute,
    Jump,
    Sample,
    Say,
    Search,
    Stop,
    Test,
    TimeOfDay,
)
from relayscript.apps.testing.sipp.attributes import Attributes
from relayscript.apps.testing.sipp.document import Element
from relayscript.apps.testing.sipp.keywords import Words

COMPARISONS = ("equal", "not_equal", "greater_than", "less_than", "greater_than_equal", "less_than_equal")
PLACES = ("msg", "hdr", "body", "var")
REFUSED = frozenset(("lookup", "insert", "replace", "index", "setdest", "closecon", "verifyauth", "pauserestore"))
"""Actions of SIPp that a party of a scenario cannot do."""

MEDIA = ("play_pcap_audio", "play_pcap_video", "play_pcap_image", "play_dtmf", "rtp_stream", "rtp_echo")
"""Attributes of `exec` that play sound: nobody hears it on the virtual clock."""

STOPS = {"stop_call": False, "stop_now": True, "stop_gracefully": True}


def read_actions(element: Element, words: Words) -> tuple[Action, ...]:
    """The actions in an `<action>`. Raises SippError."""
    found = [_read(Attributes(child, words)) for child in element.children]
    return tuple(each for each in found if each is not None)


def _read(given: Attributes) -> Action | None:
    name = given.element.name
    if name in REFUSED:
        raise given.wrong(f"the action <{name}> is not supported in scenarios")
    reader = _READERS.get(name)
    if reader is None:
        raise given.wrong(f"expected an action of SIPp, found <{name[:40]}>")
    return reader(given)


def _search(given: Attributes) -> Action:
    within = given.text("search_in", "msg")
    if within not in PLACES:
        raise given.wrong(f"expected one of {', '.join(PLACES)} as search_in, found {within[:40]}")
    occurrence = given.number("occurrence", given.number("occurence", 1))
    return Search(
        given.element.line,
        given.pattern("regexp"),
        within,
        given.needed("header") if within == "hdr" else "",
        given.needed("variable") if within == "var" else "",
        tuple(each.strip() for each in given.needed("assign_to").split(",")),
        given.truth("check_it"),
        given.truth("check_it_inverse"),
        max(1, int(occurrence)),
        given.truth("start_line"),
        given.truth("case_indep"),
    )


def _compute(given: Attributes) -> Action:
    made = Compute(given.element.line, given.element.name, given.needed("assign_to"), given.operand())
    if made.operator == "divide" and made.operand == 0:
        raise given.wrong("<divide> expects a value other than 0")
    return made


def _test(given: Attributes) -> Action:
    compare = given.text("compare", "equal")
    if compare not in COMPARISONS:
        raise given.wrong(f"expected one of {', '.join(COMPARISONS)} as compare, found {compare[:40]}")
    operand = given.operand("value", "variable2")
    return Test(given.element.line, given.needed("assign_to"), given.needed("variable"), compare, operand)


def _compare_text(given: Attributes) -> Action:
    given.needed("value", "variable2")
    names = (given.needed("assign_to"), given.needed("variable"))
    return CompareText(given.element.line, *names, given.text("value"), given.text("variable2"))


def _change(given: Attributes) -> Action:
    assign = given.needed("assign_to", "variable")
    return Change(given.element.line, given.element.name, assign, given.text("variable") or assign)


def _time_of_day(given: Attributes) -> Action:
    names = [each.strip() for each in given.needed("assign_to").split(",")]
    if len(names) != 2:
        raise given.wrong("<gettimeofday> expects the names of two variables as assign_to")
    return TimeOfDay(given.element.line, *names)


def _say(given: Attributes) -> Action:
    return Say(given.element.line, given.element.name, given.template("message"))


def _exec(given: Attributes) -> Action | None:
    if given.has("command"):
        raise given.wrong("<exec command> is not supported in scenarios: no program is started")
    if any(given.has(name) for name in MEDIA):
        return None
    command = given.needed("int_cmd", *MEDIA)
    if command not in STOPS:
        raise given.wrong(f"expected one of {', '.join(STOPS)} as int_cmd, found {command[:40]}")
    return Stop(given.element.line, STOPS[command])


_READERS: dict[str, Callable[[Attributes], Action | None]] = {
    "ereg": _search,
    **dict.fromkeys(("assign", "add", "subtract", "multiply", "divide"), _compute),
    "assignstr": lambda given: AssignText(given.element.line, given.needed("assign_to"), given.template("value")),
    "test": _test,
    "strcmp": _compare_text,
    **dict.fromkeys(("todouble", "trim", "urldecode", "urlencode"), _change),
    "sample": lambda given: Sample(given.element.line, given.needed("assign_to"), given.distribution()),
    "gettimeofday": _time_of_day,
    "jump": lambda given: Jump(given.element.line, given.operand()),
    **dict.fromkeys(("log", "warning", "error"), _say),
    "exec": _exec,
}
