"""The daemon rtpproxy, of the library that we embed, in a process of its own: rtpproxy.py CONTROL FIRST LAST."""

from __future__ import annotations

import signal
import sys

import rtp.io

HOST = "127.0.0.1"


def main(control: str, first: str, last: str) -> None:
    """Answer commands on the control port until SIGTERM; media ports are from first to last."""
    running = rtp.io.rtpproxy(
        ttl=60,
        setup_ttl=60,
        debug_level="crit",
        port_min=int(first),
        port_max=int(last),
        modules=["catch_dtmf", "dtls_gw", "ice_lite"],
        extra_args=["-s", f"udp:{HOST}:{control}", "-F", "-l", HOST],
    )
    signal.sigwait({signal.SIGTERM})
    running.rtpp_sock.close()
    running.rtpp_nsock.close()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main(*sys.argv[1:])
