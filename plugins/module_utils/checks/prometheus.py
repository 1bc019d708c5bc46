# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series of a Prometheus server have the expected values."""

from __future__ import annotations

import dataclasses
import json
from typing import Optional
from urllib.parse import urlencode

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, equal, option


@dataclasses.dataclass
class Options:
    """Options of a prometheus check."""

    url: str = option("the server's address, http:// or https://")
    query: str = option("the expression to ask for")
    series: int = option("how many series have to answer at least", 1, expects=at_least)
    minimum: Optional[float] = option("what the lowest value has to be at least", None, expects=at_least, fact="lowest")
    maximum: Optional[float] = option("what the highest value may be", None, expects=at_most, fact="highest")
    equals: Optional[float] = option("what every value has to be", None, expects=equal, fact="value")
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    certificate: Optional[str] = option("path on the host of the client certificate", None)
    key: Optional[str] = option("path on the host of the client certificate's key", None)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask once; the note names the series with the lowest value."""
    tls = health_net.Tls(options.ca, options.certificate, options.key)
    url = "%s/api/v1/query?%s" % (options.url.rstrip("/"), urlencode({"query": options.query}))
    try:
        answer = json.loads(health_net.http(url, deadline, tls).body)
    except (OSError, ValueError) as error:
        return Observation({}, note=health_net.told(error))
    if answer.get("status") != "success":
        return Observation({}, note=str(answer.get("error")))
    found = [(float(one["value"][1]), one["metric"]) for one in answer["data"]["result"]]
    if not found:
        return Observation({"series": 0})
    values = [value for value, _labels in found]
    facts = {"series": len(found), "lowest": min(values), "highest": max(values)}
    if facts["lowest"] == facts["highest"]:
        facts["value"] = facts["lowest"]
    labels = min(found, key=lambda one: one[0])[1]
    return Observation(facts, note="lowest: " + ", ".join("%s=%s" % item for item in sorted(labels.items())))
