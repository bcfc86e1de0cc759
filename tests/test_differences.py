"""The page of differences says what is so: each row of the language is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interpreter.modules.stage import Proxy, request

PAGE = (Path(__file__).parents[1] / "docs" / "differences.md").read_text()
ROW = re.compile(r"^\| `(?P<script>.+?)`(?P<rest> [^|]*)\|[^|]*\| `(?P<said>.+)` \|$", re.MULTILINE)
ROWS = [(found["script"], found["rest"], found["said"]) for found in ROW.finditer(PAGE)]
MODULES = "tm sl rr sipmsgops textops mathops"


def test_the_page_has_rows() -> None:
    assert len(ROWS) == 13


@pytest.mark.parametrize(("script", "rest", "said"), ROWS)
def test_the_language_does_what_the_row_says(script: str, rest: str, said: str) -> None:
    more = re.search(r"`(route\[.+)`", rest)
    proxy = Proxy(f"route {{\n{script}\n}}\n{more[1] if more else ''}", MODULES)
    uri = re.search(r"`(tel:.+)`", rest)
    proxy.send(request("INVITE", uri[1] if uri else "sip:bob@192.0.2.2", headers="s: hello\n"))
    assert proxy.log[-1] == said
