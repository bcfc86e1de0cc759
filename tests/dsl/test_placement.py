"""Where `break` belongs."""

from __future__ import annotations

import pytest

from relayscript.dsl.parser import parse_text


def lines(body: str) -> list[int]:
    """The lines of misplaced statements."""
    found = parse_text(f"route {{\n{body}\n}}").diagnostics
    assert all(each.code == "RS140" for each in found)
    return [each.span.line for each in found if each.span is not None]


@pytest.mark.parametrize(
    "body",
    [
        "while (1) break;", "while (1) { if ($rU) { break; } else break; }", "for ($var(x) in $(avp(l)[*])) break;",
        "switch ($rU) { case 1: if ($rd) break; default: break; }",
    ],
)  # fmt: skip
def test_in_loops_and_cases(body: str) -> None:
    assert lines(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "break;", "if ($rU) break;", "if ($rU) { } else { break; }", "while (1) { if ({ break; }) exit; }",
        "while ($rU || (!({ break; }))) exit;", "while (1) { if (if (1) { break; }) exit; }",
    ],
)  # fmt: skip
def test_nowhere_else(body: str) -> None:
    assert lines(body) == [2]
