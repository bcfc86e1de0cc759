"""The real opensips-cli (PyPI: opensipscli) manages calls over each management transport, unchanged."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from relayscript import __version__
from tests.live.conftest import HOST, PATIENCE, Ports
from tests.live.relays.conftest import Scenery
from tests.live.relays.scene import Scene
from tests.live.relays.stage import Stage, set_up

pytestmark = pytest.mark.live

SETTINGS = """
loadmodule "mi_fifo.so"
modparam("mi_fifo", "fifo_name", "FOLDER/opensips_fifo")
modparam("mi_fifo", "reply_dir", "FOLDER")
loadmodule "httpd.so"
modparam("httpd", "port", HTTP)
loadmodule "mi_http.so"
"""
PROMPT = "(opensips-cli): "


class Cli:
    """opensips-cli, told over which transport to reach a server; a session of it runs until closed."""

    def __init__(self, command: str, home: Path, options: dict[str, object]) -> None:
        chosen = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        self._command = [command, *chosen]
        self._environment = os.environ | {"HOME": str(home), "PYTHONUNBUFFERED": "1"}
        self._session = subprocess.Popen(
            self._command, env=self._environment, bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.said()

    def close(self) -> None:
        """End the session."""
        self._session.communicate(b"exit\n", PATIENCE)

    def begin(self, command: str) -> None:
        """Type a command of management."""
        assert self._session.stdin is not None
        self._session.stdin.write(f"mi {command}\n".encode())

    def said(self) -> str:
        """What it prints until it asks for the next command."""
        assert self._session.stdout is not None
        text = ""
        while not text.endswith(PROMPT):
            readable, _, _ = select.select([self._session.stdout], [], [], PATIENCE)
            data = self._session.stdout.read(65536) if readable else b""
            assert data, f"opensips-cli stopped after {text!r}"
            text += data.decode()
        return text.removesuffix(PROMPT)

    def run(self, command: str) -> str:
        """What a command prints."""
        self.begin(command)
        return self.said()

    def result(self, command: str) -> Any:
        """What a command prints, which is JSON."""
        return json.loads(self.run(command))

    def once(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command as an argument, without a session."""
        line = [*self._command, "-x", "mi", *words]
        return subprocess.run(
            line, env=self._environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )  # fmt: skip


def cli_path() -> str:
    """Where opensips-cli is; without it the test is skipped, or fails where CI is set."""
    beside = str(Path(sys.executable).parent)
    if found := shutil.which("opensips-cli", path=os.pathsep.join((beside, os.environ.get("PATH", "")))):
        return found
    if os.environ.get("CI"):
        pytest.fail("opensips-cli is not installed (PyPI: opensipscli)")
    pytest.skip("opensips-cli is not installed (PyPI: opensipscli)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pipes are."""
    return tmp_path_factory.mktemp("pipes")


@pytest.fixture(scope="module")
def http(signalling: Ports) -> int:
    """The port for management over HTTP."""
    return signalling.block()


@pytest.fixture(scope="module")
def stage(folder: Path, http: int, signalling: Ports, media: Ports) -> Iterator[Stage]:
    """A server with all its relays and all transports for management."""
    settings = SETTINGS.replace("FOLDER", str(folder)).replace("HTTP", str(http))
    with set_up(folder, signalling, media, settings) as made:
        yield made


@pytest.fixture(scope="module", params=["fifo", "http", "datagram"])
def cli(request: pytest.FixtureRequest, stage: Stage, folder: Path, http: int) -> Iterator[Cli]:
    """A session that talks to the server."""
    options: dict[str, dict[str, object]] = {
        "fifo": {"fifo_file": folder / "opensips_fifo", "fifo_reply_dir": folder},
        "http": {"url": f"http://{HOST}:{http}/mi"},
        "datagram": {"datagram_ip": HOST, "datagram_port": stage.server.management},
    }
    made = Cli(cli_path(), folder, {"communication_type": request.param, **options[request.param]})
    yield made
    made.close()


@pytest.fixture
def call(scenery: Scenery) -> Iterator[Scene]:
    """A call at the first rtpproxy."""
    scene = scenery("rtpproxy")
    scene.establish()
    yield scene
    scene.hang_up()


def test_it_drives_the_server(cli: Cli) -> None:
    assert cli.result("version") == {"Server": f"relayscript ({__version__})"}
    assert cli.result("get_statistics tm:")["tm:inuse_transactions"] >= 0
    assert set(cli.result("statistics:get dialog:active_dialogs")) == {"dialog:active_dialogs"}
    assert cli.result("rtp_relay_list") == []
    assert cli.result("dlg_list") == {"Dialogs": []}
    assert "Up time" in cli.result("uptime")
    assert {"rtp_relay:list", "core:version"} <= set(cli.result("which"))
    assert cli.result("which rtp_relay:list")[0] == []
    assert len(cli.result("get_statistics all")) > 20


@pytest.mark.parametrize("name", ["rtp_relay:list", "rtp_relay_list"])
def test_it_lists_calls(cli: Cli, call: Scene, name: str) -> None:
    url = call.node.url
    all_of_them = cli.result(name)
    assert [each["callid"] for each in all_of_them] == [call.call_id]
    chosen = ("engine=rtpproxy", "set=1", f"node={url}", "engine=rtpproxy set=1", f"engine=rtpproxy set=1 node={url}")
    for words in (*chosen, "rtpproxy", "rtpproxy 1", f"rtpproxy {url}", f"rtpproxy 1 {url}"):
        assert cli.result(f"{name} {words}") == all_of_them, words
    elsewhere = call.stage.nodes["rtpproxy-2"].url
    for words in ("engine=rtpengine", "set=2", "rtpproxy 2", f"engine=rtpproxy node={elsewhere}"):
        assert cli.result(f"{name} {words}") == [], words


@pytest.mark.parametrize("name", ["rtp_relay:update", "rtp_relay_update"])
def test_it_moves_calls(cli: Cli, call: Scene, name: str) -> None:
    there = call.stage.nodes["rtpproxy-2"].url
    ways = (
        ("", "rtpproxy"), ("engine=rtpproxy", "rtpproxy"), ("rtpproxy 1", "rtpproxy"),
        ("engine=rtpproxy set=1 new_set=2", "rtpproxy-2"), (f"set=2 new_set=1 new_node={call.node.url}", "rtpproxy"),
        (f"engine=rtpproxy set=1 node={call.node.url} new_node={there}", "rtpproxy-2"),
    )  # fmt: skip
    for words, place in ways:
        cli.begin(f"{name} {words}")
        call.updated()
        assert json.loads(cli.said()) == "Sessions: 1", words
        call.place = place
        assert call.talk()
        call.holds(1)
    assert cli.result(f"{name} engine=rtpengine") == "OK"
    cli.begin(f"{name} rtpproxy")
    call.alice.answer("INVITE", 488)
    assert "400: Failed" in cli.said()


@pytest.mark.parametrize("name", ["rtp_relay:update_callid", "rtp_relay_update_callid", "update_callid"])
def test_it_moves_one_call(cli: Cli, call: Scene, name: str) -> None:
    flags = '{"callee":{"flags":"co"}}'
    ways = (
        (f"callid={call.call_id}", "rtpproxy"), (call.call_id, "rtpproxy"),
        (f"{call.call_id} rtpengine 1", "rtpengine"), (f"callid={call.call_id} engine=rtpproxy set=2", "rtpproxy-2"),
        (f"callid={call.call_id} engine=rtpproxy set=1 node={call.node.url} 'flags={flags}'", "rtpproxy"),
    )  # fmt: skip
    for words, place in ways:
        cli.begin(f"{name} {words}")
        call.updated()
        assert json.loads(cli.said()) == "Sessions: 1", words
        call.place = place
        assert call.talk()
        call.holds(1)
    (shown,) = cli.result("rtp_relay:list")
    assert shown["callee"]["flags"] == "co"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no_such_command", "no command"),
        ("rtp_relay:list sett=1", "-32602: Invalid params"),
        ("rtp_relay:list rtpproxy 1 udp:127.0.0.1:1 more", "-32602: Invalid params"),
        ("rtp_relay:list engine=tape", "404: unknown RTP  Relay engine"),
        ("rtp_relay_update engine=tape", "404: unknown RTP  Relay engine"),
        ("rtp_relay:update_callid", "-32602: Invalid params"),
        ("rtp_relay_update_callid callid=nobody", "404: RTP Relay session not found"),
        ("rtp_relay_update_callid callid=nobody set=one", "-32602: Invalid params"),
    ],
)
def test_it_is_told_what_is_wrong(cli: Cli, command: str, said: str) -> None:
    assert said in cli.run(command)


def test_flags_that_are_no_json(cli: Cli, call: Scene) -> None:
    assert "-32000" in cli.run(f"rtp_relay:update_callid callid={call.call_id} 'flags={{\"callee\"=1}}'")


def test_its_exit_status_tells_whether_it_went_well(cli: Cli) -> None:
    listed = cli.once("rtp_relay:list", "engine=rtpproxy")
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
    missed = cli.once("rtp_relay_update_callid", "callid=nobody")
    assert missed.returncode != 0
    assert "404: RTP Relay session not found" in missed.stderr + missed.stdout
