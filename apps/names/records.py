"""DNS records as relayscript knows them: made of dnspython's, and read from the text of a zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dns.exception
import dns.rdata
import dns.zone
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from relayscript.sip.locating import Alias, Naptr, Question, Record, Records, Srv


def records_of(found: Iterable[dns.rdata.Rdata]) -> Records:
    """Those that can lead to a place to send to; others are left out."""
    return tuple(each for each in map(_record, found) if each is not None)


def _record(found: dns.rdata.Rdata) -> Record | None:
    match found:
        case A() | AAAA():
            return str(found.address)
        case SRV():
            return Srv(found.priority, found.weight, found.port, _bare(found.target))
        case NAPTR():
            flags, service = found.flags.decode("latin-1"), found.service.decode("latin-1")
            return Naptr(found.order, found.preference, flags, service, _bare(found.replacement))
        case CNAME() | PTR():
            return Alias(_bare(found.target))
    return None


def _bare(name: object) -> str:
    """A name without its final dot."""
    return str(name).removesuffix(".")


def read_zone(text: str) -> Iterator[tuple[Question, Record]]:
    """The records of a zone file (RFC 1035 5) with full names, and what they answer. Raises ValueError."""
    try:
        parsed = dns.zone.from_text(text, origin=".", relativize=False, check_origin=False)
    except (dns.exception.DNSException, KeyError) as error:
        raise ValueError(f"not the text of a zone: {error}") from None
    for name, _, found in parsed.iterate_rdatas():
        record = _record(found)
        if record is not None:
            yield Question(_bare(name).lower(), found.rdtype.name), record
