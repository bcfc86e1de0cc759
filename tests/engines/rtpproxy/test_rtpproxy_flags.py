"""The letters of rtpproxy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.engines.rtpproxy.flags import Options, parse_options


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", Options()),
        ("co", Options(session_connection=True, origin=True)),
        ("A", Options(letters="A", trust=True)),
        ("r", Options(trust=True)),
        ("ie", Options(letters="IE")),
        ("Ei", Options(letters="EI")),
        ("sw", Options(letters="SS")),
        ("lkF", Options(lookup=True, keep_body=True, force=True)),
        ("z20z", Options(repacketize="Z")),
        ("t45", Options(ttl="t45")),
        ("T60", Options(ttl="T60")),
        ("d", Options(dtmf="")),
        ("d101n", Options(dtmf="101", notify="")),
        ("n<tcp:127.0.0.1:9>o", Options(notify="tcp:127.0.0.1:9", origin=True)),
        ("x q", Options(letters="xq", unknown="xq")),
    ],
)
def test_letters(text: str, options: Options) -> None:
    assert parse_options(text) == options


@given(st.text(st.characters(max_codepoint=255), max_size=20))
@settings(max_examples=80)
def test_nothing_that_would_end_a_word_is_sent(text: str) -> None:
    options = parse_options(text)
    assert not any(char.isspace() for char in options.letters + options.ttl + options.repacketize)
