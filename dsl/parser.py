"""Script text to the typed tree, with a diagnostic for every mistake on the way (language.md 1, 2, 11).

A file that was read before is not read again until its text, or that of an included file, changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
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
    try:
        script, diagnostics = _known(path, content)
        return Parsed(script, diagnostics, flat.sources, flat.included)
    except LookupError:
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


@lru_cache(maxsize=16)
def _known(path: str, content: bytes) -> tuple[nodes.Script, tuple[Diagnostic, ...]]:
    """What was read before; the same tree each time, and with it what was found out about it. Raises LookupError."""
    known: tuple[nodes.Script, tuple[Diagnostic, ...]] | None = _shelf().get(path, content)
    if known is None:
        raise LookupError(path)
    return known


@cache
def _shelf() -> Shelf:
    return Shelf("parsed", (_HERE, _HERE.parent / "grammar"))
