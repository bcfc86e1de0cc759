"""What can be wrong with a message, and how RFC 3261 wants it answered."""

from __future__ import annotations


class SipError(Exception):
    """A message that cannot be processed.

    `status` and `reason` are the reply that RFC 3261 asks for; status 0 means that it is dropped
    without one (no Via to answer to, an ACK, a reply). `kind` is the name it is counted under.
    """

    def __init__(self, kind: str, text: str = "", status: int = 0, reason: str = "") -> None:
        super().__init__(text or kind)
        self.kind = kind
        self.status = status
        self.reason = reason
