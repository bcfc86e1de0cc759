"""Serves a script in the foreground: start, one ready line, and a clean stop at SIGTERM or SIGINT."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, TextIO

from relayscript.apps.complaints import rendered
from relayscript.apps.names.resolver import DnsSettings
from relayscript.apps.serving.live import SERVED, LiveHost
from relayscript.apps.serving.streams.settings import StreamSettings
from relayscript.apps.serving.streams.tls import TlsContexts
from relayscript.apps.serving.streams.wires import Wires
from relayscript.apps.serving.turns import ServingLoop
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.modules.tls_mgm import TlsMgm
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.storage import StorageError

if TYPE_CHECKING:
    from relayscript.sip.transport import Address, Listener

OK, BAD_SCRIPT, PORT_IN_USE = 0, 1, 2

LONGEST_LEAVE = 1.5
"""Seconds that others get to be told that the script ends."""


class StartError(Exception):
    """The server did not start; `status` is the exit status for it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Server:
    """One script on one live host; `make` loads it, `name` is how the ready line calls it.

    The log goes to standard error unless another stream is given. The host is made for the loop unless there is one.
    """

    def __init__(
        self,
        loop: ServingLoop,
        name: str,
        make: Callable[[LiveHost], Runtime],
        log: BinaryIO | None = None,
        name_servers: tuple[Address, ...] = (),
        host: LiveHost | None = None,
    ) -> None:
        self.name = name
        self.host = host or LiveHost(loop, log)
        self.runtime = make(self.host)
        self.host.statistics = self.runtime.statistics
        self.host.resolver.settings = DnsSettings.of(self.runtime.globals, name_servers)
        self.host.writer.prefix = self.runtime.globals.log_prefix
        self.host.writer.form = self.runtime.globals.stderror_log_format

    def start(self) -> None:
        """Bind everything, start the script, then read. Raises StartError; then nothing is left open."""
        if not self._served():
            self.host.close()
            raise StartError(BAD_SCRIPT, f"relayscript: {self.name} has no socket to serve")
        try:
            self._prepare_streams()
            for listener in self.runtime.listeners:
                if listener.protocol in SERVED:
                    self._bind(listener)
                else:
                    self.host.log(1, f"{listener} is not served: {listener.protocol} is not, so far")
            try:
                self.host.events.tick()
                self.runtime.start()
            except OSError as error:
                raise StartError(PORT_IN_USE, spoken(error)) from error
            except StorageError as error:
                raise StartError(BAD_SCRIPT, f"relayscript: {error}") from error
        except BaseException:
            self.host.close()
            raise
        self.host.open(self.runtime.receive)

    def leave(self, done: Callable[[], None]) -> None:
        """Tell others that the script ends; `done` is called when they know, or when that takes too long."""

        def begin() -> None:
            self.host.timers.start(LONGEST_LEAVE, done)
            self.runtime.leave(done)

        self.host.events.soon(begin)

    def stop(self) -> None:
        """Stop the script and give the sockets back."""
        self.host.events.tick()
        try:
            self.runtime.stop()
        finally:
            self.host.close()

    @property
    def ready_line(self) -> str:
        """What is said once it serves."""
        sockets = ", ".join(map(str, self._served()))
        return f"relayscript: ready, {self.name} serves {sockets} (pid {os.getpid()})"

    def _served(self) -> list[Listener]:
        return [listener for listener in self.runtime.listeners if listener.protocol in SERVED]

    def _prepare_streams(self) -> None:
        security = self.runtime.module(TlsMgm)
        try:
            contexts = TlsContexts(security.domains if security is not None else ())
        except OSError as error:
            raise StartError(BAD_SCRIPT, str(error)) from error
        self.host.streams.wires = Wires(StreamSettings.of(self.runtime), contexts)

    def _bind(self, listener: Listener) -> None:
        try:
            self.host.bind(listener)
        except OSError as error:
            raise StartError(PORT_IN_USE, spoken(error)) from error


def settle_collector() -> None:
    """Let the garbage collector look less often, and never at what was loaded to stay.

    A proxy holds the transactions of the last seconds: with Python's usual thresholds they would be
    walked over again and again, a third of the time spent on a call.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def spoken(error: OSError) -> str:
    """The error in words, with the address or file it is about, without its number."""
    place = f"{error.filename}: " if error.filename else ""
    return place + (error.strerror or str(error)).lower() if error.errno else str(error)


def load(path: str, host: LiveHost, target: str | None) -> Runtime:
    """The script made ready to run. Raises StartError with the rendered diagnostics if it is no good."""
    try:
        return Runtime.load(path, host, target=target)
    except ScriptError as error:
        raise StartError(BAD_SCRIPT, rendered(error, color=sys.stderr.isatty())) from error
    except OSError as error:
        raise StartError(BAD_SCRIPT, spoken(error)) from error


def serve(
    path: str, target: str | None = None, err: TextIO | None = None, resolver: tuple[Address, ...] = ()
) -> int:
    """Serve until a signal comes; returns the exit status: 0, 1 (bad script) or 2 (a port is in use)."""
    err = err or sys.stderr
    loop = ServingLoop()
    try:
        server = Server(loop, path, lambda host: load(path, host, target), name_servers=resolver)
        if server.runtime.findings:
            print(rendered(ScriptError(server.runtime.findings), err.isatty()), file=err, flush=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, loop.stop)
        server.start()
        settle_collector()
        print(server.ready_line, file=err, flush=True)
        loop.run_forever()
        server.leave(loop.stop)
        loop.run_forever()
        server.stop()
    except StartError as error:
        print(error if error.status == BAD_SCRIPT else f"relayscript: {error}", file=err, flush=True)
        return error.status
    finally:
        loop.close()
    return OK
