"""Any order of requests, replies, losses, duplicates and timers, with and without a slow media relay: one answer
upstream, nothing left behind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.tm import Transaction
from relayscript.sip.message import Message

from .stage import CALLEES, DAVE, FORK, Stage

SCRIPT = f"""
modparam("tm", "fr_timeout", 3)
modparam("tm", "fr_inv_timeout", 10)
route {{
    if ($rm == "CANCEL") {{ if (t_check_trans()) t_relay(); exit; }}
    if ($rm == "ACK") {{ if (t_check_trans()) exit; $du = "{DAVE}"; t_relay(); exit; }}
    t_check_trans();
    t_on_failure("again");
    t_on_reply("seen");
    {FORK}
    t_relay();
}}
onreply_route[seen] {{ if ($rs == 183 && $T_branch_idx == 1) drop; }}
failure_route[again] {{
    if (t_was_cancelled()) exit;
    if ($T_reply_code == 404) {{ t_reply(480, "Gone"); exit; }}
    if ($avp(tries) == NULL) {{ $avp(tries) = 1; t_on_failure("again"); }}
    $ru = "{DAVE}";
    t_relay();
}}
"""
STATUSES = st.sampled_from((100, 180, 183, 200, 302, 404, 486, 503, 603))


class Calls(RuleBasedStateMachine):
    """Alice calls; bob, carol and dave do as they like, twice if they like."""

    invites = Bundle("invites")
    arrived = Bundle("arrived")

    @initialize()
    def start(self) -> None:
        self.stage = Stage(SCRIPT)
        self.stage.tm.on_created.append(self.relay_media)
        self.calls: dict[str, Message] = {}
        self.upstream: dict[str, list[tuple[int, str]]] = {}
        self.provisional: set[str] = set()
        self.refused: set[str] = set()
        self.acknowledged: set[str] = set()
        self.finished: set[str] = set()
        self.watch()

    def watch(self) -> None:
        """See each request that a callee gets, as it arrives."""
        for name, address in CALLEES.items():
            catch = self.stage.host.endpoints[address]
            self.stage.host.endpoints[address] = partial(self.look, name, catch)

    def is_known(self, token: str) -> bool:
        """The proxy has not forgotten the branch yet: it waits for a while after the end."""
        transactions = self.stage.tm.table.transactions()
        return any(token == each.token and each.client is not None for one in transactions for each in one.branches)

    def look(self, name: str, catch: Callable[[bytes], None], data: bytes) -> None:
        """A CANCEL comes only after a provisional answer, and not after a final one; an ACK only to a refusal."""
        message = Message.parse(data)
        branch = message.top_via.branch
        if message.method == "CANCEL":
            assert branch in self.provisional, name
        elif message.method == "ACK" and message.top_via.branch in self.refused:
            self.acknowledged.add(branch)
        catch(data)

    def relay_media(self, transaction: Transaction, context: Context) -> None:
        """For every other call, a media relay has to be asked about each message, and is slow."""
        if int(transaction.request.call_id[1:]) % 2:
            for hooks in (transaction.on_branch, transaction.on_reply, transaction.on_branch_end):
                hooks.append(self.stage.pause)

    def read(self) -> None:
        """Note what alice got, and keep what the callees got."""
        for message in self.stage.got["alice"]:
            if not message.is_request and message.method == "INVITE":
                self.upstream[message.call_id].append((message.status, message.render(message.first_line)))
        self.stage.got["alice"].clear()

    @rule(target=invites)
    def call(self) -> Message:
        number = len(self.calls)
        self.upstream[f"c{number}"] = []
        invite = self.calls[f"c{number}"] = self.stage.invite(f"c{number}")
        return invite

    @rule(invite=invites)
    def repeat(self, invite: Message) -> None:
        """A retransmission: nobody sends one once there is a final answer."""
        if all(status < 200 for status, _ in self.upstream[invite.call_id]):
            self.stage.invite(invite.call_id)

    @rule(invite=invites)
    def cancel(self, invite: Message) -> None:
        self.stage.cancel(invite)

    @rule(invite=invites)
    def acknowledge(self, invite: Message) -> None:
        self.stage.ack(invite)

    @rule(target=arrived, name=st.sampled_from(sorted(CALLEES)))
    def receive(self, name: str) -> tuple[str, Message | None]:
        got = self.stage.got[name]
        return name, got.pop(0) if got else None

    @rule(which=arrived, status=STATUSES)
    def answer(self, which: tuple[str, Message | None], status: int) -> None:
        name, message = which
        if message is not None and message.method == "INVITE":
            branch = message.top_via.branch
            if status < 200:
                self.provisional.add(branch)
            elif branch not in self.finished and status >= 300 and self.is_known(branch):
                self.refused.add(branch)
            if status >= 200:
                self.finished.add(branch)
        if message is not None and message.method in ("INVITE", "CANCEL"):
            self.stage.answer(name, message, 200 if message.method == "CANCEL" else status)

    @rule(which=consumes(arrived))
    def lose(self, which: tuple[str, Message | None]) -> None:
        pass

    @rule(seconds=st.sampled_from((0.1, 0.5, 2.0, 3.0, 6.0, 11.0)))
    def wait(self, seconds: float) -> None:
        self.stage.let(seconds)

    @invariant()
    def one_answer(self) -> None:
        self.read()
        for answers in self.upstream.values():
            finals = [status for status, _ in answers if status >= 200]
            refusals = {text for status, text in answers if status >= 300}
            assert len(refusals) <= 1
            if finals and finals[0] < 300:
                assert not refusals
            after = (
                [status for status, _ in answers[answers.index(_first_final(answers)) :]] if finals else []
            )
            assert all(status >= 200 for status in after)

    @invariant()
    def no_internal_errors(self) -> None:
        assert not self.stage.runtime.statistics.get("core:internal_errors"), self.stage.log

    def teardown(self) -> None:
        if not hasattr(self, "stage"):
            return
        self.stage.let(200)
        self.one_answer()
        assert self.stage.leaks == (0, 0, 0)
        assert self.refused == self.acknowledged
        for call_id, answers in self.upstream.items():
            assert any(status >= 200 for status, _ in answers), call_id


def _first_final(answers: list[tuple[int, str]]) -> tuple[int, str]:
    return next(answer for answer in answers if answer[0] >= 200)


TestCalls = Calls.TestCase
TestCalls.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=40, deadline=None)
