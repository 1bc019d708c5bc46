# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-log-send`: sends what waits in the segments of one output over HTTPS, and notes what was acknowledged.

The order makes it at least once: a request is made of the oldest lines, sent until it is taken, and only then noted. What a kill between
the answer and the note costs is that one request, sent again. plugin_utils/health_program.py makes one file of it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import sys
import time
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    errors,
    log_aws,
    log_batches,
    log_https,
    log_protocol,
    log_protocols,
    log_spool,
)

USAGE = """usage: groundwork-log-send CONFIGURATION [check]
Sends what waits for one output, for ever, or checks the configuration.
"""
POLL = 1.0  # seconds between two looks where nothing waits
FIRST, LONGEST = 0.5, 30.0  # seconds between two tries; each time twice as long
ASKED_LONGEST = 900.0  # of what a server asks to wait
SAY = 300.0  # seconds after which the same trouble is told again
SLICE = 0.2
HELD = 20  # lines that are refused one by one before it counts as refusing every one


class Stopped(Exception):
    """The program is to end; what it had in its hands is in the segments."""


class Sender:
    """Sends for one output.

    folder: of the output. protocol: how. ask: sends a request. say: tells whoever looks after the host. pause, now: of the time.
    mark: of the settings; others are another mark.
    """

    def __init__(
        self,
        folder: str,
        protocol: log_protocol.Protocol,
        ask: Callable[[log_https.Request], log_https.Answer],
        say: Callable[[str], object],
        pause: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.time,
        mark: str = "-",
    ) -> None:
        self.folder, self.protocol, self.ask, self.say, self.pause, self.now = folder, protocol, ask, say, pause, now
        self.places = log_spool.Places(folder)
        said_of_large = "larger than the %d bytes that one line may have" % protocol.limits.one
        self.too_large = log_protocol.Verdict(log_protocol.REFUSED, said_of_large)
        self.mark = mark
        self.stopping = False
        self.told: Dict[str, float] = {}

    # --- what waits ---

    def adopt(self) -> None:
        """Take over how far an rsyslogd had sent, where one did before; its notes are of no use any more. Raises OSError."""
        if not self.places.known:
            found = log_spool.segments(self.folder)
            self.places.sent = {os.path.basename(one.path): (one.inode, one.read) for one in found if one.read is not None}
            self.places.write()
        for path, _inode in list(log_spool.notes(os.path.join(self.folder, "state"))):
            os.unlink(path)  # or a segment that gets the same inode would count as read

    def waiting(self) -> List[log_spool.Segment]:
        """Return the segments; the notes of those that are gone go too. Raises OSError."""
        found = log_spool.segments(self.folder)
        names = {os.path.basename(one.path) for one in found}
        if not set(self.places.sent) <= names:
            self.places.sent = {name: place for name, place in self.places.sent.items() if name in names}
            self.places.write()
        return found

    def batch(self) -> List[log_batches.Piece]:
        """Return the lines of the next request, none where there is nothing to send yet. Raises OSError."""
        segments = self.waiting()
        if self.places.pending:
            lines = log_batches.again(os.path.join(self.folder, "segments"), self.places.pending)
            if lines:
                return [self.protocol.form(line) for line in lines]
            self.places.pending = []
        unread, now = [one for one in segments if one.unread], self.now()
        if self.protocol.seconds and unread:
            due = now - min(one.begun for one in unread) >= self.protocol.seconds
            if not due and sum(one.unread for one in unread) < self.protocol.limits.size:
                return []
        return log_batches.taken(log_batches.waiting(segments, now), self.protocol.limits, self.protocol.form)

    # --- sending ---

    def run(self) -> None:
        """Send until the program is to end. Raises Stopped, and OSError where the segments cannot be read."""
        while not self.stopping:
            pieces = self.batch()
            if pieces:
                self.deliver(pieces)
            else:
                self.wait(POLL)

    def deliver(self, pieces: List[log_batches.Piece]) -> None:
        """Send lines until each is taken, or put aside as a dead letter; a request that is refused is cut into halves. Raises Stopped.

        Who has taken nothing yet by these settings may refuse whatever comes, such as a server that has another address for it. So lines
        that are refused are put aside once another one was taken; where none is, all go on waiting.
        """
        parts, held = [pieces], []  # type: List[List[log_batches.Piece]], List[Tuple[log_batches.Piece, str]]
        while parts:
            part = parts.pop(0)
            large = len(part) == 1 and part[0].size > self.protocol.limits.one
            verdict = self.too_large if large else self.answered(part)
            refused = verdict.outcome == log_protocol.REFUSED
            if refused and len(part) > 1:
                parts[:0] = [part[: len(part) // 2], part[len(part) // 2 :]]
            elif refused and not large and self.places.proven != self.mark:
                held.append((part[0], verdict.said))
                if len(held) >= HELD or not parts:
                    self.trouble(log_protocol.Verdict(log_protocol.WAIT, "it refuses every line: " + verdict.said))
                    self.count("failed", 1)
                    self.wait(LONGEST)
                    return
            else:
                self.places.proven = self.places.proven if large else self.mark
                for piece, said_of in held:
                    self.surely(functools.partial(self.bury, piece.line, said_of))
                lines, numbers = [piece.line for piece, _said in held] + [piece.line for piece in part], (0,) if refused else verdict.lines
                held = []
                for number in numbers:
                    self.surely(functools.partial(self.bury, part[number].line, verdict.said))
                self.acknowledged(lines, len(part) - len(numbers))

    def answered(self, pieces: Sequence[log_batches.Piece]) -> log_protocol.Verdict:
        """Send one request until it is taken or refused for what is in it. Raises Stopped."""
        if self.protocol.same and not self.places.pending:
            self.places.pending = log_batches.ranges([piece.line for piece in pieces])
            self.surely(self.places.write)
        tries, since, mended = 0, self.now(), False
        while True:
            verdict, asked = self.tried(pieces)
            if verdict.outcome in (log_protocol.SENT, log_protocol.REFUSED):
                if tries:
                    self.count("suspended", self.now() - since)
                return verdict
            if verdict.outcome == log_protocol.MEND and not mended:
                mended = True
                continue
            mended = False
            if verdict.outcome == log_protocol.WAIT:
                self.protocol.forget()
            self.trouble(verdict)
            self.count("failed", 1)
            seconds = min(LONGEST, FIRST * 2 ** min(tries, 10)) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads tries, hides nothing
            self.wait(max(seconds, min(asked or 0.0, ASKED_LONGEST)))
            tries += 1

    def tried(self, pieces: Sequence[log_batches.Piece]) -> Tuple[log_protocol.Verdict, Optional[float]]:
        """Return what came of one try, and for how many seconds the server asks to wait. What is missing there is made."""
        try:
            answer = self.ask(self.protocol.request(pieces))
            verdict = self.protocol.judge(answer, pieces)
            if verdict.outcome == log_protocol.MEND:
                for request in self.protocol.mend():
                    made_of = self.ask(request)
                    if made_of.status >= 300 and "AlreadyExists" not in made_of.text:
                        verdict = verdict._replace(said="%s; making it: %s" % (verdict.said, self.protocol.judge(made_of, []).said))
            return verdict, log_https.retry_after(answer.headers, self.now())
        except log_aws.NoKeys as error:
            return log_protocol.Verdict(log_protocol.WAIT, str(error)), None
        except (OSError, http.client.HTTPException) as error:
            return log_protocol.Verdict(log_protocol.RETRY, "%s: %s" % (type(error).__name__, error)), None

    def trouble(self, verdict: log_protocol.Verdict) -> None:
        """Tell why nothing is taken, once in a while."""
        self.places.trouble = self.masked(verdict.said)
        what = "until somebody mends it" if verdict.outcome == log_protocol.WAIT else "until it does"
        self.tell(verdict.outcome, "it takes no lines (%s); they wait %s" % (self.places.trouble, what))

    def tell(self, kind: str, text: str) -> None:
        """Say something, unless the same was said a short time ago."""
        key = kind + text[:40]
        if self.now() - self.told.get(key, 0.0) >= SAY:
            self.told[key] = self.now()
            self.say(text)

    def masked(self, text: str) -> str:
        """Return a text without what is secret."""
        for secret in self.protocol.secrets():
            text = text.replace(secret, "[masked]")
        return text

    # --- what is noted ---

    def surely(self, write: Callable[[], object]) -> None:
        """Write something, again and again where the disk has no room: what was sent must not be forgotten. Raises Stopped."""
        while True:
            try:
                write()
                return
            except OSError as error:
                self.tell("disk", "what was sent cannot be noted, so nothing more is sent: %s" % error)
                self.wait(POLL)

    def bury(self, line: log_batches.Line, said: str) -> None:
        """Put a line that is refused for itself into the file of dead letters. Raises OSError."""
        handle = os.open(os.path.join(self.folder, "dead-letters.log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(json.dumps({"refused": self.masked(said), "line": log_batches.fields(line)}) + "\n")

    def acknowledged(self, lines: Iterable[log_batches.Line], sent: int) -> None:
        """Note that lines need not be sent again. Raises Stopped."""
        for line in lines:
            known = self.places.of(line.segment, line.inode) or 0
            self.places.sent[line.segment] = (line.inode, max(known, line.end))
        self.places.pending = []
        if self.places.trouble:
            self.places.trouble, self.told = "", {}
            self.say("it takes lines again")
        self.places.counts["sent"] = self.places.counts.get("sent", 0.0) + sent
        self.surely(self.places.write)

    def count(self, name: str, number: float) -> None:
        """Count for the metrics; what the disk has no room for is noted with the next lines."""
        self.places.counts[name] = self.places.counts.get(name, 0.0) + number
        with contextlib.suppress(OSError):
            self.places.write()

    def wait(self, seconds: float) -> None:
        """Wait, but not when the program is to end. Raises Stopped then."""
        left = seconds
        while left > 0 and not self.stopping:
            self.pause(min(SLICE, left))
            left -= SLICE
        if self.stopping:
            raise Stopped


def made(configuration: Mapping[str, Any], environment: Mapping[str, str]) -> log_protocol.Protocol:
    """Return the protocol of a configuration. Raises BadInput where it knows none of that name."""
    kind = str(configuration["protocol"])
    if kind not in log_protocols.PROTOCOLS:
        raise errors.unknown_name("protocol", "sender.protocol of catalogue/log_outputs", kind, log_protocols.PROTOCOLS)
    more: List[Any] = []
    if kind in log_protocols.OF_AWS:
        file = os.path.join(environment.get("CREDENTIALS_DIRECTORY", ""), "aws") if configuration["credentials"] else ""
        more = [log_aws.Provider(file, environment, log_https.asked_plainly)]
    found: log_protocol.Protocol = log_protocols.PROTOCOLS[kind](
        configuration["parameters"], configuration["host"], configuration["labels"], *more
    )
    return found


def ready(environment: Mapping[str, str]) -> None:
    """Tell systemd that it runs (sd_notify(3)), where systemd started it."""
    place = environment.get("NOTIFY_SOCKET", "")
    if place:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stream:
            stream.sendto(b"READY=1", "\0" + place[1:] if place.startswith("@") else place)


def said(text: str) -> None:
    """Say something in the journal."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main(words: List[str], *_registry: Any) -> int:
    """Run, and return the exit status."""
    if not words or len(words) > 2 or words[1:] not in ([], ["check"]):
        (sys.stdout if words == ["--help"] else sys.stderr).write(USAGE)
        return 0 if words == ["--help"] else 2
    with open(words[0], encoding="utf-8") as stream:
        text = stream.read()
    configuration = json.loads(text)
    try:
        protocol = made(configuration, os.environ)
    except errors.BadInput as error:
        said(str(error))
        return 1
    tls = configuration["tls"]
    try:
        client = log_https.Client(log_https.context(tls["ca"], tls["certificate"], tls["key"]))
    except OSError as error:
        said(
            "TLS cannot be made ready with the authority %s and the certificate %s: %s"
            % (tls["ca"], tls["certificate"] or "of none", error)
        )
        return 1
    if words[1:] == ["check"]:
        return 0
    sender = Sender(configuration["folder"], protocol, client.ask, said, mark=hashlib.sha256(text.encode()).hexdigest()[:16])

    def stop(_signal: int, _frame: Optional[Any]) -> None:
        sender.stopping = True

    signal.signal(signal.SIGTERM, stop)
    sender.adopt()
    ready(os.environ)
    with contextlib.suppress(Stopped):
        sender.run()
    return 0
