r"""The line language of calls: typed at the prompt, stored in a `*.call` file, printed in a transcript.

One statement per line; a line that begins with `#` or `|` is a comment, and a time in front (as transcripts
have it) is passed over. In the notation of RFC 5234, with blanks between the words:

    statement = party / relay / dns / send / expect / act / wait / manage
    party     = "party" NAME ["at" ADDRESS]        ; 192.0.2.7 or 192.0.2.7:5070 or [2001:db8::7]:5070
    relay     = "relay" URL ("answers" / "silent" / "refuses" [QUOTED])
    dns       = "dns" HOST "=" [IP *("," IP)]
    send      = NAME "->" (METHOD [TARGET] / STATUS [METHOD]) *detail
    expect    = NAME "<-" (METHOD [TARGET] / STATUS [METHOD]) *detail
    act       = NAME ("calls" TARGET / "rings" / "answers" / "refuses" [STATUS] / "cancels" / "hangs up")
                *detail
    wait      = "wait" DURATION                    ; 500ms, 2s, 5m, 12h
    manage    = "mi" COMMAND *(WORD "=" (WORD / QUOTED))
    detail    = "sdp" ["=" WORD] / "no" HEADER / "within" DURATION / HEADER "=" QUOTED
    TARGET    = NAME / URI                         ; the name of a party stands for its URI
    STATUS    = 3DIGIT / DIGIT "xx"                ; a class only where a message is expected
    QUOTED    = text in double quotes, with \" \\ \r \n \t as in C

`->` and `<-` are single messages: the party sends one; the next one that reaches it is this one (100 may be
passed over). An act is a whole exchange: everybody involved does the usual until it is over; the messages
that reached a party in an act may be expected behind it, but need not be.
"""

from __future__ import annotations

from functools import cache

from pyparsing import Group, Keyword, MatchFirst, Opt, ParserElement, Regex, Suppress, ZeroOrMore, one_of

KEYWORDS = ("party", "relay", "dns", "wait", "mi")
"""Words that begin a statement and so cannot name a party."""

DETAILS = ("sdp", "no", "within")
"""Words that begin a detail and so cannot name a target."""

MOODS = ("answers", "silent", "refuses")


@cache
def statement() -> ParserElement:
    """The parser of one line. The results are named as in the grammar; `kind` is the word of the form.

    Quoted text keeps its quotes. `details` and `parameters` are lists of lists of one or two words.
    """
    return MatchFirst([*_keyword_forms(), *_party_forms()])


def _token(pattern: str, called: str) -> ParserElement:
    return Regex(pattern).set_name(called)


def _kind(word: str) -> ParserElement:
    return Keyword(word)("kind")


def _name() -> ParserElement:
    return _token(rf"(?!(?:{'|'.join(KEYWORDS)})(?![\w-]))[A-Za-z][\w-]*", "party")("party")


def _quoted() -> ParserElement:
    return _token(r'"(?:[^"\\\r\n]|\\["\\rnt])*"', "quoted text")


def _duration() -> ParserElement:
    return _token(r"\d+(\.\d+)?(ms|s|m|h)(?!\w)", "duration like 500ms, 2s, 5m or 12h")


def _target() -> ParserElement:
    name = rf"(?!(?:{'|'.join(DETAILS)})(?![\w-]))[A-Za-z][\w-]*(?![\w-]|\s*=)"
    return _token(rf"(?:sips?|tel):[^\s\"]+|{name}", "party or URI")("target")


def _keyword_forms() -> list[ParserElement]:
    address = _token(r"\[[0-9A-Fa-f:.]+\](:\d+)?|[0-9.]+(:\d+)?", "address")
    ip = _token(r"[0-9A-Fa-f:.]+", "IP address")
    value = _quoted() | _token(r"[^\s\"=#]+", "value")
    parameter = Group(_token(r"[A-Za-z_]\w*", "parameter") + Suppress("=") - value)
    url = _token(r"[^\s\"#]+", "URL")
    return [
        _kind("party") - _name() + Opt(Keyword("at").suppress() - address("address")),
        _kind("relay") - url("url") + one_of(MOODS, as_keyword=True)("mood") + Opt(_quoted()("reason")),
        _kind("dns")
        - _token(r"[\w.-]+", "host name")("host")
        + Suppress("=")
        + Group(Opt(ip + ZeroOrMore(Suppress(",") + ip)))("ips"),
        _kind("wait") - _duration()("duration"),
        _kind("mi") - _token(r"[A-Za-z_][\w:]*", "command")("command") + Group(ZeroOrMore(parameter))("parameters"),
    ]


def _party_forms() -> list[ParserElement]:
    header = _token(r"[A-Za-z0-9!%*_+`'~.-]+", "header name")
    detail = MatchFirst(
        [
            Group(_token(r"no(?![\w-])", "no") + header),
            Group(_token(r"within(?![\w-])", "within") + _duration()),
            Group(_token(r"sdp(?![\w-])", "sdp") + Opt(Suppress("=") + _token(r"[^\s\"#]+", "address"))),
            Group(header + Suppress("=") + _quoted()),
        ]
    )
    details = Group(ZeroOrMore(detail))("details")
    method = _token(r"[A-Z]{2,}(?![\w=-])", "method")("method")
    request = method + Opt(_target())
    sent = _token(r"[1-6]\d\d(?!\w)", "status")("status") + Opt(method) | request
    expected = _token(r"[1-6](\d\d|xx)(?!\w)", "status or class")("status") + Opt(method) | request
    refusal = _token(r"[3-6]\d\d(?!\w)", "status from 300")("status")
    return [
        _name() + _token("->", "->")("kind") - sent + details,
        _name() + _token("<-", "<-")("kind") - expected + details,
        _name() + _kind("calls") - _target() + details,
        _name() + _kind("refuses") - Opt(refusal) + details,
        _name() + Keyword("hangs")("kind") - Keyword("up").suppress() + details,
        _name() + one_of(("rings", "answers", "cancels"), as_keyword=True)("kind") - details,
        _name() - one_of(("->", "<-", "calls", "rings", "answers", "refuses", "cancels", "hangs up")),
    ]
