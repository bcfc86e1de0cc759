"""A real rtpproxy inside our own process (package `rtp.io`), spoken to as the node `rtp.io:auto`.

Its media engine runs in native threads; its control socket is one end of a socket pair and takes
commands line by line. Each channel runs one rtpproxy and one thread that waits for its replies.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Thread

_MODULES = ("catch_dtmf", "dtls_gw", "ice_lite")


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """Where the media ports are: even ones are taken, the next above is for RTCP.

    After `ttl` seconds without packets a session ends.
    """

    host: str = "127.0.0.1"
    port_min: int = 35000
    port_max: int = 65000
    ttl: int = 60


_USUAL = EmbeddedSettings()


class EmbeddedRtpproxy:
    """One running rtpproxy. `control` is the socket for its commands."""

    def __init__(self, settings: EmbeddedSettings = _USUAL) -> None:
        """Start it (takes about a millisecond). OSError if it cannot be started."""
        from rtp.io import rtpproxy

        family = "-6" if ":" in settings.host else "-l"
        try:
            self._rtpproxy = rtpproxy(
                ttl=settings.ttl,
                setup_ttl=settings.ttl,
                debug_level="crit",
                port_min=settings.port_min,
                port_max=settings.port_max,
                modules=list(_MODULES),
                extra_args=["-F", family, settings.host],
            )
        except RuntimeError as error:
            raise OSError(str(error)) from error
        self.control: socket.socket = self._rtpproxy.rtpp_sock
        self._notifications: socket.socket = self._rtpproxy.rtpp_nsock

    def stop(self) -> None:
        """Close all media ports and end its threads (takes up to a second)."""
        self.control.close()
        self._notifications.close()
        self._rtpproxy = None


class EmbeddedChannel:
    """A channel to an rtpproxy of its own, that ends with it.

    `soon` runs an event in the thread that owns the engines; it may be called from any thread.
    """

    def __init__(
        self,
        receive: Callable[[bytes], None],
        soon: Callable[[Callable[[], object]], None],
        settings: EmbeddedSettings = _USUAL,
    ) -> None:
        """Start the rtpproxy. OSError if it cannot be started."""
        self._rtpproxy = EmbeddedRtpproxy(settings)
        self._receive, self._soon = receive, soon
        self._closed = False
        self._reader = Thread(target=self._read, name="rtp.io replies", daemon=True)
        self._reader.start()

    def send(self, data: bytes) -> None:
        """Send commands, each ended by LF."""
        if not self._closed:
            self._rtpproxy.control.sendall(data)

    def close(self) -> None:
        """End the rtpproxy with all its sessions; nothing is received any more."""
        if self._closed:
            return
        self._closed = True
        self._rtpproxy.control.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._rtpproxy.stop()

    def _read(self) -> None:
        while data := self._rtpproxy.control.recv(65536):
            self._soon(partial(self._arrived, data))

    def _arrived(self, data: bytes) -> None:
        if not self._closed:
            self._receive(data)
