"""The program `relayscript`, with a second control port to the rtpproxy inside it, for a test to ask.

observed.py PORT run FILE.cfg
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import rtp.io

from relayscript.apps.cli import main

STARTED = rtp.io.rtpproxy


def start(port: str, *, extra_args: list[str], **settings: Any) -> object:
    """Start rtpproxy as the server wants it, and let it listen on the port as well."""
    return STARTED(extra_args=["-s", f"udp:127.0.0.1:{port}", *extra_args], **settings)


if __name__ == "__main__":
    rtp.io.rtpproxy = partial(start, sys.argv.pop(1))
    main()
