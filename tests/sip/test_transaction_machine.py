"""Every state of the four transactions decides every event; any order of events keeps what a transaction promises."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from relayscript.sip import transaction as t
from relayscript.sip.message import Message
from relayscript.sip.timers import Timers
from relayscript.sip.transaction import ClientTransaction, ServerTransaction, Timing

SERVER_EVENTS = {t.REQUEST, t.ACK, t.PROVISIONAL, t.SUCCESS, t.FAILURE, t.RETRANSMIT, t.NO_ANSWER, t.WAITED}
CLIENT_EVENTS = {t.PROVISIONAL, t.SUCCESS, t.FAILURE, t.RETRANSMIT, t.NO_ANSWER, t.WAITED}
TIMERS = {t.RETRANSMIT, t.NO_ANSWER, t.WAITED}
RESPONSES = {t.PROVISIONAL, t.SUCCESS, t.FAILURE}

IGNORED: dict[str, dict[str, set[str]]] = {
    "INVITE server": {
        t.PROCEEDING: {t.ACK, *TIMERS},  # nothing to acknowledge yet; no timer runs
        t.COMPLETED: {t.WAITED, *RESPONSES},  # one final response
        t.CONFIRMED: {t.RETRANSMIT, t.NO_ANSWER, *RESPONSES},
        t.ACCEPTED: {t.ACK, t.RETRANSMIT, t.NO_ANSWER, t.PROVISIONAL, t.FAILURE},  # the ACK is the user's
        t.TERMINATED: SERVER_EVENTS,
    },
    "server": {
        t.TRYING: {t.ACK, *TIMERS},
        t.PROCEEDING: {t.ACK, *TIMERS},
        t.COMPLETED: {t.ACK, t.RETRANSMIT, t.NO_ANSWER, *RESPONSES},
        t.TERMINATED: SERVER_EVENTS,
    },
    "INVITE client": {
        t.CALLING: {t.WAITED},
        t.PROCEEDING: {t.RETRANSMIT, t.WAITED},  # a provisional response ends the retransmissions
        t.COMPLETED: {t.PROVISIONAL, t.SUCCESS, t.RETRANSMIT, t.NO_ANSWER},
        t.ACCEPTED: {t.PROVISIONAL, t.FAILURE, t.RETRANSMIT, t.NO_ANSWER},
        t.EXPIRED: {t.RETRANSMIT, t.NO_ANSWER},
        t.TERMINATED: CLIENT_EVENTS,
    },
    "client": {
        t.TRYING: {t.WAITED},
        t.PROCEEDING: {t.WAITED},
        t.COMPLETED: {t.RETRANSMIT, t.NO_ANSWER, *RESPONSES},
        t.EXPIRED: {t.RETRANSMIT, t.NO_ANSWER},
        t.TERMINATED: CLIENT_EVENTS,
    },
}
TABLES = {
    "INVITE server": (t.INVITE_SERVER, SERVER_EVENTS), "server": (t.SERVER, SERVER_EVENTS),
    "INVITE client": (t.INVITE_CLIENT, CLIENT_EVENTS), "client": (t.CLIENT, CLIENT_EVENTS),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_every_state_decides_every_event(name: str) -> None:
    table, events = TABLES[name]
    assert set(table) == set(IGNORED[name])
    for state, rows in table.items():
        assert set(rows) | IGNORED[name][state] == events, state
        assert not set(rows) & IGNORED[name][state], state


class Servers(RuleBasedStateMachine):
    """Requests, ACKs, responses and time in any order."""

    @initialize(invite=st.booleans(), reliable=st.booleans())
    def start(self, invite: bool, reliable: bool) -> None:
        self.timers, self.sent, self.ended = Timers(), list[bytes](), 0
        self.invite, self.finals = invite, list[int]()
        self.server = ServerTransaction(
            invite, reliable, self.timers, Timing(fr_timeout=3, wt=2), self.sent.append, self.end
        )

    def end(self) -> None:
        self.ended += 1

    @rule()
    def request(self) -> None:
        self.server.receive_again()

    @rule()
    def ack(self) -> None:
        taken = self.server.receive_ack()
        assert not taken or (self.invite and self.server.status >= 300)

    @rule(status=st.sampled_from((100, 180, 200, 202, 404, 503)))
    def respond(self, status: int) -> None:
        if self.server.respond(status, b"%d" % status) and status >= 200:
            self.finals.append(status)

    @rule(seconds=st.sampled_from((0.1, 0.5, 2.0, 4.0)))
    def wait(self, seconds: float) -> None:
        self.timers.fire(self.timers.now + seconds)

    @invariant()
    def one_final_response(self) -> None:
        if not hasattr(self, "server"):
            return
        refusals = [status for status in self.finals if status >= 300]
        assert len(refusals) <= 1
        assert not refusals or len(self.finals) == 1
        assert len(self.finals) <= 1 or self.invite  # a proxy passes on every 2xx to an INVITE
        assert self.ended <= 1
        assert (self.server.state == t.TERMINATED) is (self.ended == 1)
        assert self.ended == 0 or self.timers.pending() == 0

    def teardown(self) -> None:
        if hasattr(self, "server"):
            self.timers.fire(self.timers.now + 100)
            assert self.timers.pending() == 0
            assert self.ended == (1 if self.finals else 0)


class Clients(RuleBasedStateMachine):
    """Responses and time in any order."""

    @initialize(invite=st.booleans(), reliable=st.booleans())
    def start(self, invite: bool, reliable: bool) -> None:
        self.timers, self.sent, self.up, self.ended, self.timeouts = Timers(), list[bytes](), list[int](), 0, 0
        self.invite, self.reliable, self.refused = invite, reliable, 0
        self.client = ClientTransaction(
            invite, reliable, self.timers, Timing(fr_timeout=3, fr_inv_timeout=7, wt=2), self.sent.append,
            lambda reply: self.up.append(reply.status), self.time_out, self.end,
            (lambda reply: b"ACK") if invite else None,
        )  # fmt: skip
        self.client.start(b"REQ")

    def end(self) -> None:
        self.ended += 1

    def time_out(self) -> None:
        self.timeouts += 1

    @rule(status=st.sampled_from((100, 180, 200, 202, 404, 603)))
    def respond(self, status: int) -> None:
        before, acks = self.client.state, self.sent.count(b"ACK")
        self.client.receive(Message(f"SIP/2.0 {status} X", ["CSeq: 1 INVITE"]))
        lives = before not in (t.TERMINATED, t.ACCEPTED)
        if self.invite and status >= 300 and lives:
            assert self.sent.count(b"ACK") == acks + 1  # each refusal gets its ACK, a repeated one again

    @rule(seconds=st.sampled_from((0.1, 0.5, 2.0, 4.0, 8.0)))
    def wait(self, seconds: float) -> None:
        before = self.sent.count(b"REQ")
        answered = self.client.state == t.PROCEEDING and self.invite
        self.timers.fire(self.timers.now + seconds)
        if answered or self.reliable:
            assert self.sent.count(b"REQ") == before

    @invariant()
    def one_outcome(self) -> None:
        if not hasattr(self, "client"):
            return
        finals = [status for status in self.up if status >= 200]
        refusals = [status for status in finals if status >= 300]
        assert len(refusals) <= 1
        assert not refusals or len(finals) == 1
        assert len(finals) <= 1 or self.invite
        assert self.timeouts <= 1
        assert self.ended <= 1
        assert self.ended == 0 or self.timers.pending() == 0

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.timers.fire(self.timers.now + 100)
            assert (self.ended, self.timers.pending()) == (1, 0)
            assert self.timeouts or [status for status in self.up if status >= 200]


TestServers, TestClients = Servers.TestCase, Clients.TestCase
TestServers.settings = TestClients.settings = settings(stateful_step_count=30, deadline=None)
