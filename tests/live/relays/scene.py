"""A call between alice and bob at one of the relays, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from relayscript.apps.testing.useragent import Header
from tests.live.conftest import HOST, until
from tests.live.relays.nodes import Node
from tests.live.relays.stage import PLACES, Stage
from tests.live.talker import Talker


@dataclass(slots=True)
class Scene:
    """The phones, and the place where their call is relayed, in another `set` than usual if one is given."""

    stage: Stage
    place: str
    alice: Talker
    bob: Talker
    carol: Talker
    set: int = field(default=-1, kw_only=True)

    @property
    def node(self) -> Node:
        """The node of this place."""
        return self.stage.nodes[self.place]

    @property
    def call_id(self) -> str:
        """Of the call that alice made last."""
        return self.alice.call.call_id

    def uri(self, phone: Talker) -> str:
        """A phone's address, which has in its user part where calls to it are relayed."""
        engine, number = PLACES[self.place]
        return f"sip:{engine}.{number if self.set < 0 else self.set}@{phone.agent.sent_by}"

    def holds(self, count: int) -> None:
        """The daemon says that it holds so many sessions, and no other daemon does any."""
        until(lambda: self.node.held() == count, f"{self.place} holds {count}, not {self.node.held()}")
        assert not any(each.held() for each in self.stage.nodes.values() if each.is_up and each is not self.node)

    def knows(self) -> bool:
        """The daemon has the call with the tags of both participants."""
        return self.node.knows(self.call_id, self.alice.tag, self.bob.tag)

    def talk(self) -> bool:
        """Sound goes both ways, and none past the relay."""
        past = {self.alice.media, self.bob.media} & {self.alice.remote[1], self.bob.remote[1]}
        return not past and self.bob.hears(self.alice) and self.alice.hears(self.bob)

    # ---- steps

    def invite(self, body: str | None = None, headers: Iterable[Header] = ()) -> None:
        """Alice calls bob, whose phone gets the INVITE."""
        told = self.alice.description() if body is None else body
        self.alice.agent.invite(self.uri(self.bob), told, headers)
        self.bob.next("INVITE")

    def accept(self) -> None:
        """Bob answers, and sound goes both ways."""
        self.bob.agent.respond(200, body=self.bob.description(), method="INVITE")
        self.alice.next("200")
        self.alice.agent.ack()
        self.bob.next("ACK")
        assert self.talk()
        assert self.knows()

    def establish(self, headers: Iterable[Header] = ()) -> None:
        """A call that is up."""
        self.invite(headers=headers)
        self.holds(1)
        self.accept()
        self.holds(1)

    def other(self, phone: Talker) -> Talker:
        """Who is at the other end."""
        return self.bob if phone is self.alice else self.alice

    def offer(self, author: Talker, method: str, status: int, body: str | None = None, answer: str = "") -> None:
        """One of them makes a new offer in a request, which the other answers with a status."""
        other = self.other(author)
        author.agent.request(method, body=author.description() if body is None else body)
        before = other.remote
        other.answer(method, status, (answer or other.description()) if status == 200 else "")
        author.next(str(status))
        if status != 200:
            other.remote = before
        elif method == "INVITE":
            author.agent.ack()
            other.next("ACK")

    def updated(self) -> None:
        """Both get a re-INVITE of an update, and accept."""
        for each in (self.alice, self.bob):
            each.answer("INVITE", 200, each.description())
            each.next("ACK")

    def hang_up(self, who: Talker | None = None) -> None:
        """One of them (alice) ends the call; no daemon holds anything then."""
        author = who or self.alice
        author.agent.request("BYE")
        self.other(author).answer("BYE", 200)
        author.next("200")
        self.stage.is_idle()


def scene_at(stage: Stage, place: str) -> Scene:
    """Phones for a call at a place."""
    return Scene(stage, place, *(stage.talker(name) for name in ("alice", "bob", "carol")))


def at_host(phone: Talker) -> str:
    """A phone's address, which says nothing of relays."""
    return f"sip:{phone.name}@{HOST}:{phone.agent.address[1]}"
