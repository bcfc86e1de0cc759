"""TLS between a wire and its socket, and the contexts that the TLS domains of a script ask for."""

from __future__ import annotations

import ssl
from contextlib import suppress
from fnmatch import fnmatch

from relayscript.apps.serving.streams.wire import Wire
from relayscript.interpreter.modules.tls_mgm import TlsDomain
from relayscript.sip.transport import Address, Listener, bracketed

RECORD = 65536
"""Bytes asked of the TLS engine at once."""

VERSIONS = {
    "tlsv1": ssl.TLSVersion.TLSv1, "tlsv1_1": ssl.TLSVersion.TLSv1_1, "tlsv1_2": ssl.TLSVersion.TLSv1_2,
    "tlsv1_3": ssl.TLSVersion.TLSv1_3,
}  # fmt: skip


class TlsWire:
    """Another wire, encrypted. A peer that fails the handshake gets its alert, then the connection is over."""

    def __init__(self, context: ssl.SSLContext, inner: Wire, is_server: bool) -> None:
        self.outgoing = bytearray()
        self.is_over = False
        self.fault = ""
        self._inner = inner
        self._from_peer, self._to_peer = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._from_peer, self._to_peer, server_side=is_server)
        self._has_shaken = False

    @property
    def is_ready(self) -> bool:
        return self._has_shaken and self._inner.is_ready

    @property
    def is_partial(self) -> bool:
        return self._inner.is_partial

    def start(self) -> None:
        self._shake()

    def receive(self, data: bytes) -> list[bytes]:
        self._from_peer.write(data)
        if not self._has_shaken:
            self._shake()
        found = self._inner.receive(plain) if self._has_shaken and (plain := self._decrypted()) else []
        self._encrypt()
        if self._inner.is_over:
            self.is_over, self.fault = True, self._inner.fault
        return found

    def send(self, message: bytes) -> None:
        self._inner.send(message)
        self._encrypt()

    def end(self) -> None:
        self._inner.end()
        self._encrypt()
        with suppress(ssl.SSLError, ValueError):  # the peer's goodbye is not waited for
            self._tls.unwrap()
        self.outgoing += self._to_peer.read()

    def _shake(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._break(error)
        else:
            self._has_shaken = True
            self._inner.start()
            self._encrypt()
        self.outgoing += self._to_peer.read()

    def _decrypted(self) -> bytes:
        """What the peer's records say."""
        plain = bytearray()
        try:
            while chunk := self._tls.read(RECORD):
                plain += chunk
            self.is_over = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.is_over = True
        except ssl.SSLError as error:
            self._break(error)
        return bytes(plain)

    def _encrypt(self) -> None:
        """Put what the inner wire has to say into records."""
        waiting = self._inner.outgoing
        if waiting and self._has_shaken:
            try:
                self._tls.write(waiting)
            except ssl.SSLError as error:
                self._break(error)
            waiting.clear()
        self.outgoing += self._to_peer.read()

    def _break(self, error: ssl.SSLError) -> None:
        self.is_over, self.fault = True, f"TLS: {error.reason or error.strerror}".lower()


class TlsContexts:
    """The contexts for a script's TLS domains (tls_mgm)."""

    def __init__(self, domains: tuple[TlsDomain, ...] = ()) -> None:
        self._servers = [(each, server_context(each)) for each in domains if not each.is_client]
        self._clients = [(each, client_context(each)) for each in domains if each.is_client]
        self._anyone: ssl.SSLContext | None = None
        for domain, context in self._servers:
            context.sni_callback = lambda tls, name, own, domain=domain: self._switch(tls, name, domain)

    def server(self, listener: Listener) -> ssl.SSLContext:
        """For connections accepted on a listener. Raises OSError if no domain is for it."""
        for domain, context in self._servers:
            if is_for(domain, listener.host, listener.port):
                return context
        raise OSError(f"{listener}: module tls_mgm has no server domain for it")

    def client(self, destination: Address) -> ssl.SSLContext:
        """For a connection to an address; without a domain for it, any authority of the system is trusted."""
        for domain, context in self._clients:
            if is_for(domain, *destination):
                return context
        if self._anyone is None:
            self._anyone = client_context(TlsDomain("", is_client=True))
        return self._anyone

    def _switch(self, tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, chosen: TlsDomain) -> None:
        """Take the domain that serves the name that the peer asks for (RFC 6066 3), if there is one."""
        if not name:
            return
        for domain, context in self._servers:
            if domain.match_ip_address == chosen.match_ip_address and names(domain, name):
                tls.context = context
                return


def is_for(domain: TlsDomain, host: str, port: int) -> bool:
    """A domain is for an address of ours (server) or of a peer (client)."""
    accepted = domain.match_ip_address
    return not accepted or "*" in accepted or f"{bracketed(host)}:{port}" in accepted


def names(domain: TlsDomain, name: str) -> bool:
    """A domain is for a name that was asked for; one without names is not."""
    return any(fnmatch(name.lower(), pattern.lower()) for pattern in domain.match_sip_domain)


def server_context(domain: TlsDomain) -> ssl.SSLContext:
    """Raises OSError, with the file's name, if a certificate or key cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    equip(context, domain)
    if domain.verify_cert:
        context.verify_mode = ssl.CERT_REQUIRED if domain.require_cert else ssl.CERT_OPTIONAL
    return context


def client_context(domain: TlsDomain) -> ssl.SSLContext:
    """Raises OSError, with the file's name, if a certificate or key cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # a destination is an address; who it belongs to is checked by the chain
    context.verify_mode = ssl.CERT_REQUIRED if domain.verify_cert else ssl.CERT_NONE
    equip(context, domain)
    if domain.verify_cert and not (domain.ca_list or domain.ca_dir):
        context.load_default_certs()
    return context


def equip(context: ssl.SSLContext, domain: TlsDomain) -> None:
    """Certificates, versions and ciphers of a domain."""
    context.options |= ssl.OP_NO_RENEGOTIATION
    first, last = versions(domain.tls_method)
    context.minimum_version, context.maximum_version = first, last
    try:
        if domain.certificate:
            context.load_cert_chain(domain.certificate, domain.private_key or None)
        if domain.ca_list or domain.ca_dir:
            context.load_verify_locations(domain.ca_list or None, domain.ca_dir or None)
        if domain.ciphers_list:
            context.set_ciphers(domain.ciphers_list)
        if domain.dh_params:
            context.load_dh_params(domain.dh_params)
        if domain.ec_curve:
            context.set_ecdh_curve(domain.ec_curve)
    except (OSError, ValueError) as error:
        about = ", ".join(filter(None, (domain.certificate, domain.private_key, domain.ca_list, domain.ca_dir)))
        raise OSError(f"TLS domain {domain.name or 'default'} ({about}): {error}") from None


def versions(method: str) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    """The lowest and highest version that `tls_method` means: one, `A-B`, or any that is safe (TLS 1.2 on)."""
    first, mark, last = method.lower().replace(".", "_").partition("-")
    lowest = VERSIONS.get(first.strip(), ssl.TLSVersion.TLSv1_2)
    highest = VERSIONS.get((last if mark else first).strip(), ssl.TLSVersion.MAXIMUM_SUPPORTED)
    return lowest, highest
