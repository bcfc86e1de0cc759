"""Script text to the typed tree, with a diagnostic for every mistake on the way (language.md 1, 2, 11).

A file that was read before is not read again until its text, or that of an included file, changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, has_errors
from relayscript.dsl.preprocess import Flattened, flatten_file, flatten_text
from relayscript.dsl.source import Span
from relayscript.grammar.shelf import Shelf

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read. `script` is None if nothing could be made of the text; it may lack broken parts.

    `sources` has the byte text of every file by its path, `included` the place that first includes a file.
    """

    script: nodes.Script | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    included: Mapping[str, Span]

    def with_chain(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings, those in included files with a note for each file on the way there."""
        return tuple(replace(each, notes=each.notes + self._chain(each)) for each in diagnostics)

    def _chain(self, found: Diagnostic) -> tuple[str, ...]:
        chain: list[str] = []
        file = found.span.file if found.span is not None else ""
        while (place := self.included.get(file)) is not None:
            chain.append(f"included from {place.file}:{place.line}")
            file = place.file
        return tuple(chain)


def parse_file(path: str) -> Parsed:
    """Read a script file with its includes. Never raises for what is wrong with it."""
    flat = flatten_file(path)
    content = flat.fingerprint()
    known = _shelf().get(path, content)
    if known is not None:
        script, diagnostics = known
        return Parsed(script, diagnostics, flat.sources, flat.included)
    parsed = parse_flattened(flat)
    if parsed.script is not None and not has_errors(parsed.diagnostics):
        _shelf().put(path, content, (parsed.script, parsed.diagnostics))
    return parsed


def parse_text(text: str, file: str = "<script>") -> Parsed:
    """Read a script given as byte text; includes are looked for beside `file`."""
    return parse_flattened(flatten_text(text, file))


def parse_flattened(flat: Flattened) -> Parsed:
    """Read a script whose includes are in place."""
    if has_errors(flat.diagnostics) and not flat.text:
        return Parsed(None, tuple(flat.diagnostics), flat.sources, flat.included)
    from relayscript.dsl.reading import Reading  # late: the grammar takes longer to load than most scripts

    script, diagnostics = Reading(flat).run()
    return Parsed(script, diagnostics, flat.sources, flat.included)


@cache
def _shelf() -> Shelf:
    return Shelf("parsed", (_HERE, _HERE.parent / "grammar"))
