"""A party of a scenario: its user agent, what reached it, and how it writes and checks messages as told."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from relayscript.apps.testing.statements import Detail, Packet
from relayscript.apps.testing.useragent import Header, UserAgent, media_of, sdp
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message, header_key
from relayscript.sip.transport import bracketed


class Actor:
    """A party. `inbox` is what reached it and was not expected yet, `new` what it has not reacted to yet.

    The first `optional` of the inbox came within an act: the scenario may expect them, or pass over them.
    """

    def __init__(self, agent: UserAgent, media_port: int) -> None:
        self.optional = 0
        self.agent = agent
        self.media_port = media_port
        self.inbox: deque[Message] = deque()
        self.new: deque[Message] = deque()
        self._descriptions = 0

    def receive(self, data: bytes) -> None:
        """A message reached the party; a repeated one is not looked at twice, what is not SIP (a ping) not at all."""
        try:
            message = self.agent.receive(data)
        except SipError:
            return
        if message is not None:
            self.inbox.append(message)
            self.new.append(message)

    def forget(self) -> None:
        """What came before is of no interest any more."""
        self.inbox.clear()
        self.new.clear()
        self.optional = 0

    def has_news(self, wrong_with: Callable[[Message], str]) -> bool:
        """A message waits to be looked at, other than a 100 or one of an act that is not the wanted one."""
        while self.inbox:
            first = self.inbox[0]
            if not wrong_with(first) or (self.optional == 0 and first.status != 100):
                return True
            self.take()
        return False

    @property
    def waiting(self) -> Message | None:
        """The first message that has to be expected and was not yet."""
        left = [each for each in list(self.inbox)[self.optional :] if each.status != 100]
        return left[0] if left else None

    def take(self) -> Message:
        """The message that came first, which is then out of the inbox."""
        self.optional = max(0, self.optional - 1)
        return self.inbox.popleft()

    # ---- writing

    def contents(self, details: tuple[Detail, ...], with_sdp: bool = False) -> tuple[str, list[Header]]:
        """The body and headers of a message; `with_sdp`: it describes a session unless told not to."""
        body = ""
        headers: list[Header] = []
        lines: list[str] = []
        for each in details:
            match each.word:
                case "sdp":
                    body = self._description(each.value)
                case "body":
                    body = each.value
                case "line":
                    lines.append(each.value)
                case "no":
                    with_sdp = with_sdp and each.value.lower() != "sdp"
                    headers.append((each.value, None))
                case "within" | "call" | "phrase":
                    pass
                case _:
                    headers.append((each.word, each.value))
        body = body or (self._description("") if with_sdp or lines else "")
        return with_lines(body, lines), headers

    def _description(self, value: str) -> str:
        """A session description: at the party's own address, or as `port` or `host:port` says."""
        host, _, port = value.rpartition(":")
        self._descriptions += 1
        number = int(port) if port.isdecimal() else self.media_port
        return sdp(self.agent.name, host.strip("[]") or self.agent.address[0], number, self._descriptions)

    # ---- checking

    def mismatch(self, packet: Packet, message: Message, target: Callable[[str], str]) -> str:
        """What is wrong with a message that reached the party, in words; empty if it is the expected one."""
        if packet.status:
            is_it = not message.is_request and matches(packet.status, message.status)
            is_it = is_it and packet.method in ("", message.method)
        else:
            is_it = message.is_request and message.method == packet.method
        if not is_it:
            return "another message"
        if packet.target and message.uri != (wanted := target(packet.target)):
            return f"its Request-URI is not {wanted}"
        return next(filter(None, (lack(each, message) for each in packet.details)), "")


def matches(pattern: str, status: int) -> bool:
    """A status is the one given, or of the class given (`2xx`)."""
    return pattern == str(status) or (pattern.endswith("xx") and pattern[0] == str(status)[0])


def lack(detail: Detail, message: Message) -> str:
    """What a message lacks of a detail, in words; empty if nothing."""
    if detail.word == "within":
        return ""
    if detail.word == "no":
        has = message.body if detail.value == "sdp" else message.header(header_key(detail.value)) is not None
        return f"it has {detail.value}" if has else ""
    if detail.word == "line":
        return "" if detail.value in message.body.split("\r\n") else f"its body has no line {detail.value}"
    if detail.word == "call":
        return "" if fits(detail, message.call_id) else f"it is of the call {message.call_id}"
    if detail.word == "phrase":
        phrase = message.first_line.partition(" ")[2].partition(" ")[2]
        return "" if fits(detail, phrase) else f"its phrase is {phrase}"
    if detail.word == "body":
        return "" if fits(detail, message.body) else "its body is another"
    if detail.word == "sdp":
        address = shown_media(message.body)
        if not address:
            return "it has no session description"
        right = detail.value in ("", address) or address.endswith(f":{detail.value}")
        return "" if right else f"its media are at {address}"
    values = message.headers(header_key(detail.word))
    if any(fits(detail, value) for value in values):
        return ""
    return f"its {detail.word} is {' and '.join(values)}" if values else f"it has no {detail.word}"


def word_of(details: tuple[Detail, ...], word: str) -> str:
    """What a detail of that word says; empty if there is none."""
    return next((each.value for each in details if each.word == word), "")


def fits(detail: Detail, text: str) -> bool:
    """A text is what the detail says: equal, or a pattern is found in it."""
    return re.search(detail.value, text) is not None if detail.pattern else text == detail.value


def with_lines(body: str, lines: list[str]) -> str:
    """A session description with lines put in: in the place of its line of that type, `a=` and `m=` at the end."""
    for line in lines:
        kind, rows = line[:2], body.split("\r\n")
        place = next((i for i, row in enumerate(rows) if row[:2] == kind), None)
        if place is None or kind in ("a=", "m="):
            body += f"{line}\r\n"
        else:
            body = "\r\n".join([*rows[:place], line, *rows[place + 1 :]])
    return body


def shown_media(body: str) -> str:
    """`host:port` of the first stream of a session description; empty if there is none."""
    address = media_of(body)
    return f"{bracketed(address[0])}:{address[1]}" if address else ""
