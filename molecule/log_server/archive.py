#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Close the files of a log server, find lines in them, change them in every way, and print what `groundwork-logs` says, as JSON."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

LOGS = pathlib.Path("/var/log/groundwork")
CHAIN = LOGS / ".groundwork"


def said(*words: str) -> dict[str, object]:
    done = subprocess.run(["groundwork-logs", *words], check=False, capture_output=True, text=True)
    return {"rc": done.returncode, "out": done.stdout.splitlines(), "err": done.stderr}


def changed(path: pathlib.Path, content: bytes | None) -> dict[str, object]:
    """Return what the verification says while a file has other content, or is not there."""
    before = path.read_bytes()
    try:
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        return said("verify")
    finally:
        path.write_bytes(before)


def main() -> int:
    subprocess.run(["systemctl", "start", "groundwork-log-archive.service"], check=True)
    first = next((LOGS / "counted").glob("*.gz"))
    [chain] = CHAIN.glob("chain-*.jsonl")
    entries = chain.read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(entries) if b'"closed"' in line)
    reordered = [*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]]
    other = bytearray(first.read_bytes())
    other[len(other) // 2] ^= 1
    foreign = first.with_name("client.20260101T000000-20260101T000000.1.log.gz")
    answers = {
        "file": str(first.relative_to(LOGS)),
        "second": json.loads(entries[place + 1])["file"],
        "closed": subprocess.run(["gzip", "--test", str(first)], check=False).returncode,
        "open": [path.name for path in LOGS.glob("*/*.closing")],
        "all": said("--host", "counted", "--service", "client", "--count"),
        "some": said("--host", "counted", "--grep", r"line 1999\d$", "--since", "2026-01-01", "--until", "2026-01-02"),
        "json": said("--host", "coun*", "--grep", "line 7$", "--output", "json"),
        "early": said("--host", "counted", "--until", "2025-12-31"),
        "wrong": said("--hots", "counted"),
        "intact": said("verify"),
        "changed": changed(first, bytes(other)),
        "removed": changed(first, None),
        "reordered": changed(chain, b"".join(reordered)),
        "cut": changed(chain, b"".join(entries[:-1])),
        "rewritten": changed(
            chain, b"".join([*entries[:place], entries[place].replace(b'"lines":2', b'"lines":3'), *entries[place + 1 :]])
        ),
    }
    foreign.write_bytes(b"")
    answers["added"] = said("verify")
    foreign.unlink()
    answers["after"] = said("verify")
    subprocess.run(["systemctl", "start", "groundwork-logs.service", "groundwork-log-verify.service"], check=True)
    answers["metrics"] = pathlib.Path("/var/lib/groundwork-textfiles/groundwork_log_server.prom").read_text()
    sys.stdout.write(json.dumps(answers) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
