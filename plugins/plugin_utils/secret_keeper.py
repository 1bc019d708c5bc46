# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run knows of its secrets, in memory only: each is fetched once, however many ask at the same time.

Bounded parallelism for each backend, repetition with growing pauses, a breaker that stops asking what is down, batches where a backend
has them, and secrets made where they are missing and the reference says how.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_recipe, secret_versions, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference, parse
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_store import Down, Store

_T = TypeVar("_T")

REFUSAL_LASTS = 30.0  # seconds for which a refusal is not asked for again: a thousand hosts may miss the same secret

HOW = ("", "made", "made for this run")  # what is done where a secret is missing: nothing, made for good, made with --check
CANNOT_REPLACE = "The backend %s cannot write a new version: change the secret there yourself, then run the playbooks that use it."


@dataclass(frozen=True)
class Answer:
    """What came of a reference: the secret, or the name of the backend's entry and what went wrong.

    pending: it is not there yet; what stands here was made for this run only and would be made anew for good. missing: it is not there.
    """

    value: bytes | None = field(default=None, repr=False)
    backend: str = ""
    refusal: str = ""
    pending: bool = False
    missing: bool = False


@dataclass(frozen=True)
class Age:
    """What is known of the time at which a secret got its value.

    changed: seconds since 1970, None where the backend does not know. replaces: whether it can write new versions. refusal: why it could
    not be asked, or why nothing was written.
    """

    changed: float | None = None
    replaces: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class Context:
    """What a reference means depends on it. backends: what `secrets.configured` returned. inventory: its directory."""

    backends: Mapping[str, Mapping[str, Any]]
    inventory: str | None = None

    def key_of(self, name: str) -> str:
        """Return what tells one entry of one inventory from all others; never shown."""
        text = json.dumps([name, self.backends[name], self.inventory], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class _Entry:
    """One reference: answered once `done` is set. lasts: until when the answer counts, by the keeper's clock."""

    done: threading.Event = field(default_factory=threading.Event)
    answer: Answer = Answer(refusal="It was given up.")
    lasts: float = 0.0


def _no_age(store: Store, refusal: str, _error: Exception) -> Age:
    return Age(None, store.rotates, refusal)


class Keeper:
    """All secrets of one run."""

    def __init__(
        self,
        load_yaml: Callable[[str], Any] | None = None,
        vault: Any = None,
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load_yaml, self._vault, self._pause, self._clock = load_yaml, vault, pause, clock
        self._lock = threading.Lock()
        self._stores: dict[str, Store] = {}
        self._entries: dict[tuple[str, SecretReference, str], _Entry] = {}
        self._busy = threading.local()

    def ask(self, texts: Sequence[str], context: Context, check_mode: bool = False) -> list[Answer]:
        """Return an answer to each reference; all were found right by `secrets.checked`."""
        asked = [secret_versions.expanded(parse(text)) for text in texts]
        every = list(dict.fromkeys(reference for versions in asked for reference in versions))
        found = dict(zip(every, self._asked(every, context, check_mode), strict=True))
        lacking = [
            one for one in every if found[one].missing and secret_versions.accepts(one)
        ]  # never rotated: the current one stands for it
        instead = self._asked([secret_versions.current(one) for one in lacking], context, check_mode)
        found.update(zip(lacking, instead, strict=True))
        return [self._joined([found[one] for one in versions]) for versions in asked]

    @staticmethod
    def _joined(answers: list[Answer]) -> Answer:
        values = [answer.value for answer in answers if answer.value is not None]
        if len(answers) == 1 or len(values) < len(answers):
            return next((answer for answer in answers if answer.value is None), answers[0])
        return replace(answers[0], value=secret_versions.joined(values))

    def _asked(self, asked: Sequence[SecretReference], context: Context, check_mode: bool) -> list[Answer]:
        entries: list[_Entry] = []
        fresh: dict[str, list[tuple[SecretReference, _Entry]]] = {}
        with self._lock:
            for reference in asked:
                place = context.key_of(reference.backend)
                how = HOW[1 + check_mode] if "generate" in reference.options else HOW[0]
                key = (place, secret_recipe.stored(reference), how)
                entry = self._entries.get(key)
                if entry is None or (entry.done.is_set() and entry.lasts <= self._clock()):
                    entry = self._entries[key] = _Entry()
                    self._store(place, reference.backend, context)
                    fresh.setdefault(place, []).append((reference, entry))
                entries.append(entry)
        for place, wanted in fresh.items():
            self._fetch(self._stores[place], wanted, check_mode)
        for entry in entries:
            entry.done.wait()
        return [self._part(reference, entry.answer) for reference, entry in zip(asked, entries, strict=True)]

    @staticmethod
    def _part(reference: SecretReference, answer: Answer) -> Answer:
        if answer.value is None:
            return answer
        try:
            return replace(answer, value=secret_recipe.part_of(reference, answer.value))
        except BadInput as error:
            return Answer(backend=answer.backend, refusal=str(error))

    def _store(self, place: str, name: str, context: Context) -> None:
        """Set up a backend's entry when it is first asked; called under the lock."""
        if place in self._stores:
            return
        options = context.backends[name]

        def resolve(text: str) -> bytes:
            return self._nested(text, place, context)

        settings = secrets.Settings(options, context.inventory, self._load_yaml, resolve, self._vault)
        kind = secrets.backend(str(options["backend"]), "fleet_secret_backends.%s" % name)
        self._stores[place] = Store(name, kind, settings, self._pause, self._clock)

    def _nested(self, text: str, place: str, context: Context) -> bytes:
        """Return the secret behind an option of a backend. Raises SecretError where it leads back to that backend."""
        where = "an option of the backend %s" % self._stores[place].name
        reference = secrets.checked(text, where, context.backends)
        chain: tuple[str, ...] = getattr(self._busy, "places", ())
        if context.key_of(reference.backend) in chain:
            raise secrets.SecretError("%s is %s, which leads back to itself: keep it in another backend." % (where.capitalize(), text))
        answer = self.ask([text], context)[0]
        if answer.value is None:
            raise secrets.SecretError("%s is %s: %s" % (where.capitalize(), text, answer.refusal))
        return answer.value

    def _fetch(self, store: Store, wanted: list[tuple[SecretReference, _Entry]], check_mode: bool) -> None:
        """Have the backend's threads answer the entries; returns at once, the last one sets the last `done`."""
        chain: tuple[str, ...] = (*getattr(self._busy, "places", ()), *(key for key, one in self._stores.items() if one is store))

        def alone(reference: SecretReference, entry: _Entry) -> None:
            self._busy.places = chain
            answer, lasts = Answer(refusal="It was given up.", backend=store.name), 0.0
            try:
                answer, lasts = self._answer(store, reference, check_mode)
            finally:
                self._settle(entry, answer, lasts)

        def together() -> None:
            self._busy.places = chain
            found: dict[SecretReference, bytes] = {}
            try:
                references = [secret_recipe.stored(reference) for reference, _entry in wanted]
                with contextlib.suppress(Exception):  # each one is asked for alone then, and says why it fails
                    found = store.tried(lambda: store.part("fetch_many")(references, store.settings))
            finally:
                for reference, entry in wanted:
                    value = found.get(secret_recipe.stored(reference))
                    if value is not None and value != secret_versions.RETIRED:
                        self._settle(entry, Answer(value, store.name), float("inf"))
                    else:
                        store.pool.submit(alone, reference, entry)

        if len(wanted) > 1 and store.part("fetch_many") is not None:
            store.pool.submit(together)
        else:
            for reference, entry in wanted:
                store.pool.submit(alone, reference, entry)

    @staticmethod
    def _settle(entry: _Entry, answer: Answer, lasts: float) -> None:
        entry.answer, entry.lasts = answer, lasts
        entry.done.set()

    def _answer(self, store: Store, reference: SecretReference, check_mode: bool) -> tuple[Answer, float]:
        """Return what came of a reference and until when that counts."""
        try:
            return self._found_or_made(store, reference, check_mode), float("inf")
        except Exception as error:  # pylint: disable=broad-except  # what a library raises is the backend's to explain
            lasts = 0.0 if isinstance(error, Down) or store.passing(error) else self._clock() + REFUSAL_LASTS
            return Answer(backend=store.name, refusal=store.told(error), missing=isinstance(error, secrets.NotThere)), lasts

    def _found_or_made(self, store: Store, reference: SecretReference, check_mode: bool) -> Answer:
        plain, recipe = secret_recipe.stored(reference), secret_recipe.recipe(reference, str(reference))
        try:
            return Answer(store.fetched(plain, store.settings), store.name)
        except secrets.NotThere:
            if recipe is None or secret_versions.accepts(reference):
                raise
        if store.part("store") is None:
            text = "It is not there, and the backend %s cannot create a secret: create it yourself, or take one that can."
            raise secrets.SecretError(text % store.settings.options.get("backend"))
        value = secret_recipe.make(recipe)
        if check_mode:
            return Answer(value, store.name, pending=True)
        try:
            store.tried(lambda: store.part("store")(plain, value, store.settings))
        except secrets.AlreadyThere:
            value = store.tried(lambda: store.backend.fetch(plain, store.settings))
        return Answer(value, store.name)

    def ages(self, texts: Sequence[str], context: Context) -> list[Age]:
        """Return when each secret got its value; all references were found right by `secrets.checked`. Asks anew each time."""

        def age(store: Store, reference: SecretReference) -> Age:
            moment = store.part("changed_at")
            found = None if moment is None else store.tried(lambda: moment(reference, store.settings))
            return Age(None if found is None else found.timestamp(), store.rotates)

        waiting = [self._alone(parse(text), context, age, _no_age) for text in texts]
        return [one.result() for one in waiting]

    def refresh(self, texts: Sequence[str], context: Context) -> list[Answer]:
        """Fetch secrets anew, from the store itself: another run may have replaced them. From now on everybody gets what was found.

        Of the versions of a secret only the very one is asked for: one that is not there yet is refused, `missing`.
        """

        def fetched(store: Store, reference: SecretReference) -> Answer:
            settings = store.settings.without("documents")  # what it has read stays for others: two fields of a lease belong together
            return Answer(store.fetched(reference, settings), store.name)

        def refused(store: Store, refusal: str, error: Exception) -> Answer:
            return Answer(backend=store.name, refusal=refusal, missing=isinstance(error, secrets.NotThere))

        asked = [parse(text) for text in texts]
        waiting = [self._alone(reference, context, fetched, refused) for reference in asked]
        found = [one.result() for one in waiting]
        for reference, answer in zip(asked, found, strict=True):
            self.forget(reference, context)
            if answer.value is not None:
                entry = _Entry(answer=answer, lasts=float("inf"))
                entry.done.set()
                place, plain = context.key_of(reference.backend), secret_recipe.stored(reference)
                with self._lock:
                    self._entries.update({(place, plain, how): entry for how in HOW})
        return found

    def replace(self, text: str, value: bytes, context: Context) -> Age:
        """Write a secret that is there, or a version of one; whoever asks afterwards gets it. The same value twice is written once."""
        beside = secret_versions.accepts(parse(text))

        def written(store: Store, reference: SecretReference) -> Age:
            put = store.part("replace")
            if put is None or (beside and store.part("store") is None):
                raise secrets.SecretError(CANNOT_REPLACE % store.settings.options.get("backend"))

            def once() -> None:
                # An answer that was lost on the way must not make a second version when it is tried again.
                try:
                    there = store.backend.fetch(reference, store.settings)
                except secrets.NotThere:
                    if not beside:
                        raise
                    store.part("store")(reference, value, store.settings)
                    return
                if there != value:
                    put(reference, value, store.settings)

            store.tried(once)
            return Age(replaces=True)

        reference = parse(text)
        try:
            return self._alone(reference, context, written, _no_age).result()
        finally:
            self.forget(reference, context)

    def _alone(
        self,
        reference: SecretReference,
        context: Context,
        action: Callable[[Store, SecretReference], _T],
        refused: Callable[[Store, str, Exception], _T],
    ) -> Future[_T]:
        """Have one of the backend's threads act on a secret; what it raises goes to `refused` as a user reads it."""
        place = context.key_of(reference.backend)
        with self._lock:
            self._store(place, reference.backend, context)
        store = self._stores[place]

        def acted() -> _T:
            self._busy.places = (place,)
            try:
                return action(store, secret_recipe.stored(reference))
            except Exception as error:  # pylint: disable=broad-except  # what a library raises is the backend's to explain
                return refused(store, store.told(error), error)

        return store.pool.submit(acted)

    def forget(self, reference: SecretReference, context: Context) -> None:
        """Fetch a reference anew when it is next asked for: it was replaced."""
        place, plain = context.key_of(reference.backend), secret_recipe.stored(reference)
        with self._lock:
            for key in [key for key in self._entries if key[:2] == (place, plain)]:
                del self._entries[key]

    def close(self) -> None:
        """Give back what the run was lent and forget everything. What fails is left to the backend's own time limits."""
        with self._lock:
            stores = list(self._stores.values())
            self._entries.clear()
        for store in stores:
            store.pool.shutdown(wait=False, cancel_futures=True)
            close = store.part("close")
            if close is not None:
                with contextlib.suppress(Exception):
                    close(store.settings)
