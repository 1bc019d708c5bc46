# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of PAM: declared profiles, the lines of a service, and what a change to them leaves."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

TYPES = ("auth", "account", "password", "session")
STACKS = (*TYPES, *("%s_initial" % kind for kind in TYPES))
PARTS = (*STACKS, "priority", "additional", "arguments", "lines")
NAME = re.compile(r"^[a-z0-9][a-z0-9-]*$")
SERVICE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
ARGUMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
CONTROL = r"\[[^\]\n]+\]|required|requisite|sufficient|optional"
STACK_LINE = re.compile(r"^(?:%s)[ \t]+[\w./-]+\.so(?:[ \t]+\S+)*$" % CONTROL)
MODULE_LINE = re.compile(
    r"^(?P<head>\s*-?(?P<type>auth|account|password|session)\s+(?:%s)\s+(?P<module>\S+))(?P<arguments>[^\n#]*)" % CONTROL
)

# A file's module to its arguments: the text an argument had before, "" where it had none.
Arguments = Dict[str, Dict[str, Dict[str, str]]]
# A service to its types to the lines added there.
Lines = Dict[str, Dict[str, List[str]]]


class Wanted(NamedTuple):
    """What all declared profiles come to. profiles: name to the text of a profile of pam-auth-update."""

    profiles: Dict[str, str]
    stacks: Dict[str, List[List[List[str]]]]  # type to what profiles bring: each the lines, or those in their place where they come first
    arguments: Arguments
    lines: Lines


def _lines(where: str, given: Any) -> List[str]:
    for line in given if isinstance(given, list) else [given]:
        if not isinstance(line, str) or not STACK_LINE.match(line):
            raise bad_input(
                where, line, "a list of lines of a control, a module and its arguments", "Write 'required pam_faillock.so preauth'."
            )
    return list(given)


def _mapping(where: str, given: Any, names: re.Pattern[str]) -> Dict[str, Any]:
    if not isinstance(given, dict) or not all(isinstance(name, str) and names.match(name) for name in given):
        raise bad_input(where, given, "a mapping of names", "See the module pam.")
    return given


def _argument(where: str, name: str, value: Any) -> str:
    """Return the word of an argument, "" for one that must not be there."""
    if not ARGUMENT.match(name):
        raise bad_input(where, name, "the name of an argument", "Give its value beside it: {rounds: 11}.")
    if isinstance(value, bool):
        return name if value else ""
    if not isinstance(value, (str, int)) or not re.match(r"^[^\s#\[\]]+$", str(value)):
        raise bad_input("%s.%s" % (where, name), value, "true, false, a number or one word", "true sets it, false takes it away.")
    return "%s=%s" % (name, value)


def profile_text(name: str, parts: Mapping[str, Any]) -> str:
    """Return a profile of pam-auth-update, "" where the parts have no stack."""
    if not any(parts.get(stack) for stack in STACKS):
        return ""
    written = ["Name: groundwork.fleet: %s" % name, "Default: yes", "Priority: %d" % parts.get("priority", 0)]
    for kind in TYPES:
        if not parts.get(kind):
            continue
        additional = parts.get("additional", kind == "session")
        written.append("%s-Type: %s" % (kind.capitalize(), "Additional" if additional else "Primary"))
        for field, lines in (("", parts[kind]), ("-Initial", parts.get(kind + "_initial", []))):
            if lines:
                written += ["%s%s:" % (kind.capitalize(), field), *("\t" + line for line in lines)]
    return "\n".join(written) + "\n"


def _judge_stacks(where: str, parts: Mapping[str, Any], found: Wanted) -> None:
    for kind in TYPES:
        always = _lines("%s.%s" % (where, kind), parts.get(kind) or [])
        first = _lines("%s.%s_initial" % (where, kind), parts.get(kind + "_initial") or [])
        if first and not always:
            raise bad_input(
                "%s.%s_initial" % (where, kind), first, "%s beside it" % kind, "It is what stands there unless it is the first."
            )
        if always:
            found.stacks.setdefault(kind, []).append([lines for lines in (always, first) if lines])


def _judge_arguments(where: str, given: Any, found: Wanted) -> None:
    for service, modules in _mapping(where, given or {}, SERVICE).items():
        here = "%s.%s" % (where, service)
        for module, arguments in _mapping(here, modules, SERVICE).items():
            there = "%s.%s" % (here, module)
            words = {name: _argument(there, name, value) for name, value in _mapping(there, arguments, ARGUMENT).items()}
            found.arguments.setdefault(service, {}).setdefault(module, {}).update(words)


def _judge_lines(where: str, given: Any, found: Wanted) -> None:
    for service, kinds in _mapping(where, given or {}, SERVICE).items():
        here = "%s.%s" % (where, service)
        for kind, lines in _mapping(here, kinds, re.compile("^(?:%s)$" % "|".join(TYPES))).items():
            found.lines.setdefault(service, {}).setdefault(kind, []).extend(_lines("%s.%s" % (here, kind), lines))


def wanted(declared: Mapping[str, Any]) -> Wanted:
    """Judge the declared profiles. Raises BadInput for what PAM or pam-auth-update would not take."""
    found = Wanted({}, {}, {}, {})
    for name, parts in sorted(declared.items()):
        where = "profiles[%r]" % name
        if not NAME.match(name):
            raise bad_input("profiles", name, "a name of small letters, digits and hyphens", "Rename it.")
        if parts is None:
            continue
        if not isinstance(parts, dict):
            raise bad_input(where, parts, "a mapping of parts", "Known: %s." % ", ".join(PARTS))
        for part in parts:
            if part not in PARTS:
                raise unknown_name("part of a profile", where, part, PARTS)
        if not isinstance(parts.get("priority", 0), int):
            raise bad_input(where + ".priority", parts["priority"], "an integer", "256 is that of pam_unix; more stands before it.")
        _judge_stacks(where, parts, found)
        _judge_arguments(where + ".arguments", parts.get("arguments"), found)
        _judge_lines(where + ".lines", parts.get("lines"), found)
        text = profile_text(name, parts)
        if text:
            found.profiles[name] = text
    return found


def _has(word: str, name: str) -> bool:
    return word == name or word.startswith(name + "=")


def argued(text: str, module: str, words: Mapping[str, str]) -> Tuple[str, Dict[str, str]]:
    """Return the text with arguments of a module set or taken away in all its lines, and what the first of these had before.

    The blanks of a line stay, so that taking it back leaves what was there.
    """
    before: Dict[str, str] = {}
    written = []
    for line in text.splitlines(keepends=True):
        match = MODULE_LINE.match(line)
        if match and match.group("module").rpartition("/")[2] == module:
            arguments = match.group("arguments")
            for name, word in words.items():
                known = [one for one in arguments.split() if _has(one, name)]
                before.setdefault(name, " ".join(known))
                if known == [word] or (not known and not word):
                    continue
                for one in known:
                    arguments = re.sub(r"\s+%s(?=\s|$)" % re.escape(one), "", arguments)
                if word:
                    bare = arguments.rstrip()
                    arguments = "%s %s%s" % (bare, word, arguments[len(bare) :].rstrip("\n"))
            line = match.group("head") + arguments + line[match.end() :]
        written.append(line)
    return "".join(written), before


def without_lines(text: str, kind: str, lines: List[str]) -> str:
    """Return a service's text without lines that were added to it."""
    ours = {"%s\t%s" % (kind, line) for line in lines}
    return "".join(line for line in text.splitlines(keepends=True) if line.rstrip("\n") not in ours)


def with_lines(text: str, kind: str, lines: List[str]) -> str:
    """Return a service's text with lines before the first include of their type; where it includes nothing, after its last line."""
    kept = without_lines(text, kind, lines).splitlines(keepends=True)
    include = re.compile(r"^\s*(?:@include\s+\S*%s\S*|-?%s\s+(?:include|substack)\s)" % (kind, kind))
    own = re.compile(r"^\s*-?%s\s" % kind)
    places = [number for number, line in enumerate(kept) if include.match(line)]
    ends = [number + 1 for number, line in enumerate(kept) if own.match(line)]
    place = places[0] if places else ends[-1] if ends else len(kept)
    if place and not kept[place - 1].endswith("\n"):
        kept[place - 1] += "\n"
    return "".join([*kept[:place], *("%s\t%s\n" % (kind, line) for line in lines), *kept[place:]])


def stands(text: str, line: str) -> bool:
    """Tell whether a stack has a line of a profile: its module with all its arguments, whatever jump pam-auth-update worked out."""
    words = re.sub(r"^(?:\[[^\]]*\]|\S+)\s+", "", line).split()
    for match in filter(None, map(MODULE_LINE.match, text.splitlines())):
        if match.group("module") == words[0] and set(words[1:]) <= set(match.group("arguments").split()):
            return True
    return False


def lacking(texts: Mapping[str, str], stacks: Mapping[str, List[List[List[str]]]]) -> List[str]:
    """Return the lines of profiles that do not stand in the stacks; texts: type to the text of its stack."""
    found = []
    for kind, profiles in stacks.items():
        for alternatives in profiles:
            left = [[line for line in lines if not stands(texts.get(kind, ""), line)] for lines in alternatives]
            found += [] if [] in left else left[0]
    return found


def missing_modules(texts: Mapping[str, str], exists: Callable[[str], bool]) -> List[Tuple[str, str]]:
    """Return (service, module) for lines of modules that the host does not have; a line with a leading - may miss its own."""
    found = []
    for service, text in sorted(texts.items()):
        for match in filter(None, map(MODULE_LINE.match, text.splitlines())):
            if not match.group("head").lstrip().startswith("-") and not exists(match.group("module")):
                found.append((service, match.group("module")))
    return found


def unsafe_jumps(text: str) -> Optional[str]:
    """Return a line whose jump leads beyond the last one of its type in this file, where it has one: PAM refuses such a stack."""
    for kind in TYPES:
        stack = [match for match in map(MODULE_LINE.match, text.splitlines()) if match and match.group("type") == kind]
        for number, match in enumerate(stack):
            jumps = [int(jump) for jump in re.findall(r"=(\d+)", match.group("head"))]
            if jumps and number + max(jumps) >= len(stack):
                return match.group(0).strip()
    return None
