"""What messages say of us: the advertised address of one message, and replies over connections that are there."""

from __future__ import annotations

import pytest

from relayscript.sip.transport import Address, Listener
from tests.interpreter.modules.stage import Proxy, reply, request

ADVERTISE = 'set_advertised_address("proxy.example"); set_advertised_port("5099");'


def sent_by(proxy: Proxy) -> tuple[str, list[str]]:
    """The topmost Via's address and the Record-Routes of what bob got."""
    got = proxy.take("bob")
    return got.top_via.sent_by, got.headers("record-route")


@pytest.mark.parametrize("way", ["t_relay();", 'forward("192.0.2.2");'])
def test_a_message_may_advertise_its_own_address(way: str) -> None:
    script = f'if (is_method("INVITE")) {{ {ADVERTISE} }} record_route(); $du = "sip:192.0.2.2"; {way}'
    proxy = Proxy(f"route {{ {script} }}")
    proxy.send(request("INVITE"))
    assert sent_by(proxy) == ("proxy.example:5099", ["<sip:proxy.example:5099;lr;ftag=alice>"])
    proxy.send(request("OPTIONS", call_id="call-2"))
    assert sent_by(proxy) == ("127.0.0.1:5060", ["<sip:127.0.0.1:5060;lr;ftag=alice>"])


def test_a_branch_may_advertise_its_own_address() -> None:
    proxy = Proxy(
        'route { append_msg_branch("sip:alice@192.0.2.1"); t_on_branch("b"); t_relay(); }'
        f"branch_route[b] {{ if ($T_branch_idx == 0) {{ {ADVERTISE} }} }}"
    )
    proxy.send(request("INVITE"))
    assert sent_by(proxy)[0] == "proxy.example:5099"
    assert proxy.take("alice").status == 100
    assert proxy.take("alice").top_via.sent_by == "127.0.0.1:5060"


def test_what_a_request_advertises_is_kept_for_its_next_attempt() -> None:
    proxy = Proxy(
        f'route {{ {ADVERTISE} t_on_failure("f"); t_relay(); }} '
        'failure_route[f] { $du = "sip:192.0.2.2"; t_relay(); }'
    )
    proxy.send(request("INVITE"))
    first = proxy.take("bob")
    proxy.send(reply(first, 486), ("192.0.2.2", 5060))
    assert proxy.take("bob").method == "ACK"
    assert sent_by(proxy)[0] == "proxy.example:5099"


def test_an_address_alone_leaves_the_port() -> None:
    proxy = Proxy('route { set_advertised_address("proxy.example"); t_relay(); }')
    proxy.send(request("INVITE"))
    assert sent_by(proxy)[0] == "proxy.example:5060"


@pytest.mark.parametrize("answer", ['sl_send_reply(404, "No");', 't_reply(404, "No");'])
@pytest.mark.parametrize(("flag", "answered"), [("", True), ('setflag("OLD");', False)])
def test_a_reply_makes_no_connection_where_the_flag_says_so(answer: str, flag: str, answered: bool) -> None:
    tcp = 'socket=tcp:127.0.0.1:5060\ntcp_no_new_conn_rplflag=OLD\nloadmodule "proto_tcp.so"\n'
    proxy = Proxy(f"{tcp}route {{ {flag} {answer} }}")
    proxy.send(request("OPTIONS").replace("SIP/2.0/UDP", "SIP/2.0/TCP"), listener=2)
    assert bool(proxy.got["alice"]) == answered


def test_with_mhomed_the_system_chooses_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Proxy("mhomed=yes\nsocket=udp:10.0.0.1:5060\nroute { t_relay(); }")
    used: list[str] = []

    def send(listener: Listener, destination: Address, data: bytes) -> None:
        used.append(str(listener))

    monkeypatch.setattr(proxy.host, "send", send)
    monkeypatch.setattr(proxy.host, "outbound", lambda destination: "10.0.0.1")
    proxy.send(request("OPTIONS"))
    assert used == ["udp:10.0.0.1:5060"]
