"""The letters that a script gives to rtpproxy (reference 5.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LETTER = re.compile(
    r"(?P<notify>[nN](?:<(?P<socket>[^>]*)>)?)|(?P<dtmf>[dD])(?P<type>\d*)"
    r"|(?P<ttl>[tT]\d*)|[zZ](?P<repacketize>\d*)|(?P<plain>\S)"
)
_EMITTED = {"a": "A", "i": "I", "e": "E", "s": "S", "w": "S"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the letters ask for.

    `letters` are sent as they are; `trust` takes the media address from the description, `origin` and
    `session_connection` rewrite `o=` and the session's `c=` too. `repacketize` and `ttl` hold what is
    sent (`Z20`, `t45`), "" without. `notify` is the socket for notifications of a timeout ("" the
    default one), `dtmf` the payload type for those of digits ("" any); None: not asked for.
    """

    letters: str = ""
    lookup: bool = False
    keep_body: bool = False
    force: bool = False
    trust: bool = False
    origin: bool = False
    session_connection: bool = False
    repacketize: str = ""
    ttl: str = ""
    notify: str | None = None
    dtmf: str | None = None
    unknown: str = ""


def parse_options(text: str) -> Options:
    """Read letters of either case; those without a meaning are sent verbatim and listed in `unknown`."""
    letters, unknown, plain = "", "", set()
    notify = dtmf = None
    ttl = repacketize = ""
    for found in _LETTER.finditer(text):
        if found["notify"]:
            notify = found["socket"] or ""
        elif found["dtmf"]:
            dtmf = found["type"]
        elif found["ttl"]:
            ttl = found["ttl"]
        elif found["repacketize"] is not None:
            repacketize = f"Z{found['repacketize']}"
        elif (letter := found["plain"].lower()) in "lkfroc":
            plain.add(letter)
        elif letter in _EMITTED:
            plain.add(letter)
            letters += _EMITTED[letter]
        else:
            letters += found["plain"]
            unknown += found["plain"]
    return Options(
        letters=letters,
        lookup="l" in plain,
        keep_body="k" in plain,
        force="f" in plain,
        trust=bool(plain & {"r", "a"}),
        origin="o" in plain,
        session_connection="c" in plain,
        repacketize=repacketize,
        ttl=ttl,
        notify=notify,
        dtmf=dtmf,
        unknown=unknown,
    )
