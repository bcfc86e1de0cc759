"""The railroad diagrams in docs/ are those of the grammar; `--update-golden` draws them anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relayscript.grammar.scenario import FORMS, diagram

PAGE = Path(__file__).parents[2] / "docs" / "scenario-grammar.html"


def drawn(page: Path) -> list[str]:
    """What there is a diagram of."""
    return re.findall(r'<h1 class="railroad-heading"[^>]*>([^<]*)</h1>', page.read_text())


def test_every_form_is_drawn_as_the_grammar_has_it(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    diagram(str(tmp_path / "now.html"))
    if request.config.getoption("--update-golden"):
        PAGE.write_text((tmp_path / "now.html").read_text())
    assert drawn(PAGE) == drawn(tmp_path / "now.html")
    assert {"statement", *FORMS} <= set(drawn(PAGE))
