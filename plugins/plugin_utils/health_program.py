# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes programs in one file for a host: `groundwork-health` with the check types that its declaration uses, and others."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import step_code

FOLDER = Path(health.__file__).parent
DAY = 86400.0


def types_used(checks: object, whole: bool = True) -> list[str]:
    """Return the names of the check types that a declaration uses, sorted. Raises BadInput for one that could not run.

    whole: False where these are a part of all checks, so that `requires` may name others.
    """
    types = health.check_types()
    used: set[str] = set()

    def load(name: str) -> health.CheckType:
        used.add(name)
        return health.load_type(name, types[name].read_text(encoding="utf-8"))

    health_input.parse(checks, types, load, DAY, whole=whole)
    return sorted(used)


def _literal(source: str) -> str:
    """Return a text as Python writes it, readable where that is possible."""
    readable = "'''" not in source and not source.endswith(("'", "\\"))
    return "r'''%s'''" % source if readable else repr(source)


def host_program(types: Iterable[str], interpreter: str = "/usr/bin/python3", cache: str = "/var/cache/groundwork") -> str:
    """Return the text of `groundwork-health`.

    types: the names of check types that it can run. interpreter: a Python of the host, 3.9 or newer. cache: the folder in which it
    keeps its byte code where root runs it, in a file health-*.bin. Raises BadInput for an unknown type.
    """
    known, checks = health.check_types(), list(types)
    for name in checks:
        if name not in known:
            raise unknown_name("check type", "types", name, known)
    head, texts = _parts(["health_program", "health", *("checks." + name for name in checks)])
    digest = hashlib.sha256((head + texts).encode("utf-8")).hexdigest()[:16]
    return _program(interpreter, head, texts, '"%s/health-%s-%%s.bin" %% sys.implementation.cache_tag' % (cache.rstrip("/"), digest))


@functools.cache
def plain_program(module: str, interpreter: str = "/usr/bin/python3") -> str:
    """Return the text of the program whose `main(words)` stands in a module of module_utils. It keeps no byte code.

    A role names it several times in one task, so it is made once in a process.
    interpreter: a Python of the host, 3.9 or newer.
    """
    return _program(interpreter, *_parts([module]), 'program="%s"' % module)


def _parts(modules: Iterable[str]) -> tuple[str, str]:
    """Return the head of a program and the texts of its modules."""
    texts = "".join("TEXTS[%r] = %s\n" % (name, _literal(source)) for name, source in sorted(step_code.closure(modules).items()))
    return (FOLDER / "health_start.py").read_text(encoding="utf-8"), texts


def _program(interpreter: str, head: str, texts: str, more: str) -> str:
    parts = ["#!%s -IS" % interpreter, head, "TEXTS = {}  # type: ignore[var-annotated]", texts, "start(TEXTS, %s)" % more]
    return "\n".join(parts) + "\n"
