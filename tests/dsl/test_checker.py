"""What is wrong with scripts that read well."""

from __future__ import annotations

import pytest

from relayscript.dsl.catalogue import FunctionSpec, ModuleSpec, ParameterSpec, load
from relayscript.dsl.checker import check
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.dsl.parser import parse_text

CATALOGUE = load()
HEAD = 'socket=udp:127.0.0.1:5060 loadmodule "proto_udp.so" '


def findings(text: str, *modules: str, **options: object) -> tuple[Diagnostic, ...]:
    """The findings for a script; modules are loaded before it on the first line."""
    loads = " ".join(f'loadmodule "{name}.so"' for name in modules)
    parsed = parse_text(f"{HEAD}{loads}\n{text}")
    assert parsed.diagnostics == ()
    assert parsed.script is not None
    return check(parsed.script, CATALOGUE, **options)  # type: ignore[arg-type]


def codes(text: str, *modules: str) -> list[str]:
    return [each.code for each in findings(text, *modules)]


def one(text: str, *modules: str, **options: object) -> Diagnostic:
    (found,) = findings(text, *modules, **options)
    return found


def body(text: str, *modules: str) -> Diagnostic:
    """The only finding in a main route."""
    return one(f"route {{ {text} }}", *modules)


# ---------------------------------------------------------------- functions


def test_an_unknown_function_comes_with_the_nearest_one() -> None:
    found = body("t_realy();", "tm")
    assert (found.severity, found.code) == (Severity.ERROR, "RS201")
    assert "did you mean" in found.hint
    assert found.span is not None
    assert found.span.line == 2


def test_a_function_of_a_module_that_is_not_loaded_names_the_module() -> None:
    found = body("t_relay();")
    assert (found.code, found.hint, found.notes) == (
        "RS202",
        'add loadmodule "tm.so"',
        ("t_relay() belongs to module tm",),
    )


def test_a_module_has_to_be_loaded_above_its_first_use() -> None:
    found = one('route { t_relay(); }\nloadmodule "tm.so"')
    assert (found.code, found.hint) == ("RS202", 'move loadmodule "tm.so" above this line')


def test_an_old_function_comes_with_the_new_one() -> None:
    assert "append_msg_branch" in body("append_branch();").hint


def test_a_function_for_modules_is_none_for_scripts() -> None:
    assert "scripts cannot" in body("load_tm();", "tm").hint


def test_a_function_in_the_wrong_route() -> None:
    found = one("route { exit; } onreply_route { append_to_reply('X: y'); }", "sipmsgops", "signaling", "sl")
    assert (found.code, "an onreply_route" in found.message) == ("RS203", True)
    assert found.hint.startswith("it can be used in route, failure_route")


def test_a_function_that_another_kind_of_route_reaches() -> None:
    text = (
        "route { exit; } onreply_route { if (1) { route(a); } } route[a] { while (route(c)) route(b); } "
        "route[b] { append_to_reply('X: y'); } route[c] { append_to_reply('X: y'); }"
    )
    found = one(text, "sipmsgops", "signaling", "sl")
    assert found.code == "RS203"
    assert "onreply_route > route[a] > route[b]" in found.notes[0]


def test_routes_that_call_each_other_are_followed_once() -> None:
    assert codes("branch_route[x] { route(a); } route[a] { route(b); } route[b] { route(a); }") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sl_send_reply(404);", "RS206"),
        ("sl_send_reply(404, 'x', 1);", "RS206"),
        ("sl_send_reply(, 'x');", "RS207"),
        ("sl_send_reply('404', 'x');", "RS208"),
        ("sl_send_reply(404, 5);", "RS208"),
        ("pv_printf('$var(a)', 'x');", "RS208"),
        ("setflag(5);", "RS208"),
        ("setflag($var(f));", "RS209"),
        ("setflag('$var(f)');", "RS209"),
        ("get_timestamp($var(a), $avp(b));", "RS210"),
        ("cache_fetch('local', 'k', $ci);", "RS210"),
        ("xlog('');", "RS212"),
        ("xlog('L_FOO', 'x');", "RS213"),
        ("t_check_status('(');", "RS310"),
        ("t_on_failure('nowhere');", "RS261"),
        ("async(t_relay(), x);", "RS204"),
        ("route(nowhere);", "RS261"),
        ("route(0);", "RS261"),
        ("route(sub, 1, 2, 3, 4, 5, 6, 7, 8, 9);", "RS265"),
        ("if ($rU =~ '(') exit;", "RS310"),
    ],
)
def test_what_is_given_to_functions(text: str, code: str) -> None:
    found = [
        each
        for each in findings(f"route {{ {text} }} route[sub] {{ exit; }}", "sl", "tm")
        if each.severity is Severity.ERROR
    ]
    assert [each.code for each in found] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "append_msg_branch('sip:a@b', , 'inherite');",
        "construct_uri('sip', , 'd', , , $avp(u));",
        "sl_send_reply($var(c), $rr);",
        "route(sub, 1, 2, 3, 4, 5, 6, 7, 8);",
        "route('$var(x)');",
        "route($var(x));",
        "t_check_status('[56][0-9]+');",
        "xlog('$var(level)', 'x');",
        "async(sleep(1), sub);",
        "launch(usleep(5), sub, '$rU');",
        "setflag('a b');",
    ],
)
def test_what_may_be_given_to_functions(text: str) -> None:
    assert codes(f"route {{ {text} }} route[sub] {{ exit; }}", "sl", "tm", "cfgutils") == []


def test_quotes_that_are_wrong_are_shown_right() -> None:
    assert body("sl_send_reply('404', 'x');", "sl").hint == "write 404 without quotes"
    assert body("setflag(5);").hint == 'write "5"'
    assert body("pv_printf('$var(a)', 'x');").hint == "write $var(a) without quotes"


def test_flags_are_limited_in_number() -> None:
    flags = " ".join(f"setflag('f{n}');" for n in range(33))
    assert codes(f"route {{ {flags} }}") == ["RS211"]


def test_a_form_is_chosen_by_the_kind_of_route() -> None:
    assert codes("route { call_transfer('a', 'b'); }", "callops", "dialog", "tm", "uac_auth", "rr") == []


def test_undefined_routes_behind_async_and_launch_are_warnings() -> None:
    found = findings("route { launch(sleep(1), nowhere); }", "cfgutils", "tm")
    assert [(each.severity, each.code) for each in found] == [(Severity.WARNING, "RS261")]
    assert codes("route { launch(sleep(1)); }", "cfgutils") == ["RS266"]


def test_functions_that_we_do_not_run() -> None:
    text = "route { t_relay(); sl_send_reply(404, 'x'); }"
    found = one(text, "tm", "sl", runnable={"sl_send_reply"})
    assert (found.severity, found.code) == (Severity.WARNING, "RS205")
    assert one(text, "tm", "sl", runnable={"sl_send_reply"}, unrunnable=Severity.ERROR).severity is Severity.ERROR


# ---------------------------------------------------------------- variables


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$nosuch = 1;", "RS220"),
        ("xlog('$nosuch');", "RS220"),
        ("$var(a) = $T_branch_idx;", "RS220"),
        ("$var = 1;", "RS221"),
        ("$ru(x) = 1;", "RS221"),
        ("$var(a) = $socket_in(nosuch);", "RS221"),
        ("$var(a) = $(ru[0]);", "RS222"),
        ("$ci = 'x';", "RS223"),
        ("$socket_out(ip) = 'x';", "RS223"),
        ("$(var(a){s.len}) = 1;", "RS224"),
        ("for ($rU in $(avp(x)[*])) exit;", "RS225"),
        ("xlog('$(<request>ru)');", "RS226"),
        ("$var(a) = $(rU{x.len});", "RS230"),
        ("xlog('$(rU{s.nosuch})');", "RS231"),
        ("$var(a) = $(rU{s.substr,1});", "RS232"),
        ("$var(a) = $(rU{s.substr,a,1});", "RS233"),
        ("$var(a) = $(rU{re.subst,/a/b});", "RS234"),
        ("xlog('5$ x');", "RS120"),
        ("$var(a) = $(avp(x)[$nosuch]);", "RS220"),
        ("$var(a) = $avp($nosuch);", "RS220"),
        ("$var(a) = $(rU{s.index,$nosuch});", "RS220"),
        ("if ($rU == $nosuch) exit;", "RS220"),
        ("seturi('$(rU{s.hmac})');", "RS231"),
        ("seturi('$(rU{s.sha1_hmac})');", "RS232"),
        ("switch ($nosuch) { case 1: exit; }", "RS220"),
        ("return($nosuch);", "RS220"),
        ("route(sub, $nosuch);", "RS220"),
        ("async(sleep($nosuch), sub);", "RS220"),
    ],
)
def test_variables(text: str, code: str) -> None:
    found = [
        each
        for each in findings(f"route {{ {text} }} route[sub] {{ exit; }}", "cfgutils")
        if each.severity is Severity.ERROR
    ]
    assert [each.code for each in found] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "$var(a) = $(ct.fields(URI)[0]);",
        "$(avp(x)[append]) = 1;",
        "$socket_out = NULL;",
        "$var(a) = $(rU{nameaddr.1.uri});",
        "$var(a) = $(rU{nameaddr.$var(i).param,tag});",
        "$var(a) = $(rU{s.sha256_hmac,key});",
        "xlog('$$ $(rU{re.subst,%a%b%g})');",
        "$var(a) = $(rU{sdp.stream-delete,audio});",
        "for ($avp(y) in $(avp(x)[*])) exit;",
        "xlog('$param($var(i)) $(route[*])');",
        "$var(a) = '$nosuch';",
        "if ($rU == '$nosuch') exit;",
        "log('$nosuch');",
    ],
)
def test_variables_that_are_right(text: str) -> None:
    assert codes(f"route {{ {text} }}") == []


def test_a_variable_in_a_string_is_pointed_at() -> None:
    found = body('xlog("a\\n\\x41 $nosuch b\\n");')
    assert found.span is not None
    assert (found.span.column, found.span.end_column) == (23, 30)


def test_a_variable_in_a_joined_string_points_at_the_string() -> None:
    assert body("xlog('a' '$nosuch');").code == "RS220"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("$var(a) = $Ri;", "$socket_in(ip)"),
        ("xlog('$T_branch_idx');", 'loadmodule "tm.so"'),
        ("xlog('$rU.');", "write $(rU)"),
        ("$var(a) = $rUri;", "did you mean $ruri?"),
        ("$var(a) = $(rU{s.tolowr});", "s.tolower"),
        ("$var(a) = $(rU{url.user});", "uri"),
    ],
)
def test_hints_for_variables(text: str, hint: str) -> None:
    assert hint in body(text).hint


def test_variables_of_a_module_are_known_once_it_is_loaded() -> None:
    assert codes("route { xlog('$T_branch_idx $(<request>ru)'); }", "tm") == []


# ---------------------------------------------------------------- modules


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('loadmodule "no_such.so"', "RS240"),
        ('loadmodule "sl.so" loadmodule "path/sl.so"', "RS241"),
        ('loadmodule "rabbitmq.so"', "RS240"),
        ('loadmodule "event_route.so"', "RS242"),
        ('modparam("tm", "fr_timeout", 5)', "RS243"),
        ('loadmodule "tm.so" modparam("tm", "fr_timout", 5)', "RS244"),
        ('loadmodule "tm.so" modparam("tm", "fr_timeout", "5")', "RS245"),
        ('loadmodule "tm.so" modparam("tm", "tw_append", 5)', "RS245"),
        ('loadmodule "rtp_relay.so"', "RS246"),
        ('loadmodule "tm.so" modparam("(", "fr_timeout", 5)', "RS310"),
        ('loadmodule "tm.so" loadmodule "sl.so" modparam("tm|sl", "fr_timeout", 5)', "RS244"),
    ],
)
def test_modules_and_their_parameters(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    ['modparam("TM", "fr_timeout", 5)', 'modparam("tm|nothing", "fr_timeout", 5)', 'modparam("t.", "fr_timeout", -5)'],
)
def test_the_module_of_a_parameter_is_a_pattern(text: str) -> None:
    assert codes(text, "tm") == []


def test_a_parameter_before_its_module() -> None:
    assert one('modparam("tm", "fr_timeout", 5) loadmodule "tm.so"').hint == 'move loadmodule "tm.so" above this line'


def test_a_parameter_that_names_a_route() -> None:
    text = 'modparam("rtp_relay", "route_offer", "offr") route[offer] { exit; }'
    assert (one(text, "tm", "rtp_relay").code, one(text, "tm", "rtp_relay").severity) == ("RS262", Severity.WARNING)


def test_a_parameter_can_need_another_module() -> None:
    assert codes('modparam("acc", "detect_direction", 1)', "tm", "acc") == ["RS246"]
    assert codes('modparam("acc", "detect_direction", 1)', "tm", "rr", "acc") == []
    assert codes('modparam("acc", "detect_direction", 0)', "tm", "acc") == []


@pytest.mark.parametrize(
    ("mode", "needs"),
    [
        ("single-instance-no-db", 0), ("single-instance-sql-write-back", 1), ("sql-only", 1),
        ("full-sharing-cluster", 0), ("full-sharing-cachedb-cluster", 1),
    ],
)  # fmt: skip
def test_a_value_can_need_another_module(mode: str, needs: int) -> None:
    assert codes(f'modparam("usrloc", "working_mode_preset", "{mode}")', "usrloc") == ["RS246"] * needs


def test_modules_of_others() -> None:
    extra = [
        ModuleSpec(
            "ours",
            parameters={"size": ParameterSpec("size", "ours", "int")},
            functions={"ours_do": FunctionSpec("ours_do", "ours", routes=frozenset({"REQUEST"}))},
        )
    ]
    text = 'modparam("ours", "size", 5) route { ours_do(); }'
    assert findings(text, "ours", extra=extra) == ()
    assert [each.code for each in findings(text, "ours")] == ["RS240", "RS201"]


# ---------------------------------------------------------------- routes


def test_named_routes_are_defined_once() -> None:
    found = one("route[x] { exit; } route[x] { exit; }")
    assert (found.code, found.notes) == ("RS260", ("first defined at <script>:2:1",))
    assert (
        codes("timer_route[t, 5] { exit; } timer_route[t, 5] { exit; } failure_route[x] { exit; } route[x] { exit; }")
        == []
    )


def test_unnamed_routes_are_defined_once_and_pointed_at_by_their_end() -> None:
    found = one("route { exit; }\nroute[0] {\nexit;\n}")
    assert found.span is not None
    assert (found.code, found.span.line) == ("RS260", 5)


def test_routes_are_limited_in_number() -> None:
    routes = " ".join(f"route[r{n}] {{ exit; }}" for n in range(102))
    assert codes(routes) == ["RS264"]


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("socket=upd:127.0.0.1", "RS280"),
        ("socket=tcp:127.0.0.1", "RS281"),
        ("socket=udp:127.0.0.1:70000", "RS282"),
        ("socket=udp:127.0.0.1:0", "RS282"),
        ("socket=udp:127.0.0.1:6-5", "RS282"),
        ("socket=udp:127.0.0.1:6 as x:70000", "RS282"),
        ("alias=upd:x:5060", "RS280"),
        ("poll_method=pol", "RS283"),
        ("event_shm_threshold=101", "RS287"),
        ("tcp_threads=0", "RS287"),
        ("tcp_accept_aliases=3", "RS287"),
        ("syslog_facility=LOG_LOCAL9", "RS283"),
        ("tos=IPTOS_LOWDELY", "RS284"),
        ("advertised_port=70000", "RS282"),
        ("stderror_log_format='xml'", "RS283"),
        ("alias=udp:'1.2.3.400':5060", "RS106"),
    ],
)
def test_settings(text: str, code: str) -> None:
    assert code in codes(text)


def test_a_script_needs_a_socket() -> None:
    parsed = parse_text("route { exit; }")
    assert parsed.script is not None
    (found,) = check(parsed.script, CATALOGUE)
    assert (found.severity, found.code, found.span) == (Severity.WARNING, "RS285", None)


# ---------------------------------------------------------------- targets


def test_what_rtp_relay_means_in_a_branch_route_depends_on_the_target() -> None:
    text = 'branch_route[b] { $rtp_relay = "x"; }'
    assert one(text, "tm", "dialog", "rtp_relay").code == "RS290"
    assert findings(text, "tm", "dialog", "rtp_relay", target="4.0") == ()
    assert codes('modparam("rtp_relay", "branch_scope", "3.2") ' + text, "tm", "dialog", "rtp_relay") == []
    assert codes('route { $rtp_relay = "x"; }', "tm", "dialog", "rtp_relay") == []
