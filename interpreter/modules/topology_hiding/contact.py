"""The Contact that stands for the other side: our address, and what leads from there to the hidden one."""

from __future__ import annotations

from dataclasses import dataclass

from relayscript.sip.nameaddr import NameAddr
from relayscript.sip.params import format_params, parse_params
from relayscript.sip.transport import Listener


@dataclass(frozen=True, slots=True)
class Options:
    """What topology_hiding() was asked for: keep the user of contacts, hide the Call-ID, carry the dialog's name
    as user; and the users that contacts given to the caller and to the callee have (empty: no such wish)."""

    keeps_user: bool = False
    hides_call_id: bool = False
    did_as_user: bool = False
    to_caller: str = ""
    to_callee: str = ""

    @classmethod
    def read(cls, flags: str, users: str = "") -> Options:
        """Of the flags `U`, `C`, `D` and of `/user for the caller/user for the callee`. Raises ValueError."""
        if unknown := set(flags) - set("UCD"):
            raise ValueError(f"unknown flag {min(unknown)!r}")
        first, _, second = users.strip("/").partition("/")
        return cls("U" in flags, "C" in flags, "D" in flags, first, second)

    def __str__(self) -> str:
        flags = (("U", self.keeps_user), ("C", self.hides_call_id), ("D", self.did_as_user))
        return "".join(letter for letter, given in flags if given) + f"/{self.to_caller}/{self.to_callee}"

    @classmethod
    def parse(cls, text: str) -> Options:
        """Read what `str()` gives. Raises ValueError."""
        flags, _, users = text.partition("/")
        made = cls.read(flags)
        first, _, second = users.partition("/")
        return cls(made.keeps_user, made.hides_call_id, made.did_as_user, first, second)


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A Contact header, made when it is known which socket sends it. `user`, `pointer` (a URI parameter with its
    `;`) and the other parameters are as they are written; `name` is the header's."""

    name: str
    user: str
    pointer: str
    uri_params: str
    params: str

    def __call__(self, sending: Listener) -> tuple[str, ...]:
        """The line."""
        transport = "" if sending.protocol == "udp" else f";transport={sending.protocol}"
        user = f"{self.user}@" if self.user else ""
        uri = f"sip:{user}{sending.sent_by}{transport}{self.pointer}{self.uri_params}"
        return (f"{self.name}: <{uri}>{self.params}",)


def passed(params: str, names: frozenset[str]) -> str:
    """Those of the parameters that have one of the names, each with its `;`."""
    return format_params(tuple(each for each in parse_params(params) if each[0].lower() in names))


def user_of(contact: NameAddr) -> str:
    """The user of a contact. Raises SipError if the URI does not parse."""
    return contact.parsed_uri.user
