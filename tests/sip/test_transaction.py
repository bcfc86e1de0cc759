"""Transactions: every row of the four tables, and dialogues in virtual time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relayscript.sip import transaction as t
from relayscript.sip.message import Message
from relayscript.sip.timers import Timers
from relayscript.sip.transaction import ClientTransaction, ServerTransaction, Timing

TABLES = {
    "INVITE server": t.INVITE_SERVER,
    "server": t.SERVER,
    "INVITE client": t.INVITE_CLIENT,
    "client": t.CLIENT,
}


def response(status: int) -> Message:
    return Message(f"SIP/2.0 {status} X", ["CSeq: 1 INVITE"])


class Server:
    """A server transaction, and what it did: `(seconds, bytes)` for each message, `end`."""

    def __init__(self, invite: bool, reliable: bool = False, timing: Timing | None = None) -> None:
        self.timers, self.done = Timers(), list[tuple[float, object]]()
        self.machine = ServerTransaction(
            invite,
            reliable,
            self.timers,
            timing or Timing(),
            lambda data: self.note(data),
            lambda: self.note("end"),
        )

    def note(self, what: object) -> None:
        self.done.append((self.timers.now, what))

    def respond(self, status: int) -> bool:
        return self.machine.respond(status, b"%d" % status)

    def until(self, now: float) -> list[tuple[float, object]]:
        self.timers.fire(now)
        done, self.done = self.done, []
        return done


class Client(Server):
    """A client transaction likewise; what is passed up is noted as its status, a time-out as `timeout`."""

    def __init__(
        self, invite: bool, reliable: bool = False, timing: Timing | None = None, acks: bool = True
    ) -> None:
        self.timers, self.done = Timers(), list[tuple[float, object]]()
        self.client = ClientTransaction(
            invite, reliable, self.timers, timing or Timing(), lambda data: self.note(data),
            lambda reply: self.note(reply.status), lambda: self.note("timeout"), lambda: self.note("end"),
        )  # fmt: skip
        if acks:
            self.client.make_ack = lambda reply: b"ACK %d" % reply.status

    def start(self) -> Client:
        self.client.start(b"REQ")
        return self

    def receive(self, status: int) -> None:
        self.client.receive(response(status))


# ---- the tables


@pytest.mark.parametrize("name", TABLES)
def test_every_next_state_is_a_state_of_the_same_table(name: str) -> None:
    table = TABLES[name]
    for events in table.values():
        for following, _ in events.values():
            assert following in table


@pytest.mark.parametrize("name", TABLES)
def test_every_state_but_the_last_can_be_left_by_a_timer(name: str) -> None:
    lasting = {t.TERMINATED, t.PROCEEDING, t.TRYING} if "server" in name else {t.TERMINATED}
    for state, events in TABLES[name].items():
        left = any(row[0] != state for event, row in events.items() if event in (t.NO_ANSWER, t.WAITED))
        assert left is (state not in lasting)


ROWS = [
    *((True, state, event) for state, events in t.INVITE_SERVER.items() for event in events),
    *((False, state, event) for state, events in t.SERVER.items() for event in events),
]
REACH_SERVER = {
    t.TRYING: (), t.PROCEEDING: (180,), t.ACCEPTED: (200,), t.COMPLETED: (486,), t.CONFIRMED: (486, "ack"),
}  # fmt: skip


@pytest.mark.parametrize(("invite", "state", "event"), ROWS)
def test_every_row_of_a_server(invite: bool, state: str, event: str) -> None:
    side = Server(invite)
    for step in REACH_SERVER[state]:
        side.machine.receive_ack() if isinstance(step, str) else side.respond(step)
    assert side.machine.state == state
    drive: dict[str, Callable[[], object]] = {
        t.REQUEST: side.machine.receive_again,
        t.ACK: side.machine.receive_ack,
        t.PROVISIONAL: lambda: side.respond(183),
        t.SUCCESS: lambda: side.respond(299),
        t.FAILURE: lambda: side.respond(404),
        t.RETRANSMIT: lambda: side.until(0.5),
        t.NO_ANSWER: lambda: side.until(5),
        t.WAITED: lambda: side.until(5),
    }
    drive[event]()
    table = t.INVITE_SERVER if invite else t.SERVER
    assert side.machine.state == table[state][event][0]


CLIENT_ROWS = [
    *((True, state, event) for state, events in t.INVITE_CLIENT.items() for event in events),
    *((False, state, event) for state, events in t.CLIENT.items() for event in events),
]
REACH_CLIENT: dict[str, tuple[int, ...]] = {
    t.CALLING: (), t.TRYING: (), t.PROCEEDING: (180,), t.ACCEPTED: (200,), t.COMPLETED: (486,),
    t.EXPIRED: (-5,),
}  # fmt: skip


@pytest.mark.parametrize(("invite", "state", "event"), CLIENT_ROWS)
def test_every_row_of_a_client(invite: bool, state: str, event: str) -> None:
    side = Client(invite).start()
    for step in REACH_CLIENT[state]:
        side.receive(step) if step > 0 else side.until(-step)
    assert side.client.state == state
    waiting = side.timers.now + (30 if invite and state == t.PROCEEDING else 5)
    drive: dict[str, Callable[[], object]] = {
        t.PROVISIONAL: lambda: side.receive(183),
        t.SUCCESS: lambda: side.receive(299),
        t.FAILURE: lambda: side.receive(404),
        t.RETRANSMIT: lambda: side.until(0.5),
        t.NO_ANSWER: lambda: side.until(waiting),
        t.WAITED: lambda: side.until(waiting),
    }
    drive[event]()
    table = t.INVITE_CLIENT if invite else t.CLIENT
    assert side.client.state == table[state][event][0]


# ---- INVITE server


def test_a_refusal_is_repeated_until_its_ack() -> None:
    side = Server(True)
    assert side.respond(486)
    assert side.until(2) == [(0, b"486"), (0.5, b"486"), (1.5, b"486")]
    assert side.machine.receive_ack()
    assert side.machine.receive_ack()
    assert side.until(7) == [(7, "end")]
    assert side.machine.state == t.TERMINATED


def test_a_refusal_without_ack_ends_after_fr_timeout() -> None:
    side = Server(True, timing=Timing(fr_timeout=2))
    side.respond(486)
    assert side.until(9) == [(0, b"486"), (0.5, b"486"), (1.5, b"486"), (2, "end")]


def test_over_a_reliable_transport_nothing_is_repeated() -> None:
    side = Server(True, reliable=True)
    side.respond(486)
    assert side.until(9) == [(0, b"486"), (5, "end")]


def test_a_retransmitted_invite_gets_the_latest_response() -> None:
    side = Server(True)
    side.machine.receive_again()
    for status in (100, 180, 486):
        side.respond(status)
        side.machine.receive_again()
    side.machine.receive_ack()
    side.machine.receive_again()
    assert [what for _, what in side.done] == [b"100", b"100", b"180", b"180", b"486", b"486", b"486"]
    assert side.machine.status == 486


def test_several_2xx_pass_and_their_ack_is_for_the_user() -> None:
    side = Server(True)
    assert (side.respond(200), side.respond(202), side.respond(486), side.respond(180)) == (
        True,
        True,
        False,
        False,
    )
    assert not side.machine.receive_ack()
    assert side.until(5) == [(0, b"200"), (0, b"202"), (5, "end")]


def test_an_ack_before_any_final_response_is_not_ours() -> None:
    assert not Server(True).machine.receive_ack()


# ---- server


def test_one_final_response_for_other_requests() -> None:
    side = Server(False)
    side.machine.receive_again()
    assert (side.respond(100), side.respond(404), side.respond(200)) == (True, True, False)
    side.machine.receive_again()
    assert side.machine.status == 404
    assert not side.machine.receive_ack()
    assert side.until(5) == [(0, b"100"), (0, b"404"), (0, b"404"), (5, "end")]
    assert not side.respond(200)


# ---- INVITE client


def test_an_invite_is_repeated_up_to_t2_and_times_out() -> None:
    side = Client(True, timing=Timing(t1=0.2, t2=0.8, fr_timeout=3)).start()
    assert side.until(2.9) == [(0, b"REQ"), (0.2, b"REQ"), (pytest.approx(0.6), b"REQ"),
                               (pytest.approx(1.4), b"REQ"), (pytest.approx(2.2), b"REQ")]  # fmt: skip
    assert side.until(99) == [(3, "timeout"), (8, "end")]


def test_a_provisional_response_stops_repeating_and_starts_the_longer_timer() -> None:
    side = Client(True).start()
    side.receive(100)
    assert side.until(29) == [(0, b"REQ"), (0, 100)]
    side.receive(180)
    assert side.until(99) == [(29, 180), (59, "timeout"), (64, "end")]


def test_a_refusal_is_acknowledged_each_time_and_passed_up_once() -> None:
    side = Client(True).start()
    side.receive(180)
    side.receive(486)
    side.receive(486)
    side.receive(603)
    side.receive(200)
    side.receive(180)
    assert side.client.ack_data == b"ACK 486"
    assert [what for _, what in side.done] == [b"REQ", 180, b"ACK 486", 486, b"ACK 486", b"ACK 486"]
    assert side.until(5)[-1] == (5, "end")


def test_each_2xx_is_passed_up() -> None:
    side = Client(True).start()
    side.receive(200)
    side.receive(200)
    side.receive(486)
    side.receive(180)
    assert side.until(99) == [(0, b"REQ"), (0, 200), (0, 200), (5, "end")]


def test_late_responses_after_a_timeout_are_still_handled() -> None:
    side = Client(True, timing=Timing(fr_timeout=1)).start()
    assert side.until(1)[-1] == (1, "timeout")
    side.receive(180)
    side.receive(487)
    side.receive(487)
    assert side.until(99) == [(1, 180), (1, b"ACK 487"), (1, 487), (1, b"ACK 487"), (6, "end")]


def test_without_an_ack_to_send_a_refusal_ends_quietly() -> None:
    side = Client(True, acks=False).start()
    side.receive(486)
    assert side.until(99) == [(0, b"REQ"), (0, 486), (5, "end")]


# ---- client


def test_a_request_is_repeated_and_a_provisional_response_slows_it_down() -> None:
    side = Client(False, timing=Timing(fr_timeout=30)).start()
    assert [when for when, _ in side.until(4)] == [0, 0.5, 1.5, 3.5]
    side.receive(100)
    assert [when for when, _ in side.until(29)] == [4, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5]
    assert side.until(99) == [(30, "timeout"), (35, "end")]


def test_one_final_response_is_passed_up() -> None:
    side = Client(False).start()
    side.receive(200)
    side.receive(200)
    side.receive(404)
    assert side.until(99) == [(0, b"REQ"), (0, 200), (5, "end")]


def test_a_reliable_request_is_sent_once() -> None:
    side = Client(False, reliable=True).start()
    assert side.until(99) == [(0, b"REQ"), (5, "timeout"), (10, "end")]


# ---- ends


def test_terminating_stops_everything_and_says_so_once() -> None:
    side = Client(True).start()
    side.client.terminate()
    side.client.terminate()
    side.receive(200)
    assert side.until(99) == [(0, b"REQ"), (0, "end")]
    assert side.timers.pending() == 0


def test_the_user_may_terminate_from_within_a_response() -> None:
    timers, seen = Timers(), list[object]()
    client = ClientTransaction(
        True, False, timers, Timing(), seen.append, lambda reply: client.terminate(),
        lambda: seen.append("timeout"), lambda: seen.append("end"),
    )  # fmt: skip
    client.start(b"REQ")
    client.receive(response(200))
    timers.fire(99)
    assert seen == [b"REQ", "end"]


def test_the_defaults_are_those_of_tm() -> None:
    timing = Timing()
    assert (timing.t1, timing.t2, timing.fr_timeout, timing.fr_inv_timeout, timing.wt) == (0.5, 4, 5, 30, 5)
