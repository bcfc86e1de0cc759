"""Relay nodes as scripts name them, and what the daemons themselves say that they hold."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.live.conftest import HOST, MEDIA, Ports, Rtpengine, ask_relay, start_rtpengine, stop, until

EMBEDDED = "embedded"
"""What we call the rtpproxy inside the server."""

RTPPROXY = Path(__file__).parent / "rtpproxy.py"


@dataclass(slots=True)
class Node:
    """A daemon at a control port; `process` is its own, None while it is down, or part of the server."""

    engine: str
    port: int
    media: range = range(0)
    folder: Path = field(default_factory=Path)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What a script calls it."""
        return f"udp:{HOST}:{self.port}"

    @property
    def is_up(self) -> bool:
        """It can be asked."""
        return self.engine == EMBEDDED or self.process is not None

    def start(self) -> None:
        """Start the daemon."""
        if self.engine == "rtpengine":
            self.process = start_rtpengine(Rtpengine(self.port, self.media), self.folder)
            return
        words = [str(self.port), str(self.media.start), str(self.media.stop - 1)]
        self.process = subprocess.Popen([sys.executable, str(RTPPROXY), *words], stdin=subprocess.DEVNULL)
        until(lambda: ask_relay(self.port, b"V").startswith(b"2004"), "rtpproxy answers")

    def crash(self) -> None:
        """The daemon dies on the spot (SIGKILL), with all that it holds."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """End the daemon, if it runs."""
        if self.process is not None:
            stop(self.process)
            self.process = None

    # ---- its own view

    def held(self) -> int:
        """How many sessions (rtpproxy) or calls (rtpengine) it holds."""
        if self.engine == "rtpengine":
            return len(Rtpengine(self.port, self.media).calls())
        return self.count("active sessions")

    def count(self, statistic: str) -> int:
        """A statistic of rtpproxy."""
        rows = (line.split(": ") for line in ask_relay(self.port, b"I").decode().splitlines())
        return {name: int(number) for name, number in rows}[statistic]

    def knows(self, call_id: str, caller: str, callee: str) -> bool:
        """It has a call with these two participants, who hear somebody (rtpengine also lists those that it dropped)."""
        if self.engine == "rtpengine":
            found = Rtpengine(self.port, self.media).command(command="query", **{"call-id": call_id})
            tags = found.get(b"tags", {})
            return all(tags.get(tag.encode(), {}).get(b"subscriptions") for tag in (caller, callee))
        reply = ask_relay(self.port, f"Q {call_id} {caller};1 {callee};1".encode())
        return bool(reply) and not reply.startswith(b"E")


def node(engine: str, control: Ports, media: Ports, folder: Path) -> Node:
    """A node on free ports, which is still to be started."""
    first = media.block(MEDIA)
    return Node(engine, control.block(), range(first, first + MEDIA), folder)
