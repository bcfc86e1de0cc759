"""Where messages come from and go to: addresses and the sockets of ours that carry them."""

from __future__ import annotations

from dataclasses import dataclass

Address = tuple[str, int]
"""IP address (text, IPv6 without brackets) and port."""

DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061, "sctp": 5060, "ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Listener:
    """One socket of ours: protocol (lower case), address, and what it advertises in Via and Record-Route."""

    protocol: str
    host: str
    port: int
    advertised_host: str = ""
    advertised_port: int = 0
    tag: str = ""

    def __hash__(self) -> int:
        return self.port

    def __str__(self) -> str:
        return f"{self.protocol}:{bracketed(self.host)}:{self.port}"

    @property
    def address(self) -> Address:
        """The address it is bound to."""
        return (self.host, self.port)

    @property
    def sent_by(self) -> str:
        """`host:port` as written in a Via or a Record-Route."""
        return f"{bracketed(self.advertised_host or self.host)}:{self.advertised_port or self.port}"


def bracketed(host: str) -> str:
    """An IPv6 address in brackets, anything else as it is."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
