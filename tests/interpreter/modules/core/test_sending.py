"""Functions about sockets and sending."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.dsl.diagnostics import ScriptError
from tests.interpreter.modules.stage import Proxy

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

BONDS = """
socket=udp:127.0.0.1:5060
socket=udp:127.0.0.1:5080 tag second
socket=bond:both{"udp:127.0.0.1:5060", "second"}
route { exit; }
"""


def test_forwarding(stage: Set) -> None:
    on = stage()
    assert on.call("forward", "192.0.2.9:5070") == 1
    ((listener, address, text),) = on.sent
    assert (str(listener), address) == ("udp:127.0.0.1:5060", ("192.0.2.9", 5070))
    assert text.startswith("INVITE sip:bob@example.com:5070;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;")


def test_sending_the_bytes_unchanged(stage: Set) -> None:
    on = stage()
    assert on.call("send", "udp:192.0.2.9:5070") == 1
    ((_, address, text),) = on.sent
    assert address == ("192.0.2.9", 5070)
    assert text == on.read("$mb")


def test_sending_with_header_lines(stage: Set) -> None:
    on = stage()
    assert on.call("send", "192.0.2.9", "X-A: 1\r\n") == 1
    ((_, address, text),) = on.sent
    assert address == ("192.0.2.9", 5060)
    assert text.split("\r\n")[1:3] == ["X-A: 1", "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-1"]


@pytest.mark.parametrize("function", ["send", "forward"])
def test_a_transport_that_we_do_not_have(stage: Set, function: str) -> None:
    on = stage()
    assert on.call(function, "tls:192.0.2.9") == -1
    assert on.sent == []


def test_via_handling(stage: Set) -> None:
    on = stage()
    assert on.call("force_rport") == 1
    assert on.call("add_local_rport") == 1
    assert on.context.via_flags == {"force-rport", "add-local-rport"}
    assert on.call("set_via_handling", "reply-to-via, force-tcp-alias") == 1
    assert on.call("force_tcp_alias") == 1
    assert len(on.context.via_flags) == 4
    assert on.call("set_via_handling", "reply-to-via,nothing") == -1


def test_connections_cannot_be_closed(stage: Set) -> None:
    assert stage().call("tcp_close_conn", "1") == -1


def test_forcing_a_socket(stage: Set) -> None:
    on = stage()
    assert on.call("force_send_socket", "udp:127.0.0.1:5080") == 1
    assert on.read("$socket_out") == "udp:127.0.0.1:5080"
    assert on.call("force_send_socket", "udp:192.0.2.1:1") == -1
    assert on.read("$socket_out") == "udp:127.0.0.1:5080"


@pytest.mark.parametrize(
    ("socket", "bond", "result"),
    [("udp:127.0.0.1:5080", "both", 1), ("udp:127.0.0.1:5060", "both", 1), ("udp:127.0.0.1:5060", "none", -1),
     ("udp:192.0.2.1:1", "both", -1)],
)  # fmt: skip
def test_bonds(stage: Set, socket: str, bond: str, result: int) -> None:
    assert stage(script=BONDS).call("socket_belongs_to_bond", socket, bond) == result


def test_what_is_advertised(stage: Set) -> None:
    on = stage()
    assert on.call("set_advertised_address", "192.0.2.50") == 1
    assert on.call("set_advertised_port", "5099") == 1
    assert on.context.local["core.advertised"] == ("192.0.2.50", "5099")


def test_who_we_are(stage: Set) -> None:
    on = stage()
    assert on.call("is_myself", "127.0.0.1") == 1
    assert on.call("is_myself", "127.0.0.1", 5060) == 1
    assert on.call("is_myself", "127.0.0.1", 9) == -1
    assert on.call("is_myself", "example.com") == -1


def test_a_socket_that_is_not_ours_is_an_error_at_the_start() -> None:
    with pytest.raises(ScriptError, match="no socket of this script"):
        Proxy('route { force_send_socket("udp:127.0.0.1:5080"); force_send_socket("udp:10.0.0.9:5060"); }')
    Proxy('route { $var(x) = "udp:10.0.0.9:5060"; force_send_socket("$var(x)"); }')


@pytest.mark.parametrize(
    "script",
    [
        'route { set_via_handling("force-rport,nothing"); }',
        'route { append_msg_branch("sip:a@b", "2"); }',
        'route { append_branch_old("sip:a@b", "high"); }',
        "disable_stateless_fwd=yes route { forward(); }",
        'route { script_trace(1, "$nothing", "a"); }',
        'route { xlog("$(ru{re.subst,/(/x/})"); }',
    ],
)
def test_what_cannot_work_is_refused_before_the_start(script: str) -> None:
    with pytest.raises(ScriptError):
        Proxy(script)
