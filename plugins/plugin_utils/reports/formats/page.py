# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML page that needs nothing else: no request, no script to be read, light and dark, on paper too.

The template escapes whatever it is handed; style and script are our own files, and the page's own policy lets nothing but them run.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import findings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.text import writable
from markupsafe import Markup, escape

ENDING = "html"
FILES = Path(__file__).parents[1] / "page"
LONGEST_MESSAGE = 2000  # characters; the JSON report has all of them

STANDARDS = {
    "anssi_bp_028": "ANSSI BP-028",
    "cis_debian_12": "CIS Debian 12",
    "cis_debian_13": "CIS Debian 13",
    "disa_stig": "DISA STIG",
    "lynis": "Lynis",
    "manual": "Manual",
    "scap": "SCAP",
}
RISKS = {"lock_out": "can lock out", "reboot": "needs a reboot", "breaks": "can break programs"}


def render(report: Report) -> str:
    """Return the page."""
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_printable,
        loader=jinja2.FileSystemLoader(FILES),
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "standard": standard,
        "risk": lambda name: RISKS.get(name, name),
        "grade": grade,
        "clipped": clipped,
        "prose": prose,
        "plural": plural,
    }
    style, script = (_own(name) for name in ("page.css", "page.js"))
    found = findings.by_item(report)
    return environment.get_template("page.html.j2").render(
        report=report,
        style=style,
        script=script,
        policy="default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'" % (_source(style), _source(script)),
        unexamined=findings.unexamined(report),
        failed=[one for one in found if one.counts["fail"]],
        warned=[one for one in found if one.counts["warn"] and not one.counts["fail"]],
        passed=[one for one in found if one.counts["pass"]],
        groups=findings.by_group(found),
        waivers=findings.waivers_used(report, found),
        reasons=findings.reasons(found),
        hosts=findings.by_host(report, found),
    )


def standard(name: str) -> str:
    """Return the name of a standard as people write it."""
    return STANDARDS.get(name, name.replace("_", " "))


def grade(score: int | None) -> str:
    """Return the class of a score: its colour, never the only thing that tells it."""
    return "none" if score is None else "good" if score >= 90 else "fair" if score >= 70 else "poor"


def clipped(message: str) -> str:
    """Return as much of a message as a page should show."""
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"


def prose(text: str) -> Markup:
    """Return a sentence with what stands between backticks as code."""
    parts = writable(text).split("`")
    if len(parts) % 2 == 0:  # one of them is alone
        return escape(writable(text))
    return Markup("").join(Markup("<code>%s</code>") % part if number % 2 else escape(part) for number, part in enumerate(parts))


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: 1 host, 3,000 hosts."""
    return "%s %s" % (format(count, ","), one if count == 1 else many or one + "s")


def _printable(value: Any) -> Any:
    """Return what the template is about to write: text without what a page cannot hold, everything else as it is."""
    return writable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _own(name: str) -> Markup:
    """Return one of our own files: text that is trusted, the only one."""
    return Markup((FILES / name).read_text(encoding="utf-8"))  # noqa: S704


def _source(text: str) -> str:
    """Return how a policy names an inline style or script: by its hash."""
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
