# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by pyinfra, not by the benchmarks: a connection and one command."""

from __future__ import annotations

from pyinfra.operations import server  # type: ignore[import-not-found]

server.shell(name="Answer", commands=["true"], _sudo=True)
