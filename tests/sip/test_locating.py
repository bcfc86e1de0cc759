"""Where URIs lead (RFC 3263): questions out, records in, hops out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.sip.locating import (
    MOST_HOPS,
    MOST_QUESTIONS,
    Alias,
    Hop,
    Naptr,
    Policy,
    Question,
    Record,
    Records,
    Silence,
    Srv,
    Target,
    in_order,
    is_ip,
    locate,
)
from relayscript.sip.uri import parse_uri

ALL = frozenset(("udp", "tcp", "tls", "ws", "wss"))
Zone = dict[tuple[str, str], Records]


def search(
    uri: str, zone: Zone, transports: frozenset[str] = ALL, naptr: bool = True, kinds: tuple[str, ...] = ("A",)
) -> list[str]:
    """The dialogue: `NAPTR name?` for questions, `udp 10.0.0.1:5060` for hops."""
    said: list[str] = []
    found = locate(Target.of(parse_uri(uri)), Policy(transports, lambda limit: 0, naptr, kinds))
    try:
        step = next(found)
        while True:
            if isinstance(step, Question):
                said.append(f"{step.kind} {step.name}?")
                step = found.send(zone.get((step.kind, step.name), ()))
            else:
                said.append(f"{step.protocol} {step.address[0]}:{step.address[1]}")
                step = next(found)
    except StopIteration:
        return said


def hops(uri: str, zone: Zone, transports: frozenset[str] = ALL) -> list[str]:
    return [line for line in search(uri, zone, transports) if not line.endswith("?")]


A: Zone = {("A", "a.net"): ("10.0.0.1",)}
SERVERS: Zone = A | {
    ("SRV", "_sip._udp.a.net"): (Srv(20, 0, 5072, "two.a.net"), Srv(10, 0, 5071, "one.a.net")),
    ("SRV", "_sips._tcp.a.net"): (Srv(0, 0, 5081, "one.a.net"),),
    ("A", "one.a.net"): ("10.0.1.1", "10.0.1.2"),
    ("A", "two.a.net"): ("10.0.2.1",),
}
OFFERS: Zone = SERVERS | {
    ("NAPTR", "a.net"): (
        Naptr(50, 50, "s", "SIP+D2U", "_sip._udp.a.net"),
        Naptr(40, 50, "s", "SIPS+D2T", "_sips._tcp.a.net"),
        Naptr(30, 50, "u", "E2U+sip", "nothing.a.net"),
    )
}


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        ("sip:b@10.0.0.9", "udp 10.0.0.9:5060"),
        ("sip:10.0.0.9:7000;transport=TCP", "tcp 10.0.0.9:7000"),
        ("sip:[::1];transport=ws", "ws ::1:80"),
        ("sips:10.0.0.9", "tls 10.0.0.9:5061"),
        ("sips:10.0.0.9;transport=tcp", "tls 10.0.0.9:5061"),
        ("sips:10.0.0.9;transport=ws", "wss 10.0.0.9:443"),
        ("sip:a.net;maddr=10.0.0.9", "udp 10.0.0.9:5060"),
    ],
)
def test_an_address_needs_no_question(uri: str, hop: str) -> None:
    assert search(uri, OFFERS) == [hop]


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sip:a.net:7000", ["A a.net?", "udp 10.0.0.1:7000"]),
        ("sips:a.net:7000", ["A a.net?", "tls 10.0.0.1:7000"]),
        ("sip:a.net:7000;transport=tcp", ["A a.net?", "tcp 10.0.0.1:7000"]),
    ],
)
def test_a_port_leads_to_the_host_itself(uri: str, said: list[str]) -> None:
    assert search(uri, OFFERS) == said


def test_a_transport_leads_to_its_servers_each_looked_for_when_it_is_their_turn() -> None:
    assert search("sip:a.net;transport=udp", OFFERS) == [
        "SRV _sip._udp.a.net?", "A one.a.net?", "udp 10.0.1.1:5071", "udp 10.0.1.2:5071", "A two.a.net?",
        "udp 10.0.2.1:5072",
    ]  # fmt: skip


def test_a_transport_without_servers_leads_to_the_host() -> None:
    assert search("sip:a.net;transport=tcp", A) == ["SRV _sip._tcp.a.net?", "A a.net?", "tcp 10.0.0.1:5060"]
    assert search("sip:a.net;transport=new", A) == ["A a.net?", "new 10.0.0.1:5060"]


def test_without_a_word_in_the_uri_the_domain_chooses() -> None:
    said = search("sip:a.net", OFFERS)
    assert said[:4] == ["NAPTR a.net?", "SRV _sips._tcp.a.net?", "A one.a.net?", "tls 10.0.1.1:5081"]
    assert said[-1] == "udp 10.0.2.1:5072"
    assert hops("sip:a.net", OFFERS, frozenset(("udp",)))[0] == "udp 10.0.1.1:5071"
    assert hops("sips:a.net", OFFERS) == ["tls 10.0.1.1:5081", "tls 10.0.1.2:5081"]


def test_without_offers_servers_are_guessed_then_the_host_is_tried() -> None:
    assert search("sip:a.net", SERVERS)[:3] == ["NAPTR a.net?", "SRV _sip._udp.a.net?", "A one.a.net?"]
    assert search("sip:a.net", A, frozenset(("udp", "tcp"))) == [
        "NAPTR a.net?", "SRV _sip._udp.a.net?", "SRV _sip._tcp.a.net?", "A a.net?", "udp 10.0.0.1:5060",
    ]  # fmt: skip
    assert search("sips:a.net", A, naptr=False)[-1] == "tls 10.0.0.1:5061"
    assert search("sip:a.net", OFFERS, naptr=False)[0] == "SRV _sip._udp.a.net?"


def test_ipv6_is_asked_for_if_there_is_no_ipv4() -> None:
    zone: Zone = A | {("AAAA", "a.net"): ("::1",), ("AAAA", "six.net"): ("::6",)}
    both = ("A", "AAAA")
    assert search("sip:a.net:1", zone, kinds=both) == ["A a.net?", "udp 10.0.0.1:1"]
    assert search("sip:six.net:1", zone, kinds=both) == ["A six.net?", "AAAA six.net?", "udp ::6:1"]
    assert search("sip:six.net:1", zone) == ["A six.net?"]


def test_aliases_are_followed() -> None:
    zone: Zone = A | {("A", "b.net"): (Alias("c.net."),), ("A", "c.net"): (Alias("a.net"),)}
    assert search("sip:b.net:1", zone) == ["A b.net?", "A c.net?", "A a.net?", "udp 10.0.0.1:1"]


def test_a_service_that_is_said_not_to_be_there_leads_nowhere() -> None:
    zone: Zone = A | {("SRV", "_sip._udp.a.net"): (Srv(0, 0, 0, ""),)}
    assert hops("sip:a.net;transport=udp", zone) == []


def test_a_name_server_that_is_silent_ends_the_search() -> None:
    found = locate(Target("a.net"), Policy(ALL, lambda limit: 0))
    assert next(found) == Question("a.net", "NAPTR")
    with pytest.raises(StopIteration):
        found.throw(Silence())


@pytest.mark.parametrize(
    ("drawn", "targets"),
    [([0, 0], "zab"), ([1, 0], "azb"), ([4, 0], "bza"), ([0, 4], "zba"), ([2, 0], "bza")],
)
def test_weights_are_chances(drawn: list[int], targets: str) -> None:
    numbers = iter(drawn)
    servers = [Srv(1, 9, 1, "last"), Srv(0, 1, 1, "a"), Srv(0, 3, 1, "b"), Srv(0, 0, 1, "z")]
    assert [each.target for each in in_order(servers, lambda limit: next(numbers))] == [*targets, "last"]


@pytest.mark.parametrize(("host", "yes"), [("1.2.3.4", 1), ("::1", 1), ("1.2.3.999", 1), ("a", 0), ("1.2.3.d", 0)])
def test_addresses_and_names(host: str, yes: int) -> None:
    assert is_ip(host) == bool(yes)


NAMES = st.sampled_from(["a.net", "b.net", "_sip._udp.a.net", "_sips._tcp.a.net", ""])
RECORDS: dict[str, st.SearchStrategy[Record]] = {
    "NAPTR": st.builds(
        Naptr, st.integers(0, 2), st.integers(0, 2), st.sampled_from("suaS"), st.sampled_from(["SIP+D2U", "SIPS+D2T"]),
        NAMES,
    ),
    "SRV": st.builds(Srv, st.integers(0, 2), st.integers(0, 2), st.integers(0, 65535), NAMES),
    "A": st.sampled_from([f"10.0.0.{number}" for number in range(40)]),
    "AAAA": st.just("::1"),
}  # fmt: skip
ANSWERS = {kind: st.lists(each | st.builds(Alias, NAMES), max_size=20) for kind, each in RECORDS.items()}


@given(
    st.sampled_from(["sip:a.net", "sips:a.net", "sip:a.net;transport=udp", "sip:a.net:5060", "sip:a.net;transport=x"]),
    st.data(),
)
def test_every_zone_comes_to_an_end(uri: str, data: st.DataObject) -> None:
    zone: Zone = {}
    asked, given_hops = 0, set[Hop]()
    draw: Callable[[int], int] = lambda limit: data.draw(st.integers(0, limit - 1))  # noqa: E731
    found = locate(Target.of(parse_uri(uri)), Policy(ALL, draw, kinds=("A", "AAAA")))
    try:
        step = next(found)
        while True:
            if isinstance(step, Question):
                asked += 1
                key = (step.kind, step.name)
                if key not in zone:
                    zone[key] = tuple(data.draw(ANSWERS[step.kind]))
                step = found.send(zone[key])
            else:
                assert step not in given_hops
                given_hops.add(step)
                step = next(found)
    except StopIteration:
        assert asked <= MOST_QUESTIONS
        assert len(given_hops) <= MOST_HOPS
