# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.action import grafana

from tests.grafana_fake import TOKEN, Grafana
from tests.integration.https_fake import Request, Service

from . import making

BOARDS = {name: {"title": name, "panels": [{"title": "Up", "queries": {"": "up"}}]} for name in ("fleet", "nginx")}
EXPORTERS = {"nginx": {"dashboard": "nginx"}}


class Server:
    """A Grafana behind TLS, and the action that is pointed at it."""

    def __init__(self, service: Service, fake: Grafana) -> None:
        self.service, self.fake = service, fake
        self.url = f"https://localhost:{service.port}/grafana"

    def run(self, check: bool = False, **given: Any) -> dict[str, Any]:
        arguments = {"url": self.url, "token": TOKEN, "ca": str(self.service.files.ca), "data_source": {"url": "https://prometheus:9090"}}
        arguments |= {"dashboards": BOARDS, "exporters": EXPORTERS, "targets": [{"exporter": "nginx"}], **given}
        result: dict[str, Any] = making.made(grafana.ActionModule, arguments, check_mode=check).run(task_vars={})
        return result


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    fake = Grafana()

    def answer(request: Request) -> tuple[int, Any]:
        query = "&".join(f"{key}={value}" for key, values in request.query.items() for value in values)
        path = f"{request.path.removeprefix('/grafana')}?{query}"
        return fake.ask(
            request.method, path, request.json() if request.body else None, request.headers["Authorization"].removeprefix("Bearer ")
        )

    with Service(tmp_path, answer) as service:
        yield Server(service, fake)


def test_it_is_brought_there_over_tls_and_a_second_time_nothing_differs(server: Server) -> None:
    first = server.run()
    assert first["changed"] and first["changes"] == ["folder", "data source", "dashboard fleet", "dashboard nginx"]
    assert server.fake.dashboards["groundwork-nginx"]["dashboard"]["panels"][0]["datasource"]["uid"] == "groundwork-prometheus"
    again = server.run()
    assert not again["changed"] and again["diff"] == []


def test_check_mode_shows_and_changes_nothing(server: Server) -> None:
    foreseen = server.run(check=True)
    assert foreseen["changed"] and not server.fake.written
    assert json.loads(foreseen["diff"][2]["after"])["title"] == "fleet" and foreseen["diff"][2]["before"] == ""


def test_what_runs_no_more_goes_and_absent_takes_the_rest(server: Server) -> None:
    server.run()
    assert server.run(targets=[])["changes"] == ["dashboard nginx"]
    assert server.run(state="absent", data_source=None)["changed"]
    assert not server.fake.folders and not server.fake.sources and not server.fake.dashboards


def test_secrets_come_by_reference_for_removal_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)
    server.run(token="secret://env/GRAFANA_TOKEN")
    assert server.run(token="secret://env/GRAFANA_TOKEN", state="absent")["changed"] and not server.fake.dashboards


def test_no_secret_is_in_what_it_answers_and_refuses(server: Server, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("-----BEGIN PRIVATE KEY of the scenario")
    source = {"url": "https://prometheus:9090", "certificate": "-----BEGIN CERTIFICATE", "key": str(key)}
    told = str(server.run(data_source=source))
    assert "PRIVATE KEY" not in told and TOKEN not in told
    assert server.fake.secrets["groundwork-prometheus"]["tlsClientKey"] == key.read_text()
    with pytest.raises(AnsibleActionFail, match="token is not valid") as caught:
        server.run(token="glsa_wrong")
    assert "glsa_wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"url": "https://localhost:1"}, "cannot be asked.*check url and ca"),
        ({"ca": "/nonexistent/ca.crt"}, "cannot be asked"),
        ({"data_source": None}, "data_source is None; expected a uid"),
        ({"data_source": {"url": "https://p", "ca": "/nonexistent"}}, "a file that can be read"),
        ({"data_source": "theirs"}, "no data source with the uid 'theirs'"),
        ({"dashboards": {"x": {"title": "x"}}, "exporters": {}}, "catalogue/dashboards/x.yml: panels"),
    ],
)
def test_what_cannot_be_is_one_line(server: Server, given: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleActionFail, match=message):
        server.run(**given)
    assert not server.fake.written


def test_a_data_source_that_does_not_answer_fails_the_run(server: Server) -> None:
    server.fake.reached = False
    with pytest.raises(AnsibleActionFail, match="does not reach the data source"):
        server.run()
