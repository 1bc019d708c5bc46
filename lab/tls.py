# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for servers of tests on this machine, made by the code that makes those of a fleet."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from lab.console import ROOT

AUTHORITY = "ansible_collections.groundwork.fleet.plugins.plugin_utils.authority"


class Files(NamedTuple):
    """The files of a server: the authority's certificate, its own, and its key."""

    ca: Path
    certificate: Path
    key: Path


def files(directory: Path, *names: str) -> Files:
    """Make an authority and a certificate for localhost, 127.0.0.1 and `names` in the directory."""
    sys.path.append(str(ROOT / "collections"))
    authority = importlib.import_module(AUTHORITY)
    now = datetime.now(UTC)
    ca = authority.new_authority("lab", now)
    leaf = authority.new_leaf(ca, authority.host_subject("localhost", names, []), 1, now)
    made = Files(directory / "ca.crt", directory / "server.crt", directory / "server.key")
    directory.mkdir(parents=True, exist_ok=True)
    made.key.touch(mode=0o600)
    for path, content in zip(made, (ca.certificate, leaf.certificate, leaf.key), strict=True):
        path.write_bytes(content)
    return made
