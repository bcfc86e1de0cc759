"""An rtpengine in memory: the ng protocol of rtpengine 10.5, a bencoded dictionary in, one out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import bencodepy


class Refused(Exception):  # noqa: N818 - what it answers
    """A command that the daemon refuses; the text is its reason."""


@dataclass
class Participant:
    """One side of a call at an rtpengine; `tag` is empty as long as its branch has not answered."""

    tag: str = ""
    branch: str = ""
    ports: dict[int, int] = field(default_factory=dict)


class Rtpengine:
    """Calls, and the replies to commands. `next_port` gives a media port that nobody has."""

    def __init__(self, host: str, next_port: Callable[[], int]) -> None:
        self._host = host
        self._next_port = next_port
        self._calls: dict[str, list[Participant]] = {}

    def answer(self, command: bytes) -> bytes:
        try:
            fields = decoded(command)
        except (ValueError, bencodepy.BencodeDecodeError):
            return ng_error("Could not decode dictionary")
        verb = fields.get("command")
        if verb == "ping":
            return encoded({"result": "pong"})
        handlers: dict[object, Callable[[dict[str, object]], dict[str, object]]] = {
            "offer": self._offer, "answer": self._answer, "delete": self._delete, "query": self._query,
        }  # fmt: skip
        handler = handlers.get(verb)
        if handler is None:
            known = str(fields.get("call-id")) in self._calls
            return encoded({"result": "ok"}) if known else ng_error("Unknown call-id")
        try:
            return encoded(handler(fields))
        except Refused as failure:
            return ng_error(str(failure))

    def refusal(self, command: bytes, reason: str) -> bytes | None:
        return None if b"4:ping" in command else ng_error(reason or "Refused")

    def sessions(self) -> list[str]:
        return [f"{call} {' '.join(each.tag or '?' for each in held)}" for call, held in self._calls.items()]

    def _offer(self, fields: dict[str, object]) -> dict[str, object]:
        call, tag = str(fields.get("call-id", "")), str(fields.get("from-tag", ""))
        if not call or not tag:
            raise Refused("No call-id in message" if not call else "No from-tag in message")
        held = self._calls.setdefault(call, [])
        return self._rewritten(self._participant(held, tag, ""), fields)

    def _answer(self, fields: dict[str, object]) -> dict[str, object]:
        call, tag = str(fields.get("call-id", "")), str(fields.get("to-tag", ""))
        if call not in self._calls:
            raise Refused("Unknown call-id")
        if not tag:
            raise Refused("No to-tag in message")
        branch = str(fields.get("via-branch", ""))
        return self._rewritten(self._participant(self._calls[call], tag, branch), fields)

    def _participant(self, held: list[Participant], tag: str, branch: str) -> Participant:
        for each in held:
            if each.tag == tag and (not branch or each.branch in ("", branch)):
                return each
        held.append(made := Participant(tag, branch))
        return made

    def _delete(self, fields: dict[str, object]) -> dict[str, object]:
        call, branch = str(fields.get("call-id", "")), str(fields.get("via-branch", ""))
        held = self._calls.get(call)
        if held is None:
            return {"result": "ok", "warning": "Call-ID not found or tags didn't match"}
        if branch and "from-tag" in fields:
            held[:] = [each for each in held if each.branch != branch]
        if len(held) < 2 or not branch or "from-tag" not in fields:
            del self._calls[call]
        return {"result": "ok"}

    def _query(self, fields: dict[str, object]) -> dict[str, object]:
        held = self._calls.get(str(fields.get("call-id", "")))
        if held is None:
            raise Refused("Unknown call-id")
        return {"result": "ok", "tags": {each.tag: {} for each in held if each.tag}}

    def _rewritten(self, author: Participant, fields: dict[str, object]) -> dict[str, object]:
        replace = fields.get("replace")
        origin = isinstance(replace, list) and "origin" in replace
        protocol = str(fields.get("transport-protocol", ""))
        family = "IP6" if ":" in self._host else "IP4"
        address = f"{family} {self._host}"
        lines: list[str] = []
        stream = -1
        for line in str(fields.get("sdp", "")).replace("\r\n", "\n").rstrip("\n").split("\n"):
            if line.startswith("m="):
                stream += 1
                lines.append(self._media(author, stream, line, protocol))
            elif line.startswith("c="):
                lines.append(f"c=IN {address}")
            elif line.startswith("o=") and origin:
                lines.append(" ".join(line.split(" ")[:3]) + f" IN {address}")
            else:
                lines.append(line)
        return {"result": "ok", "sdp": "\r\n".join([*lines, ""])}

    def _media(self, author: Participant, stream: int, line: str, protocol: str) -> str:
        words = line.split(" ")
        if len(words) < 3 or words[1] == "0":
            return line
        if stream not in author.ports:
            author.ports[stream] = self._next_port()
        words[1] = str(author.ports[stream])
        words[2] = protocol or words[2]
        return " ".join(words)


def ng_error(reason: str) -> bytes:
    """An ng reply that refuses."""
    return encoded({"result": "error", "error-reason": reason})


def encoded(fields: dict[str, object]) -> bytes:
    """A dictionary as bencode; byte text goes out byte for byte."""

    def raw(value: object) -> object:
        if isinstance(value, str):
            return value.encode("latin-1", "replace")
        if isinstance(value, dict):
            return {name: raw(each) for name, each in value.items()}
        return value

    return bytes(bencodepy.encode(raw(fields)))


def decoded(data: bytes) -> dict[str, object]:
    """A bencoded dictionary with its strings as byte text. Raises ValueError if it is none."""

    def text(value: object) -> object:
        if isinstance(value, bytes):
            return value.decode("latin-1")
        if isinstance(value, list):
            return [text(each) for each in value]
        if isinstance(value, dict):
            return {text(name): text(each) for name, each in value.items()}
        return value

    found = text(bencodepy.decode(data))
    if not isinstance(found, dict):
        raise ValueError("not a dictionary")
    return {str(name): value for name, value in found.items()}
