"""The sender and our sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

IN = "$socket_in(ip)|$socket_in(port)|$socket_in(proto)|$socket_in(tag)|$socket_in(af)|$socket_in(anycast)"


def test_the_sender(stage: Set) -> None:
    assert stage().show("$si|$src_ip|$sp|$proxy_protocol(src_ip)") == "192.0.2.1|192.0.2.1|5060|<null>"


def test_the_receiving_socket(stage: Set) -> None:
    on = stage()
    assert on.show("$socket_in") == "udp:127.0.0.1:5060"
    assert on.show(IN) == "127.0.0.1|5060|udp|<null>|INET|0"
    assert on.show("$socket_in(advertised_ip)|$socket_in(advertised_port)|$socket_in(x)") == "<null>|<null>|<null>"


def test_a_message_made_here_has_none(stage: Set) -> None:
    on = stage()
    on.message.listener = None
    assert on.show("$socket_in|$socket_in(ip)|$socket_out") == "<null>|<null>|<null>"


@pytest.mark.parametrize("text", ["udp:127.0.0.1:5080", "UDP:127.0.0.1:5080", "127.0.0.1:5080", "second"])
def test_forcing_the_sending_socket(stage: Set, text: str) -> None:
    on = stage()
    assert on.show("$socket_out|$socket_out(forced)") == "udp:127.0.0.1:5060|<null>"
    assert on.write("$socket_out", text)
    assert on.show("$socket_out|$socket_out(tag)|$socket_out(forced)") == "udp:127.0.0.1:5080|second|udp:127.0.0.1:5080"
    assert on.show("$socket_out(advertised_ip)|$socket_out(advertised_port)") == "192.0.2.50|5099"
    assert on.write("$socket_out", None)
    assert on.read("$socket_out(forced)") is None


def test_a_socket_that_is_not_ours_is_a_warning(stage: Set) -> None:
    on = stage()
    on.write("$socket_out", "second")
    assert on.write("$socket_out", "udp:192.0.2.99:1")
    assert on.read("$socket_out") == "udp:127.0.0.1:5080"
    assert [level for level, _ in on.logged] == [1]


def test_what_cannot_be_written(stage: Set) -> None:
    from relayscript.interpreter.values import Named

    on = stage()
    assert not on.write("$socket_out", Named(5, None))
    assert not on.write("$socket_out(ip)", "second")
