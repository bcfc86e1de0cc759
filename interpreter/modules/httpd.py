"""httpd: the HTTP server that mi_http uses (httpd module documentation)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from relayscript.interpreter.declaration import Module, Parameter, command
from relayscript.sip.transport import bracketed

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class Httpd(Module):
    """Says where HTTP is served, to whom, and with which certificate; `conn_timeout` is in seconds."""

    name = "httpd"
    parameters = (
        Parameter("ip", "127.0.0.1"),
        Parameter("port", 8888),
        Parameter("auth_username"),
        Parameter("auth_password"),
        Parameter("auth_realm", "OpenSIPS MI"),
        Parameter("conn_timeout", 30),
        Parameter("tls_cert_file"),
        Parameter("tls_key_file"),
        Parameter("tls_ciphers"),
        Parameter("buf_size"),
        Parameter("post_buf_size", 1024),
        Parameter("receive_buf_size", 1024),
    )

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.roots: list[str] = []

    def url(self, root: str) -> str:
        """Where and how the host is to serve `/root`."""
        settings = self.settings
        query = {"realm": settings["auth_realm"], "timeout": settings["conn_timeout"]}
        login, scheme = "", "http"
        if settings["auth_username"]:
            login = f"{quote(settings['auth_username'], '')}:{quote(settings['auth_password'] or '', '')}@"
        if settings["tls_cert_file"]:
            scheme = "https"
            query |= {"certificate": settings["tls_cert_file"], "private_key": settings["tls_key_file"] or ""}
        place = f"{bracketed(settings['ip'])}:{settings['port']}/{quote(root.strip('/'))}"
        return f"{scheme}://{login}{place}?{urlencode(query)}"

    @command("httpd:list_root_path", "httpd_list_root_path")
    def list_root_path(self) -> list[dict[str, str]]:
        """The paths that are served."""
        return [{"http_root": root} for root in self.roots]
