# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of docs/contributing.md that a program can judge.

A rule is a pure function of the repository's files (path to text) that returns its violations. Its docstring is the
reason. Adding one is: write the function, decorate it, add a bad sample to test_rules_can_fail.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

Files = Mapping[str, str]
Rule = Callable[[Files], list[str]]

RULES: dict[str, Rule] = {}


def rule(function: Callable[[Files], Iterator[str]]) -> Rule:
    """Register a rule under its function's name."""

    def collected(files: Files) -> list[str]:
        return sorted(function(files))

    collected.__name__, collected.__doc__ = function.__name__, function.__doc__
    RULES[function.__name__] = collected
    return collected


class Loader(yaml.SafeLoader):
    """Reads tags such as !vault or !unsafe as the text that they carry."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))


def matching(files: Files, *patterns: str) -> Iterator[tuple[str, str]]:
    """Return path and text of the files that match; a `*` stands for any text without a slash, `**` for any."""
    expressions = [re.compile(re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")) for pattern in patterns]
    return ((path, text) for path, text in files.items() if any(one.fullmatch(path) for one in expressions))


def parsed(text: str) -> Any:
    """Return the YAML document in `text`; nothing where it is not YAML, which is a linter's matter."""
    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError:
        return None


def tree(text: str) -> ast.Module:
    """Return the syntax tree of a Python file; an empty one where it is not Python, which is a linter's matter."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])


def roles(files: Files) -> list[str]:
    """Return the names of the roles."""
    return sorted({path.split("/")[1] for path in files if path.startswith("roles/") and path.count("/") > 1})


def mappings(value: Any) -> Iterator[dict[Any, Any]]:
    """Return every mapping in `value`, however deep."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(item)


def lines_with(text: str, expression: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Return number and match of each line in which `expression` is found."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := expression.search(line):
            yield number, found[0]


# --- size ---------------------------------------------------------------------------------------------------------


def too_long(files: Files, limit: int, *patterns: str) -> Iterator[str]:
    """Return the files with more lines than `limit`."""
    for path, text in matching(files, *patterns):
        if (count := len(text.splitlines())) > limit:
            yield "%s has %d lines, at most %d" % (path, count, limit)


@rule
def task_files_are_short(files: Files) -> Iterator[str]:
    """YAML only orders; what needs more lines holds decisions, which belong into a typed, tested filter or module."""
    yield from too_long(files, 40, "roles/*/tasks/main.yml")
    yield from too_long(files, 80, "roles/*/tasks/**.yml", "playbooks/**.yml", "molecule/shared/*.yml")


@rule
def plugins_are_short(files: Files) -> Iterator[str]:
    """A file that one cannot read in one go hides its mistakes; plugins parse, call and report, the rest is plugin_utils."""
    yield from too_long(files, 350, "plugins/**.py")


@rule
def exporters_are_short(files: Files) -> Iterator[str]:
    """An exporter is content: what all exporters share stands once in the role, so that a new one is half a page."""
    yield from too_long(files, 30, "catalogue/exporters/*.yml")


# --- roles --------------------------------------------------------------------------------------------------------

TASKS = ("tasks/main.yml", "tasks/present.yml", "tasks/absent.yml")
ANATOMY = ("README.md", "meta/main.yml", "meta/argument_specs.yml", "vars/main.yml", "tasks/main.yml")
MARKERS = ("<!-- variables:start -->", "<!-- variables:end -->")


@rule
def roles_have_one_anatomy(files: Files) -> Iterator[str]:
    """Who knows one role knows all; the spec is the only place of a default, so a defaults/main.yml would be a second truth (ADR 0001)."""
    for role in roles(files):
        for part in ANATOMY:
            if "roles/%s/%s" % (role, part) not in files:
                yield "roles/%s/%s is missing" % (role, part)
        # A role whose main.yml is one converge with either list of steps has neither of the two: an include takes a task of its own.
        if "include_tasks" in files.get("roles/%s/tasks/main.yml" % role, ""):
            yield from ("roles/%s/%s is missing" % (role, part) for part in TASKS if "roles/%s/%s" % (role, part) not in files)
        readme = files.get("roles/%s/README.md" % role)
        if readme is not None and any(readme.count(marker) != 1 for marker in MARKERS):
            yield "roles/%s/README.md needs %s and %s, once each" % (role, *MARKERS)
        for path, _text in matching(files, "roles/%s/defaults/**" % role):
            yield "%s: defaults stand in meta/argument_specs.yml" % path


@rule
def roles_are_tested_by_one_line_scenarios(files: Files) -> Iterator[str]:
    """What scenarios share stands once in .config/molecule/config.yml; a role without a scenario is a promise without a proof."""
    for role in roles(files):
        if "molecule/%s/verify.yml" % role not in files:
            yield "molecule/%s/verify.yml is missing" % role
        if "molecule/%s/molecule.yml" % role not in files:
            yield "molecule/%s/molecule.yml is missing" % role
    for path, text in matching(files, *("molecule/%s/molecule.yml" % role for role in roles(files))):
        told = [line for line in text.splitlines() if line.strip() and not line.startswith(("---", "#"))]
        if len(told) > 1:
            yield "%s has %d lines, at most 1" % (path, len(told))


def options_of(files: Files, role: str) -> dict[str, Any]:
    """Return a role's options, of all its entry points."""
    spec = parsed(files.get("roles/%s/meta/argument_specs.yml" % role, "")) or {}
    found: dict[str, Any] = {}
    for entry in (spec.get("argument_specs") or {}).values():
        found.update((entry or {}).get("options") or {})
    return found


def undescribed(path: str, options: Mapping[str, Any]) -> Iterator[str]:
    """Return the options, however deep, that lack a description or a type."""
    for name, option in options.items():
        here = "%s%s" % (path, name)
        if not isinstance(option, dict):
            yield "%s is not a mapping" % here
            continue
        for key in ("description", "type"):
            if not option.get(key):
                yield "%s has no %s" % (here, key)
        if option.get("type") == "list" and not option.get("elements"):
            yield "%s has no elements" % here
        yield from undescribed(here + ".", option.get("options") or {})


@rule
def options_are_described(files: Files) -> Iterator[str]:
    """The spec is the documentation, the default and the check of the type in one; a hole in it is a hole in all three."""
    for role in roles(files):
        yield from undescribed("roles/%s/meta/argument_specs.yml: " % role, options_of(files, role))
    for path, text in matching(files, "catalogue/variables/*.yml"):
        yield from undescribed("%s: " % path, parsed(text) or {})


@rule
def public_variables_carry_their_roles_name(files: Files) -> Iterator[str]:
    """Variables of an inventory are global: the name says whose it is, and two roles cannot take the same one."""
    for role in roles(files):
        for name in options_of(files, role):
            if not name.startswith(role + "_"):
                yield "roles/%s/meta/argument_specs.yml: %s, expected %s_*" % (role, name, role)
    for path, text in matching(files, "catalogue/variables/*.yml"):
        for name in parsed(text) or {}:
            if not name.startswith("fleet_"):
                yield "%s: %s, expected fleet_*" % (path, name)


@rule
def roles_have_a_switch(files: Files) -> Iterator[str]:
    """A role that cannot be taken back leaves its traces on the host for ever."""
    for role in roles(files):
        if not (options := options_of(files, role)):
            continue
        switch = options.get(role + "_state") or {}
        if sorted(switch.get("choices") or []) != ["absent", "present"]:
            yield "roles/%s/meta/argument_specs.yml: %s_state with the choices present and absent is missing" % (role, role)


def private_names(value: Any) -> Iterator[str]:
    """Return the variables that tasks set: registered, by set_fact or in vars."""
    for task in mappings(value):
        if isinstance(task.get("register"), str):
            yield task["register"]
        for key in ("vars", "ansible.builtin.set_fact"):
            if isinstance(task.get(key), dict):
                yield from (str(name) for name in task[key] if name != "cacheable")
        loop = task.get("loop_control")
        if isinstance(loop, dict):
            yield from (str(loop[key]) for key in ("loop_var", "index_var") if key in loop)


@rule
def private_variables_carry_their_roles_name(files: Files) -> Iterator[str]:
    """A registered `result` of one role would be read by the next; two underscores say that nobody else may rely on it."""
    for role in roles(files):
        names = [(path, name) for path, text in matching(files, "roles/%s/vars/**.yml" % role) for name in parsed(text) or {}]
        for path, text in matching(files, "roles/%s/tasks/**.yml" % role):
            names += [(path, name) for name in private_names(parsed(text))]
        for path, name in names:
            if not name.startswith("__%s_" % role):
                yield "%s: %s, expected __%s_*" % (path, name, role)


@rule
def settings_are_read_by_one_line(files: Files) -> Iterator[str]:
    """Defaults and types exist only in what the lookup returns; whoever reads the bare variable misses both (ADR 0001)."""
    for role in roles(files):
        path = "roles/%s/vars/main.yml" % role
        wanted = "{{ lookup('groundwork.fleet.settings', '%s') }}" % role
        first = next(iter((parsed(files.get(path, "")) or {}).items()), None)
        if path in files and first != ("__%s_settings" % role, wanted):
            yield '%s: the first variable is not __%s_settings: "%s"' % (path, role, wanted)
        names = "|".join(map(re.escape, options_of(files, role)))
        bare = re.compile(r"(?<![\w./'\"-])(?:%s)\b" % names)
        for other, text in matching(files, *("roles/%s/%s/**" % (role, part) for part in ("tasks", "templates", "vars", "platforms"))):
            for expression in expressions(other, text) if names else ():
                for found in bare.findall(expression):
                    yield "%s: %s is read, expected __%s_settings.%s" % (other, found, role, found[len(role) + 1 :])


SPANS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
CONDITIONS = ("when", "that", "changed_when", "failed_when", "until")


def spans(value: Any, bare: bool = False) -> Iterator[str]:
    """Return the expressions in a YAML value; with `bare`, its texts are expressions without braces."""
    if isinstance(value, str):
        yield from [value] if bare else SPANS.findall(value)
    for item in value if isinstance(value, list) else ():
        yield from spans(item, bare)
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from spans(key)
        yield from spans(item, bare or key in CONDITIONS)


def expressions(path: str, text: str) -> Iterator[str]:
    """Return the Jinja expressions in a file of a role: what is prose or a comment has no effect."""
    return spans(parsed(text)) if path.endswith((".yml", ".yaml")) else spans(re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL))


FLEET_WIDE = re.compile(
    r"\bhostvars\b|\binventory_hostnames\b|\bansible_play_hosts(?:_all)?\b|\bansible_play_batch\b"
    r"|(?<![\w.'\"-])groups(?=\s*(?:\[|\.\w|\|))|\bin\s+groups\b"
)


@rule
def roles_know_their_own_host_only(files: Files) -> Iterator[str]:
    """A role's inputs are its own variables, so that it can be understood, tested and run alone; playbooks wire the fleet."""
    for path, text in matching(files, "roles/*/tasks/**", "roles/*/templates/**", "roles/*/vars/**", "roles/*/meta/**"):
        for expression in expressions(path, text):
            for found in FLEET_WIDE.findall(expression):
                yield "%s: %s in %s" % (path, found, " ".join(expression.split()))


SIBLINGS = re.compile(r"\b(?:include_role|import_role)\b")


@rule
def roles_do_not_include_roles(files: Files) -> Iterator[str]:
    """A role that pulls in another cannot be left out, replaced or reordered; playbooks compose."""
    for path, text in matching(files, "roles/**"):
        for number, found in lines_with(text, SIBLINGS) if path.endswith((".yml", ".yaml")) else ():
            yield "%s:%d: %s" % (path, number, found)
    for path, text in matching(files, "roles/*/meta/main.yml"):
        if (parsed(text) or {}).get("dependencies"):
            yield "%s has dependencies" % path


# --- tasks --------------------------------------------------------------------------------------------------------

WORDS = (
    "action always any_errors_fatal args async become become_exe become_flags become_method become_user block changed_when check_mode "
    "collections connection debugger delay delegate_facts delegate_to diff environment failed_when ignore_errors ignore_unreachable "
    "listen local_action loop loop_control module_defaults name no_log notify poll port register remote_user rescue retries run_once "
    "tags throttle timeout until vars when"
)
KEYWORDS = frozenset(WORDS.split())
TASK_FILES = ("roles/*/tasks/**.yml", "roles/*/handlers/**.yml", "playbooks/**.yml", "molecule/**.yml", "tests/integration/**.yml")
PLAY_LISTS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")


def tasks(value: Any) -> Iterator[dict[str, Any]]:
    """Return the tasks in a task file or in the plays of a playbook, those in blocks included."""
    for item in value if isinstance(value, list) else ():
        if not isinstance(item, dict):
            continue
        if "hosts" not in item and "ansible.builtin.import_playbook" not in item and "import_playbook" not in item:
            yield item
        for key in PLAY_LISTS:
            yield from tasks(item.get(key))


def module_of(task: Mapping[str, Any]) -> str:
    """Return the module of a task; nothing for a block."""
    names = [name for name in task if name not in KEYWORDS and not name.startswith("with_")]
    return names[0] if names else "action" if "action" in task else "local_action" if "local_action" in task else ""


def all_tasks(files: Files, *patterns: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return path and task of all tasks in the files that match."""
    for path, text in matching(files, *patterns):
        for task in tasks(parsed(text)):
            yield path, task


@rule
def modules_have_full_names(files: Files) -> Iterator[str]:
    """A short name means whatever the user's search path says; a full name means one thing."""
    for path, task in all_tasks(files, *TASK_FILES):
        module = module_of(task)
        if module and module.count(".") < 2:
            yield "%s: %s in the task %r" % (path, module, task.get("name", ""))


@rule
def facts_are_of_one_host(files: Files) -> Iterator[str]:
    """Where such a task runs once, before the first facts, ansible-core 2.21 gives all hosts one mapping of facts: use `when` instead."""
    for path, task in all_tasks(files, *TASK_FILES):
        module = module_of(task).rpartition(".")[2]
        if module in ("debug", "set_fact", "include_vars") and task.get("run_once"):
            yield "%s: %s with run_once in the task %r" % (path, module, task.get("name", ""))


@rule
def no_shell(files: Files) -> Iterator[str]:
    """A shell splits, globs and swallows errors, it has no check mode and no diff; a module or a list of arguments does not."""
    for path, task in all_tasks(files, *TASK_FILES):
        if module_of(task).rpartition(".")[2] in ("shell", "raw"):
            yield "%s: %s in the task %r" % (path, module_of(task), task.get("name", ""))


LOCAL = ("ansible.builtin.assert", "ansible.builtin.debug", "ansible.builtin.fail", "ansible.builtin.set_fact")


@rule
def no_loops_over_remote_tasks(files: Files) -> Iterator[str]:
    """One round trip per role: every turn of a loop is a connection, and half a loop is half a change."""
    for path, task in all_tasks(files, "roles/*/tasks/**.yml", "roles/*/handlers/**.yml"):
        loops = "loop" in task or any(str(name).startswith("with_") for name in task)
        if loops and module_of(task) not in LOCAL and task.get("delegate_to") != "localhost":
            yield "%s: a loop in the task %r" % (path, task.get("name", ""))
