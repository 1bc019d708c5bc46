# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables table of a role's README."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import role_readme

SPEC = """
argument_specs:
  main:
    options:
      web_ports: {type: list, elements: int, default: [80, 443], description: [Ports of, "C(nginx) | more."]}
      web_state: {type: str, choices: [present, absent], default: present, description: "O(web_ports), P(groundwork.fleet.files#module)."}
      web_tls:
        type: dict
        description: TLS.
        options:
          key: {type: path, required: true, description: "C({mode: '0600'}) (root)"}
      web_sites:
        type: list
        elements: dict
        description: Sites.
        options:
          name: {description: B(Its) name.}
"""
ROWS = """| variable | type | default | meaning |
|---|---|---|---|
| `web_ports` | list of int | `[80, 443]` | Ports of `nginx` \\| more. |
| `web_state` | str | `present` | `web_ports`, `groundwork.fleet.files`. One of `present`, `absent`. |
| `web_tls` | dict |  | TLS. |
| `web_tls.key` | path | required | `{mode: '0600'}` (root) |
| `web_sites` | list of dict |  | Sites. |
| `web_sites[].name` | str |  | **Its** name. |
"""


@pytest.fixture
def role(tmp_path: Path) -> Path:
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "argument_specs.yml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "README.md").write_text("# web\n\n%s\nold\n%s\n\nmore\n" % (role_readme.START, role_readme.END), encoding="utf-8")
    return tmp_path


def test_the_table_is_written_once_and_then_checked(role: Path) -> None:
    assert "Run `./run docs`" in str(role_readme.update(role, check=True))
    assert role_readme.update(role, check=False) is None
    expected = "# web\n\n%s\n%s%s\n\nmore\n" % (role_readme.START, ROWS, role_readme.END)
    assert (role / "README.md").read_text(encoding="utf-8") == expected
    assert role_readme.update(role, check=True) is None


CONTROL = """
title: sshd refuses | root
area: sshd
level: baseline
references: {anssi_bp_028: [R33, R34], manual: [sshd_config(5)]}
"""


def test_a_readme_that_asks_for_it_has_the_table_of_controls(role: Path, tmp_path: Path) -> None:
    folder = tmp_path / "controls"
    folder.mkdir()
    (folder / "sshd_root.yml").write_text(CONTROL, encoding="utf-8")
    (folder / "sshd_high.yml").write_text("{title: H, area: sshd, level: high}", encoding="utf-8")
    (folder / "umask.yml").write_text("{title: U, area: accounts, level: strict}", encoding="utf-8")
    (folder / "umask_test.yml").write_text("[]", encoding="utf-8")
    with (role / "README.md").open("a", encoding="utf-8") as stream:
        stream.write("%s\n%s\nend\n" % (role_readme.CONTROLS_START, role_readme.CONTROLS_END))
    assert "the catalogue. Run `./run docs`" in str(role_readme.update(role, True, folder))
    assert role_readme.update(role, False, folder) is None
    assert role_readme.update(role, True, folder) is None
    assert (
        (role / "README.md")
        .read_text(encoding="utf-8")
        .endswith(
            """more
%s
| area | control | level | what it is | references |
|---|---|---|---|---|
| accounts | `umask` | strict | U |  |
| sshd | `sshd_root` | baseline | sshd refuses \\| root | anssi_bp_028 R33, R34; manual sshd_config(5) |
| sshd | `sshd_high` | high | H |  |
%s
end
"""
            % (role_readme.CONTROLS_START, role_readme.CONTROLS_END)
        )
    )
    (folder / "umask.yml").write_text("{title: U, area: accounts, level: stritc}", encoding="utf-8")
    assert "has another level" in str(role_readme.update(role, False, folder))


def test_one_marker_of_controls_alone_is_refused(role: Path) -> None:
    with (role / "README.md").open("a", encoding="utf-8") as stream:
        stream.write(role_readme.CONTROLS_END)
    assert "expected one <!-- controls:start --> line" in str(role_readme.update(role, False))


def test_checking_changes_nothing(role: Path) -> None:
    before = (role / "README.md").read_text(encoding="utf-8")
    role_readme.update(role, check=True)
    assert (role / "README.md").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# web\n", "expected one"),
        ("%s\n%s\n" % (role_readme.END, role_readme.START), "expected one"),
        ("%s\n%s\n%s\n" % (role_readme.START, role_readme.START, role_readme.END), "expected one"),
    ],
)
def test_markers_that_do_not_fit_are_refused(role: Path, text: str, problem: str) -> None:
    (role / "README.md").write_text(text, encoding="utf-8")
    assert problem in str(role_readme.update(role, check=False))


def test_a_missing_file_is_named(role: Path) -> None:
    (role / "meta" / "argument_specs.yml").unlink()
    assert role_readme.update(role, check=True) == "meta/argument_specs.yml does not exist"


def test_a_broken_spec_is_named(role: Path) -> None:
    (role / "meta" / "argument_specs.yml").write_text("a: [", encoding="utf-8")
    assert "is not YAML" in str(role_readme.update(role, check=True))
