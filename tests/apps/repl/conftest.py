"""A script to try, and sessions with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relayscript.apps.repl.session import Session

SCRIPT = """\
log_level=2
xlog_level=2
socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"
loadmodule "rtpproxy.so"
modparam("rtpproxy", "rtpproxy_sock", "rtp.io:auto")
loadmodule "rtp_relay.so"

route {
	if (has_totag()) {
		loose_route();
		t_relay();
		exit;
	}
	record_route();
	$var(callee) = $rU;
	if (is_method("INVITE")) {
		create_dialog();
		rtp_relay_engage("rtpproxy");
	}
	route(relay, "out");
}

route[relay] {
	$var(way) = $param(1);
	t_on_branch("out");
	t_relay();
}

branch_route[out] {
	xlog("to $ru\\n");
	xlog("relay flags $rtp_relay\\n");
}
"""


def line_of(text: str) -> int:
    """The first line of the script with that text."""
    return next(number for number, line in enumerate(SCRIPT.split("\n"), 1) if text in line)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "proxy.cfg"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def session(script: Path) -> Iterator[Session]:
    made = Session(script)
    yield made
    made.end()


@pytest.fixture
def say(session: Session) -> Callable[..., list[str]]:
    """Types lines, all of which are to be right; returns the answer to the last."""

    def do(*lines: str) -> list[str]:
        answer = None
        for line in lines:
            answer = session.do(line)
            assert not answer.wrong, (line, answer.lines)
        assert answer is not None
        return list(answer.lines)

    return do
