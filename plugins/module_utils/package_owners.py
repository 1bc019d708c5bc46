# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several owners in one transaction: what they want together, and whose doing each change of it is. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Set

from ansible_collections.groundwork.fleet.plugins.module_utils import apt
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

#: Owner to what it wants, name to version; the owner that carries out the transaction is the first.
Wishes = Mapping[str, Mapping[str, Optional[str]]]


class Share(NamedTuple):
    """What one owner's wish alone would do: packages that come, and packages that go."""

    install: Set[str]
    remove: Set[str]


def checked(told: object, architecture: str) -> Dict[str, Dict[str, Optional[str]]]:
    """Return what other owners want with names as apt shows them. Raises BadInput."""
    if not isinstance(told, Mapping):
        raise bad_input("others_present", told, "a mapping from owner to packages", "Write {services: {nginx: null}}.")
    found: Dict[str, Dict[str, Optional[str]]] = {}
    for owner, present in told.items():
        if not isinstance(present, Mapping):
            raise bad_input("others_present.%s" % owner, present, "a mapping from package to version", "Write {nginx: null}.")
        versions = {apt.native(str(name), architecture): None if version == "*" else version for name, version in present.items()}
        apt.check_input(versions, [], [])
        found[str(owner)] = versions
    return found


def together(wishes: Wishes) -> Dict[str, Optional[str]]:
    """Return all that is wanted. Where two owners name versions the first one counts; the other sees to it in its own turn."""
    found: Dict[str, Optional[str]] = {}
    for present in wishes.values():
        for name, version in present.items():
            if found.get(name) is None:
                found[name] = version
    return found


def wanted_by(wishes: Wishes, name: str) -> List[str]:
    """Return the owners that want a package."""
    return [owner for owner, present in wishes.items() if name in present]


def contradictions(wishes: Wishes, absent: Iterable[str]) -> None:
    """Refuse that one owner has removed what another wants. Raises BadInput."""
    for name in absent:
        for owner in wanted_by(wishes, name):
            remedy = "Take it out of `absent`, or change what %r asks for." % owner
            raise bad_input("absent", name, "a package that owner %r does not want" % owner, remedy)


def asked(options: Mapping[str, Any], records: Mapping[str, Any], incomplete: bool) -> List[str]:
    """Return the other owners of which the host has to be told what they want.

    All of them where one is new here or something is missing anyway (`incomplete`): then one transaction does it. None where nothing is to
    be installed, so that a run without a change costs the controller nothing; what an owner adds later it installs in its own turn.
    """
    others: List[str] = [] if options["others_present"] is not None else list(options["others"])
    return others if incomplete or set(others) - set(records["joined"]) else []


def record(records: Dict[str, Any], wishes: Wishes, fresh: Iterable[str], gone: Iterable[str], shares: Mapping[str, Share]) -> None:
    """Write down for each owner what it wants and what the transaction did for it.

    fresh: what is new on the host. gone: what went without anybody having asked for that. shares: of the owners that had something missing.
    What no owner's share explains counts for all of them: it goes when the last one that needs it does.
    """
    came, went = set(fresh), set(gone)
    explained = set().union(*(share.install for share in shares.values())) if shares else set()
    named = {name for present in wishes.values() for name in present}
    free = came & named
    for owner, present in wishes.items():
        entry = apt.owner_entry(records, owner)
        apt.add(entry, "wants", present)
        apt.add(entry, "explicit", free & set(present))
        free -= set(present)
        share = shares.get(owner)
        if share is not None:
            apt.add(entry, "dependencies", (came - named) & (share.install | (came - explained)))
            apt.add(entry, "displaced", went & share.remove)
