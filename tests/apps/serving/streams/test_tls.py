"""TLS: encrypted both ways, peers checked as the domains say, names chosen by SNI, mistakes told."""

from __future__ import annotations

import ssl
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from relayscript.apps.serving.streams.settings import StreamSettings
from relayscript.apps.serving.streams.tls import TlsContexts, versions
from relayscript.interpreter.modules.tls_mgm import TlsDomain
from relayscript.sip.transport import Listener
from tests.apps.serving.streams.conftest import Peer

if TYPE_CHECKING:
    from tests.apps.serving.streams.conftest import Bench

OPTIONS = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.9;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates that vouch for themselves: one.pem, two.pem, and their keys."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("one", "two"):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}.example", "-days", "2"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def domain(folder: Path, name: str = "one", is_client: bool = False, verify: bool = False, **more: object) -> TlsDomain:
    """A domain with one of the certificates, that trusts the other."""
    other = "two" if name == "one" else "one"
    files = {"certificate": str(folder / f"{name}.pem"), "private_key": str(folder / f"{name}.key")}
    return TlsDomain(
        name, is_client, **files, ca_list=str(folder / f"{other}.pem"), verify_cert=verify, **more  # type: ignore[arg-type]
    )  # fmt: skip


def secured(
    bench: Bench, peer: Peer, context: ssl.SSLContext, *, is_server: bool = False, name: str | None = None
) -> Peer:
    """The peer, having shaken hands."""
    tls = context.wrap_socket(
        peer.sock, server_side=is_server, do_handshake_on_connect=False, server_hostname=name
    )  # fmt: skip
    bench.peers.append(tls)

    def shaken() -> bool:
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            tls.do_handshake()
            return True
        return False

    bench.until(shaken)
    return Peer(bench, tls)


def client(folder: Path, trusts: str = "one", own: str = "") -> ssl.SSLContext:
    """What a phone brings."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(folder / f"{trusts}.pem")
    if own:
        context.load_cert_chain(folder / f"{own}.pem", folder / f"{own}.key")
    return context


def test_messages_go_both_ways_encrypted(bench: Bench, certificates: Path) -> None:
    listener = bench.listen("tls", contexts=TlsContexts((domain(certificates),)))
    bench.answer = lambda data, *where: b"re: " + data
    peer = secured(bench, bench.connect(listener), client(certificates))
    large = OPTIONS.replace(b"Content-Length: 0", b"Content-Length: 60000") + b"x" * 60000
    peer.send(OPTIONS + large)
    peer.gets(b"re: " + OPTIONS + b"re: " + large)
    peer.send(b"\r\n\r\n")
    peer.gets(b"\r\n")
    assert [source for _, source, _ in bench.got] == [peer.address] * 2


def test_a_connection_is_made_and_checked(bench: Bench, certificates: Path) -> None:
    contexts = TlsContexts((domain(certificates), domain(certificates, is_client=True, verify=True)))
    listener = bench.listen("tls", StreamSettings(connect_timeout=3), contexts)
    server, address = bench.other()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificates / "two.pem", certificates / "two.key")
    bench.host.send(listener, address, b"first")
    bench.host.send(listener, address, b"second")
    peer = secured(bench, bench.accept(server), theirs, is_server=True)
    peer.gets(b"firstsecond")
    peer.send(OPTIONS)
    assert bench.messages(1) == [OPTIONS]


def test_a_server_that_nobody_vouches_for_gets_nothing(bench: Bench, certificates: Path) -> None:
    contexts = TlsContexts((domain(certificates), domain(certificates, is_client=True, verify=True)))
    listener = bench.listen("tls", StreamSettings(connect_timeout=3), contexts)
    server, address = bench.other()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificates / "one.pem", certificates / "one.key")
    bench.host.send(listener, address, b"secret")
    accepted = bench.accept(server)
    with pytest.raises(ssl.SSLError, match="alert"):
        secured(bench, accepted, theirs, is_server=True)
    bench.until(lambda: bench.count("connection") == 1)
    assert b"certificate" in bench.log.getvalue()


@pytest.mark.parametrize("own", ["", "one", "two"])
def test_a_phone_has_to_show_a_certificate_that_is_trusted(bench: Bench, certificates: Path, own: str) -> None:
    listener = bench.listen("tls", contexts=TlsContexts((domain(certificates, verify=True),)))
    bench.answer = lambda data, *where: b"welcome"
    peer = bench.connect(listener)
    peer = secured(bench, peer, client(certificates, own=own))
    with suppress(OSError):
        peer.send(OPTIONS)
    if own == "two":
        peer.gets(b"welcome")
    else:
        bench.until(lambda: bench.count("connection") == 1)
        assert bench.got == []


def test_the_name_asked_for_chooses_the_certificate(bench: Bench, certificates: Path) -> None:
    domains = (domain(certificates), domain(certificates, "two", match_sip_domain=("*.two.example", "two.example")))
    listener = bench.listen("tls", contexts=TlsContexts(domains))
    for name, expected in (("one.example", "one"), ("sip.two.example", "two"), (None, "one")):
        secured(bench, bench.connect(listener), client(certificates, trusts=expected), name=name)
    assert bench.count("connection") == 0


@pytest.mark.parametrize("junk", [OPTIONS, b"\x16\x03\x01\x00\xff" + b"x" * 300])
def test_what_is_not_tls_is_closed(bench: Bench, certificates: Path, junk: bytes) -> None:
    peer = bench.connect(bench.listen("tls", contexts=TlsContexts((domain(certificates),))))
    peer.send(junk)
    bench.until(peer.is_left)
    assert bench.got == []
    assert b"closed: tls: " in bench.log.getvalue()


def test_a_handshake_is_not_waited_for_for_ever(bench: Bench, certificates: Path) -> None:
    settings = StreamSettings(modules={"proto_tls": {"tls_handshake_timeout": 50}})
    peer = bench.connect(bench.listen("tls", settings, TlsContexts((domain(certificates),))))
    bench.until(peer.is_left)
    assert b"the handshake took too long" in bench.log.getvalue()


def test_what_cannot_be_secured_is_not_served(bench: Bench, certificates: Path) -> None:
    with pytest.raises(OSError, match="no server domain"):
        bench.listen("tls")
    elsewhere = domain(certificates, match_ip_address=("192.0.2.1:5061",))
    with pytest.raises(OSError, match="no server domain"):
        bench.listen("tls", contexts=TlsContexts((elsewhere,)))
    assert TlsContexts((elsewhere,)).server(Listener("tls", "192.0.2.1", 5061))
    with pytest.raises(OSError, match=r"none\.pem"):
        TlsContexts((TlsDomain("d", certificate="none.pem"),))
    with pytest.raises(OSError, match="domain d"):
        TlsContexts((TlsDomain("d", ciphers_list="no such thing"),))


@pytest.mark.parametrize(
    ("method", "lowest", "highest"),
    [
        ("", "TLSv1_2", "MAXIMUM_SUPPORTED"),
        ("TLSv1_2", "TLSv1_2", "TLSv1_2"),
        ("TLSv1_2-TLSv1_3", "TLSv1_2", "TLSv1_3"),
        ("TLSv1_3-", "TLSv1_3", "MAXIMUM_SUPPORTED"),
        ("SSLv23", "TLSv1_2", "MAXIMUM_SUPPORTED"),
    ],
)
def test_versions(method: str, lowest: str, highest: str) -> None:
    assert [version.name for version in versions(method)] == [lowest, highest]
