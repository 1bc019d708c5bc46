# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenTelemetry Collector with those components of the contrib distribution that a host ships its logs with.

Go's proxy has none of the distribution's exporters for CloudWatch, S3 and Elasticsearch, so they are not in it. Its program is named as
that of the distribution, `otelcol-contrib`.
"""

from __future__ import annotations

from pathlib import Path

from lab import go_programs

PROGRAM = go_programs.Program("opentelemetry_collector", ".", (1, 26), "about three minutes of CPU")


def binary() -> Path:
    """Return the path of the collector, built where that has not been done."""
    return go_programs.built(PROGRAM)
