# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One entry of fleet_secret_backends: bounded parallelism, repetition with growing pauses, and a breaker that stops asking what is down."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_versions, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference

_T = TypeVar("_T")

PARALLEL = 8  # requests at once to one backend
RETRIES = 4  # repetitions of a request that may go well later
FIRST_PAUSE = 0.25  # seconds; the longest pause before the first repetition, doubled for each further one
LONGEST_PAUSE = 8.0  # seconds
BREAKS_AFTER = 3  # requests in a row that failed with all their repetitions
BROKEN_FOR = 30.0  # seconds until a backend that is down is tried again


class Down(secrets.SecretError):
    """The backend has not answered several times in a row and is not asked for now."""


class Store:
    """One entry of fleet_secret_backends as long as the run lasts."""

    def __init__(
        self, name: str, backend: secrets.Backend, settings: secrets.Settings, pause: Callable[[float], object], clock: Callable[[], float]
    ) -> None:
        self.name, self.backend, self.settings = name, backend, settings
        self._pause, self._clock = pause, clock
        self.pool = ThreadPoolExecutor(int(settings.options.get("parallel") or PARALLEL), "secrets-%s" % name)
        self._retries = int(settings.options.get("retries", RETRIES))
        self._lock = threading.Lock()
        self._failures = 0
        self._asked_again = 0.0
        self._last = ""

    def part(self, name: str) -> Any:
        """Return an optional part of the backend."""
        return secrets.optional(self.backend, name)

    @property
    def rotates(self) -> bool:
        """Tell whether a new version can be written, and another one be kept beside it."""
        return self.part("replace") is not None and self.part("store") is not None

    def fetched(self, reference: SecretReference, settings: secrets.Settings) -> bytes:
        """Return a secret that may be used. Raises NotThere for what stands in the place of a version that was retired."""
        value = self.tried(lambda: self.backend.fetch(reference, settings))
        if value == secret_versions.RETIRED:
            raise secrets.NotThere("It was retired.")
        return value

    def tried(self, action: Callable[[], _T]) -> _T:
        """Return what `action` returns; repeat it while its error is a passing one. Raises Down where the backend is not asked."""
        for attempt in range(self._retries + 1):
            self._refuse_while_down()
            try:
                found = action()
            except Exception as error:
                if not self.passing(error):
                    self._answered()
                    raise
                if attempt == self._retries:
                    self._missed(error)
                    raise
                # Anywhere between nothing and the longest: those who failed together do not come back together.
                self._pause(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))  # noqa: S311
            else:
                self._answered()
                return found
        raise AssertionError("the last attempt returns or raises")

    def passing(self, error: Exception) -> bool:
        """Tell whether the backend calls an error a passing one."""
        transient = self.part("transient")
        if transient is None or isinstance(error, (secrets.SecretError, BadInput)):
            return False
        return bool(transient(error))

    def told(self, error: Exception) -> str:
        """Return what a user reads of a failure; never a value, also where the backend fails to explain it."""
        try:
            return secrets.told(self.backend, error)
        except Exception as second:  # pylint: disable=broad-except
            return "It failed (%s)." % type(second).__name__

    def _refuse_while_down(self) -> None:
        with self._lock:
            left = self._asked_again - self._clock()
            if self._failures >= BREAKS_AFTER and left > 0:
                text = "It did not answer %s times in a row and is not asked for the next %s s. The last time: %s"
                raise Down(text % (self._failures, round(left), self._last))
            if self._failures >= BREAKS_AFTER:
                self._asked_again = self._clock() + BROKEN_FOR  # this one tries; the others wait for what comes of it

    def _answered(self) -> None:
        with self._lock:
            self._failures = 0

    def _missed(self, error: Exception) -> None:
        with self._lock:
            self._failures += 1
            self._asked_again = self._clock() + BROKEN_FOR
            self._last = self.told(error)
