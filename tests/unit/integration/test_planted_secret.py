# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The search of the integration test can fail: each form of a secret is found wherever it is planted."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
import urllib.parse
import zlib
from pathlib import Path

import pytest

from tests.integration import planted_secret
from tests.integration.planted_secret import PASSWORD, Processes, Search

KEY = "-----BEGIN KEY-----\n%s\n-----END KEY-----\n" % "\n".join("L1ne%dOfAKeyThatIsLong" % number for number in range(3))
OTHER = "Oth3r/s3cret that the integration test, which may run beside this one, does not look for"
SEARCH = Search({"password": PASSWORD.encode(), "key": KEY.encode()})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nothing of it", []),
        ("Pl4nted", []),
        ("x%sx" % PASSWORD, ["password"]),
        (json.dumps({"a": json.dumps({"b": PASSWORD})}), ["password"]),
        ("https://x:%s@y" % urllib.parse.quote(PASSWORD, safe=""), ["password"]),
        ("a=%s" % urllib.parse.quote_plus(PASSWORD), ["password"]),
        *((base64.b64encode(b"user:"[:length] + PASSWORD.encode() + b" and more").decode(), ["password"]) for length in range(5)),
        (base64.urlsafe_b64encode(PASSWORD.encode()).decode(), ["password"]),
        ("… L1ne1OfAKeyThatIsLong …", ["key"]),
        ("-----BEGIN KEY-----", []),
        ("files=%s" % base64.b64encode(zlib.compress(json.dumps([{"content": PASSWORD}] * 9).encode())).decode(), ["password"]),
    ],
)
def test_each_form_is_found(text: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_text("before\n%s\nafter" % text)
    assert SEARCH.names(text.encode()) == names
    assert SEARCH.below(tmp_path) == ({str(tmp_path / "deep" / "log"): names} if names else {})
    found = subprocess.run(["grep", "-rlaF", "-f", "-", str(tmp_path)], input=SEARCH.lines(), capture_output=True, check=False)
    assert bool(found.stdout) == bool(names) or text.startswith("files=")


@pytest.mark.parametrize(
    ("arguments", "name", "environment", "found"),
    [(OTHER, "A", "", True), ("", "A", OTHER, True), ("", "PLANTED", OTHER, False), ("", "A", "", False)],
    ids=["argument", "environment", "delivered", "nothing"],  # pytest puts them into its own environment
)
def test_a_process_is_seen(arguments: str, name: str, environment: str, found: bool) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(1)", arguments]
    with Processes(lambda: Search({"other": OTHER.encode()}), b"PLANTED") as processes:
        subprocess.run(command, env={**os.environ, name: environment}, check=True)
    assert bool(processes.found) is found
    assert processes.looked > 0


def test_every_way_of_delivery_is_planted(tmp_path: Path) -> None:
    text = json.dumps([planted_secret.inventory(tmp_path, tmp_path), planted_secret.failing_play()])
    for way in ('"secrets":', '"environment":', '"files":', '"vars":', '"webhook":', "planted_variable", "?generate="):
        assert way in text
    assert PASSWORD not in text
    assert time.time() - 5 < planted_secret.now() < time.time()
