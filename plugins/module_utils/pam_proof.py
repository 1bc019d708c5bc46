# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a set of PAM files lets in who was let in before: libpam itself says so, for files that are not in place yet."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Any, List, NamedTuple, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.pam_composition import SERVICES

SILENT = 0x8000
CONVERSATION_ERROR = 19
NOT_ASKED = -1
SECONDS = 15  # for one question


class Question(NamedTuple):
    """authenticate: whether the user is authenticated first; only for who is asked nothing, as root by su."""

    service: str
    user: str
    authenticate: bool = False


class _Conversation(ctypes.Structure):
    _fields_ = [("function", ctypes.c_void_p), ("data", ctypes.c_void_p)]


def _library() -> Any:
    try:
        library = ctypes.CDLL("libpam.so.0")
        library.pam_start_confdir.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        for name in ("pam_authenticate", "pam_acct_mgmt", "pam_end"):
            getattr(library, name).argtypes = [ctypes.c_void_p, ctypes.c_int]
    except (OSError, AttributeError):  # no PAM, or one older than 1.4
        return None
    return library


def _ask(library: Any, question: Question, directory: str) -> int:
    """Return libpam's status of one question, 0 where the user is let in. Nobody answers a prompt."""
    refuse = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(
        lambda *_given: CONVERSATION_ERROR
    )
    conversation = _Conversation(ctypes.cast(refuse, ctypes.c_void_p), None)
    handle = ctypes.c_void_p()
    status: int = library.pam_start_confdir(
        question.service.encode(), question.user.encode(), ctypes.byref(conversation), directory.encode(), ctypes.byref(handle)
    )
    if status == 0 and question.authenticate:
        status = library.pam_authenticate(handle, SILENT)
    if status == 0:
        status = library.pam_acct_mgmt(handle, SILENT)
    library.pam_end(handle, status)
    return status


def status_of(question: Question, directory: str) -> int:
    """Return the status, from a process of its own: a module is foreign code. NOT_ASKED where this host cannot tell."""
    library = _library()
    if library is None:
        return NOT_ASKED
    child = os.fork()
    if child == 0:
        status = 255
        try:
            signal.alarm(SECONDS)
            status = _ask(library, question, directory)
        finally:
            os._exit(status & 0xFF)
    _pid, ended = os.waitpid(child, 0)
    return os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else 255


def refused(questions: List[Question], staged: str, now: str = SERVICES) -> Optional[Question]:
    """Return the first question that is answered with yes now and would not be with the staged files."""
    for question in questions:
        if not os.path.exists(os.path.join(staged, question.service)):
            continue
        if status_of(question, staged) not in (0, NOT_ASKED) and status_of(question, now) == 0:
            return question
    return None
