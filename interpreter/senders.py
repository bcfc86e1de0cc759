"""Whether the name that a sender gives itself in its Via is its own (global parameters `dns` and `rev_dns`)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from relayscript.interpreter.waiting import wait
from relayscript.sip.locating import Alias, Question, Records, is_ip
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


def look_sender_up(runtime: Runtime, message: Message) -> None:
    """Note in a message that the name in its topmost Via is that of the sender, if DNS says so.

    `dns` looks for the addresses of the name, `rev_dns` for the names of the address. Gives way meanwhile.
    """
    host, own = message.top_via.host.lower(), runtime.globals
    if not is_ip(host) and (
        (own.dns and _has_address(runtime, host, message.source[0]))
        or (own.rev_dns and _is_name_of(runtime, host, message.source[0]))
    ):
        message.know_sender()


def _has_address(runtime: Runtime, host: str, address: str) -> bool:
    found: list[str] = wait(lambda done: runtime.host.resolve(host, done))
    return address in found


def _is_name_of(runtime: Runtime, host: str, address: str) -> bool:
    question = Question(ip_address(address).reverse_pointer, "PTR")

    def start(done: Callable[[Records | None], None]) -> None:
        runtime.host.look_up(question, done)

    return any(isinstance(each, Alias) and each.target.lower() == host for each in wait(start) or ())
