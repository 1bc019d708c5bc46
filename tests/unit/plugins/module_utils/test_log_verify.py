# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import shutil

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_chain

from .log_server_files import DAY, NOON, NOW, Server, chain_of, closed, line, problems, server, tls, yesterdays  # noqa: F401  # fixtures


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("how", ["changed", "removed"])
def test_the_first_file_that_is_not_as_it_was_is_named(server: Server, place: int, how: str) -> None:  # noqa: F811
    yesterdays(server)
    server.close(NOW)
    path = closed(server)[place]
    if how == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    [problem] = problems(server)
    assert problem.startswith("web-%d/%s was %s" % (place, path.name, how))


def test_a_file_that_is_put_in_is_named(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    server.close(NOW)
    (server.folder / "web-0" / "ssh.20261126T000000-20261126T000000.1.log.gz").write_bytes(b"")
    assert problems(server) == [
        "web-0/ssh.20261126T000000-20261126T000000.1.log.gz is not in the chain: it was added, renamed, or its entry was removed"
    ]


def test_every_change_of_the_chain_is_seen(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    link = server.close(NOW)["link"]
    path = chain_of(server)
    lines = path.read_bytes().splitlines(keepends=True)
    for number in range(len(lines) - 1):
        for changed in (
            [*lines[:number], *lines[number + 1 :]],
            [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]],
            [*lines[:number], lines[number].replace(b'"at":"2', b'"at":"3'), *lines[number + 1 :]],
            [*lines[:number], b"{}\n", *lines[number + 1 :]],
        ):
            path.write_bytes(b"".join(changed))
            assert problems(server), (number, changed)
    path.write_bytes(b"".join(lines[:-2]))
    assert problems(server) == []  # a chain without its end looks whole …
    assert "its end was removed" in problems(server, link)[0]  # … but not to who was told of it
    path.write_bytes(b"".join(lines))
    assert problems(server, link) == []
    assert "not the one that was told elsewhere" in problems(server, (2, "0" * 64))[0]


def test_a_chain_that_was_written_anew_has_no_seal_that_fits(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    server.close(NOW)
    path = chain_of(server)
    head, written = log_chain.NOTHING, []
    for text in path.read_text().splitlines():
        entry = json.loads(text)
        if entry["kind"] == "closed":
            entry["lines"] = 1
        entry["previous"] = head
        written.append(json.dumps(entry, separators=(",", ":")))
        head = log_chain.digest(written[-1].encode())
    path.write_text("\n".join(written) + "\n")
    [problem] = problems(server)
    assert "the seal does not fit" in problem


def test_before_the_first_file_is_closed_all_is_intact_and_a_chain_that_was_removed_is_missed(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    assert problems(server) == []
    server.close(NOW)
    shutil.rmtree(server.folder / ".groundwork")
    assert len(problems(server)) == len(closed(server)) and "is not in the chain" in problems(server)[0]
