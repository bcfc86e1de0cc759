"""Lines and streams of session descriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

BODY = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 5000 RTP/AVP 0\r\na=ptime:20\r\na=sendrecv\r\n"
    "m=video 5002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"
)
VIDEO = "m=video 5002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"
CASES: list[tuple[Value, str, Value]] = [
    (BODY, "sdp.line,m", "m=audio 5000 RTP/AVP 0"),
    (BODY, "sdp.line,a,$var(i)", "a=sendrecv"),
    (BODY, "sdp.line,a,9", None),
    (BODY, "sdp.line,a,-1", None),
    (BODY, "sdp.line,ab", None),
    (BODY, "sdp.line,k", None),
    (BODY, "sdp.stream,1", VIDEO),
    (BODY, "sdp.stream,-1", VIDEO),
    (BODY, "sdp.stream,VIDEO", VIDEO),
    (BODY, "sdp.stream,$var(i)", VIDEO),
    (BODY, "sdp.stream,2", None),
    (BODY, "sdp.stream,text", None),
    (BODY, "sdp.stream-delete,video", BODY.removesuffix(VIDEO)),
    (BODY, "sdp.stream-delete,1", BODY.removesuffix(VIDEO)),
    (BODY, "sdp.stream-delete,text", None),
    ("no session", "sdp.stream,0", None),
    (None, "sdp.line,m", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(i)", 1)
    assert on.read(f"$(var(s){{{operation}}})") == result
