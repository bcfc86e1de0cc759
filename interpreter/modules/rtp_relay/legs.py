"""The settings of a call's participants, and which of them a branch inherits (rtp-relay.md 3)."""

from __future__ import annotations

from relayscript.interpreter.values import Value, int_of, text_of

TEXT_FIELDS = ("flags", "peer", "ip", "type", "iface", "body", "delete")
FIELDS = (*TEXT_FIELDS, "disabled")
LISTED_AS = {"ip": "IP", "iface": "interface"}
"""How management commands call fields that have another name there."""


class Leg:
    """One participant: its tag ("" until known) and its settings.

    What a leg does not set itself comes from its `parent`: a branch's callee inherits from the callee of
    all branches, a branch's caller from the caller.
    """

    __slots__ = ("_fields", "disabled", "parent", "tag")

    def __init__(self, parent: Leg | None = None, tag: str = "") -> None:
        self.parent = parent
        self.tag = tag
        self._fields: dict[str, str] | None = None
        self.disabled: bool | None = None

    @property
    def fields(self) -> dict[str, str]:
        """A copy of the text settings of its own."""
        return dict(self._fields) if self._fields else {}

    @fields.setter
    def fields(self, fields: dict[str, str]) -> None:
        self._fields = fields or None

    def get(self, field: str) -> str:
        """A text setting; "" if it is not set here or above."""
        if self._fields is not None and (own := self._fields.get(field)) is not None:
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
        text, fields = str(int(value)) if isinstance(value, int) else text_of(value), self.fields
        if text:
            fields[field] = text
        elif self.parent is not None and value is not None:
            fields[field] = ""
        else:
            fields.pop(field, None)
        self.fields = fields
        return True

    def copy(self) -> Leg:
        """The same settings, to change independently."""
        other = Leg(self.parent, self.tag)
        other.fields, other.disabled = self.fields, self.disabled
        return other

    def take_over(self, other: Leg) -> None:
        """Have the settings of another."""
        self.fields, self.disabled = other.fields, other.disabled

    def to_json(self) -> dict[str, str]:
        """The settings as management commands list them."""
        made = {"tag": self.tag} if self.tag else {}
        if self._has_settings():
            made |= {LISTED_AS.get(field, field): text for field in TEXT_FIELDS if (text := self.get(field))}
        return made

    def _has_settings(self) -> bool:
        """A text is set here or above."""
        return self._fields is not None or (self.parent is not None and self.parent._has_settings())


def _truth(value: Value) -> bool | None:
    if value is None or value == "":
        return False
    number = int_of(value)
    return number != 0 if number is not None else value != "0"


class Legs:
    """All participants of a call: the caller, the callee of all branches, those of single branches, and those that
    scripts set something for by a tag that nobody has brought yet.
    """

    __slots__ = ("callee", "callees", "caller", "callers", "earlier_callers", "expected")

    def __init__(self, caller_tag: str) -> None:
        self.caller = Leg(tag=caller_tag)
        self.callee = Leg()
        self.callees: dict[int, Leg] = {}
        self.callers: dict[int, Leg] | None = None
        self.expected: dict[str, Leg] | None = None
        self.earlier_callers: dict[int, Leg] | None = None

    def callee_of(self, branch: int) -> Leg:
        """The callee of a branch; it inherits from the callee of all branches."""
        if branch not in self.callees:
            self.callees[branch] = Leg(self.callee)
        return self.callees[branch]

    def caller_of(self, branch: int) -> Leg:
        """The caller as one branch sees it: the caller, unless something was set for the branch alone."""
        return self.callers.get(branch, self.caller) if self.callers else self.caller

    def own_caller_of(self, branch: int) -> Leg:
        """The caller's settings for one branch, to be written."""
        if self.callers is None:
            self.callers = {}
        if branch not in self.callers:
            self.callers[branch] = Leg(self.caller, self.caller.tag)
        return self.callers[branch]

    def change_caller(self, branch: int) -> None:
        """The route of a branch is about to change the caller: what was offered before it for others is not changed."""
        if self.earlier_callers is None:
            self.earlier_callers = {}
        for earlier in range(branch):
            self.earlier_callers.setdefault(earlier, self.caller.copy())

    def offering_caller(self, branch: int) -> Leg:
        """The caller's settings for the first offer of a branch: as they were after the route of this branch."""
        earlier = self.earlier_callers.pop(branch, None) if self.earlier_callers else None
        return earlier or self.caller_of(branch)

    def is_provisioned(self, branch: int) -> bool:
        """The script set something for the callee of this branch."""
        leg = self.callees.get(branch)
        return leg is not None and (bool(leg.fields) or leg.disabled is not None)

    def with_tag(self, tag: str) -> Leg | None:
        """The participant with a tag."""
        every = (self.caller, *self.callees.values(), *(self.expected or {}).values())
        return next((leg for leg in every if leg.tag == tag), None)

    def expect(self, tag: str) -> Leg:
        """The participant that will have a tag nobody has yet."""
        if self.expected is None:
            self.expected = {}
        return self.expected.setdefault(tag, Leg(tag=tag))

    def learn(self, callee: Leg, tag: str) -> None:
        """A callee's tag is known now, and with it what was set for whoever has it."""
        callee.tag = tag
        if self.expected and (expected := self.expected.pop(tag, None)) is not None:
            callee.fields |= expected.fields
            if expected.disabled is not None:
                callee.disabled = expected.disabled
