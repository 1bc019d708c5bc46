# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each way of `groundwork-log-send` to send has in common: it makes requests and judges answers (log_protocols.py has them)."""

from __future__ import annotations

import gzip
import json
from typing import Any, List, Mapping, NamedTuple, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.log_batches import Limits, Line, Piece
from ansible_collections.groundwork.fleet.plugins.module_utils.log_https import Answer, Request

#: What becomes of a request. SENT: it was taken. REFUSED: for what is in it, so that it is split. RETRY: not now. WAIT: not before somebody
#: changes something. MEND: after the requests of `mend`.
SENT, REFUSED, RETRY, WAIT, MEND = "sent", "refused", "retry", "wait", "mend"
SAID = 300  # bytes of what a server says that are told
_PACK = 3  # gzip's level


class Verdict(NamedTuple):
    """What an answer means. said: by the server. lines: numbers of those that were refused though the rest was taken."""

    outcome: str
    said: str = ""
    lines: Tuple[int, ...] = ()


class Protocol:
    """One way to send. parameters: of the catalogue's entry. labels: names of the labels that each line carries."""

    limits = Limits(1000, 1 << 20, 1 << 18)
    #: Whether a request that is made again has to be the same, and for how many seconds lines are collected for one.
    same, seconds = False, 0.0

    def __init__(self, parameters: Mapping[str, Any], host: str, labels: Sequence[str]) -> None:
        self.parameters, self.host, self.labels = parameters, host, labels

    def form(self, line: Line) -> Piece:
        """Return a line as a request has it."""
        raise NotImplementedError

    def request(self, pieces: Sequence[Piece]) -> Request:
        """Return the request that sends lines. Raises log_aws.NoKeys."""
        raise NotImplementedError

    def judge(self, answer: Answer, pieces: Sequence[Piece]) -> Verdict:
        """Return what the answer to a request means."""
        del pieces
        if 200 <= answer.status < 300:
            return Verdict(SENT)
        said = "HTTP %d: %s" % (answer.status, " ".join(answer.text.split())[:SAID])
        if answer.status in (400, 413, 422):
            return Verdict(REFUSED, said)
        return Verdict(RETRY if answer.status in (408, 425, 429) or answer.status >= 500 else WAIT, said)

    def mend(self) -> List[Request]:
        """Return the requests that make what was missing."""
        return []

    def secrets(self) -> List[str]:
        """Return the texts that no message may have."""
        return [str(self.parameters[name]) for name in ("authorization", "api_key") if self.parameters.get(name)]

    def forget(self) -> None:
        """Forget what was refused: keys."""


def packed(body: bytes) -> bytes:
    """Return a body by gzip, the same for the same."""
    return gzip.compress(body, _PACK, mtime=0)


def compact(value: Any) -> str:
    """Return JSON without what it does not need."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
