#!/usr/bin/python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer DNS-01 by the name server of the scenario: hook.py present|remove, with the name and the value in the environment."""

from __future__ import annotations

import json
import os
import sys
import urllib.request

record = {"host": "_acme-challenge.%s." % os.environ["CERTBOT_DOMAIN"]}
verb = "clear-txt" if sys.argv[1] == "remove" else "set-txt"
if sys.argv[1] == "present":
    record["value"] = os.environ["CERTBOT_VALIDATION"]
urllib.request.urlopen("http://127.0.0.1:8055/%s" % verb, json.dumps(record).encode(), timeout=10).read()
