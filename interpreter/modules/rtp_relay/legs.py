"""The settings of a call's participants, and which of them a branch inherits (rtp-relay.md 3)."""

from __future__ import annotations

from relayscript.interpreter.values import Value, int_of, text_of

TEXT_FIELDS = ("flags", "peer", "ip", "type", "iface", "body", "delete")
FIELDS = (*TEXT_FIELDS, "disabled")


class Leg:
    """One participant: its tag ("" until known) and its settings.

    What a leg does not set itself comes from its `parent`: a branch's callee inherits from the callee of
    all branches, a branch's caller from the caller.
    """

    __slots__ = ("disabled", "fields", "parent", "tag")

    def __init__(self, parent: Leg | None = None, tag: str = "") -> None:
        self.parent = parent
        self.tag = tag
        self.fields: dict[str, str] = {}
        self.disabled: bool | None = None

    def get(self, field: str) -> str:
        """A text setting; "" if it is not set here or above."""
        own = self.fields.get(field)
        if own is not None:
            return own
        return self.parent.get(field) if self.parent is not None else ""

    @property
    def is_disabled(self) -> bool:
        """No relay for this participant."""
        if self.disabled is not None:
            return self.disabled
        return self.parent is not None and self.parent.is_disabled

    def read(self, field: str) -> Value:
        """What the script variable yields."""
        if field == "disabled":
            return "disabled" if self.is_disabled else "enabled"
        return self.get(field)

    def write(self, field: str, value: Value) -> bool:
        """Set a field; NULL or an empty text clears it."""
        if field == "disabled":
            self.disabled = _truth(value)
            return True
        text = str(int(value)) if isinstance(value, int) else text_of(value)
        if text:
            self.fields[field] = text
        elif self.parent is not None and value is not None:
            self.fields[field] = ""
        else:
            self.fields.pop(field, None)
        return True

    def copy(self) -> Leg:
        """The same settings, to change independently."""
        other = Leg(self.parent, self.tag)
        other.fields, other.disabled = dict(self.fields), self.disabled
        return other

    def take_over(self, other: Leg) -> None:
        """Have the settings of another."""
        self.fields, self.disabled = other.fields, other.disabled

    def to_json(self) -> dict[str, str]:
        """The settings as management commands list them."""
        named = {"ip": "IP", "iface": "interface"}
        made = {"tag": self.tag} if self.tag else {}
        return made | {named.get(field, field): text for field in TEXT_FIELDS if (text := self.get(field))}


def _truth(value: Value) -> bool | None:
    if value is None or value == "":
        return False
    number = int_of(value)
    return number != 0 if number is not None else value != "0"


class Legs:
    """All participants of a call: the caller, the callee of all branches, those of single branches, and those that
    scripts set something for by a tag that nobody has brought yet.
    """

    def __init__(self, caller_tag: str) -> None:
        self.caller = Leg(tag=caller_tag)
        self.callee = Leg()
        self.callees: dict[int, Leg] = {}
        self.callers: dict[int, Leg] = {}
        self.expected: dict[str, Leg] = {}
        self.earlier_callers: dict[int, Leg] = {}

    def callee_of(self, branch: int) -> Leg:
        """The callee of a branch; it inherits from the callee of all branches."""
        if branch not in self.callees:
            self.callees[branch] = Leg(self.callee)
        return self.callees[branch]

    def caller_of(self, branch: int) -> Leg:
        """The caller as one branch sees it: the caller, unless something was set for the branch alone."""
        return self.callers.get(branch, self.caller)

    def own_caller_of(self, branch: int) -> Leg:
        """The caller's settings for one branch, to be written."""
        if branch not in self.callers:
            self.callers[branch] = Leg(self.caller, self.caller.tag)
        return self.callers[branch]

    def change_caller(self, branch: int) -> None:
        """The route of a branch is about to change the caller: what was offered before it for others is not changed."""
        for earlier in range(branch):
            self.earlier_callers.setdefault(earlier, self.caller.copy())

    def offering_caller(self, branch: int) -> Leg:
        """The caller's settings for the first offer of a branch: as they were after the route of this branch."""
        return self.earlier_callers.pop(branch, None) or self.caller_of(branch)

    def is_provisioned(self, branch: int) -> bool:
        """The script set something for the callee of this branch."""
        leg = self.callees.get(branch)
        return leg is not None and (bool(leg.fields) or leg.disabled is not None)

    def with_tag(self, tag: str) -> Leg | None:
        """The participant with a tag."""
        every = (self.caller, *self.callees.values(), *self.expected.values())
        return next((leg for leg in every if leg.tag == tag), None)

    def expect(self, tag: str) -> Leg:
        """The participant that will have a tag nobody has yet."""
        return self.expected.setdefault(tag, Leg(tag=tag))

    def learn(self, callee: Leg, tag: str) -> None:
        """A callee's tag is known now, and with it what was set for whoever has it."""
        callee.tag = tag
        if (expected := self.expected.pop(tag, None)) is not None:
            callee.fields |= expected.fields
            if expected.disabled is not None:
                callee.disabled = expected.disabled
