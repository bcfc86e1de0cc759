"""tls_mgm: parameters become domains."""

from __future__ import annotations

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.modules.tls_mgm import TlsDomain, TlsMgm
from relayscript.interpreter.runtime import Runtime

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "tls_mgm.so"
PARAMETERS
route { exit; }
"""


def domains(*parameters: tuple[str, str]) -> tuple[TlsDomain, ...]:
    lines = "".join(f'modparam("tls_mgm", "{name}", "{value}")\n' for name, value in parameters)
    parsed = parse_text(SCRIPT.replace("PARAMETERS", lines))
    assert parsed.script is not None
    module = Runtime(parsed.script, VirtualHost()).module(TlsMgm)
    assert module is not None
    return module.domains


def test_domains_have_their_own_parameters_and_those_for_all() -> None:
    assert domains(
        ("server_domain", "s"), ("client_domain", "c"), ("certificate", "/all.pem"), ("certificate", "[c]/c.pem"),
        ("verify_cert", "[s]0"), ("require_cert", "[s]1"), ("match_sip_domain", "[s]a.example, *.b.example"),
        ("match_ip_address", "[s]10.0.0.1:5061"), ("match_ip_address", "[s]10.0.0.2:5061"),
        ("tls_method", "[c]TLSv1_3"),
    ) == (
        TlsDomain(
            "s", certificate="/all.pem", verify_cert=False, match_sip_domain=("a.example", "*.b.example"),
            match_ip_address=("10.0.0.1:5061", "10.0.0.2:5061"),
        ),
        TlsDomain("c", is_client=True, certificate="/c.pem", tls_method="TLSv1_3"),
    )  # fmt: skip


def test_an_address_may_stand_with_the_name() -> None:
    assert domains(("server_domain", "s=10.0.0.1:5061")) == (TlsDomain("s", match_ip_address=("10.0.0.1:5061",)),)


def test_without_domains_there_is_one_of_each_kind() -> None:
    assert domains() == ()
    assert domains(("certificate", "/c.pem")) == (
        TlsDomain("default", certificate="/c.pem"),
        TlsDomain("default", is_client=True, certificate="/c.pem"),
    )


def test_an_unknown_domain_is_an_error() -> None:
    with pytest.raises(ScriptError) as found:
        domains(("server_domain", "s"), ("certificate", "[t]/c.pem"))
    assert "'t'" in found.value.diagnostics[0].message
