# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Elasticsearch or OpenSearch cluster says that it is well."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any, Dict, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, one_of, option


@dataclasses.dataclass
class Options:
    """Options of an elasticsearch check."""

    url: str = option("the address of a node, http:// or https://", "http://127.0.0.1:9200")
    user: Optional[str] = option("the name of the user", None)
    password_file: Optional[str] = option("path on the host of the password, or without a user of an API key", None)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    status: Sequence[str] = option("the state of the cluster, or a list of accepted ones (green, yellow)", ["green"], expects=one_of)
    nodes: Optional[int] = option("how many nodes there have to be", None, expects=at_least)
    unassigned: Optional[int] = option("how many shards may be without a node", None, expects=at_most)
    pending: Optional[int] = option("how many tasks may wait", None, expects=at_most)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask once."""
    headers = {}
    try:
        password = health_net.secret(options.password_file)
        if options.user:
            login = base64.b64encode(("%s:%s" % (options.user, password)).encode("utf-8"))
            headers["Authorization"] = "Basic " + login.decode("ascii")
        elif password:
            headers["Authorization"] = "ApiKey " + password
        url = options.url.rstrip("/") + "/_cluster/health"
        answer = health_net.http(url, deadline, health_net.Tls(options.ca), headers=headers)
        if answer.status not in (200, 408):  # 408: red, and it waited for better
            return Observation({}, note="%d %s" % (answer.status, answer.reason))
        found = json.loads(answer.body)
        facts: Dict[str, Any] = {
            "status": found["status"],
            "nodes": found["number_of_nodes"],
            "unassigned": found["unassigned_shards"],
            "pending": found["number_of_pending_tasks"],
        }
    except (OSError, ValueError, LookupError, TypeError) as error:
        return Observation({}, note=health_net.told(error))
    return Observation(facts, note="cluster %s" % found.get("cluster_name", ""))
