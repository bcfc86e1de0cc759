"""The server with all its relays: two nodes of each daemon, and the rtpproxy inside itself."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.live.conftest import HOST, Ports, Server, serving, until
from tests.live.relays.nodes import Node, node
from tests.live.talker import PATIENCE, Talker, bound

SCRIPT = """
log_level=2
socket=udp:127.0.0.1:PORT
loadmodule "proto_udp.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "sl.so"
loadmodule "signaling.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"
loadmodule "rtpproxy.so"
modparam("rtpproxy", "rtpproxy_sock", "rtp.io:auto")
modparam("rtpproxy", "rtpproxy_timeout", "0.1")
modparam("rtpproxy", "rtpproxy_retr", 3)
loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_tout", 1)
modparam("rtpengine", "rtpengine_retr", 1)
NODES
loadmodule "rtp_relay.so"
SETTINGS

route {
	if (is_method("CANCEL")) {
		t_relay();
		exit;
	}
	if (has_totag()) {
		loose_route();
		t_relay();
		exit;
	}
	t_check_trans();
	record_route();
	if ($hdr(X-Fork))
		append_msg_branch("$hdr(X-Fork)");
	if ($hdr(X-Next))
		t_on_failure("next");
	create_dialog("B");
	if ($hdr(X-Seconds))
		$DLG_timeout = $(hdr(X-Seconds){s.int});
	rtp_relay_engage("$(rU{s.select,0,.})", $(rU{s.select,1,.}{s.int}));
	t_relay();
}

failure_route[next] {
	$ru = $hdr(X-Next);
	t_relay();
}
"""

PLACES = {"embedded": ("rtpproxy", 0), "rtpproxy": ("rtpproxy", 1), "rtpengine": ("rtpengine", 1)}
"""Where a call can be relayed: the engine and the set that the script engages. Set 2 has the second nodes."""

PAIR = 3
"""The set of both nodes of an engine; the second serves when the first does not."""


@dataclass(slots=True)
class Asked:
    """A management command under way, whose answer comes when phones have answered too."""

    client: socket.socket

    def result(self) -> Any:
        """What it says in the end; None if that is an error."""
        with self.client:
            return json.loads(self.client.recv(65536)).get("result")


@dataclass(slots=True)
class Stage:
    """A server and its nodes, by place; those of set 2 have names that end in `-2`.

    `nodes_may_fail` says that errors in the server's log are expected.
    """

    server: Server
    nodes: dict[str, Node]
    signalling: Ports
    media: Ports
    names: Iterator[int]
    talkers: list[Talker] = field(default_factory=list)
    nodes_may_fail: bool = False

    def talker(self, name: str) -> Talker:
        """A phone whose calls have names of their own."""
        address = (HOST, self.server.port)
        made = Talker(f"{name}{next(self.names)}", self.signalling.block(), self.media.block(), address)
        self.talkers.append(made)
        return made

    def close_talkers(self) -> None:
        """Phones give their ports back."""
        for each in self.talkers:
            each.close()
        self.talkers.clear()

    def begin(self, method: str, **params: object) -> Asked:
        """Send a management command."""
        client = bound(0, PATIENCE)
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        client.sendto(json.dumps(request).encode(), (HOST, self.server.management))
        return Asked(client)

    def ask(self, method: str, **params: object) -> Any:
        """The result of a management command."""
        return self.begin(method, **params).result()

    def is_idle(self) -> None:
        """No daemon that is up holds anything, the server lists nothing and complained of nothing."""
        until(lambda: not any(each.held() for each in self.nodes.values() if each.is_up), "everything is released")
        assert self.ask("rtp_relay:list") == []
        assert self.nodes_may_fail or b"ERROR" not in self.server.log.read_bytes()


@contextmanager
def set_up(folder: Path, signalling: Ports, media: Ports, settings: str = "") -> Iterator[Stage]:
    """A stage with all nodes up, for as long as the block lasts."""
    nodes = {
        name + ending: node(name, signalling, media, folder)
        for name in ("rtpproxy", "rtpengine")
        for ending in ("", "-2")
    }
    lines = [
        f'modparam("{each.engine}", "{each.engine}_sock", "{number} == {each.url}{weight}")'
        for name, each in nodes.items()
        for number, weight in (((2, ""), (PAIR, "=0")) if name.endswith("-2") else ((1, ""), (PAIR, "")))
    ]
    try:
        for each in nodes.values():
            each.start()
        with serving(signalling, folder) as serve:
            server = serve(SCRIPT.replace("NODES", "\n".join(lines)).replace("SETTINGS", settings))
            nodes["embedded"] = Node("embedded", server.relay)
            yield Stage(server, nodes, signalling, media, iter(range(1, 10000)))
    finally:
        for each in nodes.values():
            each.stop()
