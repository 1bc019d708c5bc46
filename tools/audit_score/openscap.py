# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenSCAP says: how many rules of the profile ended how, and which failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from lab.console import LabError

XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
PREFIX = "xccdf_org.ssgproject.content_rule_"


@dataclass(frozen=True)
class Scan:
    """One run: how many rules ended in each result, the failed ones with their titles, and the names of all rules of the content."""

    counts: Mapping[str, int]
    failed: Mapping[str, str]
    rules: frozenset[str] = frozenset()

    @property
    def applicable(self) -> int:
        """Return how many rules could be judged."""
        return self.counts.get("pass", 0) + len(self.failed)


def scan_of(text: str) -> Scan:
    """Return what a file of XCCDF 1.2 results says. Raises LabError where it holds no result."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise LabError(f"the results of oscap cannot be read ({error}); expected XCCDF 1.2") from None
    titles = {rule.get("id", ""): "".join(rule.find(f"{XCCDF}title").itertext()) for rule in root.iter(f"{XCCDF}Rule")}  # type: ignore[union-attr]
    results = {one.get("idref", ""): one.findtext(f"{XCCDF}result", "") for one in root.iter(f"{XCCDF}rule-result")}
    counts = Counter(result for result in results.values() if result != "notselected")
    if not counts:
        raise LabError("the results of oscap hold no rule; expected the rules of the profile")
    # `error` and `unknown` tell no more than `fail`: what cannot be judged has not passed.
    failed = {name.removeprefix(PREFIX): titles.get(name, "") for name, result in results.items() if result in {"fail", "error", "unknown"}}
    return Scan(dict(counts), dict(sorted(failed.items())), frozenset(name.removeprefix(PREFIX) for name in titles))
