# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import grafana_api as api

from tests.grafana_fake import Grafana

KEY = b"token"
GIVEN = {"url": "https://prometheus:9090", "ca": "-----BEGIN CA", "certificate": "crt", "key": "key"}


def board(name: str, **more: Any) -> dict[str, Any]:
    return {"uid": f"groundwork-{name}", "title": name, "tags": ["groundwork"], "schemaVersion": 36, "panels": [{"id": 1}], **more}


def source(**more: Any) -> dict[str, Any]:
    return api.data_source({**GIVEN, **more}, KEY, {"crt": "-----CRT", "key": "-----KEY", "new": "-----NEW"}.__getitem__)


def wanted(*names: str, title: str = "Fleet", made: dict[str, Any] | None = None) -> api.Wanted:
    given = source() if made is None else made
    return api.Wanted(title, {name: board(name) for name in names}, api.DATA_SOURCE if given else "theirs", given, KEY)


def converge(grafana: Grafana, want: api.Wanted) -> list[str]:
    """Make it so, and return what differed."""
    found = api.changes(grafana.ask, want)
    api.carry_out(grafana.ask, found)
    return [one.what for one in found]


@pytest.fixture
def grafana() -> Grafana:
    return Grafana()


def test_folder_source_and_dashboards_are_made_once(grafana: Grafana) -> None:
    assert converge(grafana, wanted("fleet", "host")) == ["folder", "data source", "dashboard fleet", "dashboard host"]
    assert grafana.dashboards["groundwork-host"]["meta"]["folderUid"] == api.FOLDER
    assert grafana.secrets[api.DATA_SOURCE] == {"tlsCACert": "-----BEGIN CA", "tlsClientCert": "-----CRT", "tlsClientKey": "-----KEY"}
    grafana.asked.clear()
    assert converge(grafana, wanted("fleet", "host")) == [] and grafana.written == []


def test_asking_changes_nothing(grafana: Grafana) -> None:
    assert api.changes(grafana.ask, wanted("fleet")) and grafana.written == []


def test_what_somebody_has_edited_is_put_right(grafana: Grafana) -> None:
    converge(grafana, wanted("fleet"))
    grafana.dashboards["groundwork-fleet"]["dashboard"]["panels"].append({"id": 2})
    grafana.folders[api.FOLDER]["title"] = "Other"
    grafana.sources[api.DATA_SOURCE]["url"] = "https://other"
    found = api.changes(grafana.ask, wanted("fleet"))
    assert [one.what for one in found] == ["folder", "data source", "dashboard fleet"]
    assert found[0].before == "Other" and found[1].before["url"] == "https://other" and len(found[2].before["panels"]) == 2
    assert len(converge(grafana, wanted("fleet"))) == 3 and converge(grafana, wanted("fleet")) == []


def test_a_secret_that_was_replaced_is_sent_and_never_shown(grafana: Grafana) -> None:
    converge(grafana, wanted())
    (change,) = api.changes(grafana.ask, wanted(made=source(key="new")))
    assert change.what == "data source" and "NEW" not in str([change.before, change.after])
    api.carry_out(grafana.ask, [change])
    assert grafana.secrets[api.DATA_SOURCE]["tlsClientKey"] == "-----NEW"


def test_dashboards_that_are_not_wanted_go_and_those_of_others_stay(grafana: Grafana) -> None:
    converge(grafana, wanted("fleet", "nginx"))
    theirs = {"dashboard": {"uid": "theirs", "title": "x", "tags": ["groundwork"], "version": 1}, "meta": {"folderUid": api.FOLDER}}
    elsewhere = {"dashboard": board("copy", version=1), "meta": {"folderUid": ""}}
    grafana.dashboards.update({"theirs": theirs, "groundwork-copy": elsewhere})
    assert converge(grafana, wanted("fleet")) == ["dashboard nginx"]
    assert set(grafana.dashboards) == {"groundwork-fleet", "theirs", "groundwork-copy"}


def test_absent_takes_everything_and_keeps_a_folder_that_others_use(grafana: Grafana) -> None:
    converge(grafana, wanted("fleet"))
    grafana.dashboards["theirs"] = {"dashboard": {"uid": "theirs", "title": "x"}, "meta": {"folderUid": api.FOLDER}}
    api.carry_out(grafana.ask, api.removals(grafana.ask))
    assert set(grafana.dashboards) == {"theirs"} and not grafana.sources and set(grafana.folders) == {api.FOLDER}
    del grafana.dashboards["theirs"]
    assert [one.what for one in api.removals(grafana.ask)] == ["folder"]
    api.carry_out(grafana.ask, api.removals(grafana.ask))
    assert not grafana.folders and api.removals(grafana.ask) == []


def test_a_data_source_of_theirs_is_used_and_left_alone(grafana: Grafana) -> None:
    with pytest.raises(api.GrafanaError, match="no data source with the uid 'theirs'"):
        api.changes(grafana.ask, wanted("fleet", made={}))
    grafana.sources["theirs"] = {"uid": "theirs", "name": "Theirs"}
    assert converge(grafana, wanted("fleet", made={})) == ["folder", "dashboard fleet"]


def test_an_editor_needs_no_right_to_look_at_the_data_source() -> None:
    grafana = Grafana("Editor")
    grafana.sources["theirs"] = {"uid": "theirs", "name": "Theirs"}
    assert converge(grafana, wanted("fleet", made={})) == ["folder", "dashboard fleet"]
    api.prove(grafana.ask, "theirs")
    with pytest.raises(api.GrafanaError, match="the role Admin, for data sources"):
        api.changes(grafana.ask, wanted("fleet"))


def test_a_source_that_does_not_answer_is_told(grafana: Grafana) -> None:
    converge(grafana, wanted())
    api.prove(grafana.ask, api.DATA_SOURCE)
    grafana.reached = False
    with pytest.raises(api.GrafanaError, match="does not reach the data source 'groundwork-prometheus': connection refused"):
        api.prove(grafana.ask, api.DATA_SOURCE)


@pytest.mark.parametrize(
    ("status", "path", "message"),
    [
        (401, "/api/folders/x", "token is not valid"),
        (403, "/api/folders/x", "role Editor"),
        (302, "/api/search?x=y", "sends elsewhere.*check url"),
        (500, "/api/folders/x", r"answers 500 to GET /api/folders/x \(boom\)"),
    ],
)
def test_refusals_say_what_is_missing(status: int, path: str, message: str) -> None:
    with pytest.raises(api.GrafanaError, match=message):
        api.there(lambda *_asked: (status, {"message": "boom"}), path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"url": "prometheus:9090"}, "data_source.url"),
        ({"url": "https://p", "certificate": "-----x"}, "data_source.key is None"),
        ({"url": "https://p", "username": "x"}, "data_source.password is None"),
        ({"url": "https://p", "pasword": "x"}, "Did you mean 'password'"),
    ],
)
def test_a_data_source_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        api.data_source(given, KEY, str)


def test_a_password_is_in_no_part_that_grafana_tells() -> None:
    made = api.data_source({"url": "https://p", "username": "u", "password": "correct horse"}, KEY, str)
    assert made["basicAuth"] and made["secureJsonData"] == {"basicAuthPassword": "correct horse"}
    other = api.data_source({"url": "https://p", "username": "u", "password": "correct horse"}, b"other", str)
    assert made["jsonData"][api.MARK] != other["jsonData"][api.MARK], "without the token the digest cannot be guessed"


@pytest.mark.parametrize("url", ["grafana.example.org", "http://grafana.example.org", "https://u:p@grafana.example.org", "https://"])
def test_a_token_goes_to_no_address_that_is_unsafe(url: str) -> None:
    with pytest.raises(BadInput, match="url is"):
        api.checked_url(url)
    assert api.checked_url("https://grafana.example.org/sub/") == "https://grafana.example.org/sub"
    assert api.checked_url("http://127.0.0.1:3000") == "http://127.0.0.1:3000"
