"""What a call remembers of the messages that came, for the keywords of those that it sends."""

from __future__ import annotations

from dataclasses import dataclass, field

from relayscript.apps.testing.sipp.variables import Variables
from relayscript.apps.testing.useragent import contact_of, listed
from relayscript.sip.digest import Challenge, parse_challenge
from relayscript.sip.message import Message, header_key
from relayscript.sip.params import LWS

PEER_TAG = ";tag="


@dataclass(slots=True)
class Memory:
    """`number` counts the calls of a party from 1, `index` is that of the step that is done.

    `peer_tag` is the tag in the To of the last response. `routes` and `next_url` come from the first message that was
    received with `rrs`, the challenge from the last with `auth`. `uses` counts the answers to a nonce.
    """

    call_id: str
    number: int
    variables: Variables
    index: int = 0
    cseq: int = 0
    last: Message | None = None
    peer_tag: str = ""
    routes: tuple[str, ...] = ()
    next_url: str = ""
    challenge: Challenge | None = None
    challenge_status: int = 0
    uses: dict[str, int] = field(default_factory=dict)
    fields: tuple[str, ...] | None = None

    def look_at(self, message: Message) -> None:
        """A response came: its To has the tag of the peer."""
        if not message.is_request:
            tag = (message.header("to") or "").partition(PEER_TAG)[2].partition(";")[0]
            self.peer_tag = tag or self.peer_tag

    def route_by(self, message: Message) -> None:
        """Keep the route set of a message, unless one is kept (RFC 3261 12.1.1, 12.1.2, 12.2.1.1)."""
        if self.routes:
            return
        routes = listed(message.headers("record-route"))
        if not message.is_request:
            routes.reverse()
        contact = contact_of(message)
        if routes and ";lr" not in routes[0]:
            self.next_url = routes[0].strip("<> ")
            self.routes = (*routes[1:], f"<{contact}>")
        else:
            self.next_url, self.routes = contact, tuple(routes)

    def challenged_by(self, message: Message) -> None:
        """Keep the challenge of a 401 or 407."""
        name = {401: "www-authenticate", 407: "proxy-authenticate"}.get(message.status)
        if name is not None:
            self.challenge_status = message.status
            found = (parse_challenge(value) for value in message.headers(name))
            self.challenge = next((each for each in found if each is not None), None)

    def header_line(self, name: str) -> str:
        """A header of the last message as a line, several of that name joined; empty if there is none."""
        if self.last is None:
            return ""
        key = header_key(name)
        values = [value.strip(LWS) for value in self.last.headers(key)]
        at = next(iter(self.last.indexes(key)), -1)
        return f"{self.last.lines[at].partition(':')[0].rstrip()}: {', '.join(values)}" if values else ""


def whole(message: Message) -> str:
    """A message as it came."""
    return "\r\n".join((message.first_line, *message.lines, "", message.body))
