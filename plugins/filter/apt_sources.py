# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay out package repositories as a deb822 file."""

from __future__ import annotations

DOCUMENTATION = r"""
name: apt_sources
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Lay out package repositories as a deb822 .sources file, their keys checked
description:
  - Returns the content of one C(.sources) file. Each repository carries its own key in C(Signed-By), so that it vouches for nothing else.
  - A key whose fingerprint is not the pinned one is refused on the controller, before a host sees it. Needs no gpg.
positional: _input
options:
  _input:
    description:
      - Repositories by name, each a mapping of C(uris), C(suites), C(components), C(key) (armored public key, or the path of one on the
        controller), C(fingerprint) (full, one or a list), C(architectures) and C(enabled).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what apt would be given
  ansible.builtin.debug:
    msg: "{{ packages_repositories | groundwork.fleet.apt_sources }}"
"""

RETURN = r"""
_value:
  description: The content of the file, empty without repositories.
  type: str
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import apt_sources as apt_sources_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


def read_key(path: str) -> str:
    """Return the text of a key on the controller. Raises BadInput where there is none."""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        remedy = f"It cannot be read: {error}. A binary key becomes text with `gpg --enarmor`."
        raise bad_input("key", path, "an armored public key, or the path of one on the controller", remedy) from error


@refusing
def apt_sources(repositories: Any) -> str:
    """Return the content of the .sources file."""
    if not isinstance(repositories, Mapping):
        raise bad_input("packages_repositories", repositories, "a mapping from name to repository", "See the role's README.")
    return apt_sources_util.sources(repositories, read_key)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"apt_sources": apt_sources}
