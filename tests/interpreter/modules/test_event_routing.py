"""Routes that wait for events, and transactions that get a branch from them."""

from __future__ import annotations

import pytest

from relayscript.interpreter.modules.tm import Tm

from .stage import Proxy, reply, request

MODULES = "tm sl sipmsgops event_routing"
CONTACT = {"aor": "bob", "uri": "sip:bob@192.0.2.2", "qval": "0.5", "received": "", "bflags": ""}
SCRIPT = """
route {
    $avp(filter) = "aor=bob";
    t_newtran();
    t_wait_for_new_branches();
    xlog("$(var(rc)) ");
    notify_on_event("E_UL_CONTACT_INSERT", $avp(filter), "fork", 40);
    xlog("waiting $rc");
}
route[fork] { xlog("$avp(aor) has $avp(uri)"); t_inject_branches("event", "last"); }
event_route[E_UL_CONTACT_INSERT] { xlog("event"); }
""".replace('    xlog("$(var(rc)) ");\n', "")


def test_a_registration_adds_a_branch_to_a_waiting_call() -> None:
    proxy = Proxy(SCRIPT, MODULES)
    proxy.send(request("INVITE", "sip:bob@example.com"))
    proxy.call("evi:raise", event="E_UL_CONTACT_INSERT", params={**CONTACT, "aor": "carol"})
    assert proxy.got["bob"] == []
    proxy.call("evi:raise", event="E_UL_CONTACT_INSERT", params=CONTACT)
    invite = proxy.take("bob")
    assert invite.uri == "sip:bob@192.0.2.2"
    assert proxy.log == ["waiting 1", "event", "bob has sip:bob@192.0.2.2", "event"]
    proxy.send(reply(invite, 200), ("192.0.2.2", 5060))
    assert [each.status for each in proxy.got["alice"]] == [100, 200]


def tm_of(proxy: Proxy) -> Tm:
    """The module."""
    tm = proxy.runtime.module(Tm)
    assert tm is not None
    return tm


def test_nobody_waits_for_longer_than_asked_or_for_an_ended_transaction() -> None:
    proxy = Proxy(SCRIPT, MODULES)
    proxy.send(request("INVITE", "sip:bob@example.com"))
    proxy.host.pass_time(41)
    proxy.call("evi:raise", event="E_UL_CONTACT_INSERT", params=CONTACT)
    assert proxy.got["bob"] == []
    proxy.send(request("INVITE", "sip:bob@example.com", call_id="call-2"))
    (waiting,) = [each for each in tm_of(proxy).table.transactions() if each.request.call_id == "call-2"]
    tm_of(proxy).end(waiting)
    proxy.call("evi:raise", event="E_UL_CONTACT_INSERT", params=CONTACT)
    assert proxy.got["bob"] == []


WAIT = """
route { t_newtran(); $avp(f) = "a=1"; async(wait_for_event("E_MINE", $avp(f), 5), done); }
route[done] { xlog("$rc $avp(a) $avp(b)"); t_reply(200, "OK"); }
event_route[E_MINE] { exit; }
"""


@pytest.mark.parametrize(
    ("params", "shown"), [({"a": 1, "b": "x"}, "1 1 x"), ({"a": 2}, "-2 <null> <null>"), (None, "-2 <null> <null>")]
)
def test_a_script_waits_for_an_event(params: object, shown: str) -> None:
    proxy = Proxy(WAIT, MODULES)
    proxy.send(request("OPTIONS"))
    proxy.host.pass_time(3)
    if params is not None:
        proxy.call("evi:raise", event="E_MINE", params=params)
    proxy.host.pass_time(3)
    assert proxy.log == [shown]
    assert [each.status for each in proxy.got["alice"]] == [200]


def test_a_filter_that_asks_for_nothing_is_an_error() -> None:
    script = 'route { $avp(f) = "x"; notify_on_event("E_X", $avp(f), "r", 5); xlog("$rc"); } route[r] { exit; }'
    proxy = Proxy(script, MODULES)
    proxy.send(request("OPTIONS"))
    assert proxy.log[-1] == "-1"
