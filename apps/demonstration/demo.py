"""The demo: the example script as a live proxy with its relay, and a call between two built-in phones."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from typing import Any

from rich.console import Console

from relayscript.apps.demonstration.phone import Phone
from relayscript.apps.demonstration.relocation import free_port, relocated
from relayscript.apps.serving.live import LiveHost
from relayscript.apps.serving.server import Server, StartError
from relayscript.apps.serving.turns import ServingLoop
from relayscript.apps.testing.ladders.building import ladder_of
from relayscript.apps.testing.ladders.text import show
from relayscript.apps.testing.linetrace import LineTrace, headers
from relayscript.apps.testing.recorder import Recorder, RelaySeen
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.parser import parse_file
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

HOST = "127.0.0.1"
SETTLING = 0.1
"""Seconds for the relay to be found alive before the call."""

TALK = 1.0
"""Seconds of conversation."""

LIMIT = 5.0
"""Seconds that any one answer may take."""

ENOUGH = 10
"""Packets that must have arrived at each phone through the relay."""


class Demo:
    """One call, from start to hang-up; `run` draws it."""

    def __init__(self, loop: ServingLoop, script: Path, console: Console) -> None:
        self._loop = loop
        self._script = script
        self._console = console
        self._management_port = free_port()
        self._server = Server(loop, script.name, self._load, log=BytesIO())  # the ladder shows it
        started = loop.time()
        self._recorder = Recorder(lambda: loop.time() - started)
        self._server.runtime.observers.append(self._recorder)
        proxy = self._server.runtime.listeners[0].address
        self.alice = Phone(loop, "alice", HOST, proxy, ssrc=0xA11CE)
        self.bob = Phone(loop, "bob", HOST, proxy, ssrc=0xB0B)

    def _load(self, host: LiveHost) -> Runtime:
        parsed = parse_file(str(self._script))
        if parsed.script is None:
            raise ScriptError(parsed.diagnostics)
        return Runtime(relocated(parsed.script, free_port(), self._management_port), host)

    async def run(self) -> bool:
        """Place the call and draw it; whether sound went both ways through the relay."""
        self._server.start()
        self._console.print(self._server.ready_line, style="dim", highlight=False)
        try:
            await asyncio.sleep(SETTLING)
            self._recorder.forget(RelaySeen)  # the tests of the node at the start
            runtime = self._server.runtime
            with LineTrace(runtime.files, self._recorder.line, headers(runtime.script)):
                listed, left = await self._call()
            self._draw()
            return self._report(listed, left)
        finally:
            self._server.stop()
            self.alice.close()
            self.bob.close()

    async def _call(self) -> tuple[list[Any], list[Any]]:
        """The call; what the relay sessions are while it lasts and after it."""
        alice, bob = self.alice, self.bob
        invited = asyncio.ensure_future(bob.heard(is_request("INVITE"), LIMIT))
        alice.call(bob.agent.uri)
        invite = await invited
        ringing = asyncio.ensure_future(alice.heard(is_reply(180), LIMIT))
        bob.ring()
        await ringing
        answered = asyncio.ensure_future(alice.heard(is_reply(200), LIMIT))
        acknowledged = asyncio.ensure_future(bob.heard(is_request("ACK"), LIMIT))
        bob.answer()
        bob.speak(invite.body)
        alice.speak((await answered).body)
        await acknowledged
        await asyncio.sleep(TALK)
        listed = await self._list()
        self._sound()
        ended = asyncio.ensure_future(alice.heard(is_reply(200), LIMIT))
        alice.hang_up()
        await ended
        await asyncio.sleep(0.1)
        return listed, await self._list()

    def _sound(self) -> None:
        """Draw the sound so far."""
        for speaker, listener in ((self.alice, self.bob), (self.bob, self.alice)):
            self._recorder.flow(speaker.agent.name, "relay", speaker.sound.sent)
            self._recorder.flow("relay", listener.agent.name, sum(listener.sound.received.values()))

    async def _list(self) -> list[Any]:
        """The relay sessions, asked over the management interface."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "rtp_relay_list"}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.connect((HOST, self._management_port))
            sock.send(json.dumps(request).encode())
            async with asyncio.timeout(LIMIT):
                reply = json.loads(await self._loop.sock_recv(sock, 65535))
        result = reply["result"]
        assert isinstance(result, list), reply
        return result

    # ---- what is shown

    def _draw(self) -> None:
        places = {self.alice.agent.address: "alice", self.bob.agent.address: "bob"}

        def name_of(address: Address) -> str:
            return places.get(address, f"{address[0]}:{address[1]}")

        sources = {file: Path(file).read_text("latin-1") for file in self._server.runtime.files}
        columns = ("alice", "proxy", "bob", "relay")
        show(
            ladder_of(self._recorder.events, name_of, sources, columns=columns, relay_name=lambda url: "relay"),
            self._console,
        )

    def _report(self, listed: list[Any], left: list[Any]) -> bool:
        say = self._console.print
        say("\nrtp_relay_list during the call:", style="bold")
        for session in listed:
            say(f"  {json.dumps(session)}", highlight=False, soft_wrap=True)
        flows = [self._flow(self.alice, self.bob), self._flow(self.bob, self.alice)]
        say(f"rtp_relay_list after the hang-up: {json.dumps(left)}", highlight=False)
        good = all(flows) and len(listed) == 1 and not left
        say(
            "Sound went both ways through the relay." if good else "The call did not go as it should.",
            style="bold",
        )
        return good

    def _flow(self, speaker: Phone, listener: Phone) -> bool:
        """Sound of one phone reached the other, and not directly."""
        received = listener.sound.received
        relayed = sum(count for source, count in received.items() if source != speaker.media)
        name, other = speaker.agent.name, listener.agent.name
        relay = ", ".join(f"{host}:{port}" for host, port in received if (host, port) != speaker.media) or "nowhere"
        text = f"  {name} sent {speaker.sound.sent} RTP packets, {other} got {relayed} from {relay}"
        self._console.print(text, highlight=False)
        return relayed >= ENOUGH and speaker.media not in received


def is_request(method: str) -> Callable[[Message], bool]:
    """Wants a request of a method."""
    return lambda message: message.is_request and message.method == method


def is_reply(status: int) -> Callable[[Message], bool]:
    """Wants a reply with a status."""
    return lambda message: message.status == status


def demonstrate(console: Console) -> int:
    """Run the demo; the exit status: 0 if sound went both ways, else 1."""
    loop = ServingLoop()
    asyncio.set_event_loop(loop)
    try:
        with as_file(files("relayscript.examples") / "first-call" / "first-call.cfg") as script:
            return 0 if loop.run_until_complete(Demo(loop, script, console).run()) else 1
    except TimeoutError:
        console.print("The call did not go as it should: an answer did not come.", style="bold red")
        return 1
    except StartError as error:
        console.print(str(error), style="bold red", highlight=False)
        return error.status
    finally:
        asyncio.set_event_loop(None)
        loop.close()
