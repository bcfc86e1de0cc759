"""Time recurrences: when a rule such as "Mondays from 9 to 17" is in force (cfgutils manual, RFC 2445 4.3.10).

A rule is `zone|start|end|duration|frequency|until|interval|byday|bymonthday|byyearday|byweekno|bymonth`;
what is behind the last field that matters may be left out, and so may the zone. Rules are combined with
`&`, `/` and `!`, and with parentheses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
ENDLESS = timedelta(days=36500)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?Z?")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_TOKEN = re.compile(r"\s*([()!&]|/(?=[^|]*(?:$|[|(!]))|[^()!&/]+(?:/[A-Za-z_]+[^()!&/]*)?)\s*")


class RecurrenceError(ValueError):
    """A text that is no recurrence."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Numbers count from the start of their period, negative ones from its end."""

    zone: tzinfo | None
    start: datetime
    length: timedelta
    frequency: str = ""
    until: datetime | None = None
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    months: tuple[int, ...] = ()

    def holds(self, seconds: float) -> bool:
        """Whether it is in force at a time (seconds since the epoch)."""
        now = _local(seconds, self.zone)
        if now < self.start or (self.until is not None and now > self.until):
            return False
        if not self.frequency:
            return now < self.start + self.length
        offset = self.start - self.start.replace(hour=0, minute=0, second=0)
        for back in range(self.length.days + 2):
            day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
            begin = day + offset
            if begin <= now < begin + self.length and begin >= self.start and self._recurs_on(begin):
                return True
        return False

    def _recurs_on(self, day: datetime) -> bool:
        return self._fits_interval(day) and self._fits_filters(day)

    def _fits_interval(self, day: datetime) -> bool:
        start = self.start
        if self.frequency == "DAILY":
            passed = (day.date() - start.date()).days
        elif self.frequency == "WEEKLY":
            monday = start.date() - timedelta(days=start.weekday())
            passed = (day.date() - monday).days // 7
        elif self.frequency == "MONTHLY":
            passed = (day.year - start.year) * 12 + day.month - start.month
        else:
            passed = day.year - start.year
        return passed % self.interval == 0

    def _fits_filters(self, day: datetime) -> bool:
        filters = (self.days, self.month_days, self.year_days, self.weeks, self.months)
        if not any(filters):
            return self._is_anniversary(day)
        in_year = (datetime(day.year + 1, 1, 1) - datetime(day.year, 1, 1)).days
        year_day = day.timetuple().tm_yday
        return (
            (not self.days or any(self._is_day(day, *each) for each in self.days))
            and _is_in(self.month_days, day.day, _days_in_month(day))
            and _is_in(self.year_days, year_day, in_year)
            and _is_in(self.weeks, day.isocalendar().week, 53)
            and _is_in(self.months, day.month, 12)
        )

    def _is_anniversary(self, day: datetime) -> bool:
        start = self.start
        if self.frequency == "WEEKLY":
            return day.weekday() == start.weekday()
        if self.frequency == "MONTHLY":
            return day.day == start.day
        return self.frequency == "DAILY" or (day.month, day.day) == (start.month, start.day)

    def _is_day(self, day: datetime, weekday: int, which: int) -> bool:
        """The weekday fits; `which` is the how manieth of its month (or year) it must be, 0 any."""
        if day.weekday() != weekday:
            return False
        if not which:
            return True
        if self.frequency == "YEARLY" and not self.months:
            number, total = day.timetuple().tm_yday, (datetime(day.year + 1, 1, 1) - datetime(day.year, 1, 1)).days
        else:
            number, total = day.day, _days_in_month(day)
        return which == (number - 1) // 7 + 1 if which > 0 else -which == (total - number) // 7 + 1


def _is_in(wanted: tuple[int, ...], number: int, total: int) -> bool:
    return not wanted or number in wanted or number - total - 1 in wanted


def _days_in_month(day: datetime) -> int:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day


def _local(seconds: float, zone: tzinfo | None) -> datetime:
    """Clock time in a zone, None being that of the machine, without a zone of its own."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).replace(tzinfo=None)


# ---- reading


def holds(text: str, seconds: float) -> bool:
    """Whether a combination of rules is in force at a time. Raises RecurrenceError."""
    tokens = [token.strip() for token in _TOKEN.findall(text) if token.strip()]
    tokens.reverse()
    value = _any(tokens, seconds, 0)
    if tokens:
        raise RecurrenceError(f"{tokens[-1]!r} is too much")
    return value


def _any(tokens: list[str], seconds: float, depth: int) -> bool:
    """One level for `&` and `/`, from left to right."""
    value = _one(tokens, seconds, depth)
    while tokens and tokens[-1] in ("&", "/"):
        operator, right = tokens.pop(), _one(tokens, seconds, depth)
        value = value and right if operator == "&" else value or right
    return value


def _one(tokens: list[str], seconds: float, depth: int) -> bool:
    if not tokens or depth > 100:
        raise RecurrenceError("a rule is missing")
    token = tokens.pop()
    if token == "!":
        return not _one(tokens, seconds, depth + 1)
    if token != "(":
        return read_rule(token).holds(seconds)
    value = _any(tokens, seconds, depth + 1)
    if not tokens or tokens.pop() != ")":
        raise RecurrenceError("')' is missing")
    return value


def read_rule(text: str) -> Rule:
    """Read one rule. Raises RecurrenceError."""
    fields = [each.strip() for each in text.split("|")]
    zone: tzinfo | None = None
    if fields[0] and not _TIME.fullmatch(fields[0]):
        zone = _zone(fields.pop(0))
    fields += [""] * (11 - len(fields))
    start = _time(fields[0])
    length = _time(fields[1]) - start if fields[1] else _duration(fields[2])
    frequency = fields[3].upper()
    if frequency and frequency not in FREQUENCIES:
        raise RecurrenceError(f"{fields[3]!r} is no frequency")
    return Rule(
        zone, start, length, frequency, _time(fields[4]) if fields[4] else None, max(1, _number(fields[5] or "1")),
        tuple(_day(each) for each in _list(fields[6])), *(tuple(map(_number, _list(each))) for each in fields[7:11]),
    )  # fmt: skip


def _zone(name: str) -> tzinfo:
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise RecurrenceError(f"{name!r} is no time zone") from error


def _time(text: str) -> datetime:
    found = _TIME.fullmatch(text)
    if found is None:
        raise RecurrenceError(f"{text!r} is no time")
    try:
        return datetime(*(int(each or 0) for each in found.groups()))  # type: ignore[arg-type]
    except ValueError as error:
        raise RecurrenceError(f"{text!r} is no time") from error


def _duration(text: str) -> timedelta:
    if not text:
        return ENDLESS
    found = _DURATION.fullmatch(text.upper())
    if found is None or not any(found.groups()):
        raise RecurrenceError(f"{text!r} is no duration")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _list(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise RecurrenceError(f"{text!r} is no number") from error


def _day(text: str) -> tuple[int, int]:
    """`MO`, `2MO` or `-1FR` as weekday and which of them."""
    name = text[-2:].upper()
    if name not in DAYS:
        raise RecurrenceError(f"{text!r} is no day")
    return DAYS.index(name), _number(text[:-2] or "0")
