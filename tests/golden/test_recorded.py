"""Scenarios made from recorded cases: the same messages as recorded, the same transcript on real sockets.

The cases are those of `../shared/difftest`, or where DIFFTEST says; what is compared, and what may differ from run to
run, is its own notion.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from relayscript.apps.testing.golden import play_files
from relayscript.apps.testing.player import Player
from relayscript.apps.testing.recorder import Logged, SipSeen
from relayscript.interpreter.management import CommandError

HERE = Path(__file__).parent
DIFFTEST = Path(os.environ.get("DIFFTEST", HERE.parents[2] / "shared" / "difftest"))
SCENARIOS = sorted(HERE.glob("*/*.call"))

BASE = 15060
"""The port of the scripts' socket; the others are at the places that the cases give them."""

PORTS = {
    "proxy": BASE, "mi": BASE + 1, "rtpproxy1": BASE + 2, "rtpproxy2": BASE + 3, "rtpengine1": BASE + 4,
    "rtpengine2": BASE + 5, "proxy2": BASE + 8,
    "alice": BASE + 11, "bob": BASE + 12, "carol": BASE + 13, "dave": BASE + 14, "erin": BASE + 15,
}  # fmt: skip
PARTIES = ("alice", "bob", "carol", "dave", "erin")
RELAYS = ("rtpproxy1", "rtpproxy2", "rtpengine1", "rtpengine2")
OWN_TAG = re.compile(rf"(?<![\w.-])({'|'.join(PARTIES)})-\d+(?![\w.-])")
"""The tag of a party's second call; in the recordings all its calls have the first one's."""

MEDIA = re.compile(r"(?<= IP4 )[0-9.]+$|(?<=\d )RTP/\w+(?= )")
"""Address and protocol of media: the rtpengine of the recordings leaves them as they are, a real one does not."""


@pytest.fixture(scope="module")
def difftest() -> Iterator[ModuleType]:
    """Its module, which knows how records are compared."""
    if not DIFFTEST.is_dir():
        pytest.skip(f"there are no recorded cases in {DIFFTEST}")
    sys.path.insert(0, str(DIFFTEST))
    yield importlib.import_module("difftest")
    sys.path.remove(str(DIFFTEST))


class Record:
    """What each party, relay node and manager saw, as the cases record it."""

    def __init__(self, difftest: ModuleType) -> None:
        self._laboratory = difftest.laboratory
        self.items: dict[str, list[Any]] = {}

    def add(self, party: str, item: object) -> None:
        """Something happened there; a party's second tag is its first one in what is not SIP."""
        if isinstance(item, dict):
            item = json.loads(OWN_TAG.sub(r"\1", json.dumps(item)))
        self.items.setdefault(party, []).append(item)

    def watch(self, player: Player) -> None:
        """Listen to relay nodes and management from now on."""
        for name in RELAYS:
            self._watch_node(player, name)
        call = player.management.call

        def recorded(command: str, params: object) -> object:
            reply: dict[str, object] = {"id": 1, "jsonrpc": "2.0"}
            try:
                reply["result"] = call(command, params)  # type: ignore[arg-type]
            except CommandError as error:
                reply["error"] = {"code": error.code, "message": error.message} | (
                    {"data": error.data} if error.data else {}
                )
                raise
            finally:
                self.add("mi", {"call": command, "params": params or None, "reply": reply})
            return reply["result"]

        player.management.call = recorded  # type: ignore[method-assign, assignment]

    def _watch_node(self, player: Player, name: str) -> None:
        node = player.host.node(f"udp:127.0.0.1:{PORTS[name]}")
        receive = node.receive
        seen: set[bytes] = set()

        def recorded(data: bytes) -> list[bytes]:
            replies = receive(data)
            cookie, _, command = data.partition(b" ")
            if replies and cookie not in seen:
                seen.add(cookie)
                self._command(name, command)
            return replies

        node.receive = recorded  # type: ignore[method-assign]

    def _command(self, node: str, command: bytes) -> None:
        if node.startswith("rtpengine"):
            fields, _ = self._laboratory.bdecode(command)
            if fields["command"] != "ping":
                self.add(node, fields)
        elif not command.upper().startswith(b"V"):
            self.add(node, OWN_TAG.sub(r"\1", command.decode("latin-1").strip()))

    def read(self, player: Player) -> None:
        """Take what the player recorded: messages to parties, each once, and probes in the log."""
        names = {("127.0.0.1", PORTS[name]): name for name in PARTIES}
        seen: set[object] = set()
        for event in player.recorder.events:
            if isinstance(event, SipSeen) and event.sent and event.address in names:
                message = self._laboratory.Message.parse(OWN_TAG.sub(r"\1", event.data.decode("utf-8", "replace")))
                key = (event.address, message.start, message.get("Via"), message.get("CSeq"), message.get("To"))
                if (*key, message.body) not in seen:
                    seen.add((*key, message.body))
                    self.add(names[event.address], message)
            elif isinstance(event, Logged):
                for found in re.findall(r"PROBE (.*)", event.text):
                    self.add("log", found.rstrip())

    def normalised(self, difftest: ModuleType) -> dict[str, list[Any]]:
        """With names for what differs from run to run, like the recordings."""
        normaliser = difftest.Normaliser(SimpleNamespace(names={port: name for name, port in PORTS.items()}))
        order = (name for name in (*PARTIES, *RELAYS, "mi", "log") if name in self.items)
        return {name: [normaliser.item(item) for item in self.items[name]] for name in order}


def messages(record: dict[str, list[Any]], masked: bool) -> dict[str, list[Any]]:
    """What of a record is compared: not the remarks of who wrote the case, nor what is `masked` (MEDIA)."""
    found: dict[str, list[Any]] = {}
    for party, items in record.items():
        kept = [each for each in items if party not in PARTIES or (isinstance(each, dict) and "start" in each)]
        if masked and party in PARTIES:
            kept = [each | {"body": [MEDIA.sub("<media>", line) for line in each["body"]]} for each in kept]
        if kept:
            found[party] = json.loads(json.dumps(kept))
    return found


def compared(scenario: Path, case: Path, difftest: ModuleType) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """What was recorded, and what the scenario gives."""
    record = Record(difftest)
    played = play_files(scenario, prepare=record.watch)
    assert not played.failure, played.failure
    record.read(played.player)
    masked = "rtpengine" in played.script.read_text()
    expected = json.loads((case / "expected.json").read_text())
    return (
        messages(difftest.comparable(expected), masked),
        messages(difftest.comparable(record.normalised(difftest)), masked),
    )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_gives_the_recorded_messages(scenario: Path, difftest: ModuleType) -> None:
    expected, found = compared(scenario, DIFFTEST / "cases" / scenario.stem, difftest)
    assert found == expected


def test_all_groups_of_cases_have_scenarios() -> None:
    groups = {"tm", "dialog", "rr", "core", "msg", "reg", "nat", "uac", "th", "lang", "relay"}
    assert groups <= {path.stem.partition("-")[0] for path in SCENARIOS}
    for kind in ("relay-rtpproxy", "relay-rtpengine", "relay-mi"):
        assert any(path.stem.startswith(kind) for path in SCENARIOS)
    assert len(SCENARIOS) >= 40


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_goes_the_same_way_on_real_sockets(scenario: Path) -> None:
    played = play_files(scenario, live=True)
    assert not played.failure, played.failure
    assert played.transcript == scenario.with_suffix(".golden").read_text("latin-1")
