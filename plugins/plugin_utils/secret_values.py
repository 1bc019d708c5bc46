# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts secrets in the place of their references, on the controller and at the last moment: the one place where that is done."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ansible.utils.display import Display
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_output, secret_recipe, secret_versions, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import is_trusted, trust
from ansible_collections.groundwork.fleet.plugins.plugin_utils.inventory_directory import inventory_directory
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_broker import Client
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import Age, Answer, Context, Keeper
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import (
    SCHEME,
    as_text,
    is_reference,
    parse,
    present,
    references,
    replaced,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.step_list import plain

_T = TypeVar("_T")
CLIENT = Client()

#: Variables that the inventory does not set, or whose references are the backends' own.
NOT_OF_USERS = re.compile(r"^(ansible_|inventory_|hostvars$|groups$|group_names$|vars$|play_hosts$|fleet_secret_backends$|omit$)")
_CONTINUED = re.compile(r"\s*\{\{\s*(\w+)\s*\}\}([&?#].*)", re.DOTALL)
HELPER = "__groundwork_reference_%s"  # of the reference's digest: a file's own variables stand beside those of its host
LOOKUP = "{{ lookup('groundwork.fleet.secret', %s) }}"


class SecretValues:
    """Resolves references with what one host's variables say of the backends."""

    def __init__(self, loader: Any, templar: Any, variables: Mapping[str, Any], check_mode: bool | None = None) -> None:
        self._loader, self._templar, self._variables = loader, templar, variables
        self._check_mode = bool(variables.get("ansible_check_mode")) if check_mode is None else check_mode

    @functools.cached_property
    def context(self) -> Context:
        """What the references of this host mean. Raises BadInput for what is wrong with fleet_secret_backends."""
        render: Callable[[Any], Any] = self._templar.template
        declared = plain(render(self._variables.get("fleet_secret_backends")))
        return Context(secrets.configured(declared), inventory_directory(render(self._variables.get("inventory_dir"))))

    def answers(self, asked: Sequence[tuple[str, str]]) -> list[Answer]:
        """Return what came of each (place, reference), the secrets registered so that no output shows them.

        Raises BadInput for a reference that is wrong by itself; what a backend refuses is in its answer.
        """
        for where, text in asked:
            secrets.checked(text, where, self.context.backends)
        if not asked:
            return []
        texts = [text for _where, text in asked]
        found = self._asked(
            lambda keeper: CLIENT.ask(texts, self.context, self._check_mode, keeper),
            lambda keeper: keeper.ask(texts, self.context, self._check_mode),
        )
        told = [answer.value for text, answer in zip(texts, found, strict=True) if not secret_recipe.is_told(parse(text))]
        secret_output.register(secret_recipe.masked(value for value in told if value is not None))
        return found

    def _asked(self, broker: Callable[[Keeper], _T], alone: Callable[[Keeper], _T]) -> _T:
        """Return what the run's broker answers; where there can be none, what a keeper of this task alone answers."""
        load = functools.partial(self._loader.load_from_file, cache="none")  # one that was made meanwhile has to be seen
        keeper = Keeper(load, getattr(self._loader, "_vault", None))
        try:
            return broker(keeper)
        except OSError as error:  # a file system without sockets, no memory for a process: slower, but no reason to fail
            Display().warning("Secrets are not kept for the whole run, each task asks anew: %s." % (error.strerror or error))
            try:
                return alone(keeper)
            finally:
                keeper.close()

    def ages(self, texts: Sequence[str]) -> list[Age]:
        """Return when each secret got its value; the references were found right."""
        if not texts:
            return []
        return self._asked(lambda keeper: CLIENT.ages(texts, self.context, keeper), lambda keeper: keeper.ages(texts, self.context))

    def refresh(self, texts: Sequence[str]) -> list[bytes | None]:
        """Return what the stores have now, and have the run go on with that; None for a version that is not there. Raises BadInput."""
        if not texts:
            return []
        found = self._asked(lambda keeper: CLIENT.refresh(texts, self.context, keeper), lambda keeper: keeper.refresh(texts, self.context))
        values = [answer.value for answer in found if answer.value is not None]
        secret_output.register(secret_recipe.masked(values))
        for text, answer in zip(texts, found, strict=True):
            if answer.value is None and not (answer.missing and secret_versions.accepts(parse(text))):
                raise secrets.refused(text, "secret to replace", answer.backend, answer.refusal)
        return [answer.value for answer in found]

    def replace(self, text: str, value: bytes) -> None:
        """Write a secret that is there or a version of one, registered before so that no output shows it. Raises BadInput."""
        secret_output.register(secret_recipe.masked([value] if value != secret_versions.RETIRED else []))
        answer = self._asked(
            lambda keeper: CLIENT.replace(text, value, self.context, keeper), lambda keeper: keeper.replace(text, value, self.context)
        )
        if answer.refusal:
            raise secrets.refused(text, "secret to replace", parse(text).backend, answer.refusal)

    def values(self, asked: Sequence[tuple[str, str]]) -> list[bytes]:
        """Return the secret of each (place, reference). Raises BadInput."""
        found = []
        for (where, text), answer in zip(asked, self.answers(asked), strict=True):
            if answer.value is None:
                raise secrets.refused(text, where, answer.backend, answer.refusal)
            if answer.pending:
                Display().warning("%s would be generated: %s" % (where, text))
            found.append(answer.value)
        return found

    def resolved(self, value: Any, where: str) -> Any:
        """Return a value with every reference in it replaced by its secret; the very value where it has none.

        One that is no text stays a reference, for a file takes it as it is. What is declared `state: absent` is left alone: it goes
        though its secrets may be gone. Raises BadInput.
        """
        asked = list(references(present(value), where))
        if not asked:
            return value
        found = {text: as_text(content) for (_place, text), content in zip(asked, self.values(asked), strict=True)}
        return replaced(value, found)

    def texts(self, asked: Sequence[tuple[str, str]]) -> list[str]:
        """Return the secret of each (place, reference) to text. Raises BadInput."""
        found = []
        for (where, text), content in zip(asked, self.values(asked), strict=True):
            value = as_text(content)
            if value is None:
                raise bad_input(where, text, "a reference to UTF-8 text", "Ask for it with base64=true, or make it the content of a file.")
            found.append(value)
        return found

    def composed(self, value: Any, seen: frozenset[str] = frozenset()) -> Any:
        """Return a raw value with each text that continues a reference of another variable, `{{ login }}&part=password`, as a reference.

        Rendered later it would be the secret of the other variable, with the rest behind it. seen: variables that led here.
        """
        if not isinstance(value, str):
            return _each(value, lambda one: self.composed(one, seen))
        found = _CONTINUED.fullmatch(value)
        if found is None or found[1] in seen:
            return value
        before = self.composed(self._variables.get(found[1]), seen | {found[1]})
        if not is_reference(before) or not is_trusted(before) or not is_trusted(value):  # what a host answered is no reference
            return value
        return trust(str(before) + found[2])

    def variables(self, variables: Mapping[str, Any], but: Iterable[str] = (), rendered: bool = False) -> dict[str, Any]:
        """Return variables in which each reference is a template that looks its secret up, when and if it is used.

        but: names of variables that stay as they are. rendered: they are options of a task, of which nobody can tell who wrote them.
        """
        helpers: dict[str, Any] = {}
        left = set(but)
        found = {
            name: value if name in left or NOT_OF_USERS.match(str(name)) else looked_up(self.composed(value), helpers, rendered)
            for name, value in variables.items()
        }
        return {**found, **helpers} if helpers else dict(variables)


def refuse_embedded(text: str, where: str, backends: Iterable[str]) -> None:
    """Raise BadInput for a reference that is a part of a longer text: nobody can tell where it ends, so it would stay as it is."""
    for name in backends if SCHEME in text else ():
        start = text.find("%s%s/" % (SCHEME, name))
        if start >= 0:
            remedy = "Make it the whole value of a variable and use that in a template file, or lookup('groundwork.fleet.secret', …) here."
            raise bad_input(where, text[start:].split()[0], "no reference within a longer text", remedy)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a mapping or list with each element changed; the very value where none is, or where it is neither."""
    if isinstance(value, dict):
        changed = {key: change(one) for key, one in value.items()}
        return changed if any(changed[key] is not value[key] for key in changed) else value
    if isinstance(value, list):
        items = [change(one) for one in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def looked_up(value: Any, helpers: dict[str, Any], rendered: bool = False) -> Any:
    """Return a value in which each reference is a template that looks its secret up; the very value where it has none.

    helpers: takes the variables that these templates read. A text that came from a host is no reference: it would choose its own secret.
    rendered: do not ask where it came from.
    """
    if isinstance(value, str):
        if not is_reference(value) or not (rendered or is_trusted(value)):
            return value
        name = HELPER % hashlib.sha256(value.encode()).hexdigest()[:16]
        helpers[name] = value  # it may be a template itself: secret://vault/{{ inventory_hostname }}#password
        return trust(LOOKUP % name)
    return _each(value, lambda one: looked_up(one, helpers, rendered))
