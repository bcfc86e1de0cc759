"""Questions to name servers, by dnspython: one coroutine for each, with the time for which its answer holds."""

from __future__ import annotations

import dns.asyncbackend
import dns.asyncresolver
import dns.exception
import dns.message
import dns.nameserver
import dns.resolver

from relayscript.apps.names.records import records_of
from relayscript.apps.names.resolver import DnsSettings
from relayscript.sip.locating import Question, Records

LONGEST = 86_400.0
"""Seconds after which every answer is asked for again."""

LONGEST_NOTHING = 300.0
"""The same for the answer that there is nothing (RFC 2308 5)."""


class NameServers:
    """The name servers of the system, or those in the settings."""

    def __init__(self, settings: DnsSettings) -> None:
        self._client = _client()
        client = self._client
        if settings.servers:
            client.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in settings.servers]
        elif settings.most_servers:
            client.nameservers = list(client.nameservers)[: settings.most_servers]
        if settings.patience:
            client.timeout = settings.patience
        client.lifetime = client.timeout * max(1, settings.tries) * max(1, len(client.nameservers))
        self._search = settings.uses_search_list and not settings.servers

    async def ask(self, question: Question) -> tuple[Records | None, float]:
        """The records and for how many seconds they hold; None if no server answers in time."""
        try:
            answer = await self._client.resolve(
                question.name,
                question.kind,
                search=self._search,
                raise_on_no_answer=False,
                backend=dns.asyncbackend.get_backend("asyncio"),
            )
        except dns.resolver.NXDOMAIN as error:
            responses: list[dns.message.Message] = list(error.kwargs.get("responses", {}).values())
            return (), min((_holds_for(each, LONGEST_NOTHING) for each in responses), default=0.0)
        except dns.exception.Timeout:
            return None, 0.0
        except (dns.exception.DNSException, OSError, UnicodeError):
            return (), 0.0
        if answer.rrset is None:
            return (), _holds_for(answer.response, LONGEST_NOTHING)
        return records_of(answer.rrset), _holds_for(answer.response, LONGEST)


def _client() -> dns.asyncresolver.Resolver:
    """As the system says; without a word from it, a name server on this host (resolv.conf(5))."""
    try:
        return dns.asyncresolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, OSError):
        client = dns.asyncresolver.Resolver(configure=False)
        client.nameservers = ["127.0.0.1"]
        return client


def _holds_for(response: dns.message.Message, most: float) -> float:
    """Seconds: the smallest time to live in the chain of aliases and its end, or of the SOA record (RFC 2308 3)."""
    if not isinstance(response, dns.message.QueryMessage):
        return 0.0
    try:
        return min(float(response.resolve_chaining().minimum_ttl), most)
    except dns.exception.DNSException:
        return 0.0
