"""What rtpproxy answers (reference 5.4, 5.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relayscript.engines.errors import EngineError

_MEDIA = re.compile(r"(\d{1,5})(?: ([^\s]+))?(?: 6)?")
_ERROR = re.compile(r"E(\d{1,9})$")
_RESOURCES = frozenset({71, 72, 98, 99, *range(81, 90)})


class RtpproxyError(EngineError):
    """The node answered `E` and a number, or `0` for a session that it does not have (code 0)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"E{code}" if code else "no such session")
        self.code = code

    @property
    def fails_over(self) -> bool:
        """The node lacks something that another may have: ports, memory, time."""
        return self.code in _RESOURCES


@dataclass(frozen=True, slots=True)
class MediaReply:
    """The port handed out, and the address if the node told one."""

    port: int
    host: str = ""


def parse_media_reply(text: str) -> MediaReply:
    """Read the reply to `U` or `L`. RtpproxyError, or EngineError if it cannot be understood."""
    text = text.partition(" && ")[0].strip()
    check(text)
    found = _MEDIA.fullmatch(text)
    if found is None or int(found[1]) > 65535:
        raise EngineError(f"strange reply '{text}'")
    if int(found[1]) == 0:
        raise RtpproxyError(0)
    return MediaReply(int(found[1]), found[2] or "")


def check(text: str) -> None:
    """RtpproxyError if the reply is an error."""
    if found := _ERROR.match(text.strip()):
        raise RtpproxyError(int(found[1]))


def parse_numbers(text: str) -> tuple[int, ...]:
    """Read the reply to a query. RtpproxyError, or EngineError if it is not made of numbers."""
    check(text)
    try:
        return tuple(int(number) for number in text.split())
    except ValueError:
        raise EngineError(f"strange reply '{text.strip()}'") from None
