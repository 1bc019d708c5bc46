# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.plugin_utils import template_render
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import HAS_DATA_TAGGING, trust


@pytest.fixture
def render(tmp_path: Path):
    """Return what renders a text, one renderer for all calls."""
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    (tmp_path / "templates").mkdir()
    variables = {"port": 80, "derived": trust("{{ port + 1 }}"), "nested": {"list": [1]}}
    renderer = template_render.Renderer(loader, Templar(loader=loader, variables=variables), variables)

    def run(text: str, name: str = "a.j2", destination: str = "/etc/a", **extra: Any) -> str:
        path = tmp_path / "templates" / name
        if not path.exists():
            path.write_text(text)
        return renderer.render(name, str(path), destination, extra)

    run.directory = tmp_path / "templates"
    run.variables = variables
    return run


def test_variables_of_the_host_and_of_the_file(render) -> None:
    assert render("{{ port }} {{ derived }} {{ own | default('none') }}\n") == "80 81 none\n"
    assert render("", own="mine") == "80 81 mine\n"
    assert render("") == "80 81 none\n"  # a file's own variables are not those of the next


def test_what_ansible_tells_a_template(render) -> None:
    text = render("{{ template_path | basename }} {{ template_destpath }}\n", "b.j2", "/etc/b")
    assert text == "b.j2 /etc/b\n"
    render.variables["ansible_managed"] = "mine"
    assert render("{{ ansible_managed }}\n", "c.j2") == "mine\n"


def test_blocks_line_ends_and_json_stay_as_ansible_has_them(render) -> None:
    assert render("{% if true %}\na\n{% endif %}\n", "d.j2") == "a\n"
    assert render('{"a": [1]}', "e.j2") == '{"a": [1]}'
    assert render("", "f.j2") == ""


def test_an_include_is_found_beside_the_template(render) -> None:
    (render.directory / "part.j2").write_text("part {{ port }}\n")
    assert render("{% include 'part.j2' %}\n", "g.j2") == "part 80\n"


def test_an_error_names_what_is_undefined(render) -> None:
    with pytest.raises(AnsibleError, match="nowhere"):
        render("{{ nowhere }}", "h.j2")


@pytest.mark.skipif(not HAS_DATA_TAGGING, reason="ansible-core 2.18 makes an environment for each rendering")
def test_a_text_is_compiled_once_and_another_text_of_the_same_letters_is_not_taken_for_it() -> None:
    source = "".join(["a", "b"])
    compiled: list[str] = []

    class Environment:
        def from_string(self, text: str) -> str:
            compiled.append(text)
            return "compiled %d" % len(compiled)

    environment = Environment()
    template_render.remembering(environment, source)
    assert [environment.from_string(source) for _ in range(3)] == ["compiled 1"] * 3
    assert environment.from_string("".join(["a", "b"])) == "compiled 2"
    assert len(compiled) == 2


def test_the_search_path_is_that_of_the_template_action() -> None:
    found = template_render.search_path({"ansible_search_path": ["/role"]}, "/play", "/role/templates/a.j2")
    assert found == ["/role/templates", "/role", "/play/templates", "/play", "/role/templates/templates", "/role/templates"]
