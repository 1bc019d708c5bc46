# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about Python, the catalogue, documents and what may be committed at all. See rules.py."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch

from rules import Files, lines_with, mappings, matching, parsed, rule, tree

# --- Python -------------------------------------------------------------------------------------------------------

HEADER = (
    "# Copyright (c) 2026 groundwork.fleet contributors",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)


@rule
def python_files_say_their_licence(files: Files) -> Iterator[str]:
    """Who copies one file takes its terms along; and annotations that are not evaluated run on every Python of a host."""
    for path, text in matching(files, "**.py"):
        if not text.strip() and path.endswith("__init__.py"):
            continue
        has_code = any(not isinstance(node, ast.Expr) for node in tree(text).body)
        lines = [line for line in text.splitlines() if not line.startswith("#!")]
        if tuple(lines[:3]) != HEADER:
            yield "%s does not start with the three lines of the licence" % path
        if has_code and "from __future__ import annotations" not in lines:
            yield "%s lacks `from __future__ import annotations`" % path


OURS = "ansible_collections.groundwork.fleet.plugins.module_utils"


def imported(text: str) -> Iterator[tuple[int, str]]:
    """Return line and name of what a file imports from elsewhere, imports under TYPE_CHECKING excepted."""
    whole = tree(text)
    typing_only = {
        id(inner)
        for node in ast.walk(whole)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for child in node.body
        for inner in ast.walk(child)
    }
    for node in ast.walk(whole):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module or ""


@rule
def host_code_needs_the_standard_library_only(files: Files) -> Iterator[str]:
    """A bare host has Python and nothing else; a module that needs python3-apt or requests cannot even start there (ADR 0004)."""
    for path, text in matching(files, "plugins/modules/**.py", "plugins/module_utils/**.py"):
        for number, name in imported(text):
            known = name.split(".")[0] in sys.stdlib_module_names
            if not known and not (name + ".").startswith(("ansible.module_utils.", OURS + ".")):
                yield "%s:%d: %s" % (path, number, name)


@rule
def host_code_runs_on_python_3_9(files: Files) -> Iterator[str]:
    """RHEL 9 brings Python 3.9, and hosts are not ours to upgrade before they are managed."""
    for path, text in matching(files, "plugins/modules/**.py", "plugins/module_utils/**.py"):
        try:
            ast.parse(text, feature_version=(3, 9))
        except SyntaxError as error:
            yield "%s:%s: %s" % (path, error.lineno, error.msg)


@rule
def functions_are_annotated(files: Files) -> Iterator[str]:
    """A decision that is typed cannot be fed a string where it expects a list; mypy checks only what is annotated."""
    for path, text in matching(files, "plugins/plugin_utils/**.py", "plugins/module_utils/**.py", "lab/**.py", "tools/**.py"):
        for node in ast.walk(tree(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            told = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            bare = [one.arg for one in told if one and not one.annotation and one.arg not in ("self", "cls")]
            if bare or node.returns is None:
                yield "%s:%d: %s lacks %s" % (path, node.lineno, node.name, ", ".join(bare) or "its return type")


# The whole main of a module that is a step; tests/unit/plugins/modules/test_steps.py holds all of them against their steps.
HANDED_OVER = re.compile(
    r"^def main\(\) -> None:\n    standalone\(AnsibleModule, \w+\)\n\n\nif __name__ == \"__main__\":\n    main\(\)\n\Z", re.MULTILINE
)


@rule
def plugins_have_unit_tests(files: Files) -> Iterator[str]:
    """A plugin without a test of its own is tested on somebody's hosts. A module that only runs its step is tested by the step's tests."""
    for path, text in matching(files, "plugins/*/**.py"):
        kind, _slash, rest = path.removeprefix("plugins/").removesuffix(".py").partition("/")
        made = [node.name for node in tree(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        if not made or kind == "doc_fragments":
            continue
        if kind == "modules" and made == ["main"] and HANDED_OVER.search(text):
            continue
        folder, _slash, name = rest.removesuffix("/__init__").rpartition("/")
        wanted = "tests/unit/plugins/%s/%stest_%s.py" % (kind, folder + "/" if folder else "", name)
        if wanted not in files:
            yield "%s: %s is missing" % (path, wanted)


@rule
def plugins_are_documented(files: Files) -> Iterator[str]:
    """`ansible-doc` is what a user reads; without all three parts it shows an error instead."""
    for path, text in matching(files, *("plugins/%s/*.py" % kind for kind in ("modules", "lookup", "filter", "test"))):
        if path.endswith("__init__.py"):
            continue
        given = {
            target.id
            for node in tree(text).body
            if isinstance(node, ast.Assign) and ast.unparse(node.value).strip("rf'\"\\n ")
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        sidecar = parsed(next((text for _path, text in matching(files, path[:-3] + ".yml", path[:-3] + ".yaml")), "")) or {}
        missing = {"DOCUMENTATION", "EXAMPLES", "RETURN"} - given - set(sidecar)
        if missing:
            yield "%s lacks %s" % (path, ", ".join(sorted(missing)))


# --- catalogue ----------------------------------------------------------------------------------------------------

SEVERITIES = ("critical", "warning", "info")


@rule
def alerts_can_be_acted_upon(files: Files) -> Iterator[str]:
    """Whoever is woken at three needs to know how bad it is, what it is and what to do; the page has to exist before the night."""
    for path, text in matching(files, "catalogue/alerts/*.yml"):
        if path.endswith("_test.yml"):
            continue
        alerts = [one for one in mappings(parsed(text)) if isinstance(one.get("alert"), str)]
        if not alerts and not any(isinstance(one.get("record"), str) for one in mappings(parsed(text))):
            yield "%s has neither an alert nor a recording" % path
        for alert in alerts:
            where = "%s: %s" % (path, alert["alert"])
            labels, annotations = alert.get("labels") or {}, alert.get("annotations") or {}
            if labels.get("severity") not in SEVERITIES:
                yield "%s has the severity %r, expected one of %s" % (where, labels.get("severity"), ", ".join(SEVERITIES))
            if not annotations.get("summary"):
                yield "%s has no summary" % where
            page = re.sub(r"[#?].*|\.(?:md|html)$", "", str(annotations.get("runbook_url") or "")).rpartition("/")[2]
            if "docs/runbooks/%s.md" % page not in files:
                yield "%s has the runbook_url %r, docs/runbooks/%s.md does not exist" % (where, annotations.get("runbook_url"), page)


@rule
def alerts_are_tested(files: Files) -> Iterator[str]:
    """An alert that was never seen firing may never fire; promtool shows it in a second."""
    for path, text in matching(files, "catalogue/alerts/*.yml"):
        if path.endswith("_test.yml"):
            continue
        beside = path.removesuffix(".yml") + "_test.yml"
        tested = {str(one["alertname"]) for one in mappings(parsed(files.get(beside, ""))) if "alertname" in one}
        for alert in mappings(parsed(text)):
            if isinstance(alert.get("alert"), str) and alert["alert"] not in tested:
                yield "%s: %s has no case in %s" % (path, alert["alert"], beside)


# --- documents ----------------------------------------------------------------------------------------------------


@rule
def decisions_are_numbered(files: Files) -> Iterator[str]:
    """A decision is found by its number and judged by its context; a gap means that one was lost."""
    numbers = []
    for path, text in matching(files, "docs/adr/*.md"):
        name = re.fullmatch(r"docs/adr/(\d{4})-[a-z0-9-]+\.md", path)
        if not name:
            yield "%s, expected docs/adr/NNNN-words.md" % path
            continue
        numbers.append(int(name[1]))
        for part in ("# %s" % name[1], "## Context", "## Decision", "## Consequences"):
            if not any(line.startswith(part) for line in text.splitlines()):
                yield "%s has no heading %r" % (path, part)
    if sorted(numbers) != list(range(1, len(numbers) + 1)) or not numbers:
        yield "docs/adr has the numbers %s, expected 1 and on, each once" % sorted(numbers)


LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@rule
def links_lead_somewhere(files: Files) -> Iterator[str]:
    """A guide that points at a page which is gone costs the reader the way and the trust."""
    folders = {"/".join(path.split("/")[:count]) for path in files for count in range(1, path.count("/") + 1)}
    for path, text in matching(files, "**.md"):
        for number, line in enumerate(text.splitlines(), 1):
            for target in LINK.findall(line):
                parts: list[str] = []
                for part in (target if target.startswith("/") else "%s/%s" % (path.rpartition("/")[0], target)).split("/"):
                    if part == "..":
                        parts = parts[:-1]
                    elif part not in ("", "."):
                        parts.append(part)
                if "/".join(parts) not in folders | set(files):
                    yield "%s:%d: %s" % (path, number, target)


# --- what may be committed ----------------------------------------------------------------------------------------

GENERATED = ("*.pyc", "*.retry", "*.tar.gz", "*.log", "*/.groundwork/*", ".cache/*", ".venv/*", ".ansible/*", "build/*", "dist/*")
# What a user puts beside the runs' output: secrets, and only encrypted ones.
DECLARED, ENCRYPTED = "inventories/*/.groundwork/secrets/*", "$ANSIBLE_VAULT;"
CACHES = ("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".plugin-cache.yaml")


@rule
def nothing_generated_is_committed(files: Files) -> Iterator[str]:
    """What is generated goes stale in git and hides real changes; README tables and the changelog are for readers and are tested."""
    for path, text in files.items():
        if fnmatch(path, DECLARED) and text.startswith(ENCRYPTED):
            continue
        if any(fnmatch(path, pattern) for pattern in GENERATED) or set(CACHES) & set(path.split("/")):
            yield path


# Written so that this file does not hold what it forbids.
MACHINE = re.compile(r"(?<![\w.:}~-])/(?:wor[k]|root/\.pyen[v]|tmp/tr[y])(?![\w-])")
REGISTRIES = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|galaxy\.ansible\.com|docker\.io/\w+|quay\.io|ghcr\.io|gcr\.io|registry\.redhat\.io|registry\.npmjs\.org"
    r"|(?:deb|security|snapshot|ftp)\.debian\.org|(?:archive|security|ports)\.ubuntu\.com|dl\.fedoraproject\.org"
    r"|raw\.githubusercontent\.com|github\.com/[\w./-]+/releases|proxy\.golang\.org|packages\.grafana\.com)\b"
)


@rule
def no_path_of_a_machine(files: Files) -> Iterator[str]:
    """A clone works anywhere, or it works on one machine by accident."""
    for path, text in files.items():
        for number, found in lines_with(text, MACHINE):
            yield "%s:%d: %s" % (path, number, found)


@rule
def no_host_of_a_registry(files: Files) -> Iterator[str]:
    """Where packages come from is the user's matter (mirror, proxy, air gap): tools take it from their own configuration."""
    for path, text in files.items():
        for number, found in lines_with(text, REGISTRIES) if path != "LICENSE" else ():
            yield "%s:%d: %s" % (path, number, found)


VERSION_ADDED = re.compile(r"""(?m)^version_added:\s*["']?([0-9.]+)""")


@rule
def plugins_know_their_first_version(files: Files) -> Iterator[str]:
    """A plugin is listed as new in the release that its version_added names; one from the future is never listed."""
    current = str((parsed(files.get("galaxy.yml", "")) or {}).get("version", "0"))
    for path, text in matching(files, *("plugins/%s/*.py" % kind for kind in ("modules", "lookup", "filter", "test"))):
        found = VERSION_ADDED.search(text)
        if not found:
            yield "%s has no version_added" % path
        elif [int(part) for part in found[1].split(".")] > [int(part) for part in current.split(".")]:
            yield "%s: version_added %s, the collection has the version %s" % (path, found[1], current)


NETWORK = re.compile(r"\b10\.157\.\d+\.")


@rule
def labs_have_networks_of_their_own(files: Files) -> Iterator[str]:
    """Suites run side by side: a second network of the same addresses cannot be made while the first one is there."""
    found: dict[str, set[str]] = {}
    for path, text in matching(files, "tests/integration/*.py", "benchmarks/fleet.py", "inventories/*/hosts.yml"):
        for network in set(NETWORK.findall(text)) if "Fleet(" in text or not path.startswith("tests/") else ():
            found.setdefault(network, set()).add(path)
    yield from ("%s0/24 is that of %s" % (network, " and ".join(sorted(paths))) for network, paths in found.items() if len(paths) > 1)
