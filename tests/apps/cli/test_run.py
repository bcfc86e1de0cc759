"""The options of `relayscript run`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from relayscript.apps.cli import run as command
from relayscript.sip.transport import Address

run = command.run


@pytest.mark.parametrize(
    ("given", "servers"),
    [
        ([], ()),
        (["192.0.2.53"], (("192.0.2.53", 53),)),
        (["127.0.0.1:5300", "[::1]:5301", "[::2]"], (("127.0.0.1", 5300), ("::1", 5301), ("::2", 53))),
    ],
)
def test_name_servers_are_given_by_address(
    given: list[str], servers: tuple[Address, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def serve(path: str, target: str | None, *, resolver: tuple[Address, ...]) -> int:
        asked.append(resolver)
        return 0

    monkeypatch.setattr("relayscript.apps.cli.run.serve", serve)
    result = CliRunner().invoke(run, ["x.cfg", *(word for each in given for word in ("--resolver", each))])
    assert (result.exit_code, asked) == (0, [servers])


@pytest.mark.parametrize("text", ["dns.example", "127.0.0.1:x", ""])
def test_what_is_no_name_server(text: str) -> None:
    result = CliRunner().invoke(run, ["x.cfg", "--resolver", text])
    assert result.exit_code == 2
    assert "Invalid value for '--resolver'" in result.output
