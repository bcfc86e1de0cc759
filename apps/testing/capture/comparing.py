"""Compares what a proxy sent then with what a script sends now, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from relayscript.apps.testing.capture.values import Heard, Pairs, Value, lines_of, separators_in, values_in
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

OWN_WORDS = frozenset(("server", "user-agent", "date"))
"""Headers in which everybody says something of their own, if they made them."""

UNIQUE = ("branch", "tag", "nonce", "call-id")
"""Kinds of values of which a line has one, whatever else it has."""

PER_LINE = frozenset(("first line", "body"))


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent; `place` counts them, `heard` how many had come in before. Times are seconds since the
    first message of the capture."""

    time: float
    protocol: str
    destination: Address
    message: Message
    place: int
    heard: int

    @property
    def key(self) -> tuple[str, Address, str, str]:
        """By what the same message is found: where it went, what it is, and its CSeq."""
        what = self.message.method if self.message.is_request else str(self.message.status)
        return self.protocol, self.destination, what, " ".join((self.message.header("cseq") or "").split())


@dataclass(slots=True)
class Comparison:
    """Both sides: what came in then and now, and what stands for what. The `media` of relays are used by many calls,
    one after the other: they are paired for each call."""

    then: Heard = field(default_factory=Heard)
    now: Heard = field(default_factory=Heard)
    pairs: Pairs = field(default_factory=Pairs)
    media: dict[str, Pairs] = field(default_factory=dict)

    def was_made(self, then: Sent) -> bool:
        """The Call-ID of a message that the proxy sent came in no message before."""
        return not self.then.has(first(then.message.call_id), then.heard)

    def is_made(self, now: Sent) -> bool:
        """The Call-ID of a message that the script sends came in no message before."""
        return not self.now.has(first(now.message.call_id))

    def differences(self, then: Sent, now: Sent) -> tuple[str, ...]:
        """The lines that differ, `- ` then and `+ ` now; values that stand for each other are learnt, and named."""
        found = []
        before, after = grouped(then.message), grouped(now.message)
        if then.message.first_line.split(" ")[-1] != now.message.first_line.split(" ")[-1] and now.message.status:
            found += [f"- {then.message.first_line}", f"+ {now.message.first_line}"]
        for key in dict.fromkeys((*before, *after)):
            found += self._header(key, before.get(key, []), after.get(key, []), then)
        return tuple(found)

    def _header(self, key: str, before: list[str], after: list[str], then: Sent) -> Iterator[str]:
        if key in OWN_WORDS and not (self._came(before, then.heard, self.then) or self._came(after, None, self.now)):
            return
        for number in range(max(len(before), len(after))):
            old = before[number] if number < len(before) else None
            new = after[number] if number < len(after) else None
            if old is not None and new is not None and self._alike(key, old, new, then):
                continue
            label = "" if key in PER_LINE else f"{spelt(key)}: "
            pairs = self._pairs(key, then)
            yield from (f"- {label}{pairs.named(each)}" for each in (old,) if each is not None)
            yield from (f"+ {label}{pairs.named(each)}" for each in (new,) if each is not None)

    def _pairs(self, key: str, then: Sent) -> Pairs:
        return self.media.setdefault(then.message.call_id, Pairs()) if key == "body" else self.pairs

    @staticmethod
    def _came(lines: list[str], before: int | None, heard: Heard) -> bool:
        return any(heard.has(first(line), before) for line in lines)

    def _alike(self, key: str, old: str, new: str, then: Sent) -> bool:
        """Two lines say the same. Whatever can be learnt from them is."""
        before, after = values_in(key, old), values_in(key, new)
        if separators_in(old) != separators_in(new):
            self._learn(before, after, then)
            if key == "record-route":
                self.pairs.join_routes(old, new)
            return False
        alike, pairs = True, self._pairs(key, then)
        for was, is_ in zip(before, after, strict=True):
            if was.kind and self._are_made(was, is_, then):
                alike = pairs.join(was.kind, was.text, is_.text) and alike
            elif pairs.now(was.text) != is_.text:
                alike = False
        return alike

    def _learn(self, before: list[Value], after: list[Value], then: Sent) -> None:
        """Find the values that stand for each other in lines that are made in different ways, by their kind."""
        for kind in UNIQUE:
            old, new = ([value for value in values if value.kind == kind] for values in (before, after))
            for was, is_ in zip(old, new, strict=False):
                if self._are_made(was, is_, then):
                    self.pairs.join(kind, was.text, is_.text)

    def _are_made(self, was: Value, is_: Value, then: Sent) -> bool:
        """Both values were made up, each on its side."""
        return not self.then.has(was.text, then.heard) and not self.now.has(is_.text)


def grouped(message: Message) -> dict[str, list[str]]:
    """The lines of a message by their key: the order among different headers says nothing."""
    found: dict[str, list[str]] = {}
    for key, line in lines_of(message):
        found.setdefault(key, []).append(line)
    return found


def spelt(key: str) -> str:
    """The usual spelling of a header's name."""
    usual = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}
    return usual.get(key) or "-".join(word.capitalize() for word in key.split("-"))


def first(line: str) -> str:
    """The first value of a line."""
    return next((value.text for value in values_in("", line)), "")
