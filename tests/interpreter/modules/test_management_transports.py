"""mi_fifo, mi_http and mi_datagram: which URL the host is asked to serve, and how requests are answered."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.runtime import Runtime

from .stage import Proxy

Receive = Callable[[bytes, Callable[[bytes], None]], None]


class ServingHost(VirtualHost):
    """Remembers what it is asked to serve."""

    def __init__(self) -> None:
        super().__init__()
        self.served: list[tuple[str, Receive]] = []

    def serve(self, url: str, receive: Receive) -> None:
        self.served.append((url, receive))


def served(script: str) -> ServingHost:
    """What a script serves."""
    parsed = parse_text(f'socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\n{script}\nroute {{ exit; }}\n')
    assert parsed.script is not None
    host = ServingHost()
    Runtime(parsed.script, host).start()
    return host


def test_a_pipe_with_its_options() -> None:
    [(url, _)] = served('loadmodule "mi_fifo.so"').served
    assert url.startswith("fifo:/tmp/opensips_fifo?")
    script = 'loadmodule "mi_fifo.so"\nmodparam("mi_fifo", "fifo_name", "/run/a b?")'
    script += '\nmodparam("mi_fifo", "fifo_mode", 0600)\nmodparam("mi_fifo", "fifo_user", "root")'
    [(url, _)] = served(script).served
    path, _, query = url.partition("?")
    assert path == "fifo:/run/a%20b%3F"
    assert parse_qs(query)["user"] == ["root"]
    assert parse_qs(query)["reply_dir"] == ["/tmp/"]


def test_http_needs_its_server() -> None:
    host = served('loadmodule "httpd.so"\nloadmodule "mi_http.so"')
    [(url, receive)] = host.served
    assert url.startswith("http://127.0.0.1:8888/mi?")
    answers: list[bytes] = []
    receive(b'{"jsonrpc": "2.0", "method": "httpd:list_root_path", "id": 1}', answers.append)
    receive(b'{"jsonrpc": "2.0", "method": "httpd:list_root_path"}', answers.append)
    assert answers == [b'{"jsonrpc": "2.0", "result": [{"http_root": "mi"}], "id": 1}', b""]
    with pytest.raises(ScriptError) as found:
        served('loadmodule "mi_http.so"')
    assert "httpd" in found.value.diagnostics[0].message


@pytest.mark.parametrize("tls", [False, True])
def test_http_with_a_login_and_a_certificate(tls: bool) -> None:
    script = 'loadmodule "httpd.so"\nloadmodule "mi_http.so"\nmodparam("mi_http", "root", "/m i/")\n'
    script += 'modparam("httpd", "auth_username", "a")\nmodparam("httpd", "auth_password", "b@c")\n'
    if tls:
        script += 'modparam("httpd", "tls_cert_file", "/c.pem")\n'
    [(url, _)] = served(script).served
    parts = urlsplit(url)
    assert (parts.scheme, parts.username, parts.password) == ("https" if tls else "http", "a", "b%40c")
    assert (parts.hostname, parts.port, parts.path) == ("127.0.0.1", 8888, "/m%20i")
    assert parse_qs(parts.query).get("certificate") == (["/c.pem"] if tls else None)


@pytest.mark.parametrize(
    ("module", "settings"), [("mi_datagram", ""), ("mi_fifo", 'modparam("mi_fifo", "fifo_name", "")')]
)
def test_without_an_address_there_is_no_start(module: str, settings: str) -> None:
    with pytest.raises(ScriptError, match=f"module {module}"):
        Proxy(f"{settings} route {{ exit; }}", module)
