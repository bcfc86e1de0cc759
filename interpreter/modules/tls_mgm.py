"""tls_mgm: the TLS domains of a script: certificates, and whom to trust (tls_mgm module documentation)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.declaration import Module, Parameter, command

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

LISTS = ("match_ip_address", "match_sip_domain")
SWITCHES = ("verify_cert", "require_cert")


@dataclass(frozen=True, slots=True)
class TlsDomain:
    """How connections of one kind are secured; file names, and texts as OpenSSL takes them.

    A server domain is for our addresses in `match_ip_address` (any if empty) and the names in
    `match_sip_domain` that peers ask for; a client domain is for the addresses of peers.
    """

    name: str
    is_client: bool = False
    certificate: str = ""
    private_key: str = ""
    ca_list: str = ""
    ca_dir: str = ""
    verify_cert: bool = True
    require_cert: bool = True
    tls_method: str = ""
    ciphers_list: str = ""
    dh_params: str = ""
    ec_curve: str = ""
    match_ip_address: tuple[str, ...] = ()
    match_sip_domain: tuple[str, ...] = ()


OF_DOMAINS = tuple(each.name for each in fields(TlsDomain) if each.name not in ("name", "is_client"))


class TlsMgm(Module):
    """Keeps the domains. A parameter is written `[domain]value`; without a domain it is for all of them.

    `server_domain` and `client_domain` are `name` or `name=ip:port`.
    """

    name = "tls_mgm"
    parameters = (
        Parameter("server_domain", None, repeatable=True),
        Parameter("client_domain", None, repeatable=True),
        *(Parameter(name, None, repeatable=True) for name in OF_DOMAINS),
        Parameter("tls_library", "auto"),
        Parameter("crl_check_all", None, repeatable=True),
        Parameter("crl_dir", None, repeatable=True),
    )

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        given = {name: [scoped(str(value)) for value in settings[name]] for name in OF_DOMAINS}
        domains = [_declared(str(text), False) for text in settings["server_domain"]]
        domains += [_declared(str(text), True) for text in settings["client_domain"]]
        known = {domain.name for domain in domains}
        unknown = {name for values in given.values() for name, _ in values if name} - known
        if unknown:
            raise ValueError(f"no server_domain or client_domain declares {sorted(unknown)[0]!r}")
        if not domains and any(given.values()):
            domains = [TlsDomain("default"), TlsDomain("default", is_client=True)]
        self.domains = tuple(_completed(domain, given) for domain in domains)

    @command("tls_mgm:list", "tls_list")
    def listed(self) -> dict[str, list[dict[str, object]]]:
        """All domains, with their files."""
        return {"Domains": [_shown(domain) for domain in self.domains]}


def scoped(value: str) -> tuple[str, str]:
    """Split `[domain]value`; the domain is empty if there is none."""
    if value.startswith("["):
        name, mark, rest = value[1:].partition("]")
        if mark:
            return name, rest
    return "", value


def _declared(text: str, is_client: bool) -> TlsDomain:
    name, _, address = text.partition("=")
    return TlsDomain(name.strip(), is_client, match_ip_address=(address.strip(),) if address.strip() else ())


def _completed(domain: TlsDomain, given: dict[str, list[tuple[str, str]]]) -> TlsDomain:
    """The domain with its parameters: its own go before those for all, the last of several counts."""
    found: dict[str, Any] = {}
    for name, values in given.items():
        own = [value for scope, value in values if scope == domain.name]
        chosen = own or [value for scope, value in values if not scope]
        if name in LISTS and chosen:
            found[name] = tuple(part.strip() for value in chosen for part in value.split(",") if part.strip())
        elif chosen:
            found[name] = chosen[-1].strip() != "0" if name in SWITCHES else chosen[-1]
    return replace(domain, **found)


def _shown(domain: TlsDomain) -> dict[str, object]:
    return {
        "ID": domain.name,
        "Type": "TLS_DOMAIN_CLI" if domain.is_client else "TLS_DOMAIN_SRV",
        "Certificate": domain.certificate,
        "Private key": domain.private_key,
        "CA file": domain.ca_list,
        "Verify peer": domain.verify_cert,
        "Require peer certificate": domain.require_cert,
    }
