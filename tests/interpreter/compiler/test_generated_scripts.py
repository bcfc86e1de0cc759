"""Whatever script the check accepts, and whatever arrives: no internal error, and the run comes to an end."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.runtime import Runtime

HEAD = """
socket=udp:127.0.0.1:5060
max_while_loops=30
log_level=-3
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"
"""
MESSAGES = (
    b"INVITE sip:bob@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nMax-Forwards: 7\r\n"
    b"From: <sip:alice@192.0.2.1>;tag=a\r\nTo: <sip:bob@192.0.2.9>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
    b"Contact: <sip:alice@192.0.2.1>\r\nX-Odd: \xff\xfe\x80\r\nContent-Length: 0\r\n\r\n",
    b"OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2\r\n"
    b"From: <sip:a@b>;tag=a\r\nTo: <sip:b@b>\r\nCall-ID: 2\r\nCSeq: 1 OPTIONS\r\n\r\n",
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK9\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n"
    b"From: <sip:a@b>;tag=a\r\nTo: <sip:b@b>;tag=b\r\nCall-ID: 2\r\nCSeq: 1 OPTIONS\r\n\r\n",
)
readable = st.sampled_from(
    [
        "$var(a)",
        "$var(b)",
        "$avp(l)",
        "$(avp(l)[1])",
        "$(avp(l)[*])",
        "$ru",
        "$rU",
        "$rd",
        "$rp",
        "$du",
        "$fu",
        "$fU",
        "$tt",
        "$ci",
        "$cs",
        "$hdr(X-Odd)",
        "$(hdr(Via)[-1])",
        "$si",
        "$sp",
        "$rb",
        "$ct",
        "$rs",
        "$rm",
        "$rc",
        "$param(1)",
        "$return(0)",
        "$mb",
        "$ml",
        "$ds",
        "$route",
        "$msg.branch.uri",
        "$Ts",
        "$(ru{uri.host})",
        "$(hdr(X-Odd){s.md5})",
        "$(mb{s.substr,-5,3})",
        "$(var(a){s.int})",
        "$(var(b){s.select,1,.})",
        "$(fu{uri.user}{s.toupper})",
        "$(ru{re.subst,/(.)o/<\\1>/g})",
        "$(hdr(Via){via.branch})",
        "$(var(a){s.index,a})",
        "$(cs{s.dec2hex})",
    ]
)
writable = st.sampled_from(["$var(a)", "$var(b)", "$avp(l)", "$(avp(l)[0])", "$rU", "$rd", "$rp", "$du", "$ru"])
literals = st.one_of(
    st.integers(-5, 2**31).map(str), st.sampled_from(['"x"', '"sip:x@192.0.2.7"', '"10"', '""', '"a.b.c"', '"$rU-$ci"'])
)
operands = st.one_of(readable, literals)
expressions = st.recursive(
    operands,
    lambda below: st.builds(
        "({} {} {})".format, below, st.sampled_from(["+", "-", "*", "/", "%", "&", "|", "^"]), below
    ),
    max_leaves=4,
)
comparisons = st.builds(
    "{} {} {}".format, readable, st.sampled_from(["==", "!=", "<", ">=", "=~", "!~"]), st.one_of(readable, literals)
)
conditions = st.recursive(
    st.one_of(
        comparisons, readable, st.builds("[{}]".format, expressions), st.sampled_from(["1", "has_totag()", "route(x)"])
    ),
    lambda below: st.one_of(
        st.builds("({} {} {})".format, below, st.sampled_from(["&&", "||"]), below), st.builds("!({})".format, below)
    ),
    max_leaves=3,
)
simple = st.one_of(
    st.builds("{} {} {};".format, writable, st.sampled_from(["=", ":=", "+=", "-="]), expressions),
    st.builds("{} = NULL;".format, writable),
    st.builds('xlog("L_DBG", "{}");'.format, readable),
    st.sampled_from(
        [
            "exit;",
            "drop;",
            "return;",
            "return(-1);",
            "return(0);",
            "return(1, $ru, NULL);",
            "route(x, 1, $ru);",
            "route($var(a));",
            'append_hf("X: $ru\\r\\n");',
            'remove_hf("X-Odd");',
            "t_relay();",
            "forward();",
            'sl_send_reply(404, "No");',
            "record_route();",
            "loose_route();",
            "t_newtran();",
            't_reply(480, "$rU");',
            "create_dialog();",
            "t_check_trans();",
            'setflag("F");',
            'append_msg_branch("sip:c@192.0.2.8");',
            "strip(3);",
            "mf_process_maxfwd_header(10);",
            't_on_failure("f");',
            't_on_reply("r");',
            't_on_branch("b");',
            'prefix("9");',
            "$avp(l) = $var(a);",
            "force_rport();",
            "revert_uri();",
        ]
    ),
)
anywhere = st.one_of(
    st.builds("{} {} {};".format, writable, st.sampled_from(["=", ":=", "+=", "-="]), expressions),
    st.sampled_from(
        [
            "exit;",
            "drop;",
            "return(-1);",
            "return(0);",
            'append_hf("Y: $rU\\r\\n");',
            'remove_hf("To");',
            'setflag("F");',
            'xlog("L_DBG", "$rs $ru");',
        ]
    ),
)
statements = st.recursive(
    simple,
    lambda below: st.one_of(
        st.builds("if ({}) {{ {} }} else {{ {} }}".format, conditions, below, below),
        st.builds("while ({}) {{ {} }}".format, conditions, below),
        st.builds("for ($var(a) in $(avp(l)[*])) {{ {} }}".format, below),
        st.builds('switch ({}) {{ case 1: {} case "x": {} break; default: {} }}'.format, readable, below, below, below),
        st.builds("{} {}".format, below, below),
    ),
    max_leaves=8,
)


def loaded(script: nodes.Script, host: VirtualHost) -> Runtime | None:
    """The script ready to run; None if it uses a function where that is not allowed."""
    try:
        return Runtime(script, host)
    except ScriptError as error:
        others = [each for each in error.diagnostics if "cannot be used in" not in each.message]
    if others:
        pytest.fail(f"{others}")
    return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(main=statements, sub=statements, reply=st.builds("if ({}) {}".format, comparisons, anywhere), branch=anywhere)
def test_accepted_scripts_run_without_internal_errors(main: str, sub: str, reply: str, branch: str) -> None:
    script = (
        f"{HEAD}\nroute {{ {main} }}\nroute[x] {{ {sub} }}\nonreply_route[r] {{ {reply} }}\n"
        f"branch_route[b] {{ {branch} }}\nfailure_route[f] {{ {branch} exit; }}\n"
    )
    parsed = parse_text(script)
    assert parsed.script is not None, [str(each) for each in parsed.diagnostics]
    host = VirtualHost()
    runtime = loaded(parsed.script, host)
    if runtime is None:
        return
    runtime.start()
    for data in MESSAGES:
        runtime.receive(data, ("192.0.2.1", 5060), runtime.listeners[0])
    for seconds in (1, 40, 200, 20000, 60000):
        host.timers.fire(seconds)
    runtime.stop()
    assert runtime.statistics.get("core:internal_errors", 0) == 0, host.logged
