# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of versions is dpkg's."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.health_version import Version
from hypothesis import given, settings
from hypothesis import strategies as st

ASCENDING = ["0.9", "1.0~~", "1.0~rc1", "1.0", "1.0a", "1.0+dfsg", "1.0.1", "1.2", "1.10", "1.10p1", "2"]


def test_order() -> None:
    found = [Version(text) for text in ASCENDING]
    for lower, higher in zip(found, found[1:]):  # noqa: B905, RUF007  # they differ in length by one
        assert lower < higher and higher > lower and lower <= higher and higher >= lower and lower != higher


@pytest.mark.parametrize(
    ("one", "other"), [("9.2", "1:9.2p0-2"), ("1:9.2-1", "9.2"), ("1.0", "1.00"), ("1.0-3", "1.0"), ("1.0-3", "1.0-03"), ("2:1", "02:1")]
)
def test_what_one_of_them_leaves_open_does_not_count(one: str, other: str) -> None:
    assert (Version(one) == Version(other)) is ("p" not in other)
    assert Version(one) <= Version(other)


PART = st.text("0123456789abz.+~", max_size=6)
WHOLE = st.builds("{}:1{}-{}".format, st.integers(0, 2), PART, PART.map(lambda text: text or "1"))


@pytest.mark.skipif(not shutil.which("dpkg"), reason="there is no dpkg here")
@given(WHOLE, WHOLE)
@settings(max_examples=40)
def test_dpkg_says_the_same(one: str, other: str) -> None:
    """Both are written in full here, so that nothing is left open."""
    for relation, ours in (("lt", Version(one) < Version(other)), ("ge", Version(one) >= Version(other))):
        said = subprocess.run(["dpkg", "--compare-versions", one, relation, other], check=False).returncode == 0
        assert said is ours, (one, relation, other)
