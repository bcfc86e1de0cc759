"""`relayscript dap`: debug scripts from an editor."""

from __future__ import annotations

import os
import socket
import sys

import click

from relayscript.apps.dap.adapter import Adapter
from relayscript.apps.dap.connection import Connection

AT_ONCE = 65536
"""Bytes that are read at a time."""

STANDARD_INPUT, STANDARD_OUTPUT = 0, 1


@click.command("dap")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N",
              help="Listen on this TCP port of loopback for one client; 0 takes a free one.")  # fmt: skip
def dap(port: int | None) -> None:
    """Speak the Debug Adapter Protocol with an editor, over standard input and output or over TCP.

    The launch request names a scenario: docs/dap.md. Exit status: 0 when the editor is done, 1 if what it sent is not
    the protocol.
    """
    wrong = _over_pipes() if port is None else _over_tcp(port)
    if wrong:
        click.echo(f"error: {wrong}", err=True)
        raise SystemExit(1)


def _over_pipes() -> str:
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        sys.stdout, before = nowhere, sys.stdout  # only messages of the protocol go out there
        try:
            return _serve(Connection(lambda: os.read(STANDARD_INPUT, AT_ONCE), _write))
        finally:
            sys.stdout = before


def _write(data: bytes) -> None:
    """All of it, past the buffer, which would keep what a client that is gone did not take."""
    while data:
        data = data[os.write(STANDARD_OUTPUT, data) :]


def _over_tcp(port: int) -> str:
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise click.ClickException(f"port {port}: {(error.strerror or str(error)).lower()}") from None
    with listening:
        click.echo(f"listening on 127.0.0.1:{listening.getsockname()[1]}", err=True)
        client, _ = listening.accept()
    with client:
        return _serve(Connection(lambda: client.recv(AT_ONCE), client.sendall))


def _serve(connection: Connection) -> str:
    Adapter(connection).serve()
    return connection.wrong
