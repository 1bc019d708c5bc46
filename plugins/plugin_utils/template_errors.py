# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for a template that cannot be rendered: which file, which line, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import TracebackType


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error and what caused it, the outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _template_line(frame: TracebackType) -> int | None:
    """Return the template's line for a frame of Jinja's compiled code, which carries the table of both, or of one that it rewrote."""
    if "__jinja_exception__" in frame.tb_frame.f_globals:
        return frame.tb_lineno
    table = str(frame.tb_frame.f_globals.get("debug_info") or "")
    pairs = [pair.split("=") for pair in table.split("&") if "=" in pair]
    lines = [int(template) for template, compiled in pairs if int(compiled) <= frame.tb_lineno]
    return lines[-1] if lines else None


def line_of(error: BaseException, source: str) -> int | None:
    """Return the line of the template where the error arose: Jinja says it, or its frames do, or the undefined name stands there."""
    for one in reversed(list(chain(error))):
        number = getattr(one, "lineno", None)
        if isinstance(number, int):
            return number
        frame, found = one.__traceback__, None
        while frame is not None:
            found = _template_line(frame) or found
            frame = frame.tb_next
        if found:
            return found
    name = re.match(r"^'(\w+)' is undefined|^.* has no attribute '(\w+)'", reason_of(error))
    pattern = re.compile(r"\b%s\b" % (name.group(1) or name.group(2))) if name else None
    return next((number for number, line in enumerate(source.splitlines(), 1) if pattern and pattern.search(line)), None)


def reason_of(error: BaseException) -> str:
    """Return the innermost text that Ansible or Jinja has for the error."""
    texts = [str(getattr(one, "message", "") or one).strip() for one in chain(error)]
    return next((text for text in reversed(texts) if text), type(error).__name__).splitlines()[0]


def explained(where: str, template: str, error: BaseException, source: str = "") -> str:
    """Return the one error: variable or option, the template with its line, what is wrong and how to mend it.

    source: the text of the template.
    """
    line, reason = line_of(error, source), reason_of(error)
    place = f"{template!r}, line {line}" if line else repr(template)
    if "is undefined" in reason:
        remedy = "Define it, or give it a default in the template."
    elif "not be found" in reason or "not find" in reason:
        remedy = "Put it into the role's templates/, or give its path."
    else:
        remedy = "Correct the template."
    return f"{where} is {place}; expected a template that can be rendered: {reason.rstrip('.')}. {remedy}"
