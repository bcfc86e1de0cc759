"""What rtpengine says about a call: totals and the quality of its streams (rtp-relay.md 10, `$rtpstat`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import fmean

from relayscript.engines.rtpengine.ng import NgDict

STATISTICS = "rtpengine.statistics"
"""Under which name a message keeps the reply that its statistics are read from."""

FIELDS = {"mos": "MOS", "jitter": "jitter", "roundtrip": "round-trip time", "packetloss": "packet loss"}
EXTREMES = {"min": min, "max": max}
REPORTED_AT = "reported at"


def totals(reply: NgDict) -> str | None:
    """`RTP: x bytes, y packets, z errors; RTCP: ...`; None if the reply has no totals."""
    found = reply.get("totals")
    if not isinstance(found, dict):
        return None
    shown = []
    for name in ("RTP", "RTCP"):
        counts = found.get(name)
        numbers = counts if isinstance(counts, dict) else {}
        words = (f"{numbers.get(each, 0)} {each}" for each in ("bytes", "packets", "errors"))
        shown.append(f"{name}: {', '.join(words)}")
    return "; ".join(shown)


def quality(reply: NgDict, name: str, tag: str | None) -> int | None:
    """A value such as `MOS-average` or `jitter-max-at`, of all streams or of one participant's; None if unknown.

    An average is that of the streams' averages; a minimum or maximum is taken over all that was reported.
    """
    what, _, how = name.lower().partition("-")
    extreme, _, at = how.partition("-")
    field = FIELDS.get(what)
    if field is None or at not in ("", "at"):
        return None
    streams = list(_streams(reply, tag))
    if how == "average":
        averages = [
            value for each in streams if (value := _number(each.get("average MOS"), field)) is not None
        ]
        return round(fmean(averages)) if averages else None
    if extreme not in EXTREMES:
        return None
    reports = [report for each in streams for report in _reports(each) if _number(report, field) is not None]
    if not reports:
        return None
    chosen = EXTREMES[extreme](reports, key=lambda report: _number(report, field) or 0)
    return _number(chosen, REPORTED_AT if at else field)


def _streams(reply: NgDict, tag: str | None) -> Iterator[Mapping[str, object]]:
    """What is known of each SSRC, or of those that one participant sends."""
    known = reply.get("SSRC")
    if not isinstance(known, dict):
        return
    wanted = None if tag is None else set(_numbers_of(reply, tag))
    for number, each in known.items():
        if isinstance(each, dict) and (wanted is None or number in wanted):
            yield each


def _numbers_of(reply: NgDict, tag: str) -> Iterator[str]:
    """The SSRCs of a participant, wherever they stand below its tag."""
    tags = reply.get("tags")
    pending: list[object] = [tags.get(tag)] if isinstance(tags, dict) else []
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            if isinstance(each.get("SSRC"), int | str):
                yield str(each["SSRC"])
            pending += each.values()
        elif isinstance(each, list):
            pending += each


def _reports(stream: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    progression = stream.get("MOS progression")
    entries = progression.get("entries") if isinstance(progression, dict) else None
    for each in (
        stream.get("lowest MOS"),
        stream.get("highest MOS"),
        *(entries if isinstance(entries, list) else ()),
    ):
        if isinstance(each, dict):
            yield each


def _number(values: object, name: str) -> int | None:
    found = values.get(name) if isinstance(values, Mapping) else None
    return found if isinstance(found, int) else None
