"""Which module serves which database."""

from __future__ import annotations

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.databases import open_store
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.storage import StorageError


def runtime_of(script: str) -> Runtime:
    parsed = parse_text(f"socket=udp:127.0.0.1:5060\nloadmodule \"proto_udp.so\"\n{script}\nroute {{ exit; }}\n")
    assert parsed.script is not None, parsed.diagnostics
    return Runtime(parsed.script, VirtualHost())


@pytest.mark.parametrize("scheme", ["sqlite", "mysql", "postgres"])
def test_the_module_of_the_scheme_opens_it(scheme: str) -> None:
    runtime = runtime_of(f'loadmodule "db_{scheme}.so"')
    runtime.start()
    assert open_store(runtime, f"{scheme}://u:p@host/x") is open_store(runtime, f"{scheme}://u:p@host/x")


def test_without_the_module_it_is_asked_for() -> None:
    with pytest.raises(StorageError, match=r"load db_mysql\.so"):
        open_store(runtime_of('loadmodule "db_sqlite.so"'), "mysql://u:p@host/x")


def test_the_default_url_is_used_if_there_is_no_other() -> None:
    runtime = runtime_of('db_default_url="sqlite:///one"\nloadmodule "db_sqlite.so"')
    assert open_store(runtime, None) is open_store(runtime, "sqlite:///one")
    with pytest.raises(StorageError, match="no db_url"):
        open_store(runtime_of(""), None)


def test_parameters_reach_the_database() -> None:
    runtime = runtime_of(
        'loadmodule "db_sqlite.so"\nmodparam("db_sqlite", "busy_timeout", 1500)\n'
        'modparam("db_sqlite", "exec_pragma", "cache_size=100")\n'
    )
    module = runtime.modules["db_sqlite"]
    assert module.options().timeout == 1.5  # type: ignore[attr-defined]
    assert module.options().statements == ("PRAGMA cache_size=100",)  # type: ignore[attr-defined]
