"""The real opensips-cli (PyPI: opensipscli) drives a server over each management transport, unchanged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from relayscript import __version__
from tests.live.conftest import HOST, PATIENCE

if TYPE_CHECKING:
    from tests.live.conftest import Ports, Server

pytestmark = pytest.mark.live

SCRIPT = """
socket=udp:127.0.0.1:PORT
loadmodule "proto_udp.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "mi_fifo.so"
modparam("mi_fifo", "fifo_name", "FOLDER/opensips_fifo")
modparam("mi_fifo", "reply_dir", "FOLDER")
loadmodule "httpd.so"
modparam("httpd", "port", HTTP)
loadmodule "mi_http.so"
loadmodule "signaling.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "dialog.so"
loadmodule "rtpproxy.so"
modparam("rtpproxy", "rtpproxy_sock", "rtp.io:auto")
loadmodule "rtp_relay.so"
route { exit; }
"""


class Cli:
    """opensips-cli, told over which transport to reach a server."""

    def __init__(self, command: str, home: Path, options: dict[str, object]) -> None:
        chosen = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        self._command = [command, *chosen, "-x", "mi"]
        self._home = home

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command, ended."""
        environment = os.environ | {"HOME": str(self._home)}
        return subprocess.run(
            [*self._command, *words], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )  # fmt: skip

    def result(self, *words: str) -> Any:
        """What a command prints, which is JSON."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)


def cli_path() -> str:
    """Where opensips-cli is; without it the test is skipped, or fails where CI is set."""
    beside = str(Path(sys.executable).parent)
    if found := shutil.which("opensips-cli", path=os.pathsep.join((beside, os.environ.get("PATH", "")))):
        return found
    if os.environ.get("CI"):
        pytest.fail("opensips-cli is not installed (PyPI: opensipscli)")
    pytest.skip("opensips-cli is not installed (PyPI: opensipscli)")


@pytest.fixture(params=["fifo", "http", "datagram"])
def cli(request: pytest.FixtureRequest, serve: Callable[[str], Server], ports: Ports, tmp_path: Path) -> Cli:
    """A command line that talks to a server."""
    command, http, folder = cli_path(), ports.block(), tmp_path / "pipes"
    folder.mkdir()
    server = serve(SCRIPT.replace("FOLDER", str(folder)).replace("HTTP", str(http)))
    options: dict[str, dict[str, object]] = {
        "fifo": {"fifo_file": folder / "opensips_fifo", "fifo_reply_dir": folder},
        "http": {"url": f"http://{HOST}:{http}/mi"},
        "datagram": {"datagram_ip": HOST, "datagram_port": server.management},
    }
    return Cli(command, tmp_path, {"communication_type": request.param, **options[request.param]})


def test_it_drives_the_server(cli: Cli) -> None:
    assert cli.result("version") == {"Server": f"relayscript ({__version__})"}
    assert cli.result("get_statistics", "tm:")["tm:inuse_transactions"] == 0
    assert cli.result("statistics:get", "tm:inuse_transactions") == {"tm:inuse_transactions": 0}
    assert cli.result("rtp_relay_list") == []
    assert cli.result("rtp_relay:list", "engine=rtpproxy") == []
    assert cli.result("rtp_relay_update", "engine=rtpproxy") == "OK"
    assert cli.result("dlg_list") == {"Dialogs": []}
    assert "Up time" in cli.result("uptime")
    assert {"rtp_relay:list", "core:version"} <= set(cli.result("which"))
    assert cli.result("which", "rtp_relay:list")[0] == []
    assert len(cli.result("get_statistics", "all")) > 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no_such_command",), "no command"),
        (("rtp_relay_update_callid", "callid=nobody"), "404: RTP Relay session not found"),
        (("rtp_relay_list", "sett=1"), "-32602: Invalid params"),
    ],
)
def test_it_is_told_what_is_wrong(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli.run(*words)
    assert done.returncode != 0
    assert said in done.stderr + done.stdout
