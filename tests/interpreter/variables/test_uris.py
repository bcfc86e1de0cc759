"""URIs with a part rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.interpreter.values import Dual
from relayscript.interpreter.variables import uris
from relayscript.sip.uri import parse_uri

WORD = st.text(alphabet="abcxyz019", min_size=1, max_size=5)


@settings(max_examples=100)
@given(WORD, WORD, st.integers(1, 65535), WORD, WORD)
def test_other_parts_stay(user: str, host: str, port: int, params: str, new: str) -> None:
    uri = parse_uri(f"sip:{user}@{host}:{port};{params}?{params}=1")
    assert uris.compose(uri) == str(uri)
    assert uris.compose(uri, user=new) == f"sip:{new}@{host}:{port};{params}?{params}=1"
    assert uris.compose(uri, port="") == f"sip:{user}@{host};{params}?{params}=1"
    assert uris.with_host(uri, new, "1") == f"sip:{user}@{new}:1;{params}?{params}=1"


def test_a_number_to_call_has_no_host() -> None:
    assert uris.compose(parse_uri("tel:123;p"), user="456") == "tel:456;p"


def test_what_is_no_uri_has_no_parts() -> None:
    assert uris.parsed("nothing") is None
    assert [part(None) for part in (uris.user, uris.host, uris.port, uris.protocol)] == [None] * 4


def test_protocols_have_numbers() -> None:
    found = uris.protocol(parse_uri("sip:h;transport=tcp"))
    assert isinstance(found, Dual)
    assert (found, found.number) == ("tcp", 2)
