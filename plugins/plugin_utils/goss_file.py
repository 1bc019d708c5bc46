# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a goss file, with those that it includes, and makes health checks of it; lists what could not be taken.

A goss file may be a template of Go. What only names a variable (`{{ .Vars.port }}`, `{{ .Env.OS }}`) is filled in; anything else
is refused with its line: `goss render` writes the file without templates.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from glob import glob
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.goss_matchers import LeftOut
from ansible_collections.groundwork.fleet.plugins.plugin_utils.goss_resources import KINDS, Resource
from ansible_collections.groundwork.fleet.plugins.plugin_utils.inventory_directory import inventory_directory

INCLUDES = "gossfile"
TEMPLATE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
NAMED = re.compile(r"\.(Vars|Env)((?:\.\w+)+)")
DEEPEST = 20  # includes in includes
DAY = 86400.0


@dataclass
class Converted:
    """The checks by name ("goss file /etc/passwd"); what could not be taken, and what the file itself skips."""

    checks: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def filled_in(text: str, where: str, variables: Mapping[str, Any]) -> str:
    """Return the text with what names a variable filled in. Raises BadInput for any other template, with its line."""
    known = {"Vars": variables, "Env": dict(os.environ)}

    def value(found: re.Match[str]) -> str:
        named = NAMED.fullmatch(found[1])
        place = f"{where}:{text.count(chr(10), 0, found.start()) + 1}"
        if not named:
            remedy = "Write the file without templates: goss -g FILE --vars VARS render."
            raise bad_input(place, found[0], "no template, or one that names a variable", remedy)
        current: Any = known[named[1]]
        for part in named[2].strip(".").split("."):
            if not isinstance(current, Mapping) or part not in current:
                raise bad_input(place, found[0], "a variable that is given", "Give its value in `values`.")
            current = current[part]
        return str(current)

    return TEMPLATE.sub(value, text)


def document_of(text: str, where: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a goss file says. Raises BadInput where it is none."""
    try:
        found = yaml.safe_load(filled_in(text, where, variables))
    except yaml.YAMLError as error:
        raise bad_input(where, str(error).split("\n", 1)[0], "YAML or JSON", "Correct the file.") from None  # told already
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise bad_input(where, found, "a mapping of kinds of resources", "Write file: {/etc/passwd: {exists: true}}.")
    return {str(key): value for key, value in found.items()}


def beside_inventory(path: str, inventory: object) -> list[str]:
    """Return where a relative path is looked for first, best first; nothing for an absolute path, or without an inventory."""
    directory = inventory_directory(inventory)
    if directory is None or os.path.isabs(os.path.expanduser(path)):
        return []
    return [os.path.join(directory, *folder, path) for folder in ((".groundwork",), ())]


def not_found(path: str, searched: Iterable[str]) -> BadInput:
    """Return the error for a file that is in none of the places."""
    remedy = "Searched: %s. Put it into .groundwork/ beside the inventory, or write the whole path." % ", ".join(searched)
    return bad_input("gossfile", path, "a goss file that is there", remedy)


def read(path: str, variables: Mapping[str, Any] | None = None) -> Converted:
    """Return the checks of a goss file of the controller, with those that it includes. variables: what it knows as .Vars."""
    converted = Converted()
    _read(os.path.abspath(os.path.expanduser(path)), variables or {}, converted, ())
    _keep_what_runs(converted)
    return converted


def _read(path: str, variables: Mapping[str, Any], converted: Converted, opened: tuple[str, ...]) -> None:
    if path in opened or len(opened) > DEEPEST:
        raise bad_input("gossfile", path, "files that do not include each other", "Take one of the includes out.")
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise bad_input("gossfile", path, "a goss file that can be read", f"{error}.") from None  # told already
    document = document_of(text, path, variables)
    for name, included in (document.pop(INCLUDES, None) or {}).items():
        options = included or {}
        if options.get("skip"):
            converted.skipped.append(f"gossfile {name}")
            continue
        pattern = os.path.join(os.path.dirname(path), str(options.get("file") or name))
        for found in sorted(glob(pattern)) if glob(pattern) else [pattern]:
            _read(found, variables, converted, (*opened, path))
    convert(document, converted)


def convert(document: Mapping[str, Any], converted: Converted) -> None:
    """Add the checks of the resources of one document."""
    for kind, resources in document.items():
        if kind not in KINDS:
            converted.left_out[kind] = "this kind of resource is not known"
            continue
        if not isinstance(resources, Mapping):
            converted.left_out[kind] = "it is no mapping of names to resources"
            continue
        for name, attributes in resources.items():
            _add(kind, str(name), attributes if isinstance(attributes, Mapping) else {}, converted)


def _add(kind: str, name: str, attributes: Mapping[str, Any], converted: Converted) -> None:
    label = f"{kind} {name}"
    if attributes.get("skip"):
        converted.skipped.append(label)
        return
    one = Resource(name, attributes)
    try:
        KINDS[kind](one)
    except LeftOut as reason:
        converted.left_out[label] = str(reason)
        return
    except (TypeError, ValueError, AttributeError) as error:
        converted.left_out[label] = f"its values are not those of a {kind}: {error}"
        return
    one.finish()
    converted.left_out.update({f"{label}: {attribute}": reason for attribute, reason in one.left_out.items()})
    for suffix, check in one.checks:
        converted.checks[" ".join(filter(None, ("goss", label, suffix)))] = check


def _keep_what_runs(converted: Converted) -> None:
    """Leave out what our own check types refuse: a number compared with a text, an expression that Python does not know."""
    types = health.check_types()

    def load(name: str) -> health.CheckType:
        return health.load_type(name, types[name].read_text(encoding="utf-8"))

    for name, check in list(converted.checks.items()):
        try:
            health_input.parse({name: check}, types, load, DAY)
        except BadInput as error:
            del converted.checks[name]
            converted.left_out[name.removeprefix("goss ")] = str(error)


def merged(paths: Iterable[str], variables: Mapping[str, Any] | None = None) -> Converted:
    """Return the checks of several files; a resource of a later one takes the place of one of the same name."""
    whole = Converted()
    for path in paths:
        found = read(path, variables)
        whole.checks.update(found.checks)
        whole.left_out.update(found.left_out)
        whole.skipped += found.skipped
    return whole
