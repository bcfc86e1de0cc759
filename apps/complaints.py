"""What is wrong with a script, as text for people."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.dsl.diagnostics import Diagnostic, ScriptError, render


def rendered(error: ScriptError, color: bool = False) -> str:
    """The diagnostics with the source lines they point at, without the last line end."""
    return render(error.diagnostics, texts_of(error.diagnostics), color=color).rstrip("\n")


def texts_of(diagnostics: Iterable[Diagnostic]) -> dict[str, str]:
    """The texts of the files that the diagnostics point into, as far as they can be read."""
    files = {each.span.file for each in diagnostics if each.span is not None}
    texts = {}
    for file in files:
        try:
            with open(file, encoding="latin-1", newline="") as stream:
                texts[file] = stream.read()
        except OSError:
            continue
    return texts
