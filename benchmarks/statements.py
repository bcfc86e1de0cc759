"""How fast a script counts: one request starts a loop of a million rounds."""

from __future__ import annotations

import socket
import time
from string import Template

from benchmarks.servers import HOST, Served, serving

ROUNDS = 1_000_000
STATEMENTS = ROUNDS * (4 + 1 / 3)
"""Each round: the test of the loop, two assignments, an `if`; every third round one assignment more."""

LOOP = """
	$$var(i) = 0;
	while ($$var(i) < 1000000) {
		$$var(i) = $$var(i) + 1;
		$$var(m) = $$var(i) $modulo 3;
		if ($$var(m) == 0) {
			$$var(s) = "a" + $$var(i);
		}
	}
"""
RELAYSCRIPT = Template(
    'log_level=1\nmax_while_loops=2000000\nsocket=udp:127.0.0.1:PORT\nloadmodule "proto_udp.so"\n'
    'loadmodule "signaling.so"\nloadmodule "sl.so"\nroute {' + LOOP + '\tsend_reply(200, "$$var(s)");\n}\n'
).substitute(modulo="%")
KAMAILIO = Template(
    "debug=0\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nauto_aliases=no\nmax_while_loops=2000000\n"
    'listen=udp:127.0.0.1:PORT\nloadmodule "sl.so"\nloadmodule "pv.so"\n'
    "request_route {" + LOOP + '\tsl_send_reply("200", "$$var(s)");\n}\n'
).substitute(modulo="mod")

REQUEST = (
    "OPTIONS sip:loop@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{port}\r\n"
    "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:loop@127.0.0.1>\r\nCall-ID: {port}\r\nCSeq: 1 OPTIONS\r\n"
    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def count(server: Served) -> None:
    """Let the server count once. Raises RuntimeError if it does not come out right."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((HOST, 0))
        client.settimeout(60)
        client.sendto(REQUEST.format(port=client.getsockname()[1]).encode(), (HOST, server.port))
        answer = client.recv(65536).decode()
    if not answer.startswith("SIP/2.0 200 a999999"):
        raise RuntimeError(f"the loop went wrong: {answer}")


def per_second(program: str, script: str) -> float:
    """Script statements in a second of processor time."""
    with serving(program, script) as server:
        before = server.seconds()
        count(server)
        return STATEMENTS / (server.seconds() - before)


def of_relayscript() -> float:
    """Statements per second of `relayscript run`."""
    return per_second("relayscript", RELAYSCRIPT)


def of_kamailio() -> float:
    """Statements per second of Kamailio."""
    return per_second("kamailio", KAMAILIO)


def of_python() -> float:
    """Statements per second of the same loop as a Python function, in this process."""
    namespace: dict[str, str] = {}
    before = time.process_time()
    exec(  # compiled as the text it is, without being seen by a checker of types
        "def loop():\n i = 0\n while i < 1000000:\n  i = i + 1\n  m = i % 3\n"
        "  if m == 0:\n   s = 'a' + str(i)\n return s\nresult = loop()",
        namespace,
    )
    assert namespace["result"] == "a999999"
    return STATEMENTS / (time.process_time() - before)
