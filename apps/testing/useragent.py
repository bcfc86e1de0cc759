"""A small SIP user agent without sockets: it builds requests and responses and remembers its calls.

It is what plays a party in the simulator and what the built-in phone speaks with. It acknowledges
negative finals by itself, as the transaction layer of a phone does (RFC 3261 17.1.1.3); everything else
is asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from relayscript.sip.message import Message
from relayscript.sip.transport import Address, bracketed

CRLF = "\r\n"
REASONS = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
    200: "OK", 202: "Accepted", 300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    407: "Proxy Authentication Required", 408: "Request Timeout", 415: "Unsupported Media Type",
    420: "Bad Extension", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable",
    600: "Busy Everywhere", 603: "Decline",
}  # fmt: skip
"""Reason phrases of RFC 3261 section 21."""

Header = tuple[str, str | None]
"""A header's name and value; None leaves the header out."""


class ScriptedWrongly(Exception):  # noqa: N818 - the mistake of who wrote the scenario
    """The agent was asked for something that its calls do not allow (an ACK before any answer)."""


@dataclass(slots=True)
class Call:
    """One call of an agent. `invite` is the INVITE received last, `final` the final response to ours.

    `established` says that its tags and routes are settled.
    """

    call_id: str
    local: str
    remote: str
    target: str
    routes: list[str] = field(default_factory=list)
    cseq: int = 0
    invite: Message | None = None
    invite_sent: str = ""
    final: Message | None = None
    established: bool = False


def sdp(owner: str, host: str, port: int, version: int = 1, direction: str = "") -> str:
    """A session description with one audio stream, PCMU and PCMA."""
    family = "IP6" if ":" in host else "IP4"
    lines = (
        "v=0",
        f"o={owner} 1 {version} IN {family} {host}",
        "s=-",
        f"c=IN {family} {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 8",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        *((f"a={direction}",) if direction else ()),
    )
    return CRLF.join((*lines, ""))


def media_of(body: str) -> Address | None:
    """The address of the first stream of a session description; None if there is none, or none that can be read."""
    host, port = "", 0
    for line in body.replace(CRLF, "\n").split("\n"):
        if line.startswith("c=") and (not host or port):
            host = line.split()[-1]
        elif line.startswith("m="):
            if port:
                break
            words = line.split()
            port = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0
    return (host, port) if host and port else None


class UserAgent:
    """An agent at an address; what it sends goes to `proxy` through `transmit`, over UDP or another transport."""

    def __init__(
        self, name: str, address: Address, proxy: Address, transmit: Callable[[bytes], None], transport: str = ""
    ) -> None:
        self.transport = transport or "udp"
        self.name = name
        self.address = address
        self.proxy = proxy
        self.transmit = transmit
        self.calls: dict[str, Call] = {}
        self.call: Call | None = None
        self.pending: list[Message] = []
        self.sent: list[bytes] = []
        self._branches = 0
        self._calls = 0
        self._seen: set[tuple[str, str, str, str]] = set()

    @property
    def uri(self) -> str:
        """Its own address as a URI."""
        transport = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:{self.name}@{self.sent_by}{transport}"

    @property
    def sent_by(self) -> str:
        """Its address as in a Via or a URI: the port only if it is not SIP's own."""
        host, port = bracketed(self.address[0]), self.address[1]
        return host if port == 5060 else f"{host}:{port}"

    def repeat(self, method: str = "", status: int = 0) -> None:
        """Send the last message of that kind (the last of all) again, byte for byte, as a retransmission."""
        wanted = [each for each in self.sent if matches_kind(each, method, status)]
        if not wanted:
            raise ScriptedWrongly(f"{self.name} has sent no {status or method or 'message'} to repeat")
        self.transmit(wanted[-1])

    def _out(self, data: bytes) -> None:
        self.sent.append(data)
        self.transmit(data)

    # ---- requests

    def invite(self, target: str, body: str = "", headers: Iterable[Header] = (), call_id: str = "") -> None:
        """Begin a call to a URI, under the next number if no Call-ID is given."""
        self._calls += 1
        call_id = call_id or f"{self.name}-{self._calls}"
        tag = self.name if self._calls == 1 else f"{self.name}-{self._calls}"
        call = Call(call_id, f"<{self.uri}>;tag={tag}", f"<{target}>", target)
        self.calls[call_id] = self.call = call
        self._invite(call, body, headers)

    def request(
        self, method: str, target: str = "", body: str = "", headers: Iterable[Header] = (), call_id: str = ""
    ) -> None:
        """Send a request: within the present call if there is one and no target is given, else outside.

        A Call-ID is that of the call which is the present one from now on, or begins.
        """
        self.call = self.calls.get(call_id, self.call)
        if method == "INVITE" and (target or self.call is None):
            self.invite(target, body, headers, call_id)
        elif method == "ACK":
            self.ack(body, headers)
        elif method == "CANCEL":
            self.cancel(headers)
        elif target or self.call is None:
            self._alone(method, target, body, headers, call_id)
        elif method == "INVITE":
            self._invite(self.call, body, headers)
        else:
            self.call.cseq += 1
            self._send(method, self.call, self.call.cseq, self._via(), body, headers)

    def ack(self, body: str = "", headers: Iterable[Header] = ()) -> None:
        """Acknowledge the 2xx of the last INVITE (RFC 3261 13.2.2.4)."""
        call = self._present()
        if call.final is None:
            raise ScriptedWrongly(f"{self.name} has no final response to acknowledge")
        self._send("ACK", call, call.final.cseq[0], self._via(), body, headers)

    def cancel(self, headers: Iterable[Header] = ()) -> None:
        """Cancel the INVITE that waits for an answer (RFC 3261 9.1)."""
        call = self._present()
        if not call.invite_sent:
            raise ScriptedWrongly(f"{self.name} has sent no INVITE to cancel")
        self._out(derived("CANCEL", call.invite_sent, headers))

    def _present(self) -> Call:
        if self.call is None:
            raise ScriptedWrongly(f"{self.name} has no call")
        return self.call

    def _invite(self, call: Call, body: str, headers: Iterable[Header]) -> None:
        call.cseq += 1
        call.final = None
        call.invite_sent = self._send("INVITE", call, call.cseq, self._via(), body, headers)

    def _alone(self, method: str, target: str, body: str, headers: Iterable[Header], call_id: str) -> None:
        self._calls += 1
        call_id = call_id or f"{self.name}-{self._calls}"
        aor = target if method != "REGISTER" else self.uri
        call = Call(call_id, f"<{self.uri}>;tag={self.name}-{self._calls}", f"<{aor}>", target)
        self._send(method, call, 1, self._via(), body, headers)

    def _via(self) -> str:
        self._branches += 1
        return f"Via: SIP/2.0/{self.transport.upper()} {self.sent_by};branch=z9hG4bK-{self.name}-{self._branches}"

    def _send(self, method: str, call: Call, cseq: int, via: str, body: str, headers: Iterable[Header]) -> str:
        contact = () if method in ("BYE", "CANCEL", "ACK") else (f"Contact: <{self.uri}>",)
        lines = (
            f"{method} {call.target} SIP/2.0",
            via,
            "Max-Forwards: 70",
            *(f"Route: {each}" for each in call.routes),
            f"From: {call.local}",
            f"To: {call.remote}",
            f"Call-ID: {call.call_id}",
            f"CSeq: {cseq} {method}",
            *contact,
        )
        text = finished(lines, body, headers)
        self._out(text.encode("latin-1"))
        return text

    # ---- responses

    def respond(
        self, status: int, reason: str = "", body: str = "", headers: Iterable[Header] = (), method: str = "",
        call_id: str = "",
    ) -> None:  # fmt: skip
        """Answer the request that came last and waits for an answer (of that method and call, if given)."""
        self.call = self.calls.get(call_id, self.call)
        waiting = [
            each for each in self.pending if method in ("", each.method) and call_id in ("", each.call_id)
        ]  # fmt: skip
        if not waiting:
            raise ScriptedWrongly(f"{self.name} has no {method or 'request'} to answer")
        request = waiting[-1]
        if status >= 200:
            self.pending.remove(request)
        to = request.header("to") or ""
        if status > 100 and ";tag=" not in to:
            to += f";tag={self._tag(request)}"
        establishing = request.method in ("INVITE", "SUBSCRIBE", "UPDATE", "REFER")
        lines = (
            f"SIP/2.0 {status} {reason or REASONS.get(status, 'Unknown')}",
            *(f"Via: {each}" for each in request.headers("via")),
            *(f"Record-Route: {each}" for each in request.headers("record-route")),
            f"From: {request.header('from')}",
            f"To: {to}",
            f"Call-ID: {request.call_id}",
            f"CSeq: {request.header('cseq')}",
            *((f"Contact: <{self.uri}>",) if 100 < status < 300 and establishing else ()),
        )
        self._out(finished(lines, body, headers).encode("latin-1"))

    def _tag(self, request: Message) -> str:
        known = self.calls.get(request.call_id)
        return known.local.rpartition(";tag=")[2] if known is not None else self.name

    # ---- what arrives

    def receive(self, data: bytes) -> Message | None:
        """Take a message that arrived; None if it repeats one that came before. Raises SipError."""
        message = Message.parse(data)
        via = message.header("via") or ""
        key = (message.first_line, via, message.call_id, message.header("cseq") or "")
        again = key in self._seen
        self._seen.add(key)
        if message.is_request:
            return None if again else self._requested(message)
        return self._answered(message, again)

    def _requested(self, message: Message) -> Message:
        if message.method != "ACK":
            self.pending.append(message)
        if message.method == "INVITE":
            self._invited(message)
        return message

    def _invited(self, message: Message) -> None:
        call = self.calls.get(message.call_id)
        if call is None:
            self._calls += 1
            tag = self.name if self._calls == 1 else f"{self.name}-{self._calls}"
            to, remote = message.header("to") or "", message.header("from") or ""
            call = Call(message.call_id, to if ";tag=" in to else f"{to};tag={tag}", remote, "")
            call.routes, call.established = listed(message.headers("record-route")), True
            self.calls[message.call_id] = call
        self.call = call
        call.invite = message
        call.target = contact_of(message) or call.target

    def _answered(self, message: Message, again: bool) -> Message | None:
        call = self.calls.get(message.call_id)
        if call is not None and message.method == "INVITE" and message.status >= 200:
            self._finished(call, message)
        return None if again else message

    def _finished(self, call: Call, message: Message) -> None:
        call.final = message
        if message.status >= 300:
            self._out(derived("ACK", call.invite_sent, (), message.header("to") or ""))
            return
        if not call.established:
            call.established = True
            call.remote = message.header("to") or call.remote
            call.routes = listed(message.headers("record-route"))[::-1]
        call.target = contact_of(message) or call.target


def finished(lines: Iterable[str], body: str, headers: Iterable[Header]) -> str:
    """A message of its lines, more headers and its body.

    The first of a name takes the place of ours, more of that name follow it.
    """
    made, given = list(lines), set()
    for name, value in headers:
        place = [i for i, line in enumerate(made) if i and line.partition(":")[0].lower() == name.lower()]
        if value is None:
            made = [line for i, line in enumerate(made) if i not in place]
        elif place and name.lower() in given:
            made.insert(place[-1] + 1, f"{name}: {value}")
        elif place:
            made[place[0]] = f"{name}: {value}"
        else:
            made.append(f"{name}: {value}")
        given.add(name.lower())
    if body and not any(line.lower().startswith("content-type:") for line in made):
        made.append("Content-Type: application/sdp")
    return CRLF.join((*made, f"Content-Length: {len(body)}", "", body))


def derived(method: str, invite: str, headers: Iterable[Header], to: str = "") -> bytes:
    """A CANCEL, or the ACK of a negative final, of the INVITE that was sent (RFC 3261 9.1, 17.1.1.3)."""
    first, *lines = invite.partition(CRLF * 2)[0].split(CRLF)
    kept = [f"{method} {first.split(' ')[1]} SIP/2.0"]
    for line in lines:
        name = line.partition(":")[0].lower()
        if name in ("via", "max-forwards", "route", "from", "call-id") or (name == "to" and not to):
            kept.append(line)
        elif name == "to":
            kept.append(f"To: {to}")
        elif name == "cseq":
            kept.append(f"CSeq: {line.split()[1]} {method}")
    return finished(kept, "", headers).encode("latin-1")


def matches_kind(data: bytes, method: str, status: int) -> bool:
    """A message is a request of that method, or a response of that status (to such a request); empty: any."""
    first, _, rest = data.decode("latin-1").partition(CRLF)
    if not status:
        return not method or first.startswith(f"{method} ")
    return first.startswith(f"SIP/2.0 {status} ") and (not method or f" {method}{CRLF}" in rest)


def listed(values: Iterable[str]) -> list[str]:
    """The values of headers that may hold several, one by one."""
    return [each.strip() for value in values for each in value.split(",")]


def contact_of(message: Message) -> str:
    """The URI in the Contact; empty if there is none."""
    value = message.header("contact") or ""
    inside = value.partition("<")[2].partition(">")[0]
    return inside or value.partition(";")[0].strip()
