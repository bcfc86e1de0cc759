"""The Contact that stands for the other side: our address, and what leads from there to the hidden one."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

from relayscript.sip.nameaddr import NameAddr
from relayscript.sip.params import format_params, parse_params
from relayscript.sip.transport import Listener

FLAGS = "UCDaA"


@dataclass(frozen=True, slots=True)
class Options:
    """What topology_hiding() was asked for: keep the user of contacts, hide the Call-ID, carry the dialog's name
    as user, give the caller and the callee the same contact all the time; and the users that contacts given to
    the caller and to the callee have (empty: no such wish)."""

    keeps_user: bool = False
    hides_call_id: bool = False
    did_as_user: bool = False
    same_to_caller: bool = False
    same_to_callee: bool = False
    to_caller: str = ""
    to_callee: str = ""

    @classmethod
    def read(cls, flags: str, users: str = "") -> Options:
        """Of the flags `UCDaA`, and of `/user for the caller/user for the callee` or one user for both.

        Raises ValueError.
        """
        if unknown := set(flags) - set(FLAGS):
            raise ValueError(f"unknown flag {min(unknown)!r}")
        caller, mark, callee = users.removeprefix("/").partition("/")
        if not mark and not users.startswith("/"):
            callee = caller
        return cls("U" in flags, "C" in flags, "D" in flags, "a" in flags, "A" in flags, caller, callee)

    def __str__(self) -> str:
        given = (self.keeps_user, self.hides_call_id, self.did_as_user, self.same_to_caller, self.same_to_callee)
        flags = "".join(letter for letter, is_given in zip(FLAGS, given, strict=True) if is_given)
        return f"{flags}/{self.to_caller}/{self.to_callee}"

    @classmethod
    def parse(cls, text: str) -> Options:
        """Read what `str()` gives. Raises ValueError."""
        flags, mark, users = text.partition("/")
        return cls.read(flags, mark + users)


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A Contact header, made when it is known which socket sends it. `user`, `pointer` (a URI parameter with its
    `;`) and the other parameters are as they are written; `name` is the header's.

    `kept` is where the URI stays under the name `key` once it is known, for all later ones; None if it is made anew.
    """

    name: str
    user: str
    pointer: str
    uri_params: str
    params: str
    kept: MutableMapping[str, str | int] | None = None
    key: str = ""

    def __call__(self, sending: Listener) -> tuple[str, ...]:
        """The line."""
        uri = self._uri(sending)
        if self.kept is not None:
            uri = str(self.kept.setdefault(self.key, uri))
        return (f"{self.name}: <{uri}>{self.params}",)

    def _uri(self, sending: Listener) -> str:
        transport = "" if sending.protocol == "udp" else f";transport={sending.protocol}"
        user = f"{self.user}@" if self.user else ""
        return f"sip:{user}{sending.sent_by}{transport}{self.pointer}{self.uri_params}"


def passed(params: str, names: frozenset[str]) -> str:
    """Those of the parameters that have one of the names, each with its `;`."""
    return format_params(tuple(each for each in parse_params(params) if each[0].lower() in names))


def user_of(contact: NameAddr) -> str:
    """The user of a contact. Raises SipError if the URI does not parse."""
    return contact.parsed_uri.user
