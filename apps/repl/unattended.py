"""A session without a person: commands from a file or a pipe, answers as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from relayscript.apps.repl.session import Session

Say = Callable[[str], object]


def pieces(lines: Iterable[str], session: Session) -> Iterator[tuple[int, str]]:
    """What is to be done, one after the other, with the line that it begins on: lines that belong together in one."""
    kept: list[str] = []
    first = 0
    for number, line in enumerate(lines, 1):
        if not kept:
            first = number
        kept.append(line.rstrip("\r\n"))
        if session.is_complete("\n".join(kept)):
            yield first, "\n".join(kept)
            kept = []
    if kept:
        yield first, "\n".join(kept)


def play(lines: Iterable[str], name: str, session: Session, say: Say, complain: Say) -> bool:
    """Do all of it; whether all was right. What is wrong is told with the place, and what follows is done all the same.

    At the end of the input a script that is held goes no further.
    """
    right = True
    for number, text in pieces(lines, session):
        answer = session.do(text)
        if answer.wrong:
            complain(f"{name}:{number}:")
        for line in answer.lines:
            (complain if answer.wrong else say)(line)
        right = right and not answer.wrong
        if answer.over:
            break
    return right
