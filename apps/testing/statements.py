"""The statements of the line language as values, each of which writes itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relayscript.apps.testing.words import (
    Argument,
    Given,
    quote,
    spoken,
    spoken_argument,
    spoken_duration,
    word_or_quoted,
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#` (or the `|` of a transcript), or an empty line."""

    text: str = ""

    def __str__(self) -> str:
        return self.text


# ---- the stage


@dataclass(frozen=True, slots=True)
class Script:
    """The script that is tested, by its path from the scenario's folder, and the OpenSIPS version it means."""

    path: str
    target: str = ""

    def __str__(self) -> str:
        return f"script {word_or_quoted(self.path)}" + (f" target {self.target}" if self.target else "")


@dataclass(frozen=True, slots=True)
class Include:
    """The statements of another scenario stand here; the path is from the scenario's folder."""

    path: str

    def __str__(self) -> str:
        return f"include {word_or_quoted(self.path)}"


@dataclass(frozen=True, slots=True)
class Tag:
    """Names by which scenarios are chosen."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"tag {' '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class Party:
    """A user agent, at an address of its own choice or the next free one, over a transport (UDP if empty).

    `plays` is a SIPp scenario that it follows, with the keys `given` for it.
    """

    name: str
    address: str = ""
    transport: str = ""
    plays: str = ""
    given: tuple[tuple[str, str | int], ...] = ()

    def __str__(self) -> str:
        words = [f"party {self.name}"]
        words += [f"at {self.address}"] if self.address else []
        words += [f"over {self.transport}"] if self.transport else []
        words += [f"plays {word_or_quoted(self.plays)}", *parameters(self.given)] if self.plays else []
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay node and its mood from now on.

    `refuses` has a reason, `slow` the milliseconds that each reply takes, `dies` the command that it does not
    answer any more (offer, answer or delete), nor any other after it, `ports` the media port it gives out next.
    """

    url: str
    mood: str
    reason: str = ""

    def __str__(self) -> str:
        if self.mood == "slow":
            return f"relay {self.url} slow {spoken_duration(int(self.reason))}"
        if self.mood == "ports":
            return f"relay {self.url} ports {self.reason}"
        if self.mood == "dies":
            return f"relay {self.url} dies at {self.reason}"
        return f"relay {self.url} {self.mood}" + (f" {quote(self.reason)}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Name:
    """What DNS knows of a name: its addresses (none: it does not exist), or a record as in a zone file."""

    host: str
    addresses: tuple[str, ...] = ()
    record: str = ""

    def __str__(self) -> str:
        if self.record:
            return f"dns {self.host} {self.record}"
        return f"dns {self.host} = {', '.join(self.addresses)}".rstrip()


@dataclass(frozen=True, slots=True)
class Network:
    """What the network does to SIP messages from now on, by the chance that `seed` gives.

    `loss`, `duplicate` and `reorder` are per cent of the messages; each takes from `least` to `most`
    milliseconds.
    """

    loss: int = 0
    duplicate: int = 0
    reorder: int = 0
    least: int = 0
    most: int = 0
    seed: int = 0

    def __str__(self) -> str:
        words = [f"{name} {getattr(self, name)}%" for name in ("loss", "duplicate", "reorder") if getattr(self, name)]
        if self.most:
            least = f"{spoken_duration(self.least)}.." if self.least != self.most else ""
            words.append(f"delay {least}{spoken_duration(self.most)}")
        words += [f"seed {self.seed}"] if self.seed else []
        return " ".join(["network", *words])


@dataclass(frozen=True, slots=True)
class Mock:
    """A function or route that does nothing but return a number, or a variable that is always the same.

    `kind` is `function`, `route` or `variable`; the name of a variable has its `$`.
    """

    kind: str
    name: str
    value: Given

    def __str__(self) -> str:
        if self.kind == "variable":
            return f"mock {self.name} = {spoken(self.value)}"
        name = f"route[{self.name}]" if self.kind == "route" else f"function {self.name}"
        return f"mock {name} returns {self.value}"


# ---- messages


@dataclass(frozen=True, slots=True)
class Detail:
    """More about a message: `sdp` (with an address), `no` header, `within` a time, `line` of the body, `body`,
    `call` (its Call-ID), `phrase` (the reason phrase), or a header's value; with `pattern` the value is a regular
    expression that is searched for."""

    word: str
    value: str = ""
    pattern: bool = False

    def __str__(self) -> str:
        if self.word in ("no", "within"):
            return f"{self.word} {self.value}"
        if self.word == "sdp":
            return f"sdp={self.value}" if self.value else "sdp"
        return f"{self.word}{'~' if self.pattern else '='}{quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Packet:
    """One message that a party sends (`->`) or is to receive (`<-`): a request if `status` is empty."""

    party: str
    arrow: str
    method: str = ""
    target: str = ""
    status: str = ""
    details: tuple[Detail, ...] = ()

    def __str__(self) -> str:
        words = (self.party, self.arrow, self.status, self.method, self.target, *map(str, self.details))
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A party sends its last message again: of all, or of a method, a status, or a status for a method."""

    party: str
    method: str = ""
    status: str = ""

    def __str__(self) -> str:
        return " ".join(word for word in (self.party, "repeats", self.status, self.method) if word)


@dataclass(frozen=True, slots=True)
class Raw:
    """A party sends bytes as they are, one character each."""

    party: str
    data: str

    def __str__(self) -> str:
        return f"{self.party} -> {quote(self.data)}"


@dataclass(frozen=True, slots=True)
class Act:
    """A whole exchange that a party begins: `calls`, `rings`, `answers`, `refuses`, `cancels`, `hangs`."""

    party: str
    verb: str
    target: str = ""
    status: str = ""
    details: tuple[Detail, ...] = ()

    def __str__(self) -> str:
        verb = "hangs up" if self.verb == "hangs" else self.verb
        words = (self.party, verb, self.target, self.status, *map(str, self.details))
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Run:
    """One route runs alone, with a message that a party would send; `kind` is route, branch_route ..."""

    kind: str
    name: str
    packet: Packet

    def __str__(self) -> str:
        return f"run {self.kind}{f'[{self.name}]' if self.name else ''} with {self.packet}"


# ---- time, management, what has to be so


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes; in milliseconds."""

    milliseconds: int

    def __str__(self) -> str:
        return f"wait {spoken_duration(self.milliseconds)}"


@dataclass(frozen=True, slots=True)
class Manage:
    """A management command with named parameters; what is not quoted and a number is given as a number.

    One that `begins` is not waited for: its result comes when it comes.
    """

    command: str
    parameters: tuple[tuple[str, Argument], ...] = ()
    begins: bool = False

    @property
    def arguments(self) -> dict[str, object]:
        """The parameters as JSON data."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.parameters}

    def __str__(self) -> str:
        end = ("begins",) if self.begins else ()
        return " ".join(("mi", self.command, *parameters(self.parameters), *end))


@dataclass(frozen=True, slots=True)
class Expect:
    """Something has to be so now, or `until` it is so within that time (milliseconds; -1: now).

    `what` is `log`, `relay` (with a node's URL as `name`, or without), `result`, `statistic`, `variable`,
    `returns`, `nothing` (at the party `name`) or `done` (that party). `absent` turns log and relay around.
    """

    what: str
    name: str = ""
    value: Given = ""
    absent: bool = False
    within: int = -1

    def __str__(self) -> str:
        begin = "expect" if self.within < 0 else "until"
        end = f" within {spoken_duration(self.within)}" if self.within >= 0 else ""
        return f"{begin} {self._fact()}{end}"

    def _fact(self) -> str:
        match self.what:
            case "variable":
                return f"{self.name} = {spoken(self.value)}"
            case "statistic":
                return f"statistic {self.name} = {self.value}"
            case "returns":
                return f"returns {self.value}"
            case "nothing":
                return f"nothing at {self.name}"
            case "done":
                return f"{self.name} done"
        words = ("no" if self.absent else "", self.what, self.name, spoken(self.value))
        return " ".join(word for word in words if word)


def parameters(named: Sequence[tuple[str, Argument]]) -> list[str]:
    """Parameters as they are written."""
    return [f"{name}={spoken_argument(value)}" for name, value in named]


Statement = (
    Comment | Script | Include | Tag | Party | Relay | Name | Network | Mock
    | Packet | Repeat | Raw | Act | Run | Wait | Manage | Expect
)  # fmt: skip
