"""Calls in any order of events: ringing, answers, BYEs of both sides, re-INVITEs, CANCELs, losses, time; what a
dialog promises holds, and nothing is left behind."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.sip import dialog as protocol

from .stage import ALICE, BOB, Proxy, reply, request

SCRIPT = """
modparam("tm", "fr_timeout", 3)
modparam("tm", "fr_inv_timeout", 10)
modparam("dialog", "default_timeout", 40)
modparam("dialog", "options_ping_interval", 7)
modparam("dialog", "reinvite_ping_interval", 11)
modparam("dialog", "profiles_with_value", "caller")
route {
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (has_totag()) {
        if (is_method("ACK") && t_check_trans()) exit;
        loose_route();
        t_relay();
        exit;
    }
    t_check_trans();
    create_dialog("FLAGS");
    set_dlg_profile("caller", $fU);
    record_route();
    t_relay();
}
"""
FLAGS = (
    "", "bye-on-timeout", "end-on-race-condition,bye-on-timeout", "options-ping-caller,reinvite-ping-callee",
    "auto-prack",
)  # fmt: skip
SOURCES = {"alice": ALICE, "bob": BOB}


class Dialogs(RuleBasedStateMachine):
    """One call at a time; what parties get waits to be answered, repeated or lost."""

    @initialize(flags=st.sampled_from(FLAGS))
    def start(self, flags: str) -> None:
        self.proxy = Proxy(SCRIPT.replace("FLAGS", flags), "tm sl rr sipmsgops dialog")
        module = self.proxy.runtime.module(DialogModule)
        assert module is not None
        self.module = module
        self.calls, self.cseq, self.route = 0, 1, ""
        self.states: dict[str, int] = {}
        self.told: dict[str, list[str]] = {}
        self.noted: set[tuple[str, str, str]] = set()
        self.highest: dict[tuple[str, str], int] = {}
        module.on_created.append(lambda dialog, context: self.follow(dialog))

    def follow(self, dialog: Dialog) -> None:
        self.states[dialog.did] = dialog.state
        self.told[dialog.did] = []
        dialog.on_confirmed.append(lambda one: self.told[one.did].append("confirmed"))
        dialog.on_end.append(lambda one, reason, way: self.told[one.did].append("end"))

    @rule()
    def call(self) -> None:
        self.calls += 1
        self.cseq, self.route = 1, ""
        self.proxy.send(request("INVITE", call_id=f"c{self.calls}"))

    @rule(status=st.sampled_from((100, 180, 183, 200, 200, 404, 487)), repeated=st.booleans())
    def answer(self, status: int, repeated: bool) -> None:
        """Bob answers the first thing that he has got."""
        got = [each for each in self.proxy.got["bob"] if each.is_request and each.method != "ACK"]
        if not got:
            return
        if not repeated:
            self.proxy.got["bob"].remove(got[0])
        status = status if got[0].method == "INVITE" else 200 if got[0].method == "CANCEL" else max(status, 200)
        if got[0].method == "INVITE" and not got[0].to_tag and status > 100 and got[0].call_id == f"c{self.calls}":
            self.route = got[0].header("record-route") or ""
        reliable = "Require: 100rel\nRSeq: 1\n" if status == 183 else ""
        self.proxy.send(reply(got[0], status, "X", reliable), BOB)

    @rule(status=st.sampled_from((180, 200, 481, 491)))
    def answer_of_alice(self, status: int) -> None:
        got = [each for each in self.proxy.got["alice"] if each.is_request and each.method != "ACK"]
        if got:
            self.proxy.got["alice"].remove(got[0])
            text = reply(got[0], status, "X").replace("<sip:bob@192.0.2.2>", "<sip:alice@192.0.2.1>")
            self.proxy.send(text, ALICE)

    @rule(party=st.sampled_from(("alice", "bob")))
    def lose(self, party: str) -> None:
        if self.proxy.got[party]:
            self.proxy.got[party].pop(0)

    @rule(
        method=st.sampled_from(("ACK", "ACK", "BYE", "INVITE", "INFO", "UPDATE")),
        sender=st.sampled_from(("alice", "bob")),
    )
    def inside(self, method: str, sender: str) -> None:
        """Somebody sends a request inside the latest dialog, whether or not that makes sense now."""
        if not self.route:
            return  # nobody has answered yet: there is no dialog to be inside
        other = {"alice": "bob", "bob": "alice"}[sender]
        self.cseq += method != "ACK"
        route = f"Route: {self.route}\n"
        uri = {"alice": "sip:bob@192.0.2.2", "bob": "sip:alice@192.0.2.1"}[sender]
        number = 1 if method == "ACK" else self.cseq
        text = request(method, uri, sender=sender, to_tag=other, cseq=number, call_id=f"c{self.calls}", headers=route)
        self.proxy.send(text, SOURCES[sender])

    @rule()
    def cancel(self) -> None:
        text = request("CANCEL", call_id=f"c{self.calls}")
        self.proxy.send(text.replace("bKaliceCANCEL", "bKaliceINVITE"))

    @rule()
    def end_by_management(self) -> None:
        for dialog in self.module.table.live():
            if not self.module.lifecycle.terminate(dialog, "MI Termination"):
                self.module.lifecycle.cancel(dialog)
        self.proxy.host.settle()

    @rule(seconds=st.sampled_from((0.5, 4.0, 12.0, 45.0)))
    def wait(self, seconds: float) -> None:
        self.proxy.host.pass_time(seconds)

    @invariant()
    def states_only_go_up(self) -> None:
        if not hasattr(self, "module"):
            return
        for dialog in self.module.table:
            assert dialog.state >= self.states[dialog.did]
            self.states[dialog.did] = dialog.state

    @invariant()
    def everybody_is_told_once(self) -> None:
        for told in getattr(self, "told", {}).values():
            assert told in ([], ["confirmed"], ["end"], ["confirmed", "end"])

    @invariant()
    def counts_are_what_there_is(self) -> None:
        if not hasattr(self, "module"):
            return
        statistics, live = self.proxy.runtime.statistics, self.module.table.live()
        active = sum(dialog.is_answered for dialog in live)
        assert statistics["dialog:active_dialogs"] == active
        assert statistics["dialog:early_dialogs"] == sum(dialog.state == protocol.EARLY for dialog in live)
        assert self.module.profiles.size("caller", None) == len(live)
        assert not statistics.get("core:internal_errors"), self.proxy.log

    @invariant()
    def numbers_only_go_up(self) -> None:
        """What a party gets from the other side has ever higher CSeq numbers, made by whomever."""
        for party in ("alice", "bob") if hasattr(self, "proxy") else ():
            for message in self.proxy.got[party]:
                key = (party, message.call_id, message.top_via.branch)
                if not message.is_request or message.method in ("ACK", "CANCEL") or key in self.noted:
                    continue
                self.noted.add(key)
                number, before = message.cseq[0], self.highest.get(key[:2], 0)
                assert number > before, (party, message.method, number, before)
                self.highest[key[:2]] = number

    def teardown(self) -> None:
        if not hasattr(self, "proxy"):
            return
        self.proxy.host.pass_time(400)
        self.counts_are_what_there_is()
        self.everybody_is_told_once()
        assert list(self.module.table) == []
        assert self.proxy.runtime.statistics["tm:inuse_transactions"] == 0
        assert self.proxy.host.timers.pending() == 0


TestDialogs = Dialogs.TestCase
TestDialogs.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=30, deadline=None)
