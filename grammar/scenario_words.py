"""The words of the line language of calls; `scenario.py` has its grammar."""

from __future__ import annotations

KEYWORDS = (
    "script", "include", "tag", "party", "relay", "dns", "network", "mock", "run", "wait", "mi", "expect", "until",
)  # fmt: skip
"""Words that begin a statement and so cannot name a party."""

DETAILS = ("sdp", "no", "within")
"""Words that begin a detail and so cannot name a target."""

MOODS = ("answers", "silent", "refuses", "slow", "dies", "ports")
COMMANDS = ("offer", "answer", "delete")
TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss")
KINDS = ("route", "branch_route", "onreply_route", "failure_route", "local_route")
RECORDS = ("SRV", "NAPTR", "CNAME", "A", "AAAA")

_ITEM = r'(?:"(?:[^"\\\r\n]|\\["\\rnt])*"|-?\d+)'
LISTED = rf"\[{_ITEM}(?:, *{_ITEM})*\](?=\s|$)"
"""A list of texts and numbers, as a regular expression."""
