"""Sets of nodes: notation and choice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.engines.errors import EngineError
from relayscript.engines.sets import (
    NodeDefinition,
    NodeSets,
    SetDefinition,
    full_url,
    key_hash,
    parse_definition,
)

urls = ["udp:127.0.0.1:7722", "udp6:[::1]:7722", "tcp:relay:1", "unix:/run/x", "/run/y", "rtp.io:auto"]
advertised = st.sampled_from(["", "203.0.113.7", "relay.example.com", "2001:db8::1"])
nodes = st.builds(NodeDefinition, st.sampled_from(urls), advertised, st.integers(0, 99))


@given(st.builds(SetDefinition, st.integers(0, 999), st.lists(nodes, min_size=1, max_size=4).map(tuple)))
@settings(max_examples=100)
def test_a_definition_is_read_as_it_is_written(definition: SetDefinition) -> None:
    assert parse_definition(str(definition)) == definition


def test_a_definition_without_a_set_is_for_the_default_one() -> None:
    found = parse_definition("udp:127.0.0.1:1|203.0.113.7=2  udp:127.0.0.1:2", 7)
    assert found.set == 7
    assert found.nodes == (
        NodeDefinition("udp:127.0.0.1:1", "203.0.113.7", 2),
        NodeDefinition("udp:127.0.0.1:2"),
    )


@pytest.mark.parametrize("text", ["", "1 ==", "1 == http://x"])
def test_a_definition_that_cannot_be_used(text: str) -> None:
    with pytest.raises(EngineError):
        parse_definition(text)


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("/run/x", "unix:/run/x"),
        ("unix:/run/x", "unix:/run/x"),
        ("udp:relay", "udp:relay:22222"),
        ("UDP:relay:7", "udp:relay:7"),
        ("udp6:[2001:db8::1]:7", "udp6:[2001:db8::1]:7"),
        ("udp6:[2001:db8::1]", "udp6:[2001:db8::1]:22222"),
        ("rtp.io:auto", "rtp.io:auto"),
    ],
)
def test_the_full_url(url: str, full: str) -> None:
    assert full_url(url) == full


def sets(*definitions: str) -> NodeSets:
    return NodeSets([parse_definition(each) for each in definitions])


@pytest.mark.parametrize(
    ("call_id", "node"),
    [("call-1", "udp:a:1"), ("call-2", "udp:b:1"), ("call-3", "udp:a:1"), ("another@example.com", "udp:a:1")],
)
def test_the_sum_of_the_bytes_chooses(call_id: str, node: str) -> None:
    chosen = sets("1 == udp:a:1 udp:b:1").choose(1, call_id)
    assert chosen is not None
    assert chosen.url == node


def test_weights() -> None:
    group = sets("udp:a:1=3 udp:b:1=1 udp:c:1=0")
    names = [group.choose(0, chr(code)) for code in range(64, 72)]
    assert "".join(node.url[4] for node in names if node) == "aaabaaab"


def test_a_disabled_node_is_replaced_by_hash_over_the_others() -> None:
    group = sets("udp:a:1 udp:b:1 udp:c:1")
    first = group.choose(0, "a")  # 97: place 1
    assert first is not None
    assert first.url == "udp:b:1"
    first.enabled = False
    second = group.choose(0, "a")  # 97 mod 2
    assert second is not None
    assert second.url == "udp:c:1"
    third = group.choose(0, "a", [second])
    assert third is not None
    assert third.url == "udp:a:1"
    third.enabled = False
    assert group.choose(0, "a", [second]) is None


def test_a_node_without_weight_serves_only_alone() -> None:
    group = sets("udp:a:1=0 udp:b:1")
    assert {node.url for code in range(256) if (node := group.choose(0, chr(code)))} == {"udp:b:1"}
    group.nodes(0)[1].enabled = False
    chosen = group.choose(0, "x")
    assert chosen is not None
    assert chosen.url == "udp:a:1"


def test_doubles_are_ignored_and_sets_are_joined() -> None:
    group = sets("1 == udp:a:1 udp:a:1 udp:b:1", "1 == udp:c:1", "2 == udp:a:1")
    assert [(node.set, node.url) for node in group] == [
        (1, "udp:a:1"), (1, "udp:b:1"), (1, "udp:c:1"), (2, "udp:a:1"),
    ]  # fmt: skip
    assert 2 in group
    assert 3 not in group
    assert group.choose(3, "x") is None


def test_a_node_is_found_in_its_set_or_in_any() -> None:
    group = sets("1 == udp:a:1", "2 == udp:a:1 udp:b:1")
    for number, found in ((2, 2), (None, 1), (9, 1)):
        node = group.find("udp:a:1", number)
        assert node is not None
        assert node.set == found
    assert group.find("udp:x:1") is None


@given(st.text(max_size=30))
@settings(max_examples=50)
def test_the_hash_is_a_byte(text: str) -> None:
    assert 0 <= key_hash(text) < 256
