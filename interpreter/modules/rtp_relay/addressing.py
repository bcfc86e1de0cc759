"""Which participant `$rtp_relay` and `$rtp_relay_peer` mean in which route (rtp-relay.md 3.3)."""

from __future__ import annotations

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.legs import Leg

Index = int | str | None


class Addressing:
    """Finds legs. `branch_is_callee` is the meaning since 3.3: in a branch route the own side is the callee."""

    def __init__(self, *, branch_is_callee: bool) -> None:
        self.branch_is_callee = branch_is_callee

    def find(
        self, call: RelayCall, context: Context, index: Index, *, peer: bool, create: bool
    ) -> Leg | None:
        """The leg that the variable means; with `create` one for a branch is made if there is none."""
        if isinstance(index, str) and index != "*":
            return self._by_tag(call, index, peer=peer, create=create)
        if isinstance(index, int):
            return self._of_branch(call, context, index, peer=peer, create=create) if index >= 0 else None
        if context.request is not None and context.kind is Kind.ONREPLY and not context.request.to_tag:
            return call.legs.caller if peer else _callee(call, context.branch_index, create)
        if (context.request or context.message).to_tag:
            return self._in_dialog(call, context, peer=peer)
        if context.kind is Kind.BRANCH:
            return self._in_branch_route(call, context.branch_index, peer=peer, create=create)
        return call.legs.callee if peer else call.legs.caller

    def _in_branch_route(self, call: RelayCall, branch: int, *, peer: bool, create: bool) -> Leg:
        if self.branch_is_callee:
            return call.legs.caller if peer else _callee(call, branch, create)
        return _callee(call, branch, create) if peer else _caller(call, branch, create)

    def _of_branch(self, call: RelayCall, context: Context, branch: int, *, peer: bool, create: bool) -> Leg:
        """An index names a branch: its callee, except for the caller's own settings up to 3.2."""
        to_callee = self.branch_is_callee or context.kind is Kind.ONREPLY
        if to_callee:
            return call.legs.caller if peer else _callee(call, branch, create)
        return _callee(call, branch, create) if peer else _caller(call, branch, create)

    @staticmethod
    def _by_tag(call: RelayCall, tag: str, *, peer: bool, create: bool) -> Leg | None:
        """The participant with a tag, or the one it talks to; before the answer it may be yet to come."""
        session = call.established
        if session is not None:
            for leg in (session.caller, session.callee):
                if leg.tag == tag:
                    return session.other(leg) if peer else leg
        found = call.legs.with_tag(tag)
        if found is None and create and not peer and not call.confirmed:
            return call.legs.expect(tag)
        if found is None or not peer:
            return found
        return call.legs.callee if found is call.legs.caller else call.legs.caller

    @staticmethod
    def _in_dialog(call: RelayCall, context: Context, *, peer: bool) -> Leg:
        """The sender is the own side, except in a branch route, where it is the recipient."""
        request = context.request or context.message
        upstream = request.to_tag == call.legs.caller.tag
        session = call.session_of(request.from_tag if upstream else request.to_tag)
        caller = session.caller if session is not None else call.legs.caller
        callee = session.callee if session is not None else call.legs.callee
        own_is_author = (context.kind not in (Kind.BRANCH, Kind.ONREPLY)) != peer
        return caller if own_is_author != upstream else callee


def _callee(call: RelayCall, branch: int, create: bool) -> Leg:
    legs = call.legs
    return legs.callee_of(branch) if create else legs.callees.get(branch, legs.callee)


def _caller(call: RelayCall, branch: int, create: bool) -> Leg:
    return call.legs.own_caller_of(branch) if create else call.legs.caller_of(branch)
