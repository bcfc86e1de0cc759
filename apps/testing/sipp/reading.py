"""Reads a SIPp scenario: from XML to steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from relayscript.apps.testing.sipp.actionreading import read_actions
from relayscript.apps.testing.sipp.actions import Action
from relayscript.apps.testing.sipp.attributes import Attributes
from relayscript.apps.testing.sipp.distribution import Distribution
from relayscript.apps.testing.sipp.document import Element, read_document
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.keywords import Words
from relayscript.apps.testing.sipp.steps import Flow, Nop, Pause, Recv, Send, SippScenario, Step

STEPS = ("send", "recv", "pause", "nop", "label", "timewait")
VARIABLES = ("Global", "User", "Reference")
IGNORED = frozenset(("ResponseTimeRepartition", "CallLengthRepartition", "info"))
"""Elements that say something about statistics only."""

UNEXPECTED = "_unexp.main"


def read_sipp(data: bytes, file: str, keys: frozenset[str] = frozenset()) -> SippScenario:
    """The scenario in an XML document; `keys` are the keywords that it is given. Raises SippError."""
    root = read_document(data, file)
    if root.name != "scenario":
        raise SippError(file, root.line, f"expected <scenario>, found <{root.name[:40]}>")
    words = Words(file, keys)
    main, init = Section(words), Section(words)
    shared: set[str] = set()
    for element in root.children:
        if element.name == "init":
            for child in element.children:
                _only(child, ("nop", "label"), words)
                init.add(child)
        elif element.name in VARIABLES:
            names = {each.strip() for each in Attributes(element, words).needed("variables").split(",")}
            shared |= names if element.name == "Global" else set()
        elif element.name not in IGNORED:
            main.add(element)
    steps = main.finished()
    if not any(isinstance(step.what, Send | Recv) for step in steps):
        raise SippError(file, root.line, "expected <send> or <recv> in the scenario, found none")
    unexpected = main.labels.get(UNEXPECTED, -1)
    return SippScenario(file, steps, init.finished(), frozenset(shared), unexpected)


def _only(element: Element, names: tuple[str, ...], words: Words) -> None:
    if element.name not in names:
        expected = " or ".join(f"<{name}>" for name in names)
        raise SippError(words.file, element.line, f"expected {expected}, found <{element.name[:40]}>")


@dataclass(slots=True)
class Section:
    """Steps that follow each other, with their labels, which may be named before they come."""

    words: Words
    labels: dict[str, int] = field(default_factory=dict)
    _steps: list[Step] = field(default_factory=list)
    _named: list[tuple[str, str]] = field(default_factory=list)
    _methods: set[str] = field(default_factory=set)

    def add(self, element: Element) -> None:
        """The next element of the section. Raises SippError."""
        if element.name in ("sendCmd", "recvCmd"):
            text = f"<{element.name}> is not supported: it connects two running SIPp (3PCC)"
            raise SippError(self.words.file, element.line, text)
        _only(element, STEPS, self.words)
        given = Attributes(element, self.words)
        if element.name == "label":
            self.labels[given.needed("id")] = len(self._steps)
            return
        what = self._what(given)
        self._named.append((given.text("next"), given.text("ontimeout")))
        self._steps.append(Step(element.line, what, _flow(given), self._actions(element)))

    def finished(self) -> tuple[Step, ...]:
        """All steps, those that they name found. Raises SippError."""
        return tuple(self._linked(*each) for each in zip(self._steps, self._named, strict=True))

    def _linked(self, step: Step, named: tuple[str, str]) -> Step:
        step = replace(step, flow=replace(step.flow, next=self._label(named[0], step.line)))
        if isinstance(step.what, Recv):
            step = replace(step, what=replace(step.what, ontimeout=self._label(named[1], step.line)))
        return step

    def _label(self, name: str, line: int) -> int:
        if not name:
            return -1
        if name not in self.labels:
            known = ", ".join(self.labels) or "none"
            raise SippError(self.words.file, line, f"expected a label that is there ({known}), found {name[:40]}")
        return self.labels[name]

    def _actions(self, element: Element) -> tuple[Action, ...]:
        found: list[Action] = []
        for child in element.children:
            _only(child, ("action",), self.words)
            found += read_actions(child, self.words)
        return tuple(found)

    def _what(self, given: Attributes) -> Send | Recv | Pause | Nop:
        match given.element.name:
            case "send":
                return self._send(given)
            case "recv":
                return self._recv(given)
            case "nop":
                return Nop()
        return _pause(given)

    def _send(self, given: Attributes) -> Send:
        element = given.element
        template = self.words.message(element.text, element.text_line or element.line)
        numbers = (given.amount("retrans"), given.amount("lost"))
        send = Send(template, *numbers, given.text("start_txn"), given.text("ack_txn"))
        self._methods |= {send.method}
        return send

    def _recv(self, given: Attributes) -> Recv:
        is_request = not given.has("response")
        name = given.needed("response", "request") if is_request else given.text("response")
        by_pattern = given.truth("regexp_match")
        if not is_request and not by_pattern and not (name.isascii() and name.isdigit()):
            raise given.wrong(f"expected a status as response, found {name[:40]}")
        optional = given.text("optional", "false")
        if optional != "global":
            optional = "true" if given.truth("optional") else "false"
        pattern = given.pattern("request" if is_request else "response", whole=True) if by_pattern else None
        methods = frozenset(self._methods)
        flags = (given.text("response_txn"), given.truth("rrs"), given.truth("auth"))
        return Recv(name, is_request, pattern, optional, methods, *flags, given.amount("lost"), given.amount("timeout"))


def _flow(given: Attributes) -> Flow:
    chance = given.number("chance", 1.0)
    if not 0 <= chance <= 1:
        raise given.wrong(f"expected a chance from 0 to 1, found {given.text('chance')[:40]}")
    condexec = (given.text("condexec"), given.truth("condexec_inverse"))
    return Flow(-1, given.text("test"), given.truth("test_inverse"), chance, *condexec)


def _pause(given: Attributes) -> Pause:
    is_last = given.element.name == "timewait"
    if given.has("variable"):
        return Pause(None, given.text("variable"), is_last)
    if given.has("milliseconds"):
        return Pause(Distribution("fixed", (given.amount("milliseconds"),)), "", is_last)
    if given.has("distribution"):
        return Pause(given.distribution(), "", is_last)
    if given.has("min") and given.has("max"):
        try:
            return Pause(Distribution("uniform", (given.number("min"), given.number("max"))), "", is_last)
        except ValueError as error:
            raise given.wrong(str(error)) from None
    return Pause(None, "", is_last)
