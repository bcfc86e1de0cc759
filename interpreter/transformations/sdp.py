"""`{sdp...}`: lines and streams of a session description (language.md 5)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.transformations.arguments import (
    Args,
    Unfit,
    number_argument,
    text_argument,
    text_input,
)
from relayscript.interpreter.values import Value, ascii_lower
from relayscript.sip.sdp import Description, Stream


def line(value: Value, args: Args) -> Value:
    """`{sdp.line,c[,n]}`: the nth line of a type, without its line end; the first by default."""
    wanted, index = text_argument(args, 0), number_argument(args, 1, 0)
    if len(wanted) != 1 or index < 0:
        raise Unfit
    found = [each for each in text_input(value).splitlines() if each.startswith(wanted)]
    return found[index] if index < len(found) else None


def stream(value: Value, args: Args) -> Value:
    """`{sdp.stream,x}`: a stream, by number (from the end if < 0) or the first of a media name."""
    description = Description(text_input(value))
    found = _streams(description, args)[:1]
    return _text(description, found[0]) if found else None


def stream_delete(value: Value, args: Args) -> Value:
    """`{sdp.stream-delete,x}`: the description without that stream, or without all of a media name."""
    description = Description(text_input(value))
    found = _streams(description, args)
    for each in found:
        for number in range(each.line, each.end):
            description.lines[number] = ""
    return str(description) if found else None


def _streams(description: Description, args: Args) -> list[Stream]:
    """The streams that an argument means."""
    streams = list(description.streams)
    try:
        index = number_argument(args, 0)
    except Unfit:
        wanted = ascii_lower(text_argument(args, 0))
        return [each for each in streams if ascii_lower(each.media) == wanted]
    return [streams[index]] if -len(streams) <= index < len(streams) else []


def _text(description: Description, stream: Stream) -> str:
    return "".join(description.lines[stream.line : stream.end])


SDP: dict[tuple[str, str], Callable[[Value, Args], Value]] = {
    ("sdp", "line"): line,
    ("sdp", "stream"): stream,
    ("sdp", "stream-delete"): stream_delete,
}
