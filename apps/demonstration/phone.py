"""The built-in phone: the small user agent on a real UDP socket, with sound."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from relayscript.apps.demonstration.sound import Sound
from relayscript.apps.testing.actor import Actor
from relayscript.apps.testing.acts import react
from relayscript.apps.testing.useragent import UserAgent, media_of
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address


class Phone:
    """A phone on a port of its own. It acknowledges, and answers BYE and CANCEL, by itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str, host: str, proxy: Address, ssrc: int) -> None:
        self._loop = loop
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self.sound = Sound(loop, host, ssrc)
        self.agent = UserAgent(name, self._socket.getsockname(), proxy, self._transmit)
        self._actor = Actor(self.agent, self.sound.port)
        self._waiting: list[tuple[Callable[[Message], bool], asyncio.Future[Message]]] = []
        loop.add_reader(self._socket, self._readable)

    @property
    def media(self) -> Address:
        """Where its sound is sent from."""
        return (self.agent.address[0], self.sound.port)

    def call(self, uri: str) -> None:
        """Call a URI."""
        self.agent.invite(uri, self._actor.contents((), with_sdp=True)[0])

    def ring(self) -> None:
        """Say that it rings."""
        self.agent.respond(180, method="INVITE")

    def answer(self) -> None:
        """Take the call."""
        self.agent.respond(200, "", self._actor.contents((), with_sdp=True)[0], (), "INVITE")

    def hang_up(self) -> None:
        """End the call."""
        self.agent.request("BYE")
        self.sound.stop()

    def speak(self, body: str) -> Address | None:
        """Send sound to where a session description says; returns where that is."""
        remote = media_of(body)
        if remote is not None:
            self.sound.start(remote)
        return remote

    async def heard(self, wanted: Callable[[Message], bool], seconds: float) -> Message:
        """The next message that is wanted. Raises TimeoutError."""
        future: asyncio.Future[Message] = self._loop.create_future()
        self._waiting.append((wanted, future))
        async with asyncio.timeout(seconds):
            return await future

    def close(self) -> None:
        """Give the sockets back."""
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self.sound.close()

    def _transmit(self, data: bytes) -> None:
        self._socket.sendto(data, self.agent.proxy)

    def _readable(self) -> None:
        while True:
            try:
                data = self._socket.recv(65535)
            except OSError:
                return
            try:
                message = self.agent.receive(data)
            except SipError:
                continue
            if message is not None:
                react(self._actor, message)
                self._tell(message)

    def _tell(self, message: Message) -> None:
        if message.is_request and message.method == "BYE":
            self.sound.stop()
        for entry in list(self._waiting):
            wanted, future = entry
            if not future.done() and wanted(message):
                future.set_result(message)
            if future.done():
                self._waiting.remove(entry)
