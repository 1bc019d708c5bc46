# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import socket
import threading

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import kernel_sockets, switches
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


@pytest.fixture
def nginx(tmp_path, monkeypatch):
    """An nginx whose unit notes what it is told; `found.test` is what `nginx -t` says, `found.old` its workers, reload by reload."""
    path = tmp_path / "upstream.conf"
    path.write_text("blue")
    options = {"path": str(path), "contents": {"blue": "blue", "green": "green"}, "unit": "nginx.service"}
    told = []

    def act(verb, unit):
        told.append((verb, unit, path.read_text()))
        found.workers = found.after
        return found.error

    def write(where, content):
        with open(where, "wb") as stream:
            stream.write(content)

    found = switches.Nginx(options, act, lambda _unit: 7, write)
    found.told, found.test, found.error, found.workers, found.after, found.file = told, (0, ""), "", [1, 2], [3, 4], path
    monkeypatch.setattr(switches.processes, "answer", lambda *_given: found.test)
    monkeypatch.setattr(switches, "accepting", lambda _main: found.workers)
    monkeypatch.setattr(switches, "TAKEN_WITHIN", 0.3)
    return found


def test_nginx_is_led_over_once_its_old_workers_take_nothing_any_more(nginx):
    nginx.lead_to("green")
    assert nginx.told == [("reload", "nginx.service", "green")]
    assert nginx.settled("green")


def test_an_nginx_that_refuses_its_configuration_keeps_the_old_file(nginx):
    nginx.test = (1, "unknown directive")
    with pytest.raises(BadInput, match="unknown directive"):
        nginx.lead_to("green")
    assert nginx.settled("blue")


def test_an_nginx_whose_old_workers_go_on_is_led_back(nginx):
    nginx.after = nginx.workers
    with pytest.raises(BadInput, match="old workers still take connections"):
        nginx.lead_to("green")
    assert [content for _verb, _unit, content in nginx.told] == ["green", "blue"]
    assert nginx.settled("blue")


def test_an_nginx_that_does_not_run_only_gets_the_file(nginx):
    nginx.main_pid = lambda _unit: 0
    nginx.lead_to("green")
    assert nginx.told == []
    assert nginx.settled("green")


def test_the_workers_of_nginx_are_the_children_of_its_master():
    assert os.getpid() in switches.accepting(os.getppid())


def test_connections_are_counted_at_either_end(monkeypatch):
    listed = [("0100007F:1F91", "0100007F:C000"), ("0100007F:C000", "0100007F:1F91"), ("0100007F:1F92", "0100007F:C001")]
    monkeypatch.setattr(kernel_sockets, "sockets", lambda _protocol, _state: iter(listed))
    assert switches.connections(8081) == 2
    assert switches.connections(8080) == 0


class Server(threading.Thread):
    """A socket of HAProxy that answers each command from a table and notes them."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.commands, self.answers = [], {"show servers": "1\n# x\n3 orders 1 blue \n3 orders 2 green \n"}
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.start()

    def run(self):
        while True:
            stream, _address = self.listener.accept()
            with stream:
                command = stream.recv(1000).decode().strip()
                self.commands.append(command)
                stream.sendall(next((said for begin, said in self.answers.items() if command.startswith(begin)), "\n").encode())


@pytest.fixture
def haproxy(tmp_path):
    server, written = Server(tmp_path / "socket"), {}
    found = switches.HaProxy({"backend": "orders", "socket": str(tmp_path / "socket"), "state_file": "/state"}, written.__setitem__)
    found.server, found.written = server, written
    return found


def test_haproxy_is_led_over_on_its_socket(haproxy):
    haproxy.check()
    haproxy.lead_to("green")
    assert haproxy.server.commands[1:4] == [
        "set server orders/green state ready",
        "set server orders/green health up",
        "set server orders/blue state drain",
    ]
    assert b"green" in haproxy.written["/state"]


def test_a_haproxy_that_refuses_is_led_back(haproxy):
    haproxy.server.answers["set server orders/blue state drain"] = "No such server.\n"
    with pytest.raises(BadInput, match="No such server"):
        haproxy.lead_to("green")
    assert haproxy.server.commands[-2:] == ["set server orders/blue state ready", "set server orders/green state maint"]


def test_a_haproxy_without_the_servers_is_refused_before_anything_is_started(haproxy):
    haproxy.server.answers["show servers"] = "Can't find backend.\n"
    with pytest.raises(BadInput, match="no server orders/blue"):
        haproxy.check()


def test_a_haproxy_that_does_not_answer_is_named(tmp_path):
    found = switches.HaProxy({"backend": "orders", "socket": str(tmp_path / "none")}, {}.__setitem__)
    with pytest.raises(BadInput, match="does not answer on"):
        found.check()
    assert found.served({}) == ""
    found.lead_to("green")  # it does not run yet: there is nobody to lead


def test_a_colour_of_haproxy_is_idle_without_sessions(haproxy):
    haproxy.server.answers["show stat"] = "# pxname,svname,scur\norders,blue,2\norders,green,0\n"
    assert not haproxy.idle(8081, "blue")
    assert haproxy.idle(8082, "green")
