# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root, intermediate, leaves and revocation lists of a fleet: made where they are missing, renewed where they end."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki_store, revocation
from ansible_collections.groundwork.fleet.plugins.plugin_utils.authority import Pair
from ansible_collections.groundwork.fleet.plugins.plugin_utils.pki_store import HOST, Issued, Outcome, Place, Wanted, host_directory

with contextlib.suppress(ImportError):  # authority.require_library tells
    from cryptography import x509

ROOT, INTERMEDIATE, FORMER = "root", "intermediate", "ca"
TRUSTED = "trusted.crt"
RECORD = "delivered.json"
KEYS = {ROOT: "certificates_root_key", INTERMEDIATE: "certificates_intermediate_key"}


def issue(directory: Path, wanted: Wanted, now: datetime, scratch: Path | None = None) -> Outcome:
    """Make sure that the authorities and the host's certificates are there and valid. Safe between processes.

    scratch: for check mode; the directory is left alone, and what would have to be made is made there. Raises BadInput.
    """
    with pki_store.opened(directory, scratch) as place:
        return _Run(place, wanted, now).outcome()


def record(directory: Path, host: str, outcome: dict[str, str]) -> None:
    """Remember what a host has. outcome: `trusts`, a digest of the authorities, and `leaf`, that of its certificate."""
    with pki_store.opened(directory) as place:
        place.write_document(f"{host_directory(host)}/{RECORD}", outcome)


class _Run:
    """What is done for one host."""

    def __init__(self, place: Place, wanted: Wanted, now: datetime) -> None:
        self.place, self.wanted, self.now = place, wanted, now
        self.done: list[str] = []
        self.warnings: list[str] = []
        self.created = False

    def outcome(self) -> Outcome:
        place, wanted = self.place, self.wanted
        _refuse_halves(place)
        _refuse_long_leaves(wanted)
        root = self._root()
        intermediate = self._intermediate(root)
        former = self._former(root.certificate)
        waits_for = tuple(self._waiting(root.certificate)) if former else ()
        if former and waits_for and not former.key:
            remedy = "Restore ca.key from your backup; it is needed until these hosts trust the root: %s." % ", ".join(waits_for)
            raise bad_input("certificates_directory", str(place.directory), "the key of ca.crt, the former authority", remedy)
        removed = [host for host in place.hosts() if wanted.members is not None and host not in wanted.members]
        if wanted.revoke_removed and removed:
            gone = revocation.of_hosts(place, removed, "removed from the inventory", self.now)
            self.done += [f"revoked: {entry['name']} of {entry['host']}, which is no longer in the inventory" for entry in gone]
        issuer = former if former and waits_for else intermediate
        leaves = {leaf.name: self._leaf(leaf, issuer, b"" if issuer is former else intermediate.certificate) for leaf in wanted.leaves}
        trusted = root.certificate + (former.certificate if former else b"")
        place.write(TRUSTED, trusted)
        until = x509.load_pem_x509_certificate(intermediate.certificate).not_valid_after_utc
        known = [(INTERMEDIATE, intermediate, None), (ROOT, root, until), *([(FORMER, former, None)] if former else [])]
        revocation.lists(place, known, wanted.list_days, self.now)
        return Outcome(
            authorities=place.path(TRUSTED),
            root=place.path("root.crt"),
            revoked=place.path(revocation.LIST),
            former=place.path("ca.crt") if former else None,
            leaves=leaves,
            done=self.done,
            warnings=self.warnings,
            waits_for=waits_for,
            recorded=not former or self._recorded(wanted.host) == record_of(trusted, place.path(_path(wanted.host, HOST)).read_bytes()),
            created=self.created,
        )

    def _root(self) -> Pair:
        pair = self.place.pair(ROOT, self.wanted.root_key)
        if pair is None:
            pair = self._new(ROOT, f"{self.wanted.authority_name} root", authority.ROOT_DAYS, None, self.wanted.root_key)
            self.created = True
        self._refuse_broken(ROOT, pair)
        self.place.close_key(ROOT)
        return pair

    def _intermediate(self, root: Pair) -> Pair:
        wanted = self.wanted
        pair = self.place.pair(INTERMEDIATE, wanted.intermediate_key)
        if pair is not None and not pair.key:
            remedy = (
                "Give certificates_intermediate_key; where the key is lost, move intermediate.crt away too: the root's key makes a new one."
            )
            raise bad_input(
                "certificates_directory", str(self.place.directory), "the key of the intermediate: intermediate.key is gone", remedy
            )
        reason = self._reason_to_renew(pair, root)
        if reason and root.key:
            whole = authority.lifetime_left(root.certificate, self.now).days
            if wanted.intermediate_days > whole:
                expected = f"at most {whole}, the days that the root is still valid"
                raise bad_input("certificates_intermediate_days", wanted.intermediate_days, expected, "Take fewer days.")
            key = wanted.intermediate_key or (pair.key if pair else None)  # with the same key, what it signed goes on being valid
            pair = self._new(INTERMEDIATE, f"{wanted.authority_name} intermediate", wanted.intermediate_days, root, key)
        elif reason and pair is None:
            remedy = "Put root.key beside root.crt, or give certificates_root_key, for this one run."
            raise bad_input("certificates_directory", str(self.place.directory), "the root's key, to make an intermediate", remedy)
        elif reason:
            self.warnings.append(f"The intermediate has to be renewed ({reason}), and the root's key is offline: give it to one run.")
        if pair is None:
            raise AssertionError("there is a root without a key, and no intermediate: told above")
        self._refuse_broken(INTERMEDIATE, pair)
        self.place.close_key(INTERMEDIATE)
        return pair

    def _reason_to_renew(self, pair: Pair | None, root: Pair) -> str | None:
        if pair is None:
            return "there is none yet"
        if not authority.issued_by_pem(pair.certificate, root.certificate):
            return "it is of another root"
        left, life = authority.lifetime_left(pair.certificate, self.now), authority.lifetime(pair.certificate)
        longest = max(leaf.days for leaf in self.wanted.leaves)
        return "less than a third of its life remains" if left <= life / 3 or left < timedelta(days=longest) else None

    def _new(self, name: str, title: str, days: int, issuer: Pair | None, key: bytes | None) -> Pair:
        try:
            pair = authority.new_authority(title, self.now, days, 0 if issuer else 1, issuer, key)
        except (ValueError, TypeError):
            expected = "a private key in PEM without a passphrase (EC, Ed25519 or RSA), or a reference to one"
            raise bad_input(KEYS[name], "********", expected, "Write secret://…?generate=tls_key to have one made.") from None
        # A key that a backend keeps is never a file here.
        self.place.write_pair(name, pair, with_key=key is None or self.place.exists(f"{name}.key"))
        self.done.append(f"{name} authority made, valid until {authority.metadata(pair.certificate)['not_after'][:10]}")
        return pair

    def _former(self, root: bytes) -> Pair | None:
        """Return the one authority of an earlier release while a host needs it. Where none does, it is put away."""
        former = self.place.pair(FORMER)
        if former is None:
            return None
        needed = [host for host in self._hosts() if not self._is_of(host, root)]
        if needed and authority.lifetime_left(former.certificate, self.now) > timedelta(0):
            return former
        self.place.retire(FORMER)
        self.done.append("the former authority (ca.crt) is not trusted any more: no host has a certificate of it")
        return None

    def _hosts(self) -> list[str]:
        members = self.wanted.members
        return [host for host in self.place.hosts() if members is None or host in members]

    def _recorded(self, host: str) -> dict[str, Any]:
        found: dict[str, Any] = self.place.document(f"{host_directory(host)}/{RECORD}", {})
        return found

    def _waiting(self, root: bytes) -> list[str]:
        """Return the hosts that are not known to trust the root."""
        return [host for host in self._hosts() if authority.fingerprint(root) not in self._recorded(host).get("trusts", [])]

    def _is_of(self, host: str, root: bytes) -> bool:
        """Tell whether a host is known to trust the root and to have a certificate below it."""
        known, chain = self._recorded(host), self.place.read(_path(host, HOST)) or b""
        return (
            authority.fingerprint(root) in known.get("trusts", [])
            and known.get("leaf") == authority.fingerprint(chain)
            and chain.count(b"BEGIN CERTIFICATE") > 1
        )

    def _leaf(self, leaf: pki_store.Leaf, issuer: Pair, chain: bytes) -> Issued:
        place, stem = self.place, f"{host_directory(self.wanted.host)}/{leaf.name}"
        pair = place.pair(stem)
        reason = authority.reason_to_issue(
            pair if pair and pair.key else None,
            issuer.certificate,
            leaf.subject,
            leaf.days,
            self.now,
            self.wanted.since,
            revocation.serials(place),
        )
        if reason:
            made = authority.new_leaf(issuer, leaf.subject, leaf.days, self.now)
            revocation.note_issued(place, self.wanted.host, leaf.name, made, self.now)  # first: what is out can always be revoked
            place.write_pair(stem, Pair(made.certificate + chain, made.key))
            place.write(f"{stem}.chain.crt", chain)
        elif not place.exists(f"{stem}.chain.crt"):
            place.write(f"{stem}.chain.crt", chain)
        place.close_key(stem)
        return Issued(place.path(f"{stem}.crt"), place.path(f"{stem}.chain.crt"), place.path(f"{stem}.key"), reason)

    def _refuse_broken(self, name: str, pair: Pair) -> None:
        problem = authority.authority_problem(pair, self.now)
        if problem is None:
            return
        if "belong" in problem and name in KEYS and getattr(self.wanted, f"{name}_key"):
            remedy = f"Give the key that {name}.crt was made with; to start anew, move {name}.crt away."
            raise bad_input(KEYS[name], "********", f"the key of {name}.crt", remedy)
        raise bad_input(
            "certificates_directory",
            str(self.place.directory),
            f"a directory with a usable {name} authority ({name}.crt, {name}.key), but {problem}",
            "Restore both from your backup; to start a new authority on all hosts, move them away.",
        )


def _refuse_long_leaves(wanted: Wanted) -> None:
    for leaf in wanted.leaves:
        where = "certificates_lifetime_days" if leaf.name == HOST else f"days of the certificate {leaf.name!r}"
        if leaf.days < 1:
            raise bad_input(where, leaf.days, "at least 1", "Give the days that a certificate is to be valid.")
        if leaf.days > wanted.intermediate_days / 2:
            expected = f"at most {wanted.intermediate_days // 2}, half the days of the intermediate that signs it"
            raise bad_input(where, leaf.days, expected, "Take fewer days, or more for certificates_intermediate_days.")


def record_of(trusted: bytes, leaf: bytes) -> dict[str, Any]:
    """Return what is remembered of a host that has these authorities and this certificate."""
    return {"trusts": authority.fingerprints(trusted), "leaf": authority.fingerprint(leaf)}


def _path(host: str, name: str) -> str:
    return f"{host_directory(host)}/{name}.crt"


def _refuse_halves(place: Place) -> None:
    # A new authority would cut every host off that trusts the old one: never made where a trace of the old one is.
    # A key alone without any issued certificate is a first run that was interrupted.
    if place.exists("root.crt"):
        return
    name = FORMER if place.exists("ca.crt") or place.exists("ca.key") else ROOT
    if name == FORMER and place.exists("ca.crt") and place.exists("ca.key"):
        return
    lost = (
        f"{name}.key"
        if place.exists(f"{name}.crt")
        else f"{name}.crt"
        if place.exists("hosts") or place.exists("intermediate.crt")
        else None
    )
    if lost:
        raise BadInput(
            f"certificates_directory {str(place.directory)!r} has issued certificates, but {lost} is gone. "
            f"Restore {lost} from your backup; to start a new authority on all hosts, move the whole directory away."
        )
