"""Relayed calls that outlive the proxy: their sessions are known again, changed, moved and released."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.engines.contract import Engine, Exchange, Session
from relayscript.interpreter.modules.dialog.stored import pack
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.legs import Leg, Legs
from relayscript.interpreter.modules.rtp_relay.persistence import FLAGS, Reader, UnreadableError, Writer
from relayscript.interpreter.modules.rtp_relay.route_engine import RouteEngine
from relayscript.interpreter.modules.rtp_relay.session import Agreement, Body, Engagement, RelaySession

from .lab import ENGAGED, MOMENT, RTPENGINE, SPARE, Lab, is_relayed, sdp

STORED = """
loadmodule "db_sqlite.so"
modparam("dialog", "db_url", "sqlite:///calls")
modparam("dialog", "db_mode", 1)
"""
TO_RTPENGINE = 'rtp_relay_engage("rtpengine", 1);'


def lab_of(initial: str = ENGAGED, **more: str) -> Lab:
    """A proxy whose calls are stored."""
    settings = STORED + more.pop("settings", "")
    return Lab(initial, settings=settings, **more)


def values(lab: Lab) -> dict[str, str | int]:
    """What scripts keep with the only dialog."""
    (call,) = lab.module.followed()
    assert call.dialog is not None
    return call.dialog.values


def change_stored(lab: Lab, old: str, new: str) -> None:
    """Edit the stored context in the database."""
    lab.host.pass_time(MOMENT)
    (store,) = lab.host.stores.values()
    kept = store.tables["dialog"].kept
    for key, row in kept.items():
        assert old in str(row["vars"])
        kept[key] = {**row, "vars": str(row["vars"]).replace(old, new)}


@pytest.mark.parametrize("engaged", [ENGAGED, TO_RTPENGINE])
@pytest.mark.parametrize("killed", [True, False])
def test_a_call_is_relayed_and_released_after_a_restart(engaged: str, killed: bool) -> None:
    lab = lab_of('$rtp_relay = "co"; $rtp_relay_peer = "ie"; ' + engaged + ' $dlg_val(a) = "x";').establish()
    before, held = lab.listed(), lab.held()
    assert len(held) == 1
    lab.restart(killed=killed)
    assert lab.held() == held
    assert lab.listed() == before
    assert values(lab) == {"a": "x"}
    lab.inside("INVITE", body=sdp("alice", 5002))
    invite = lab.take("bob", "INVITE")
    assert is_relayed(invite)
    lab.reply(invite, 200, body=sdp("bob"))
    assert is_relayed(lab.take("alice", "200"))
    assert len(lab.held()) == 1
    lab.hang_up()
    assert lab.held() == []
    assert lab.listed() == []


def test_the_callee_may_go_on_too() -> None:
    lab = lab_of().establish()
    lab.restart()
    lab.inside("INVITE", "bob", sdp("bob", 6002), cseq=3)
    assert is_relayed(lab.take("alice", "INVITE"))
    lab.inside("BYE", "bob")
    assert lab.held() == []


def test_statistics_know_the_sessions() -> None:
    lab = lab_of().establish()
    lab.restart()
    assert lab.runtime.statistics["rtp_relay:rtpproxy_sessions"] == 1
    lab.hang_up()
    assert lab.runtime.statistics["rtp_relay:rtpproxy_sessions"] == 0


def test_the_session_of_a_branch_is_released_by_its_name() -> None:
    lab = lab_of(to="bob carol")
    lab.invite(sdp("alice"))
    invite = lab.take("carol", "INVITE")
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 200, "carol", sdp("carol"))
    lab.take("alice", "200")
    lab.restart()
    lab.request("BYE", "alice", "carol", tag="carol", route=lab.route)
    assert lab.wire.commands == ["D call-1-1 alice carol"]
    assert lab.held() == []


@pytest.mark.parametrize("before", [True, False])
def test_a_call_is_moved_by_an_update(before: bool) -> None:
    lab = lab_of().establish()
    if not before:
        lab.restart()
    answer = lab.manage("rtp_relay:update", new_set=2)
    for party in ("alice", "bob"):
        lab.reply(lab.take(party, "INVITE"), 200, party, sdp(party))
        lab.take(party, "ACK")
    assert answer.result == "Sessions: 1"
    if before:
        lab.restart()
    (listed,) = lab.listed()
    assert (listed["set"], listed["node"]) == (2, SPARE)
    lab.hang_up()
    assert lab.held() == []


def test_a_refused_re_invite_leads_back_after_a_restart() -> None:
    lab = lab_of(TO_RTPENGINE).establish()
    before = lab.host.relays.node(RTPENGINE).sessions()
    lab.restart()
    lab.inside("INVITE", body=sdp("alice", 5002))
    lab.reply(lab.take("bob", "INVITE"), 488)
    assert lab.host.relays.node(RTPENGINE).sessions() == before
    lab.hang_up()
    assert lab.held() == []


def test_an_expired_call_gives_back_what_it_held() -> None:
    lab = lab_of(f"create_dialog(\"B\"); $DLG_timeout = 30; {ENGAGED}").establish()
    assert lab.held()
    lab.host.timers.now += 60  # nobody is there meanwhile
    lab.restart()
    assert lab.held() == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"version": 1', '"version": 9', "it has version 9, not 1"),
        ('"engine": "rtpproxy"', '"engine": "other"', "no relay engine is called 'other'"),
        ('"legs"', '"arms"', "KeyError"),
    ],
)
def test_what_cannot_be_read_is_left_unmanaged(old: str, new: str, reason: str) -> None:
    lab = lab_of().establish()
    change_stored(lab, old, new)
    lab.restart()
    assert any(f"call call-1 goes on unmanaged: {reason}" in line for line in lab.log)
    assert lab.listed() == []
    lab.inside("INVITE", body=sdp("alice"))
    assert not is_relayed(lab.take("bob", "INVITE"))
    lab.inside("BYE")
    assert lab.take("bob", "BYE").method == "BYE"


def test_a_call_that_a_module_engaged_by_itself_goes_on() -> None:
    lab = lab_of('rtpproxy_engage("co", , 1);').establish()
    held = lab.held()
    assert len(held) == 1
    lab.restart()
    (store,) = lab.host.stores.values()
    assert "_rtpproxy_engage_" in str(store.tables["dialog"].rows()[0]["vars"])
    lab.inside("INVITE", body=sdp("alice", 5002))
    invite = lab.take("bob", "INVITE")
    assert is_relayed(invite)
    lab.reply(invite, 200, body=sdp("bob"))
    assert is_relayed(lab.take("alice", "200"))
    assert lab.held() == held
    lab.hang_up()
    assert lab.held() == []


def test_a_call_that_mediaproxy_relays_is_released() -> None:
    lab = lab_of("create_dialog();", settings='loadmodule "mediaproxy.so"\n').establish()
    session = {"call_id": "call-1", "from_tag": "alice", "to_tag": "bob", "node": "/run/mediaproxy/dispatcher.sock"}
    stored = pack([("_engage_media_proxy_", json.dumps({"awaits_ack": False, "session": session}))])
    change_stored(lab, "_dialog_#", f"{stored}_dialog_#")
    lab.restart()
    lab.hang_up()
    assert ["call_id: call-1" in each for each in lab.wire.commands if each.startswith("remove")] == [True]


def test_an_engaged_call_that_cannot_be_read_goes_on_without() -> None:
    lab = lab_of('rtpproxy_engage("co", , 1);').establish()
    change_stored(lab, '"session"', '"other"')
    lab.restart()
    assert any("rtpproxy_engage: call call-1 goes on without: KeyError" in line for line in lab.log)


# ---- the text


TEXTS = st.text(st.characters(max_codepoint=255), max_size=8)
ENGINES: dict[str, Engine] = {"route": RouteEngine(None, {})}  # type: ignore[arg-type]
EXCHANGES = st.builds(Exchange, TEXTS, TEXTS, vias=st.lists(TEXTS).map(tuple), in_reply=st.booleans())


@st.composite
def calls(draw: st.DrawFn) -> RelayCall:
    """A call with sessions that share participants, as forks and updates leave them."""
    legs = Legs(draw(TEXTS))
    every = [legs.caller, legs.callee, legs.callee_of(0), legs.callee_of(2), legs.own_caller_of(2), legs.callee.copy()]
    for leg in every:
        leg.fields = draw(st.dictionaries(st.sampled_from(("flags", "peer", "ip")), TEXTS))
        leg.disabled = draw(st.none() | st.booleans())
    call = RelayCall(draw(TEXTS), legs, draw(st.dictionaries(TEXTS, TEXTS)), draw(st.tuples(TEXTS, TEXTS)))
    engagement = Engagement(ENGINES["route"], draw(st.none() | st.integers()), draw(st.integers(-1, 3)))
    call.engagements, call.confirmed = (engagement,), draw(st.booleans())
    for branch in draw(st.sets(st.integers(-1, 3), max_size=3)):
        caller, callee = draw(st.sampled_from(every)), draw(st.sampled_from(every))
        at_relay = Session(draw(TEXTS), draw(TEXTS), draw(TEXTS), branch, draw(st.none() | st.integers()), draw(TEXTS))
        session = call.sessions[branch] = RelaySession(engagement, branch, caller, callee, at_relay)
        for name in FLAGS:
            setattr(session, name, draw(st.booleans()))
        bodies = [Body(draw(st.sampled_from(every)), draw(EXCHANGES), draw(TEXTS), draw(TEXTS)) for _ in range(3)]
        session.offered = draw(st.sampled_from((None, bodies[0])))
        session.agreed = draw(st.sampled_from((None, Agreement(bodies[1], bodies[2]))))
        call.established = draw(st.sampled_from((call.established, session)))
    return call


def said(call: RelayCall) -> Any:
    """All that the text is to keep."""
    return json.loads(Writer(call).text())


@given(calls())
def test_a_call_is_read_as_it_was_written(call: RelayCall) -> None:
    again = Reader(Writer(call).text(), ENGINES).call()
    assert said(again) == said(call)
    for branch, session in call.sessions.items():
        other = again.sessions[branch]
        assert (session.offered is None) == (other.offered is None)
        assert session.session == other.session
        assert session.agreed is None or session.agreed.offer.exchange == other.agreed.offer.exchange  # type: ignore[union-attr]
        assert (session.caller is call.legs.caller) == (other.caller is again.legs.caller)
        assert [leg.get("flags") for leg in (session.caller, session.callee)] == [
            leg.get("flags") for leg in (other.caller, other.callee)
        ]
    assert (call.established is None) == (again.established is None)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"version": 1}', '{"version": 1, "legs": [{}]}'])
def test_other_texts_are_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        Reader(text, ENGINES).call()


def test_a_shared_participant_is_written_once() -> None:
    leg = Leg(tag="a")
    call = RelayCall("c", Legs("a"))
    call.legs.caller = call.legs.callee = leg
    assert len(said(call)["legs"]) == 1
