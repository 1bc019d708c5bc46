# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics in the text format of Prometheus (0.0.4), as programs of a host write them for the textfile collector of the node exporter."""

from __future__ import annotations

from typing import Iterable, List, Mapping, Tuple

Sample = Tuple[Mapping[str, str], object]


def label_value(text: str) -> str:
    """Return a text as it stands between the quotes of a label."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def help_text(text: str) -> str:
    """Return a text as it stands after # HELP."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def sample(name: str, labels: Mapping[str, str], value: object) -> str:
    """Return the line of one value; a float gets at most 15 digits."""
    inside = ",".join('%s="%s"' % (key, label_value(text)) for key, text in labels.items())
    return "%s%s %s" % (name, "{%s}" % inside if inside else "", "%.15g" % value if isinstance(value, float) else value)


def family(name: str, text: str, samples: Iterable[Sample], kind: str = "gauge") -> List[str]:
    """Return the lines of a metric with its help and its kind; none where it has no sample."""
    found = [sample(name, labels, value) for labels, value in samples]
    return ["# HELP %s %s" % (name, help_text(text)), "# TYPE %s %s" % (name, kind), *found] if found else []
