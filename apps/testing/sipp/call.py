"""The run of one call through the steps of a SIPp scenario."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from relayscript.apps.testing.sipp.acting import Acting
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.matching import Match, find, follow_up, wanted
from relayscript.apps.testing.sipp.memory import Memory
from relayscript.apps.testing.sipp.retransmission import Retransmission
from relayscript.apps.testing.sipp.station import Station
from relayscript.apps.testing.sipp.steps import Flow, Nop, Pause, Recv, Send, SippScenario, Step
from relayscript.apps.testing.sipp.substitution import Substitution, branch_of
from relayscript.apps.testing.sipp.variables import Variables
from relayscript.sip.message import Message
from relayscript.sip.response import build_response
from relayscript.sip.timers import Timer

MOST_STEPS = 10_000
"""How many steps a call may do while no time passes and nothing arrives."""

ANSWERED = frozenset(("BYE", "CANCEL"))
"""Requests that end a call where they are not expected, with a 200."""

TOLERATED = frozenset(("INFO", "NOTIFY", "OPTIONS", "UPDATE"))
"""Requests that get a 200 where they are not expected, if the party answers all."""


class Call:
    """A call at one of its steps.

    `is_over`: it does nothing any more. `went_well`: it came to its end, or only waits for repetitions. Why it did not
    is one of the failures of its station.
    """

    def __init__(self, scenario: SippScenario, station: Station, call_id: str, number: int) -> None:
        self._scenario = scenario
        self._station = station
        self._memory = Memory(call_id, number, Variables(station.shared))
        self._substitution = Substitution(scenario.file, station, self._memory)
        self._acting = Acting(scenario.file, station, self._memory, self._substitution)
        self._retransmission = Retransmission(station.timers, self._unanswered)
        self._timer: Timer | None = None
        self._steps_done = 0
        self._transactions: dict[str, str] = {}
        self._sent: dict[int, bytes] = {}
        self._fresh: bytes | None = None
        self._last_received: bytes | None = None
        self._repeats: tuple[bytes, bytes] | None = None
        self._seen: list[str] = []
        self.is_over = False
        self.went_well = False

    @property
    def place(self) -> str:
        """Where it is: file, line and what it waits for."""
        waits_for = wanted(self._scenario.steps, self._memory.index)
        return f"{self._scenario.file}:{self._step.line} and waits for {waits_for}"

    @property
    def _step(self) -> Step:
        return self._scenario.steps[self._memory.index]

    # ---- what happens to it

    def begin(self) -> None:
        """Do the first steps."""
        self._guarded(self._run)

    def receive(self, message: Message) -> None:
        """A message of this call arrived."""
        self._steps_done = 0
        self._guarded(lambda: self._received(message))

    def _end(self) -> None:
        self.is_over = True
        self._retransmission.stop()
        self._stop_timer()

    def _guarded(self, act: Callable[[], object]) -> None:
        if self.is_over or self._station.is_stopped:
            return
        try:
            act()
        except SippError as error:
            rows = "".join(f"\n  {row}" for row in self._seen)
            self._station.failures.append(SippError(error.file, error.line, f"{error.text}{rows}"))
            self.went_well = False
            self._end()

    def _fail(self, text: str) -> SippError:
        return SippError(self._scenario.file, self._step.line, text)

    # ---- steps

    def _run(self) -> None:
        """Do steps until one has to wait."""
        while not self.is_over:
            self._steps_done += 1
            if self._steps_done > MOST_STEPS:
                raise self._fail(f"{MOST_STEPS} steps were done and no time has passed")
            step = self._step
            if self._is_to_do(step.flow):
                if not self._done(step):
                    return
                self._act(step)
            self._advance()

    def _is_to_do(self, flow: Flow) -> bool:
        return not flow.condexec or self._memory.variables.is_set(flow.condexec) != flow.condexec_inverse

    def _done(self, step: Step) -> bool:
        """Do what a step is; False if it has to wait."""
        match step.what:
            case Send():
                return self._send(step.what)
            case Recv():
                self._wait_for_message()
                return False
            case Pause():
                return self._pause(step.what)
            case Nop():
                return True

    def _act(self, step: Step) -> None:
        self._acting.jump = -1
        self._acting.do(step.actions)
        stop = self._acting.stop
        if stop is not None:
            self.went_well, self._station.is_stopped = True, stop.all_calls
            self._end()

    def _advance(self) -> None:
        """Go to the next step."""
        flow, at = self._step.flow, self._memory.index
        if self._acting.jump >= 0:
            at, self._acting.jump = self._acting.jump, -1
        elif flow.next >= 0 and self._branches(flow):
            at = flow.next
        else:
            at += 1
        self._go_to(at)

    def _go_to(self, at: int) -> None:
        """Be at a step; behind the last one the call is over."""
        self._stop_timer()
        last = len(self._scenario.steps) - 1
        if at > last and not self.is_over:
            self.went_well = True
            self._end()
        self._memory.index = min(at, last)

    def _branches(self, flow: Flow) -> bool:
        return self._is_tested(flow) and (flow.chance >= 1 or self._station.chance.random() < flow.chance)

    def _is_tested(self, flow: Flow) -> bool:
        return not flow.test or self._memory.variables.is_set(flow.test) != flow.test_inverse

    # ---- time

    def _start_timer(self, seconds: float, act: Callable[[], object]) -> None:
        def fired() -> None:
            self._timer = None
            self._steps_done = 0 if seconds else self._steps_done
            self._guarded(act)

        self._stop_timer()
        self._timer = self._station.timers.start(seconds, fired)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pause(self, pause: Pause) -> bool:
        if self._timer is not None:
            return False
        self.went_well = self.went_well or pause.is_last
        milliseconds = self._station.pause
        if pause.distribution is not None:
            milliseconds = pause.distribution.draw(self._station.chance)
        elif pause.variable:
            milliseconds = min(max(self._memory.variables.number(pause.variable), 0.0), 1e9)
        if milliseconds < 1:
            return True
        self._start_timer(int(milliseconds) / 1000, self._go_on)
        return False

    def _go_on(self) -> None:
        """A pause is over."""
        self._act(self._step)
        self._advance()
        self._run()

    def _wait_for_message(self) -> None:
        if self._timer is not None:
            return
        for step in self._scenario.steps[self._memory.index :]:
            if not isinstance(step.what, Recv):
                return
            if step.what.timeout:
                self._start_timer(step.what.timeout / 1000, partial(self._timed_out, step.what))
                return
            if step.what.is_mandatory:
                return

    def _timed_out(self, what: Recv) -> None:
        if what.ontimeout < 0:
            expected = wanted(self._scenario.steps, self._memory.index)
            raise self._fail(f"expected {expected}; nothing arrived within {what.timeout / 1000:g} s")
        self._go_to(what.ontimeout)
        self._run()

    # ---- sending

    def _send(self, send: Send) -> bool:
        if self._retransmission.is_active:
            return False
        memory = self._memory
        memory.cseq += send.method not in ("", "ACK", "CANCEL")
        data = self._substitution.text(send.template).encode("latin-1")
        if send.start_txn:
            self._transactions[send.start_txn] = branch_of(self._station, memory)
        self._sent[memory.index] = data
        if self._fresh is not None:
            self._repeats, self._fresh = (self._fresh, data), None
        self._note("->", data)
        self._transmit(data, send.lost)
        if send.retrans and not self._station.is_reliable:
            is_invite = send.method == "INVITE"
            self._retransmission.start(send.retrans / 1000, is_invite, lambda: self._transmit(data, send.lost))
        return True

    def _transmit(self, data: bytes, lost: float = 0.0) -> None:
        if not self._station.is_lost(lost):
            self._station.transmit(data)

    def _unanswered(self, times: int) -> None:
        def fail() -> None:
            expected = wanted(self._scenario.steps, self._memory.index)
            raise self._fail(f"expected {expected}; nothing arrived, though the message was sent {times} times")

        self._guarded(fail)

    def _note(self, arrow: str, data: bytes) -> None:
        first = data.decode("latin-1").lstrip("\r\n").partition("\r\n")[0]
        self._seen.append(f"{self._station.timers.now:.3f}  {self._station.name} {arrow} {first}")

    # ---- receiving

    def _received(self, message: Message) -> None:
        data = message.data or b""
        self._note("<-", data)
        if self._repeats is not None and data == self._repeats[0]:
            self._station.transmit(self._repeats[1])
            return
        if data == self._last_received:
            return
        self._memory.look_at(message)
        match = find(self._scenario.steps, self._memory.index, message, self._transactions)
        if match is None:
            self._unexpected(message)
        elif match.is_repeated:
            self._acknowledge_again(match, message)
        else:
            self._take(match.index, message)

    def _take(self, index: int, message: Message) -> None:
        """A message is the one of a step."""
        step = self._scenario.steps[index]
        what = step.what
        if not isinstance(what, Recv) or self._station.is_lost(what.lost):
            return
        self._retransmission.stop()
        self._keep(message)
        if what.rrs:
            self._memory.route_by(message)
        if what.auth:
            self._memory.challenged_by(message)
        self._act(step)
        if what.is_mandatory or self._acting.jump >= 0 or (step.flow.next >= 0 and self._is_tested(step.flow)):
            self._memory.index = index
            self._advance()
        self._run()

    def _keep(self, message: Message) -> None:
        self._memory.last = message
        self._last_received = self._fresh = message.data or b""

    def _acknowledge_again(self, match: Match, message: Message) -> None:
        again = self._sent.get(follow_up(self._scenario.steps, match.index))
        if message.status >= 200 and again is not None:
            self._station.transmit(again)

    def _unexpected(self, message: Message) -> None:
        """As SIPp does it: go to the label for that, answer by itself, or fail."""
        if self._scenario.unexpected >= 0:
            self._keep(message)
            self._memory.variables["_unexp.retaddr"] = float(self._memory.index)
            self._retransmission.stop()
            self._go_to(self._scenario.unexpected)
            self._run()
            return
        if self.went_well:
            return
        is_tolerated = self._station.answers_all and message.method in TOLERATED
        if message.is_request and (message.method in ANSWERED or message.method == "PING" or is_tolerated):
            self._station.transmit(build_response(message, 200, "OK").encode("latin-1"))
            if message.method not in ANSWERED:
                return
        arrived = message.method if message.is_request else f"{message.status} {message.method}"
        raise self._fail(f"expected {wanted(self._scenario.steps, self._memory.index)}; {arrived} arrived")
