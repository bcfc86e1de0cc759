"""What is sent to rtpengine: the recorded flags, tags, deletes."""

from __future__ import annotations

import pytest

from relayscript.engines.contract import Exchange, Removal, Session
from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.dictionary import command_dictionary, delete_dictionary, media_dictionary
from relayscript.engines.rtpengine.flags import ViaBranches
from relayscript.engines.rtpengine.ng import NgDict

REST = {"call-id", "received-from", "from-tag", "to-tag", "command", "sdp"}


def exchange(flags: str = "", **fields: str) -> Exchange:
    usual = {"body": "v=0", "from_tag": "alice", "source": "127.0.0.1", "flags": flags}
    return Exchange(**{**usual, **fields})  # type: ignore[arg-type]


def offer(flags: str = "", branch: int = -1, **fields: str) -> NgDict:
    return media_dictionary(Session("call-1", branch=branch), exchange(flags, **fields), True)


def answer(flags: str = "", **fields: str) -> NgDict:
    return media_dictionary(
        Session("call-1"), exchange(flags, **{"from_tag": "bob", "to_tag": "alice", **fields}), False
    )


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("replace-origin replace-session-connection", {"replace": ["origin", "session-connection"]}),
        ("ICE=remove", {"ICE": "remove"}),
        ("SIP-source-address trust-address", {"flags": ["SIP-source-address", "trust-address"]}),
        ("in-iface=a out-iface=b", {"direction": ["a", "b"]}),
        ("internal external", {"direction": ["internal", "external"]}),
        ("external internal", {"direction": ["external", "internal"]}),
        ("media-address=203.0.113.1", {"media-address": "203.0.113.1"}),
        ("transcode-opus codec-strip-PCMA", {"flags": ["transcode-opus", "codec-strip-PCMA"]}),
        ("rtcp-mux-offer rtcp-mux-require", {"rtcp-mux": ["offer", "require"]}),
        ("repacketize=40", {"repacketize": 40}),
        ("  two   spaces  ", {"flags": ["two", "spaces"]}),
        ("key=value other=", {"key": "value", "other": ""}),
        ("replace-username replace-SDP-version", {"replace": ["username", "SDP version"]}),
        ("replace-session-name replace-zero-address", {"replace": ["session name", "zero address"]}),
        ("address-family=IP6 delete-delay=5", {"address family": "IP6", "delete-delay": 5}),
        ("directional", {"flags": ["directional"]}),
        ("via-branch-param=abc", {"via-branch": "abc"}),
        ("codec=[strip=[EVS] accept=[AMR-WB..x]]", {"codec": {"strip": ["EVS"], "accept": ["AMR-WB x"]}}),
        ("sdp-media-remove=[image]", {"sdp-media-remove": ["image"]}),
    ],
)
def test_recorded_flags(flags: str, expected: NgDict) -> None:
    assert {key: value for key, value in offer(flags).items() if key not in REST} == expected


@pytest.mark.parametrize(
    ("words", "profile"),
    [
        ("RTP/SAVP", "RTP/SAVP"),
        ("SRTP", "RTP/SAVP"),
        ("RTP", "RTP/AVP"),
        ("SRTP AVPF", "RTP/SAVPF"),
        ("RTP/SAVPF RTP", "RTP/AVPF"),
        ("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVPF"),
        ("UDP/TLS/RTP/SAVPF RTP/AVP", "RTP/AVP"),
    ],
)
def test_profiles(words: str, profile: str) -> None:
    assert offer(type=words)["transport-protocol"] == profile


def test_the_order_of_the_keys() -> None:
    found = offer(
        "f ICE=force",
        branch=1,
        in_iface="a",
        out_iface="b",
        type="RTP",
        peer_flags="replace-origin",
        ip="10.0.0.1",
    )
    assert list(found) == [
        "sdp", "media-address", "ICE", "direction", "flags", "replace", "transport-protocol", "call-id",
        "via-branch", "received-from", "from-tag", "command",
    ]  # fmt: skip
    assert (found["via-branch"], found["received-from"], found["media-address"]) == (
        "br1", ["IP4", "127.0.0.1"], "10.0.0.1",
    )  # fmt: skip


def test_tags() -> None:
    assert (offer()["from-tag"], offer().get("to-tag")) == ("alice", None)
    assert (answer()["from-tag"], answer()["to-tag"], answer()["command"]) == ("alice", "bob", "answer")
    back = offer(from_tag="bob", to_tag="alice")
    assert (back["from-tag"], back["to-tag"]) == ("bob", "alice")
    assert answer("to-tag=fixed-x")["to-tag"] == "fixed-x"
    assert answer("from-tag=fixed-y")["from-tag"] == "fixed-y"
    assert offer("call-id=other-9")["call-id"] == "other-9"


def test_an_offer_that_is_forced_to_be_an_answer() -> None:
    found = offer("force-answer", from_tag="bob", to_tag="alice")
    assert (found["command"], found["from-tag"], found["to-tag"]) == ("answer", "alice", "bob")
    with pytest.raises(EngineError):
        answer("force-answer")


@pytest.mark.parametrize(
    ("source", "flags", "received_from"),
    [
        ("", "", []),
        ("2001:db8::1", "", ["IP6", "2001:db8::1"]),
        ("127.0.0.1", "received-from=198.51.100.7", ["IP4", "198.51.100.7"]),
        ("127.0.0.1", "received-from=[2001:db8::1]", ["IP4", "127.0.0.1"]),
    ],
)
def test_received_from(source: str, flags: str, received_from: list[str]) -> None:
    assert offer(flags, source=source)["received-from"] == received_from


@pytest.mark.parametrize(
    "flags",
    [
        "in-iface=a", "external", "call-id", "call-id=", "from-tag=", "media-address", "address-family=IP5",
        "address-family", "delete-delay=x", "repacketize=0", "repacketize=-1", "via-branch=", "via-branch=3",
        "via-branch=1", "via-branch=extra", "received-from=x", "a=[b",
    ],
)  # fmt: skip
def test_flags_that_cannot_be_right(flags: str) -> None:
    with pytest.raises(EngineError):
        offer(flags)


def test_an_author_without_a_tag() -> None:
    with pytest.raises(EngineError):
        offer(from_tag="")


def test_branches_of_the_via_headers() -> None:
    vias = ViaBranches(("one", "two"), "own", in_reply=False)
    assert [vias.find(which) for which in ("1", "2", "auto", "extra")] == ["one", "two", "one", "own"]
    assert ViaBranches(("one", "two"), in_reply=True).find("auto") == "two"
    body = Exchange("v=0", "alice", vias=("one",), flags="via-branch=auto")
    assert media_dictionary(Session("c"), body, True)["via-branch"] == "one"


SESSION = Session("call-1", "alice", "bob", branch=2)


@pytest.mark.parametrize(
    ("session", "removal", "expected"),
    [
        (SESSION, Removal(), {}),
        (SESSION, Removal(whole_call=False), {"from-tag": "alice", "via-branch": "br2"}),
        (SESSION, Removal(whole_call=False, late=True), {"from-tag": "bob"}),
        (
            Session("call-1", "alice", "bob"),
            Removal(whole_call=False),
            {"from-tag": "alice", "to-tag": "bob"},
        ),
        (
            SESSION,
            Removal("delete-delay=0", "x to-tag"),
            {"delete-delay": 0, "flags": ["x"], "to-tag": "bob"},
        ),
        (SESSION, Removal(flags="replace-origin from-tag=z"), {"from-tag": "z"}),
    ],
)
def test_deletes(session: Session, removal: Removal, expected: NgDict) -> None:
    found = delete_dictionary(session, removal)
    assert found == {"call-id": "call-1", "received-from": [], "command": "delete", **expected}
    assert list(found)[-1] == "command"


def test_other_commands() -> None:
    assert command_dictionary("play media", "file=/x", "c", "a", "b", "10.0.0.1") == {
        "file": "/x", "call-id": "c", "received-from": ["IP4", "10.0.0.1"], "command": "play media",
    }  # fmt: skip
    assert command_dictionary("block DTMF", "directional", "c", "a")["from-tag"] == "a"
    recording = command_dictionary("start recording", "", "c", "a", "b")
    assert (recording["from-tag"], recording["to-tag"]) == ("a", "b")
    assert command_dictionary("play DTMF", "", "c", more={"code": "5"})["code"] == "5"
    with pytest.raises(EngineError):
        command_dictionary("query", "force-answer", "c")
