# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_programs
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, Settings

VALUE = "correct horse battery staple"


def run(body: str, *arguments: str, **more: object) -> bytes:
    return secret_programs.output([sys.executable, "-c", body, *arguments], "Install it.", **more)  # type: ignore[arg-type]


def test_its_answer_input_and_environment() -> None:
    body = "import os, sys; sys.stdout.buffer.write(sys.stdin.buffer.read() + os.environb[b'MORE'] + os.environb[b'LC_ALL'])"
    assert run(body, value=b"\xff", environment={"MORE": "x"}) == b"\xffxC"


def test_a_failure_shows_neither_arguments_nor_complaint() -> None:
    with pytest.raises(secret_programs.ProgramFailed) as error:
        run("import sys; sys.exit(sys.argv[1])", VALUE)
    assert (error.value.status, error.value.complaint.strip()) == (1, VALUE)
    assert VALUE not in str(error.value)
    assert str(error.value).endswith("ended with status 1")


def test_a_key_is_read_once_from_a_descriptor() -> None:
    with secret_programs.readable(VALUE.encode()) as descriptor:
        assert (
            run("import sys; print(open(sys.argv[1]).read())", "/dev/fd/%d" % descriptor, descriptors=[descriptor])
            == VALUE.encode() + b"\n"
        )
    with pytest.raises(SecretError, match="65537 bytes are too many"), secret_programs.readable(b"x" * 65537):
        pass


@pytest.mark.parametrize("given", [0, -1, "soon", None])
def test_time_limits(given: object) -> None:
    with pytest.raises(SecretError, match="a number of seconds"):
        secret_programs.time_limit(Settings({"timeout": given}))
    assert secret_programs.time_limit(Settings({"timeout": "2.5"})) == 2.5
    assert secret_programs.time_limit(Settings()) == 60
