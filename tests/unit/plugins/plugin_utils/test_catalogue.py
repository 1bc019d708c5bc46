# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue


def load(path: str) -> Any:
    return yaml.safe_load(Path(path).read_text())


@pytest.fixture(name="roots")
def _roots(tmp_path: Path) -> list[Path]:
    for name, text in {
        "one/exporters/node.yml": "port: 9100\nexec: 'x {{ listen }}'\noptions: {a: 1, b: 2}\nversion: null\n",
        "one/exporters/redis.yml": "port: 9121\n",
        "one/exporters/redis_test.yml": "not: an entry\n",
        "one/alerts/node.yml": "a: 1\n",
        "two/exporters/node.yml": "port: 9200\noptions: {b: null, c: 3}\n",
        "two/exporters/own.yml": "port: 1\n",
        "two/own_kind/x.yml": "a: 1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [tmp_path / "one", tmp_path / "two"]


def test_entries_of_one_directory_stay_as_they_are(roots: list[Path]) -> None:
    entries = catalogue.Entries(roots[:1], "exporters", load)
    assert list(entries) == ["node", "redis"]
    assert len(entries) == 2
    assert entries["node"] == {"port": 9100, "exec": "x {{ listen }}", "options": {"a": 1, "b": 2}, "version": None}


def test_a_later_directory_lies_over_an_earlier_one(roots: list[Path]) -> None:
    entries = catalogue.Entries(roots, "exporters", load)
    assert list(entries) == ["node", "own", "redis"]
    assert entries["node"]["port"] == 9200
    assert entries["node"]["options"] == {"a": 1, "c": 3}
    assert entries["own"] == {"port": 1}


def test_only_what_is_asked_for_is_read(roots: list[Path]) -> None:
    read: list[str] = []
    entries = catalogue.Entries(roots, "exporters", lambda path: read.append(path) or load(path))
    assert "redis" in entries
    assert "gone" not in entries
    assert read == []
    assert entries.entry("redis") == {"port": 9121}
    assert [Path(path).name for path in read] == ["redis.yml"]


def test_unknown_names_come_with_the_nearest(roots: list[Path]) -> None:
    with pytest.raises(BadInput, match=r"catalogue kind is 'exporter'; expected a known kind .* Did you mean 'exporters'\?"):
        catalogue.Entries(roots, "exporter", load)
    with pytest.raises(BadInput, match=r"catalogue exporters is 'rdis'; .* Did you mean 'redis'\?"):
        catalogue.Entries(roots, "exporters", load).entry("rdis")
    with pytest.raises(KeyError):
        catalogue.Entries(roots, "exporters", load)["rdis"]


@pytest.mark.parametrize(("text", "kind"), [("[1]", "a list"), ("text", "a string"), ("", "nothing (null)")])
def test_an_entry_has_to_be_a_mapping(roots: list[Path], text: str, kind: str) -> None:
    (roots[0] / "exporters" / "bad.yml").write_text(text)
    with pytest.raises(BadInput) as error:
        catalogue.Entries(roots, "exporters", load)["bad"]
    assert "bad.yml is" in str(error.value)
    assert "It is %s" % kind in str(error.value)


def test_a_kind_is_a_folder_of_any_directory(roots: list[Path]) -> None:
    assert catalogue.kinds(roots) == ["alerts", "exporters", "own_kind"]


def test_without_a_setting_the_folder_beside_the_inventory_counts(tmp_path: Path) -> None:
    assert catalogue.directories(None, str(tmp_path)) == [catalogue.SHIPPED]
    (tmp_path / ".groundwork" / "catalogue").mkdir(parents=True)
    assert catalogue.directories(None, str(tmp_path)) == [catalogue.SHIPPED, tmp_path / ".groundwork" / "catalogue"]
    assert catalogue.directories(None, None) == [catalogue.SHIPPED]


def test_directories_keep_their_order_and_may_be_relative(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert catalogue.directories([str(tmp_path / "b"), "a"], str(tmp_path)) == [catalogue.SHIPPED, tmp_path / "b", tmp_path / "a"]
    assert catalogue.directories([], str(tmp_path)) == [catalogue.SHIPPED]


def test_wrong_directories(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^fleet_catalogue_directories is 'x'; expected a list of directories"):
        catalogue.directories("x", None)
    with pytest.raises(BadInput, match=r"^fleet_catalogue_directories\[0\] is 'gone'; expected an existing directory"):
        catalogue.directories(["gone"], str(tmp_path))


def test_every_shipped_entry_is_a_mapping() -> None:
    for kind in catalogue.kinds([catalogue.SHIPPED]):
        entries = catalogue.Entries([catalogue.SHIPPED], kind, load)
        assert all(isinstance(entries[name], dict) for name in entries)
