"""Max-Forwards: absent, used up, usual, beyond the limit, unreadable."""

from __future__ import annotations

import pytest

from relayscript.dsl.diagnostics import ScriptError

from .stage import Proxy, request

SCRIPT = """
modparam("maxfwd", "max_limit", 100)
route {
    $var(less) = is_maxfwd_lt(10);
    $var(rc) = mf_process_maxfwd_header(16);
    xlog("$var(less) $var(rc) $hdr(Max-Forwards)");
    if ($var(rc) > 0) forward();
}
"""


@pytest.mark.parametrize(
    ("value", "said", "sent"),
    [
        (None, "-2 2 <null>", "16"),
        ("0", "1 -1 0", None),
        ("1", "1 1 0", "0"),
        ("70", "-1 1 69", "69"),
        ("101", "-1 1 100", "100"),
        ("-1", "-3 -2 -1", None),
        ("ten", "-3 -2 ten", None),
        ("", "1 -1 ", None),
    ],
)
def test_max_forwards(value: str | None, said: str, sent: str | None) -> None:
    proxy = Proxy(SCRIPT, "maxfwd")
    text = request("MESSAGE")
    text = text.replace("Max-Forwards: 70\n", "" if value is None else f"Max-Forwards: {value}\n")
    proxy.send(text)
    assert proxy.log == [said]
    got = [message.header("max-forwards") for message in proxy.got["bob"]]
    assert got == ([] if sent is None else [sent])


@pytest.mark.parametrize("limit", [0, 257])
def test_the_limit_has_limits(limit: int) -> None:
    with pytest.raises(ScriptError, match="max_limit goes from 1 to 256"):
        Proxy(f'modparam("maxfwd", "max_limit", {limit}) route {{ exit; }}', "maxfwd")
