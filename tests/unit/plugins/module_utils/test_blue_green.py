# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import blue_green
from ansible_collections.groundwork.fleet.plugins.module_utils.blue_green import Seen, Steps
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


def colour(name, port):
    unit = "orders@%s.service" % name
    return {"unit": unit, "path": "/etc/systemd/system/" + unit, "content": "unit %s\n" % name, "port": port}


SERVICE = {
    "release": "2.0",
    "colours": {"blue": colour("blue", 8081), "green": colour("green", 8082)},
    "watch": ["/etc/orders/orders.conf"],
    "switch": {"nginx": {"path": "/etc/nginx/conf.d/x.conf", "contents": {}, "unit": "nginx.service"}},
}
NGINX = {"path": "/x", "contents": {"blue": "b", "green": "g"}, "unit": "nginx.service"}
WANTED = blue_green.wanted({"orders": {**SERVICE, "switch": {"nginx": NGINX}}})[0]
BLUE = Seen(written="unit blue\n", release="2.0", active=True, enabled=True, since=100.0)
GREEN = dataclasses.replace(BLUE, written="unit green\n")
OFF = Seen()
SETTLED = {"blue": True, "green": True}


def decide(blue=OFF, green=OFF, served="", settled=SETTLED, changed=(), times=None, now=200.0):
    return blue_green.decide(WANTED, {"blue": blue, "green": green}, served, settled, changed, times or {}, now)


def test_the_first_one_is_blue():
    assert decide() == Steps("", "blue", "nothing serves yet")


def test_what_is_as_it_should_be_stays():
    assert not decide(blue=BLUE, served="blue").changed
    assert not decide(green=GREEN, served="green").changed


def test_another_release_is_started_as_the_other_colour():
    steps = decide(blue=dataclasses.replace(BLUE, release="1.0"), served="blue")
    assert (steps.live, steps.target, steps.retire, steps.reason) == ("blue", "green", ("blue",), "release 2.0 in place of 1.0")


@pytest.mark.parametrize(
    ("blue", "options", "why"),
    [
        (dataclasses.replace(BLUE, written="old\n"), {}, "orders@blue.service changed"),
        (dataclasses.replace(BLUE, active=False), {}, "does not run"),
        (BLUE, {"changed": ["/etc/orders/orders.conf"]}, "/etc/orders/orders.conf changed"),
        (BLUE, {"times": {"/etc/orders/orders.conf": 150.0}}, "newer than the start"),
    ],
)
def test_what_else_needs_a_new_start(blue, options, why):
    steps = decide(blue=blue, served="blue", **options)
    assert steps.target == "green"
    assert why in steps.reason


def test_a_file_that_is_older_than_the_start_or_from_the_future_says_nothing():
    assert not decide(blue=BLUE, served="blue", times={"/etc/orders/orders.conf": 99.0}).changed
    assert not decide(blue=BLUE, served="blue", times={"/etc/orders/orders.conf": 300.0}).changed


def test_a_run_that_ended_before_the_switch_is_begun_anew():
    steps = decide(blue=dataclasses.replace(BLUE, release="1.0"), green=GREEN, served="blue")
    assert (steps.live, steps.target, steps.retire) == ("blue", "green", ("blue",))


def test_a_run_that_ended_after_the_switch_is_finished():
    steps = decide(blue=dataclasses.replace(BLUE, release="1.0"), green=GREEN, served="green")
    assert (steps.live, steps.target, steps.retire) == ("green", "", ("blue",))


def test_leftovers_of_the_other_colour_go():
    assert decide(blue=BLUE, green=Seen(release="1.0"), served="blue").retire == ("green",)
    assert decide(green=Seen(enabled=True), served="").retire == ("green",)


def test_a_switch_that_is_not_all_it_should_be_is_written_again():
    assert decide(blue=BLUE, served="blue", settled={"blue": False, "green": True}).settle
    assert decide(blue=BLUE, served="").settle


def test_one_that_would_not_start_at_boot_is_enabled():
    assert decide(blue=dataclasses.replace(BLUE, enabled=False), served="blue").enable


def test_where_the_switch_does_not_tell_what_runs_serves():
    assert blue_green.live_colour("", {"blue": BLUE, "green": dataclasses.replace(GREEN, enabled=False)}) == "blue"
    assert blue_green.live_colour("", {"blue": dataclasses.replace(BLUE, active=False), "green": OFF}) == "blue"
    assert blue_green.live_colour("", {"blue": BLUE, "green": GREEN}) == ""
    assert blue_green.live_colour("green", {"blue": BLUE, "green": OFF}) == "blue"


def test_the_file_of_nginx_tells_by_its_port():
    ports = {"blue": 8081, "green": 8082}
    assert blue_green.port_served("upstream x { server 127.0.0.1:8082; }", ports) == "green"
    assert blue_green.port_served("server 127.0.0.1:80812;", ports) == ""
    assert blue_green.port_served("server 127.0.0.1:8081; server 127.0.0.1:8082;", ports) == ""


STATES = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
3 orders 1 blue 127.0.0.1 %s %s 1
3 orders 2 green 127.0.0.1 %s %s 1

"""


@pytest.mark.parametrize(
    ("states", "colour"),
    [(("2", "0", "0", "1"), "blue"), (("2", "8", "2", "0"), "green"), (("2", "0", "2", "0"), ""), (("0", "0", "2", "0"), "green")],
)
def test_the_state_of_haproxys_servers_tells(states, colour):
    assert blue_green.haproxy_served(STATES % states) == colour


def test_haproxys_sessions_are_those_of_one_server():
    text = "# pxname,svname,qcur,qmax,scur,smax\norders,blue,0,0,3,9\norders,BACKEND,0,0,4,9\nother,blue,0,0,7,9\n"
    assert blue_green.haproxy_sessions(text, "orders", "blue") == 3
    assert blue_green.haproxy_sessions(text, "orders", "green") is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colours": {"blue": {}}}, "colours"),
        ({"colours": {"blue": colour("blue", 1), "green": colour("green", 1)}}, "two different ports"),
        ({"colours": {"blue": colour("blue", 0), "green": colour("green", 1)}}, "colours.blue.port is 0"),
        ({"colours": {"blue": {**colour("blue", 1), "unit": "orders"}, "green": colour("green", 2)}}, "unit name"),
        ({"colours": {"blue": {**colour("blue", 1), "prot": 1}, "green": colour("green", 2)}}, "'port'"),
        ({"switch": {"apache": {}}}, "haproxy, nginx"),
        ({"switch": {"nginx": {"path": "/x"}}}, "switch.nginx.contents"),
        ({"switch": {"haproxy": {"backend": "x", "sokcet": "/x"}}}, "'socket'"),
        ({"drain_seconds": "10s"}, "drain_seconds is '10s'"),
        ({"drain": 3}, "drain"),
        ({"predecessor": {"unit": "x"}}, "predecessor"),
    ],
)
def test_wrong_input_is_refused_by_name(changes, message):
    with pytest.raises(BadInput) as error:
        blue_green.wanted({"orders": {**SERVICE, "switch": {"nginx": NGINX}, **changes}})
    assert message in str(error.value)
    assert "services['orders']" in str(error.value)


def test_the_diff_names_what_serves_and_why():
    assert blue_green.described(WANTED, "", "") == "orders: nothing\n"
    assert (
        blue_green.described(WANTED, "green", "2.0", "release 2.0 in place of 1.0") == "orders: green 2.0 (release 2.0 in place of 1.0)\n"
    )
