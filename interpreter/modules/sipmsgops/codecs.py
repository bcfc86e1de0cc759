"""Codecs and streams of a session description (sipmsgops manual; RFC 8866, RFC 3551)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.modules.sipmsgops import body
from relayscript.interpreter.regex import Matcher
from relayscript.interpreter.values import same_text
from relayscript.sip.sdp import Description, Section, Stream

STATIC = {
    "0": "PCMU/8000", "3": "GSM/8000", "4": "G723/8000", "5": "DVI4/8000", "6": "DVI4/16000", "7": "LPC/8000",
    "8": "PCMA/8000", "9": "G722/8000", "10": "L16/44100", "11": "L16/44100", "12": "QCELP/8000",
    "13": "CN/8000", "14": "MPA/90000", "15": "G728/8000", "16": "DVI4/11025", "17": "DVI4/22050",
    "18": "G729/8000", "25": "CelB/90000", "26": "JPEG/90000", "28": "nv/90000", "31": "H261/90000",
    "32": "MPV/90000", "33": "MP2T/90000", "34": "H263/90000",
}  # fmt: skip
"""Payload types that need no rtpmap (RFC 3551 6)."""

OF_PAYLOAD = ("rtpmap", "fmtp", "rtcp-fb")
"""Attributes that belong to one payload type and go with it."""

Test = Callable[[str, str], bool]
"""Whether a codec is meant, by name and clock rate."""


class CodecFunctions(Module):
    """Functions on the codecs of all streams and on streams; they see what they queued before."""

    # ---- by name

    @function()
    def codec_exists(self, context: Context, name: str, clock: str | None = None) -> int:
        """Whether a codec is offered, with a clock rate that contains that text if given: 1 or -1."""
        return _exists(context, lambda each, rate: same_text(each, name) and (clock or "") in rate)

    @function()
    def codec_delete(self, context: Context, name: str, clock: str | None = None) -> int:
        """Take a codec out of all streams, and its attributes: 1; -1 if it is in none."""
        return _edit(context, named(name, clock), _delete)

    @function()
    def codec_move_up(self, context: Context, name: str, clock: str | None = None) -> int:
        """Put a codec first in all streams: 1; -1 if it is in none."""
        return _edit(context, named(name, clock), _move_up)

    @function()
    def codec_move_down(self, context: Context, name: str, clock: str | None = None) -> int:
        """Put a codec last in all streams: 1; -1 if it is in none."""
        return _edit(context, named(name, clock), _move_down)

    # ---- by pattern

    @function()
    def codec_exists_re(self, context: Context, pattern: Matcher) -> int:
        """Whether a codec whose name matches is offered: 1 or -1."""
        return _exists(context, matching(pattern))

    @function()
    def codec_delete_re(self, context: Context, pattern: Matcher) -> int:
        """Take the codecs whose name matches out of all streams: 1; -1 if there is none."""
        return _edit(context, matching(pattern), _delete)

    @function()
    def codec_delete_except_re(self, context: Context, pattern: Matcher) -> int:
        """Take the codecs whose name does not match out of all streams: 1; -1 if there is none."""
        meant = matching(pattern)
        return _edit(context, lambda name, clock: not meant(name, clock), _delete)

    @function()
    def codec_move_up_re(self, context: Context, pattern: Matcher) -> int:
        """Put the codecs whose name matches first in all streams: 1; -1 if there is none."""
        return _edit(context, matching(pattern), _move_up)

    @function()
    def codec_move_down_re(self, context: Context, pattern: Matcher) -> int:
        """Put the codecs whose name matches last in all streams: 1; -1 if there is none."""
        return _edit(context, matching(pattern), _move_down)

    # ---- streams

    @function()
    def stream_exists(self, context: Context, media: Matcher, transport: Matcher | None = None) -> int:
        """Whether a stream of that media (and transport) is offered: 1 or -1."""
        description = _description(context)
        return 1 if description is not None and _streams(description, media, transport) else -1

    @function()
    def stream_delete(self, context: Context, media: Matcher, transport: Matcher | None = None) -> int:
        """Remove the streams of that media (and transport) with all their lines: 1; -1 if there is none."""
        description = _description(context)
        found = _streams(description, media, transport) if description is not None else []
        if description is None or not found:
            return -1
        for stream in found:
            for index in range(stream.line, stream.end):
                description.set_line(index, "")
        body.put_sdp(context, str(description))
        return 1

    @function()
    def is_audio_on_hold(self, context: Context) -> int:
        """Whether an audio stream is on hold: 1 by a null address (RFC 2543), 2 by its direction (RFC 3264); -1."""
        description = _description(context)
        if description is None:
            return -1
        audio = ((part, each) for part in description.sections for each in part.streams if each.media == "audio")
        return next((held for part, each in audio if (held := _hold(description, part, each))), -1)


def named(name: str, clock: str | None) -> Test:
    """A codec of that name, and clock rate if given."""
    return lambda each, rate: same_text(each, name) and clock in (None, rate)


def matching(pattern: Matcher) -> Test:
    """A codec whose name matches."""
    return lambda each, rate: pattern.search(each) is not None


def _description(context: Context) -> Description | None:
    text = body.sdp(context)
    return Description(text) if text is not None else None


def _streams(description: Description, media: Matcher, transport: Matcher | None) -> list[Stream]:
    return [
        each
        for each in description.streams
        if media.search(each.media) is not None and (transport is None or transport.search(each.transport) is not None)
    ]


def _hold(description: Description, section: Section, stream: Stream) -> int:
    """1 if a stream has a null address, 2 if it is only sent or not at all, else 0."""
    line = description.connection_of(section, stream)
    address = description.address(line) if line is not None else None
    if address is not None and address.is_null:
        return 1
    return 2 if description.direction(section, stream) in ("sendonly", "inactive") else 0


def _meant(description: Description, stream: Stream, test: Test) -> list[str]:
    """The payload types of a stream that a test means, in their order."""
    known = dict(STATIC)
    for _, value in description.attributes(stream.line, stream.end, "rtpmap"):
        payload, _, codec = value.partition(" ")
        known[payload] = codec.strip()
    found = []
    for payload in stream.formats:
        name, _, rest = known.get(payload, "").partition("/")
        if name and test(name, rest.partition("/")[0]):
            found.append(payload)
    return found


def _exists(context: Context, test: Test) -> int:
    description = _description(context)
    if description is None:
        return -1
    return 1 if any(_meant(description, stream, test) for stream in description.streams) else -1


def _edit(context: Context, test: Test, act: Callable[[Description, Stream, list[str]], None]) -> int:
    description = _description(context)
    if description is None:
        return -1
    found = False
    for stream in description.streams:
        if payloads := _meant(description, stream, test):
            act(description, stream, payloads)
            found = True
    if not found:
        return -1
    body.put_sdp(context, str(description))
    return 1


def _others(stream: Stream, payloads: list[str]) -> list[str]:
    return [each for each in stream.formats if each not in payloads]


def _delete(description: Description, stream: Stream, payloads: list[str]) -> None:
    for name in OF_PAYLOAD:
        for index, value in list(description.attributes(stream.line, stream.end, name)):
            if value.split(" ", 1)[0] in payloads:
                description.set_line(index, "")
    _write(description, stream, _others(stream, payloads))


def _move_up(description: Description, stream: Stream, payloads: list[str]) -> None:
    _write(description, stream, payloads + _others(stream, payloads))


def _move_down(description: Description, stream: Stream, payloads: list[str]) -> None:
    _write(description, stream, _others(stream, payloads) + payloads)


def _write(description: Description, stream: Stream, payloads: list[str]) -> None:
    """The `m=` line with these payload types; a stream without any is refused (port 0)."""
    media, port, transport = description.lines[stream.line].split()[:3]
    words = (media, port if payloads else "0", transport, *payloads)
    description.set_line(stream.line, " ".join(words))
