# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_values, template_render
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import trust
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_output import MASKS
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues

VALUE = "pass{{ word }}"
BINARY = b"\xff\x00key"


@pytest.fixture(name="inventory", autouse=True)
def _inventory(tmp_path: Path) -> Path:
    (tmp_path / ".groundwork/secrets/web").mkdir(parents=True)
    (tmp_path / ".groundwork/secrets/db").write_text(VALUE)
    (tmp_path / ".groundwork/secrets/web/db").write_text("of web")
    (tmp_path / ".groundwork/secrets/key").write_bytes(BINARY)
    return tmp_path


def values(inventory: Path, check_mode: bool = False, **variables: Any) -> SecretValues:
    loader, known = DataLoader(), {"inventory_dir": str(inventory), **variables}
    return SecretValues(loader, Templar(loader=loader, variables=known), known, check_mode)


def test_references_anywhere_in_a_value(inventory: Path) -> None:
    found = values(inventory).resolved({"a": ["secret://file/db", {"b": "secret://file/web/db"}], "c": 1}, "web")
    assert found == {"a": [VALUE, {"b": "of web"}], "c": 1}


def test_a_value_without_references_is_the_very_value(inventory: Path) -> None:
    given = {"a": [1]}
    assert values(inventory).resolved(given, "web") is given


def test_what_is_no_text_stays_a_reference(inventory: Path) -> None:
    assert values(inventory).resolved(["secret://file/key"], "web") == ["secret://file/key"]
    assert values(inventory).values([("web", "secret://file/key")]) == [BINARY]
    with pytest.raises(BadInput, match="make it the content of a file"):
        values(inventory).texts([("web", "secret://file/key")])


def test_what_is_absent_needs_no_secret(inventory: Path) -> None:
    given = {"a": {"state": "absent", "password": "secret://file/gone"}, "b": "secret://file/db"}
    assert values(inventory).resolved(given, "web") == {**given, "b": VALUE}


def test_errors_name_the_place(inventory: Path) -> None:
    with pytest.raises(BadInput, match=r"web\.a\[1\] is 'secret://file/gone'; expected a secret that the backend 'file' has"):
        values(inventory).resolved({"a": [1, "secret://file/gone"]}, "web")
    with pytest.raises(BadInput, match=r"option of a reference\. Did you mean 'generate'"):
        values(inventory).resolved("secret://file/db?genrate=hex", "web")


def test_a_reference_to_something_to_make(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "secret://file/new/token?generate=hex"
    path = inventory / ".groundwork/secrets/new/token"
    before = values(inventory, check_mode=True).resolved(text, "web_token")
    assert "web_token would be generated: %s" % text in " ".join(capsys.readouterr().err.split())
    assert not path.exists()
    found = values(inventory).resolved(text, "web_token")
    assert found not in (before, text)
    assert path.read_text() == found
    assert path.stat().st_mode & 0o777 == 0o600


def test_values_are_masked_in_errors_before_they_are_cut(inventory: Path) -> None:
    long = "x" * 110 + "hunter2-correct-horse"
    (inventory / ".groundwork/secrets/long").write_text(long)
    found = values(inventory).resolved("secret://file/long", "web")
    assert found == long
    assert "xxxx" not in str(bad_input("web", ["prefix", found], "a number", "Write digits."))
    assert MASKS.holds(("a " + long).encode())


@pytest.fixture(name="render")
def _render(inventory: Path) -> Any:
    """Return what renders a text with variables that have references."""
    variables: dict[str, Any] = {
        "inventory_dir": str(inventory),
        "inventory_hostname": "web",
        "plain": trust("secret://file/db"),
        "of_host": wrap_var({"stdout": "secret://file/db"}),
        "composed": trust("secret://file/{{ inventory_hostname }}/db"),
        "alias": trust("{{ plain }}!"),
        "nested": trust({"list": ["secret://file/db"], "map": {"x": "secret://file/web/db"}}),
        "gone": trust("secret://file/gone"),
        "ansible_note": "secret://file/db",
    }
    loader = DataLoader()
    loader.set_basedir(str(inventory))
    one = SecretValues(loader, Templar(loader=loader, variables=variables), variables)
    renderer = template_render.Renderer(loader, Templar(loader=loader, variables=variables), one.variables(variables))

    def run(text: str, **own: Any) -> str:
        (inventory / "t.j2").write_text(text)
        return renderer.render("t.j2", str(inventory / "t.j2"), "/etc/t", one.variables(own, rendered=True))

    return run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ plain }}", VALUE),
        ("{{ plain | b64encode }}", "cGFzc3t7IHdvcmQgfX0="),
        ("{{ composed }}", "of web"),
        ("{{ alias }}", VALUE + "!"),
        ("{{ nested.list[0] }} {% for name, value in nested.map.items() %}{{ name }}={{ value | upper }}{% endfor %}", VALUE + " x=OF WEB"),
        ("{% if plain == 'pass{{ word }}' %}yes{% endif %}", "yes"),
        ("{{ own }} {{ plain }}", "of web " + VALUE),
        ("{{ ansible_note }}", "secret://file/db"),
        ("{{ of_host.stdout }}", "secret://file/db"),  # a host does not choose which secret it is given
        ("{# secret://file/db #}secret://file/db", "secret://file/db"),
    ],
)
def test_a_template_sees_secrets_in_place_of_references(render: Any, text: str, expected: str) -> None:
    assert render(text, own="secret://file/web/db") == expected  # `gone` is not asked for: nobody uses it


def test_a_reference_within_other_text_is_refused() -> None:
    secret_values.refuse_embedded("see secret://other/x", "content", ["file"])
    with pytest.raises(BadInput, match="content is 'secret://file/db'; expected no reference within a longer text"):
        secret_values.refuse_embedded("password = secret://file/db\n", "content", ["file"])


def test_without_a_process_each_asks_by_itself(
    inventory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(secret_values.CLIENT, "ask", refuse)
    assert values(inventory).resolved("secret://file/db", "web") == VALUE
    assert "each task asks anew: Operation not permitted." in " ".join(capsys.readouterr().err.split())


def test_only_a_reference_of_the_inventory_is_continued() -> None:
    known = {
        "own": trust("secret://file/a"),
        "far": trust("{{ own }}?x=1"),
        "fact": wrap_var("secret://file/b"),
        "round": trust("{{ round }}&x"),
    }
    values = SecretValues(None, None, known)
    assert values.composed(trust(["{{ own }}?part=username", "{{ far }}&y=2"])) == [
        "secret://file/a?part=username",
        "secret://file/a?x=1&y=2",
    ]
    for left in ("{{ fact }}?x=1", "{{ round }}&x", "{{ none }}&x", "{{ own }}!", "{{ own | upper }}?x"):
        assert values.composed(trust(left)) == left
    assert values.composed(wrap_var("{{ own }}?x=1")) == "{{ own }}?x=1"
