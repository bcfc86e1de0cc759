"""`async` and `launch`."""

from __future__ import annotations

from tests.interpreter.modules.stage import Proxy, request

MODULES = "tm sl cfgutils"


def proxy_of(script: str, modules: str = MODULES) -> Proxy:
    """A proxy that logs what the script writes."""
    return Proxy(f"xlog_level=3\n{script}", modules)


def let(proxy: Proxy, seconds: float) -> None:
    """Time goes by."""
    proxy.host.pass_time(seconds)


def test_the_run_stops_and_the_resume_route_goes_on_with_the_message() -> None:
    proxy = proxy_of(
        """
        route { $avp(a) = "kept"; async(sleep(2), "done"); xlog("never\\n"); }
        route[done] { xlog("$rm $avp(a) $rc $(route[*]) $route.type\\n"); t_reply(200, "OK"); xlog("end\\n"); }
        """
    )
    proxy.send(request("OPTIONS"))
    assert not [line for line in proxy.log if "never" in line]
    assert not proxy.got["alice"]
    let(proxy, 1.9)
    assert not proxy.got["alice"]
    let(proxy, 0.2)
    assert proxy.take("alice").status == 200
    assert proxy.log == ["OPTIONS kept 1 route[done] route", "end"]


def test_a_request_that_comes_again_while_its_run_waits_ends_silently() -> None:
    proxy = proxy_of('route { async(sleep(2), "done"); } route[done] { xlog("done\\n"); t_reply(200, "OK"); }')
    proxy.send(request("OPTIONS"))
    proxy.send(request("OPTIONS"))
    let(proxy, 2.5)
    assert proxy.log == ["done"]
    assert [message.status for message in proxy.got["alice"]] == [200]


def test_other_requests_are_served_while_a_run_waits() -> None:
    proxy = proxy_of(
        """
        route { if ($rm == "INFO") { sl_send_reply(200, "OK"); exit; } async(sleep(5), "done"); }
        route[done] { exit; }
        """
    )
    proxy.send(request("OPTIONS"))
    proxy.send(request("INFO", call_id="other"))
    assert proxy.take("alice").method == "INFO"


def test_an_exit_in_the_resume_route_ends_the_run() -> None:
    proxy = proxy_of(
        """
        route { route(sub); xlog("never\\n"); }
        route[sub] { async(usleep(10), "done"); xlog("never\\n"); }
        route[done] { xlog("$(route[*])\\n"); exit; }
        """
    )
    proxy.send(request("OPTIONS"))
    let(proxy, 1)
    assert proxy.log == ["route[done]"]


def test_what_cannot_be_timed_out_takes_its_time() -> None:
    proxy = proxy_of('route { async(sleep(3), "done", 1); } route[done] { xlog("$rc\n"); }')
    proxy.send(request("OPTIONS"))
    let(proxy, 2.9)
    assert proxy.log == ["<script>:8: async: sleep cannot be timed out"]
    let(proxy, 0.2)
    assert proxy.log[1:] == ["1"]


def test_a_timer_route_waits_as_well() -> None:
    proxy = proxy_of('route { exit; } timer_route[t, 10] { async(sleep(1), "done"); } route[done] { xlog("$rm\\n"); }')
    let(proxy, 10.5)
    assert proxy.log == []
    let(proxy, 1)
    assert proxy.log == ["DUMMY"]


def test_launch_goes_on_at_once_and_reports_later() -> None:
    proxy = proxy_of(
        """
        route { $avp(a) = "mine"; launch(sleep(2), "done", "for $ci"); xlog("on $rc\\n"); }
        route[done] { xlog("$rm $param(1) $rc [$avp(a)] $(route[*])\\n"); }
        """
    )
    proxy.send(request("OPTIONS"))
    assert proxy.log == ["on 1"]
    let(proxy, 2.1)
    assert proxy.log[1:] == ["DUMMY for call-1 1 [<null>] route[done]"]


def test_the_arguments_of_what_is_launched_are_those_of_the_run_that_launches() -> None:
    proxy = proxy_of(
        """
        route { $var(n) = 3; launch(sleep($(hdr(X-Wait){s.int})), "done"); }
        route[done] { xlog("done\\n"); }
        """
    )
    proxy.send(request("OPTIONS", headers="X-Wait: 4\n"))
    let(proxy, 3.9)
    assert proxy.log == []
    let(proxy, 0.2)
    assert proxy.log == ["done"]


def test_launch_needs_tm() -> None:
    proxy = proxy_of('route { launch(sleep(1)); xlog("rc $rc\\n"); }', "sl cfgutils")
    proxy.send(request("OPTIONS"))
    assert proxy.log[-1] == "rc -5"
