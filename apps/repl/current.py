"""The current message: what is typed of the script language runs on it, as a route of a kind would."""

from __future__ import annotations

from relayscript.apps.testing.actor import Actor
from relayscript.apps.testing.running import message_from
from relayscript.apps.testing.statements import Packet
from relayscript.apps.testing.useragent import UserAgent
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

SENDER = "you"
"""Who sends the messages that nobody has sent: the person at the prompt."""

PLACE: Address = ("192.0.2.250", 5060)
USUAL = Packet(SENDER, "->", "INVITE", "sip:bob@example.com")


class Current:
    """The message, and the run that typed statements share until there is another message.

    `kind` is the kind of route that they would stand in.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._agent = Actor(UserAgent(SENDER, PLACE, runtime.listeners[0].address, lambda data: None), 4990)
        self.context = self._begun(self.written(USUAL))

    @property
    def message(self) -> Message:
        """The message."""
        return self.context.message

    @property
    def kind(self) -> Kind:
        """The kind of route in which typed statements run."""
        return self.context.kind

    @kind.setter
    def kind(self, kind: Kind) -> None:
        self.context.kind = kind

    def take(self, message: Message) -> None:
        """Another message from now on, and a new run with it."""
        self.context = self._begun(message)

    def write(self, packet: Packet) -> None:
        """A message as somebody would send it, who is no party of the scenario. Raises ScriptedWrongly."""
        self.take(self.written(packet))

    def read(self, data: bytes) -> None:
        """The message in a file, whose lines may end with LF alone. Raises SipError."""
        text = data.replace(b"\r\n", b"\n").lstrip(b"\n")
        head, _, body = text.partition(b"\n\n")
        self.receive(b"\r\n".join([*head.rstrip(b"\n").split(b"\n"), b"", b"\r\n".join(body.split(b"\n"))]), PLACE)

    def receive(self, data: bytes, source: Address) -> None:
        """A message as it came from an address. Raises SipError."""
        message = Message.parse(data)
        message.source, message.listener = source, self._runtime.listeners[0]
        self.take(message)

    def written(self, packet: Packet) -> Message:
        """The message that a statement describes, unsent."""
        sent: list[bytes] = []
        self._agent.agent.transmit = sent.append
        body, headers = self._agent.contents(packet.details)
        method = packet.method or "INVITE"
        self._agent.agent.request(method, packet.target or USUAL.target, body, headers)
        return message_from(sent[-1], int(packet.status or 0), PLACE, self._runtime)

    def _begun(self, message: Message) -> Context:
        context = Context(self._runtime, message, Kind.REQUEST if message.is_request else Kind.ONREPLY)
        if not message.is_request:
            context.reply = message
        context.stack = ["route" if message.is_request else "onreply_route"]
        return context
