r"""The line language of calls: typed at the prompt, stored in a `*.call` file, printed in a transcript.

One statement per line; a line that begins with `#` or `|` is a comment, and a time in front (as transcripts
have it) is passed over. In the notation of RFC 5234, with blanks between the words:

    statement = stage / send / expected / act / again / run / wait / manage / check

    stage     = "script" PATH ["target" ("3.2" / "4.0")]
              / "include" PATH
              / "tag" 1*NAME
              / "party" NAME ["at" ADDRESS] ["over" TRANSPORT] ["plays" PATH *parameter]
              / "relay" URL ("answers" / "silent" / "refuses" [QUOTED] / "slow" DURATION / "dies at" COMMAND
                            / "ports" NUMBER)
              / "dns" HOST ("=" [IP *("," IP)] / RECORD)
              / "network" *("loss" PERCENT / "duplicate" PERCENT / "reorder" PERCENT
                          / "delay" [DURATION ".."] DURATION / "seed" NUMBER)
              / "mock" ("function" WORD "returns" NUMBER / "route[" WORD "]" "returns" NUMBER / VARIABLE "=" VALUE)

    send      = NAME "->" (METHOD [TARGET] / STATUS [METHOD]) *detail / NAME "->" QUOTED
    expected  = NAME "<-" (METHOD [TARGET] / STATUS [METHOD]) *detail
    act       = NAME ("calls" TARGET / "rings" / "answers" / "refuses" [STATUS] / "cancels" / "hangs up") *detail
    again     = NAME "repeats" [METHOD / STATUS [METHOD]]
    run       = "run" KIND ["[" WORD "]"] "with" send
    wait      = "wait" DURATION
    manage    = "mi" WORD *(parameter / WORD "=" LIST) ["begins"]
    check     = "expect" fact / "until" fact ["within" DURATION]
    fact      = ["no"] ("log" / "relay" [URL] / "result") QUOTED / "statistic" WORD "=" NUMBER
              / VARIABLE "=" VALUE / "returns" NUMBER / "nothing at" NAME / NAME "done"

    detail    = "sdp" ["=" WORD] / "no" HEADER / "within" DURATION / "line" "=" QUOTED
              / ("body" / "call" / "phrase" / HEADER) ("=" / "~") QUOTED
    parameter = WORD "=" (WORD / QUOTED)

    ADDRESS   = 192.0.2.7 or 192.0.2.7:5070 or [2001:db8::7]:5070
    COMMAND   = "offer" / "answer" / "delete"      ; the first that is not answered, and nothing after it
    DURATION  = 500ms, 2s, 5m, 12h
    KIND      = "route" / "branch_route" / "onreply_route" / "failure_route" / "local_route"
    LIST      = "[" (QUOTED / NUMBER) *("," (QUOTED / NUMBER)) "]"
    RECORD    = ("SRV" / "NAPTR" / "CNAME" / "A" / "AAAA") and the rest of the line as in a zone file
    TARGET    = NAME / URI                         ; the name of a party stands for its URI
    STATUS    = 3DIGIT / DIGIT "xx"                ; a class only where a message is expected
    TRANSPORT = "udp" / "tcp" / "tls" / "ws" / "wss"
    VALUE     = QUOTED / NUMBER / "<null>"
    VARIABLE  = a variable as in a script, up to the blank before "="
    QUOTED    = text in double quotes, with \" \\ \r \n \t as in C

`->` and `<-` are single messages: the party sends one; the next one that reaches it is this one (100 may be passed
over). An act is a whole exchange: everybody involved does the usual until it is over; the messages that reached a
party in an act may be expected behind it, but need not be. Quoted text behind `->` is sent as it is, byte for byte;
`repeats` sends a party's last message (of that kind) again. `call` is the Call-ID: of the call that is meant, or of
the one that begins; `phrase` is the reason phrase. `ports` says where a node's media ports go on. `~` is followed by
a regular expression that is found in the value. A party that `plays` a SIPp scenario begins its calls at that
statement; the parameters are its keys. It is `done` when its calls have ended as that scenario says. A command that
`begins` is not waited for: its result comes when it comes.
"""

from __future__ import annotations

import re
from functools import cache
from io import StringIO
from pathlib import Path

from pyparsing import (
    Group,
    Keyword,
    Literal,
    MatchFirst,
    OneOrMore,
    Opt,
    ParserElement,
    Regex,
    Suppress,
    Tag,
    ZeroOrMore,
    one_of,
)  # fmt: skip

from relayscript.grammar.scenario_words import (
    COMMANDS,
    DETAILS,
    KEYWORDS,
    KINDS,
    LISTED,
    MOODS,
    RECORDS,
    TRANSPORTS,
)

FORMS = (
    "script", "include", "tag", "party", "relay", "dns", "network", "mock", "run", "wait", "mi", "expect", "until",
    "send bytes", "send", "receive", "repeats", "calls", "refuses", "hangs up", "rings, answers, cancels",
)  # fmt: skip
"""The forms of a statement as the diagrams call them, in the order of the parser."""


@cache
def statement() -> MatchFirst:
    """The parser of one line. The results are named as in the grammar; `kind` is the word of the form.

    Quoted text keeps its quotes. `details` and `parameters` are lists of lists of one to three words.
    """
    return MatchFirst([*_stage_forms(), *_doing_forms(), *_party_forms()])


def diagram(file: str) -> None:
    """Write the railroad diagrams of all forms of a statement as an HTML page (needs `pyparsing[diagrams]`)."""
    forms = [form.copy().set_name(name) for form, name in zip(statement().exprs, FORMS, strict=False)]
    page = StringIO()
    MatchFirst(forms).set_name("statement").create_diagram(page, vertical=2, show_results_names=False)
    begin, *rest = re.split(r"(?s)(?<=</style>)", page.getvalue(), maxsplit=2)
    drawn = [begin, *rest[:1], *(re.sub(r"(?s)<style.*?</style>", "", each) for each in rest[1:])]
    Path(file).write_text("".join(drawn), "utf-8")


# ---- words


def _token(pattern: str, called: str) -> ParserElement:
    return Regex(pattern).set_name(called)


def _kind(word: str) -> ParserElement:
    return Keyword(word)("kind")


def _word(text: str) -> ParserElement:
    return Keyword(text).suppress().set_name(repr(text))


def _name() -> ParserElement:
    return _token(rf"(?!(?:{'|'.join(KEYWORDS)})(?![\w-]))[A-Za-z][\w-]*", "party")("party")


def _quoted() -> ParserElement:
    return _token(r'"(?:[^"\\\r\n]|\\["\\rnt])*"', "quoted text")


def _path() -> ParserElement:
    return (_quoted() | _token(r"[^\s\"#=]+", "path"))("path")


def _duration() -> ParserElement:
    return _token(r"\d+(\.\d+)?(ms|s|m|h)(?!\w)", "duration like 500ms, 2s, 5m or 12h")


def _number(digits: str = r"-?\d+(?!\w)") -> ParserElement:
    return _token(digits, "number")


def _variable() -> ParserElement:
    return _token(r"\$\S[^\r\n]*?(?=\s+=\s)", "variable")


def _value() -> ParserElement:
    return (_quoted() | _token(r"-?\d+(?!\w)|<null>", "value"))("value")


def _target() -> ParserElement:
    name = rf"(?!(?:{'|'.join(DETAILS)})(?![\w-]))[A-Za-z][\w-]*(?![\w-]|\s*[=~])"
    return _token(rf"(?:sips?|tel):[^\s\"]+|{name}", "party or URI")("target")


def _parameters(lists: bool = False) -> ParserElement:
    value = _quoted() | _token(r"[^\s\"=#]+", "value")
    value = _token(LISTED, "list") | value if lists else value
    return Group(ZeroOrMore(Group(_token(r"[A-Za-z_]\w*", "parameter") + Suppress("=") - value)))("parameters")


def _details() -> ParserElement:
    header = _token(r"[A-Za-z0-9!%*_+`'.-]+", "header name")
    forms = [
        Group(_token(r"no(?![\w-])", "no") + header),
        Group(_token(r"within(?![\w-])", "within") + _duration()),
        Group(_token(r"sdp(?![\w-])", "sdp") + Opt(Suppress("=") + _token(r"[^\s\"#]+", "address"))),
        Group(header + Suppress("=") + _quoted()),
        Group(header + Literal("~") + _quoted()),
    ]
    return Group(ZeroOrMore(MatchFirst(forms)))("details")


# ---- statements


def _stage_forms() -> list[ParserElement]:
    address = _token(r"\[[0-9A-Fa-f:.]+\](:\d+)?|[0-9.]+(:\d+)?", "address")
    ip = _token(r"[0-9A-Fa-f:.]+", "IP address")
    url = _token(r"[^\s\"#]+", "URL")
    record = _token(rf"(?:{'|'.join(RECORDS)})(?!\w)[^\r\n]*", "record")
    known = f"= or one of {', '.join(RECORDS)}"
    addresses = Suppress("=") + Group(Opt(ip + ZeroOrMore(Suppress(",") + ip)))("ips")
    names = OneOrMore(_token(r"[A-Za-z][\w-]*", "name"))
    plays = Opt(_word("plays") - (_quoted() | _token(r"[^\s\"#=]+", "path"))("plays") + _parameters())
    return [
        _kind("script") - _path() + Opt(_word("target") - one_of(("3.2", "4.0"))("target")),
        _kind("include") - _path(),
        _kind("tag") - Group(names)("names"),
        _kind("party")
        - _name()
        + Opt(_word("at") - address("address"))
        + Opt(_word("over") - one_of(TRANSPORTS, as_keyword=True)("transport"))
        + plays,
        _kind("relay") - url("url") + _mood(),
        _kind("dns") - _token(r"[\w.-]+", "host name")("host") + (addresses | record("record")).set_name(known),
        _kind("network") - OneOrMore(_impairment()),
        _kind("mock") - _mock(),
    ]


def _mood() -> ParserElement:
    return MatchFirst(
        [
            Keyword("slow")("mood") - _duration()("reason"),
            Keyword("ports")("mood") - _number(r"\d+(?!\w)")("reason"),
            Keyword("dies")("mood") - _word("at") + one_of(COMMANDS, as_keyword=True)("reason"),
            one_of(MOODS[:3], as_keyword=True)("mood") + Opt(_quoted()("reason")),
        ]
    ).set_name(" | ".join(map(repr, MOODS)))


def _impairment() -> ParserElement:
    percent = _token(r"\d+(?=%)", "number and %")
    chances = [_word(word) - percent(word) + Suppress("%") for word in ("loss", "duplicate", "reorder")]
    span = Opt(_duration()("least") + Suppress("..")) + _duration()("most")
    return MatchFirst([*chances, _word("delay") - span, _word("seed") - _number(r"\d+")("seed")]).set_name(
        "loss, duplicate, reorder, delay or seed"
    )


def _mock() -> ParserElement:
    returns = _word("returns") - _number()("number")
    return MatchFirst(
        [
            _word("function") - _token(r"[A-Za-z_]\w*", "function")("function") + returns,
            Suppress(Regex(r"route\s*\[")) - _token(r"[^\]\s]+", "route")("route") + Suppress("]") + returns,
            _variable()("variable") + Suppress("=") + _value(),
        ]
    ).set_name("function NAME, route[NAME] or a variable and its value")


def _doing_forms() -> list[ParserElement]:
    route = Opt(Suppress("[") - _token(r"[^\]\s]+", "route")("route_name") + Suppress("]"))
    return [
        _kind("run") - one_of(KINDS, as_keyword=True)("route_kind") + route + _word("with") + _sent(_name()),
        _kind("wait") - _duration()("duration"),
        _kind("mi")
        - _token(r"[A-Za-z_][\w:]*", "command")("command")
        + _parameters(lists=True)
        + Opt(Keyword("begins")("begins")),
        _kind("expect") - _fact(),
        _kind("until") - _fact() + Opt(_word("within") - _duration()("within")),
    ]


def _fact() -> ParserElement:
    url = _token(r"[^\s\"#]+", "URL")
    absent = Opt(Keyword("no")("absent"))
    return MatchFirst(
        [
            absent + one_of(("log", "result"), as_keyword=True)("what") + _quoted()("value"),
            absent + Keyword("relay")("what") + Opt(url("name")) + _quoted()("value"),
            Keyword("statistic")("what")
            - _token(r"[\w:.-]+", "statistic")("name")
            + Suppress("=")
            + _number()("number"),
            Keyword("returns")("what") - _number()("number"),
            Keyword("nothing")("what") - _word("at") + _token(r"[A-Za-z][\w-]*", "party")("name"),
            _token(r"[A-Za-z][\w-]*(?=\s+done(?![\w-]))", "party")("name") + Keyword("done")("what"),
            _variable()("name") + Suppress("=") + _value() + Tag("what", "variable"),
        ]
    ).set_name("log, relay, result, statistic, returns, nothing, NAME done or a variable and its value")


def _sent(name: ParserElement) -> ParserElement:
    status = _token(r"[1-6]\d\d(?!\w)", "status")("status")
    return name + Literal("->")("arrow") - (status + Opt(_method()) | _request()) + _details()


def _method() -> ParserElement:
    return _token(r"[A-Z]{2,}(?![\w=~-])", "method")("method")


def _request() -> ParserElement:
    return _method() + Opt(_target())


def _party_forms() -> list[ParserElement]:
    status = _token(r"[1-6](\d\d|xx)(?!\w)", "status or class")("status")
    answered = _token(r"[1-6]\d\d(?!\w)", "status")("status")
    refusal = _token(r"[3-6]\d\d(?!\w)", "status from 300")("status")
    return [
        Tag("kind", "bytes") + _name() + Suppress("->") + _quoted()("bytes"),
        Tag("kind", "message") + _sent(_name()),
        Tag("kind", "message") + _name() + Literal("<-")("arrow") - (status + Opt(_method()) | _request()) + _details(),
        _name() + _kind("repeats") - Opt(answered + Opt(_method()) | _method()),
        _name() + _kind("calls") - _target() + _details(),
        _name() + _kind("refuses") - Opt(refusal) + _details(),
        _name() + Keyword("hangs")("kind") - _word("up") + _details(),
        _name() + one_of(("rings", "answers", "cancels"), as_keyword=True)("kind") - _details(),
        _name() - one_of(("->", "<-", "repeats", "calls", "rings", "answers", "refuses", "cancels", "hangs up")),
    ]
