# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.machinery
import subprocess
import sys
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.plugin_utils import byte_code

COLLECTIONS = Path(__file__).resolve().parents[4] / "collections"
PROGRAM = """
import sys
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
_AnsibleCollectionFinder(paths=[sys.argv[1]])._install()
from ansible_collections.groundwork.fleet.plugins.plugin_utils import byte_code
assert not any(type(one).__name__ == "CachedFinder" for one in sys.meta_path)
byte_code.keep()
byte_code.keep()
from ansible_collections.groundwork.fleet.plugins.plugin_utils import layers, secrets, service_kinds
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_kinds import package
from ansible_collections.groundwork.fleet.plugins.module_utils import checks, errors, release
for one in (layers, package, release, secrets):
    print(type(one.__spec__.loader).__name__, one.__spec__.cached is not None, bool(one.__spec__.submodule_search_locations))
print(sum(type(one).__name__ == "CachedFinder" for one in sys.meta_path))
"""


def test_our_modules_are_imported_with_the_cache_of_byte_code() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(COLLECTIONS)], capture_output=True, text=True, check=True)
    plain, package = "SourceFileLoader True False", "SourceFileLoader True True"
    assert done.stdout.splitlines() == [plain, plain, plain, package, "1"]


def test_what_is_not_ours_is_left_to_the_others(tmp_path: Path) -> None:
    (tmp_path / "there.py").write_text("")
    finder = byte_code.CachedFinder()
    for name in ("json", "ansible_collections.other.one.plugins.module_utils.there", f"{byte_code.PARENT}.filter.there"):
        assert finder.find_spec(name, [str(tmp_path)]) is None
    assert finder.find_spec(byte_code.PACKAGES[0] + "gone", [str(tmp_path)]) is None
    found = finder.find_spec(byte_code.PACKAGES[0] + "there", [str(tmp_path)])
    assert found is not None and isinstance(found.loader, importlib.machinery.SourceFileLoader)
