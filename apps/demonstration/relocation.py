"""A script on other ports than it says: what lets an example run beside whatever else runs on a machine."""

from __future__ import annotations

import socket
from dataclasses import replace

from relayscript.dsl import nodes


def free_port(host: str = "127.0.0.1") -> int:
    """A UDP port that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def relocated(script: nodes.Script, sip_port: int, management_port: int) -> nodes.Script:
    """The same script with its sockets on one port and mi_datagram on another."""
    return replace(script, items=tuple(_relocated(item, sip_port, management_port) for item in script.items))


def _relocated(item: nodes.Item, sip_port: int, management_port: int) -> nodes.Item:
    if isinstance(item, nodes.Socket):
        return replace(item, endpoint=replace(item.endpoint, ports=((sip_port, sip_port),)))
    if isinstance(item, nodes.ModParam) and item.name.value == "socket_name" and isinstance(item.value, nodes.Text):
        url = f"{item.value.value.rpartition(':')[0]}:{management_port}"
        return replace(item, value=replace(item.value, value=url))
    return item
