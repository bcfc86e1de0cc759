"""The core's commands about commands."""

from __future__ import annotations

import pytest

from relayscript.interpreter.management import CommandError
from tests.interpreter.modules.stage import Proxy

SCRIPT = "route { exit; }"


def test_which_names_every_command_as_it_may_be_called() -> None:
    proxy = Proxy(SCRIPT)
    names = proxy.call("which")
    assert isinstance(names, list)
    assert {"core:version", "version", "statistics:get", "get_statistics"} <= set(names)
    assert names == sorted(set(names))
    for name in names:
        with pytest.raises(CommandError) as found:
            proxy.call(name, no_such_parameter=1)
        assert found.value.code not in (-32601, -32001), name  # it is found, and only one is meant


def test_which_tells_the_parameters_of_a_command() -> None:
    proxy = Proxy(SCRIPT)
    assert proxy.call("which", command="core:version") == [[], ["revision"]]
    assert proxy.call("which", command="get_statistics") == [["statistics"]]
    with pytest.raises(CommandError) as found:
        proxy.call("which", command="nothing")
    assert found.value.code == -32601
