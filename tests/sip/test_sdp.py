"""Session descriptions: nothing is lost, and only what is edited changes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.sdp import Description, MediaAddress, family_of, is_null_host, null_host

TWO = (
    "v=0\r\no=al IP4 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=inactive\r\n"
    "m=audio 5000 RTP/AVP 0 8\r\na=rtcp:5001 IN IP4 192.0.2.1\r\na=rtcp-mux\r\n"
    "m=video 5002/2 RTP/AVP 31\r\nc=IN IP6 2001:db8::1\r\na=sendonly\r\n"
)

line = st.sampled_from(
    ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "c=IN IP6 ::1", "c=IN", "t=0 0",
     "m=audio 5000 RTP/AVP 0 8", "m=video 0 RTP/AVP 31", "m=", "a=rtcp:5001", "a=sendrecv", "",
     "x", "\x85\x0b"]
)  # fmt: skip
texts = st.lists(st.tuples(line, st.sampled_from(["\r\n", "\n", "\r\r\n"])).map("".join)).map(
    "".join
) | st.text(st.characters(max_codepoint=255), max_size=60)


@given(texts)
@settings(max_examples=100)
def test_what_is_not_edited_goes_out_byte_for_byte(text: str) -> None:
    assert str(Description(text)) == text


@given(texts, st.integers(1, 65535), st.sampled_from(["203.0.113.9", "2001:db8::9"]))
@settings(max_examples=100)
def test_an_edit_is_read_back_and_changes_one_line(text: str, port: int, host: str) -> None:
    description = Description(text)
    for section in description.sections:
        for stream in section.streams:
            if stream.transport:
                description.set_port(stream, port)
        if section.connection is not None and description.address(section.connection):
            description.set_address(section.connection, host)
    again = Description(str(description))
    assert len(again.lines) == len(description.lines)
    assert all(stream.port == port for stream in again.streams if stream.transport)
    for section in again.sections:
        if section.connection is not None and (address := again.address(section.connection)):
            assert address == MediaAddress(family_of(host), host)


def test_sections_and_streams() -> None:
    description = Description(TWO)
    (section,) = description.sections
    audio, video = section.streams
    assert (section.origin, section.connection) == (1, 3)
    assert (audio.media, audio.port, audio.transport, audio.formats) == ("audio", 5000, "RTP/AVP", ("0", "8"))
    assert (video.port, video.connection, video.end) == (5002, 10, 12)
    assert description.connection_of(section, audio) == 3
    assert description.connection_of(section, video) == 10
    assert list(description.attributes(audio.line, audio.end, "rtcp")) == [(7, "5001 IN IP4 192.0.2.1")]
    assert description.direction(section, audio) == "inactive"
    assert description.direction(section, video) == "sendonly"


def test_several_descriptions_in_one_body() -> None:
    description = Description(TWO + "v=0\r\ns=-\r\nm=audio 7000 RTP/AVP 0\r\n")
    assert [len(section.streams) for section in description.sections] == [2, 1]
    assert description.sections[1].connection is None
    assert description.sections[1].origin is None


def test_the_address_of_an_origin_with_a_speaking_user_name() -> None:
    description = Description(TWO)
    assert description.address(1) == MediaAddress("IP4", "192.0.2.1")
    description.set_address(1, "2001:db8::2")
    assert description.lines[1] == "o=al IP4 1 1 IN IP6 2001:db8::2\r\n"


def test_a_multicast_address_is_read_without_and_replaced_with_its_suffix() -> None:
    description = Description("c=IN IP4 224.2.1.1/127/3\r\n")
    assert description.address(0) == MediaAddress("IP4", "224.2.1.1")
    description.set_address(0, "192.0.2.1")
    assert str(description) == "c=IN IP4 192.0.2.1\r\n"


def test_the_number_of_ports_survives_a_new_port() -> None:
    description = Description(TWO)
    description.set_port(description.streams[1], 40000)
    assert description.lines[9] == "m=video 40000/2 RTP/AVP 31\r\n"


def test_lines_are_inserted_and_removed_without_moving_others() -> None:
    description = Description("v=0\na=x\nm=audio 1 RTP/AVP 0")
    description.insert_after(2, "c=IN IP4 192.0.2.1")
    description.set_line(1, "")
    description.append("a=marker:yes")
    assert str(description) == "v=0\nm=audio 1 RTP/AVP 0\nc=IN IP4 192.0.2.1\na=marker:yes\r\n"
    description.set_line(0, "v=1")
    assert description.lines[0] == "v=1\n"


def test_append_ends_the_line_before() -> None:
    description = Description("v=0")
    description.append("a=x")
    assert str(description) == "v=0\r\na=x\r\n"
    assert description.has_line("v=0") is False  # it shares the entry of the line before
    empty = Description("")
    empty.append("a=x")
    assert str(empty) == "a=x\r\n"


def test_null_addresses() -> None:
    assert [is_null_host(host) for host in ("0.0.0.0", "::", "0:0::0", "192.0.2.0", "::1", "0")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert (null_host("::1"), null_host("192.0.2.1")) == ("::", "0.0.0.0")
    assert MediaAddress("IP4", "0.0.0.0").is_null


def test_malformed_lines_are_kept_and_not_understood() -> None:
    text = "v=0\r\nc=IN\r\nm=audio\r\nm=audio x RTP/AVP\r\n"
    description = Description(text)
    assert [(stream.port, stream.transport) for stream in description.streams] == [(0, ""), (0, "")]
    assert description.address(1) is None
    description.set_address(1, "192.0.2.1")
    description.set_port(description.streams[0], 9)
    assert str(description) == text
