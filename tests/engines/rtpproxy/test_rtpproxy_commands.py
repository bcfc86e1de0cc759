"""Commands to rtpproxy as text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy import commands
from relayscript.engines.rtpproxy.commands import MediaCommand, parse_media_command

words = st.text(st.sampled_from("ab1.-@;"), min_size=1, max_size=8)
plain = st.builds(
    MediaCommand,
    verb=st.sampled_from("UL"),
    options=st.sampled_from(["", "EI", "c0,8", "A6Z20c0,8,101t45"]),
    call_id=words,
    host=st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    port=st.integers(1, 65535),
    number=st.integers(1, 20),
    tag=words,
    other_tag=words | st.just(""),
)
notified = st.tuples(st.sampled_from(["tcp:1.2.3.4:9", "unix:/run/n"]), st.sampled_from(["I", "Tab.cd"]))
dtmf = st.tuples(st.sampled_from(["dab.cd", "ccall@x"]), st.sampled_from(["", "101"]))


@given(plain, st.none() | notified, st.none() | dtmf)
@settings(max_examples=100)
def test_a_media_command_is_read_as_it_is_written(
    command: MediaCommand, notify: tuple[str, str] | None, digits: tuple[str, str] | None
) -> None:
    full = replace(command)
    if notify:
        full = replace(full, notify_socket=notify[0], notify_tag=notify[1])
    if digits:
        full = replace(full, dtmf_tag=digits[0], dtmf_type=digits[1])
    assert parse_media_command(str(full)) == full


@pytest.mark.parametrize(
    "text",
    [
        "Uc0,8 call-1 127.0.0.1 5000 alice;1",
        "Lc0,8 call-1 127.0.0.1 6000 alice;1 bob;1",
        "Uc31,34 call-1-2 127.0.0.1 5002 alice;2",
        "U c 1.2.3.4 5 a;1 tcp:1.2.3.4:9 I && M3:1 Dcc 101",
    ],
)
def test_media_commands(text: str) -> None:
    assert str(parse_media_command(text)) == text


@pytest.mark.parametrize(
    "text", ["", "V", "D call a b", "U c 1.2.3.4 x a;1", "U c 1.2.3.4 5 a", "U c h 5 a;1 b;2"]
)
def test_what_is_no_media_command(text: str) -> None:
    with pytest.raises(EngineError):
        parse_media_command(text)


def test_other_commands() -> None:
    assert commands.delete("c", "a", "b") == "D c a b"
    assert commands.delete("c", "a") == "D c a"
    assert commands.play("c", "/p/x", -1, "a", "b") == "P-1 c /p/x session a;1 b;1"
    assert commands.stop_playing("c", "a") == "S c a;1"
    assert commands.query("c", "a", "b", ("ttl", "npkts_ina")) == "Q c a;1 b;1 ttl npkts_ina"
    assert commands.record("c", "a", "b", "s") == "Rs c a b"
    assert commands.copy("c", "udp:1.2.3.4:5", 2, "a", "b") == "C c udp:1.2.3.4:5 a;2 b;2"
    assert commands.stop_copying("c", 2, "a", "b") == "N c a;2 b;2"


def test_session_names() -> None:
    assert commands.session_name("call-1", -1) == "call-1"
    assert commands.session_name("call-1", 0) == "call-1-0"


@pytest.mark.parametrize("name", ["", "a b", "a\nD x y", "a\x00"])
def test_a_name_that_would_become_another_command(name: str) -> None:
    with pytest.raises(EngineError):
        commands.session_name(name, -1)
