"""Records in memory, read from the text of a zone."""

from __future__ import annotations

import pytest

from relayscript.apps.names.zone import Zone
from relayscript.sip.locating import Alias, Naptr, Question, Srv

TEXT = """
$TTL 60
Example.com. NAPTR 10 50 "s" "SIP+D2U" "" _sip._udp.example.com.
_sip._udp.example.com. SRV 10 5 5070 a.example.com.
_sip._udp.example.com. SRV 20 5 5070 .
a.example.com. A 10.0.0.1
a.example.com. A 10.0.0.2
a.example.com. AAAA ::1
b.example.com. CNAME a.example.com.
a.example.com. TXT "of no use here"
"""


@pytest.fixture
def zone() -> Zone:
    made = Zone()
    made.read(TEXT)
    return made


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("EXAMPLE.com", "NAPTR", (Naptr(10, 50, "s", "SIP+D2U", "_sip._udp.example.com"),)),
        ("_sip._udp.example.com", "SRV", (Srv(10, 5, 5070, "a.example.com"), Srv(20, 5, 5070, ""))),
        ("a.example.com", "A", ("10.0.0.1", "10.0.0.2")),
        ("b.example.com", "A", (Alias("a.example.com"),)),
        ("a.example.com", "TXT", ()),
        ("c.example.com", "A", ()),
    ],
)
def test_questions_are_answered(zone: Zone, name: str, kind: str, records: tuple[object, ...]) -> None:
    assert zone.answer(Question(name, kind)) == records


def test_addresses_of_both_kinds_and_more_records(zone: Zone) -> None:
    assert list(zone.addresses("a.example.com")) == ["10.0.0.1", "10.0.0.2", "::1"]
    zone.read("a.example.com. 1 IN A 10.0.0.3")
    assert list(zone.addresses("A.example.com")) == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "::1"]


@pytest.mark.parametrize("text", ["x. NOSUCH 1", "x. A nonsense", "x. SRV 1 2"])
def test_what_is_no_zone(zone: Zone, text: str) -> None:
    with pytest.raises(ValueError, match="not the text of a zone"):
        zone.read(text)
