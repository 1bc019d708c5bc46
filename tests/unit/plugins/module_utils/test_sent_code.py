# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""See tests/unit/plugins/plugin_utils/test_step_code.py for what is sent."""

from __future__ import annotations

import importlib
import sys
import traceback

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import errors, sent_code


@pytest.fixture(autouse=True)
def imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the importing of this process back."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def test_what_was_sent_is_imported_with_what_it_imports() -> None:
    text = f"from {sent_code.PACKAGE} import sent_other\n\nVALUE = sent_other.VALUE + 1\n"
    sent_code.install({"sent_other": "VALUE = 1\n", "sent_user": text})
    module = importlib.import_module(sent_code.PACKAGE + ".sent_user")
    assert module.VALUE == 2
    # The guard takes the text along, in the way of every module.
    assert module.__spec__ is not None and module.__spec__.loader.get_source(module.__name__) == text  # type: ignore[attr-defined, union-attr]


def test_what_others_stand_in_is_a_package() -> None:
    finder = sent_code.Finder({"a": "", "a.b": ""})
    package, module = finder.find_spec("a"), finder.find_spec("a.b")
    assert package is not None and package.submodule_search_locations == [] and finder.is_package("a")
    assert module is not None and module.submodule_search_locations is None and not finder.is_package("a.b")
    assert finder.find_spec("c") is None


def test_a_traceback_shows_where_it_broke_off() -> None:
    sent_code.install({"sent_broken": "\nraise RuntimeError('x')  # here\n"})
    with pytest.raises(RuntimeError) as error:
        importlib.import_module(sent_code.PACKAGE + ".sent_broken")
    assert "module_utils/sent_broken.py" in "".join(traceback.format_exception(error.value))


def test_what_ansible_brought_comes_first() -> None:
    sent_code.install({"errors": "raise AssertionError\n"})
    del sys.modules[errors.__name__]
    assert importlib.import_module(errors.__name__).BadInput


def test_nothing_sent_changes_nothing() -> None:
    before = list(sys.meta_path)
    sent_code.install({})
    assert sys.meta_path == before
