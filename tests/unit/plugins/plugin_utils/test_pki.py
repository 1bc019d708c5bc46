# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import multiprocessing
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki, pki_store, secret_recipe
from cryptography import x509
from cryptography.x509 import verification

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FLEET = ("web-1", "web-2", "db-1")


def wanted(host: str = "web-1", days: int = 90) -> pki_store.Wanted:
    return pki_store.Wanted(host, (pki_store.Leaf("host", authority.host_subject(host, [], ["192.0.2.7"]), days),), "test")


def tree(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def accepts(client: pki_store.Outcome, server: bytes, now: datetime, host: str) -> bool:
    """Tell whether a host that has `client` takes what a server shows, by cryptography's own verifier of chains."""
    leaf, *issuers = x509.load_pem_x509_certificates(server)
    store = verification.Store(x509.load_pem_x509_certificates(client.authorities.read_bytes()))
    verifier = verification.PolicyBuilder().store(store).time(now).build_server_verifier(x509.DNSName(host))
    try:
        verifier.verify(leaf, issuers)
    except verification.VerificationError:
        return False
    return True


def flat(directory: Path) -> authority.Pair:
    """Make a directory as earlier releases did: one authority, a leaf of it for each host."""
    old = authority.new_authority("old", NOW, 3650, 0)
    directory.mkdir(parents=True)
    place = pki_store.Place(directory)
    place.write_pair("ca", old)
    for host in FLEET:
        place.write_pair(f"{pki_store.host_directory(host)}/host", authority.new_leaf(old, wanted(host).leaves[0].subject, 90, NOW))
    return old


def test_the_first_run_makes_everything_private(tmp_path: Path) -> None:
    outcome = pki.issue(tmp_path / "a" / "pki", wanted(), NOW)
    assert outcome.created and outcome.leaves["host"].reason == "there is none yet"
    assert outcome.leaves["host"].key == tmp_path / "a" / "pki" / "hosts" / "web-1" / "host.key"
    for path in [tmp_path / "a", *(tmp_path / "a").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert (tmp_path / "a" / "pki" / ".gitignore").read_text() == "*\n"


def test_a_leaf_comes_with_the_intermediate_and_is_trusted_by_the_root_alone(tmp_path: Path) -> None:
    outcome = pki.issue(tmp_path, wanted(), NOW)
    shown = outcome.leaves["host"].certificate.read_bytes()
    assert outcome.authorities.read_bytes() == (tmp_path / "root.crt").read_bytes()
    assert len(x509.load_pem_x509_certificates(shown)) == 2
    assert outcome.leaves["host"].issuers.read_bytes() == (tmp_path / "intermediate.crt").read_bytes()
    assert accepts(outcome, shown, NOW, "web-1")


def test_the_second_run_changes_nothing(tmp_path: Path) -> None:
    pki.issue(tmp_path, wanted(), NOW)
    before = tree(tmp_path)
    outcome = pki.issue(tmp_path, wanted(), NOW)
    assert outcome.leaves["host"].reason is None and not outcome.done and outcome.recorded
    assert tree(tmp_path) == before


def test_an_open_key_is_closed(tmp_path: Path) -> None:
    outcome = pki.issue(tmp_path, wanted(), NOW)
    for path in (outcome.leaves["host"].key, tmp_path / "root.key", tmp_path / "intermediate.key"):
        path.chmod(0o644)
    pki.issue(tmp_path, wanted(), NOW)
    for path in (outcome.leaves["host"].key, tmp_path / "root.key", tmp_path / "intermediate.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_root_that_is_offline_is_not_missed(tmp_path: Path) -> None:
    pki.issue(tmp_path, wanted(), NOW)
    kept = (tmp_path / "root.key").read_bytes()
    (tmp_path / "root.key").unlink()
    assert not pki.issue(tmp_path, wanted("web-2"), NOW + timedelta(days=100)).warnings
    late = NOW + timedelta(days=1300)
    assert "the root's key is offline" in pki.issue(tmp_path, wanted(), late).warnings[0]
    (tmp_path / "root.key").write_bytes(kept)
    before, key = (tmp_path / "intermediate.crt").read_bytes(), (tmp_path / "intermediate.key").read_bytes()
    outcome = pki.issue(tmp_path, wanted(), late)
    assert "intermediate authority made" in outcome.done[0] and not outcome.created
    assert (tmp_path / "intermediate.crt").read_bytes() != before
    assert (tmp_path / "intermediate.key").read_bytes() == key, "what it signed before goes on being valid"


def test_an_expired_intermediate_without_the_roots_key_is_told(tmp_path: Path) -> None:
    pki.issue(tmp_path, wanted(), NOW)
    (tmp_path / "root.key").unlink()
    with pytest.raises(BadInput, match=r"it expired on 2031"):
        pki.issue(tmp_path, wanted(), NOW + timedelta(days=1900))
    (tmp_path / "intermediate.crt").unlink()
    with pytest.raises(BadInput, match=r"expected the root's key, to make an intermediate. Put root.key beside root.crt"):
        pki.issue(tmp_path, wanted(), NOW)


def test_keys_of_a_backend_never_lie_in_the_directory(tmp_path: Path) -> None:
    keys = [secret_recipe.make(secret_recipe.Recipe("tls_key", algorithm="ecdsa")) for _number in range(3)]
    own = replace(wanted(), root_key=keys[0], intermediate_key=keys[1])
    outcome = pki.issue(tmp_path, own, NOW)
    assert sorted(path.name for path in tmp_path.rglob("*.key")) == ["host.key"]
    assert keys[1] not in b"".join(tree(tmp_path).values()) and accepts(
        outcome, outcome.leaves["host"].certificate.read_bytes(), NOW, "web-1"
    )
    pki.issue(tmp_path, replace(own, root_key=None), NOW)
    with pytest.raises(BadInput, match=r"the key of the intermediate: intermediate.key is gone"):
        pki.issue(tmp_path, replace(own, intermediate_key=None), NOW)
    with pytest.raises(BadInput, match=r"certificates_intermediate_key is '.*'; expected the key of intermediate.crt") as told:
        pki.issue(tmp_path, replace(own, intermediate_key=keys[2]), NOW)
    assert "PRIVATE" not in str(told.value)
    with pytest.raises(BadInput, match=r"certificates_root_key is '.*'; expected a private key in PEM"):
        pki.issue(tmp_path / "other", replace(own, root_key=b"no key"), NOW)


@pytest.mark.parametrize("lost", ["root.crt", "ca.key", "ca.crt"])
def test_a_lost_half_of_the_authority_is_never_replaced(tmp_path: Path, lost: str) -> None:
    if lost == "root.crt":
        pki.issue(tmp_path / "pki", wanted(), NOW)
    else:
        flat(tmp_path / "pki")
    (tmp_path / "pki" / lost).unlink()
    for scratch in (None, tmp_path / "scratch"):
        with pytest.raises(BadInput, match=rf"{lost} is gone. Restore"):
            pki.issue(tmp_path / "pki", wanted(), NOW, scratch)


def test_an_expired_root_is_told(tmp_path: Path) -> None:
    pki.issue(tmp_path, wanted(), NOW)
    with pytest.raises(BadInput, match=r"it expired on 2046"):
        pki.issue(tmp_path, wanted(), NOW + timedelta(days=7400))


@pytest.mark.parametrize(("days", "expected"), [(0, "at least 1"), (913, "at most 912, half the days of the intermediate")])
def test_a_lifetime_that_no_authority_can_give_is_refused(tmp_path: Path, days: int, expected: str) -> None:
    with pytest.raises(BadInput, match=rf"certificates_lifetime_days is {days}; expected {expected}"):
        pki.issue(tmp_path, wanted(days=days), NOW)


def test_an_intermediate_does_not_outlive_the_root(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"certificates_intermediate_days is 8000; expected at most 7300"):
        pki.issue(tmp_path, replace(wanted(), intermediate_days=8000), NOW)


def test_an_interrupted_first_run_starts_again(tmp_path: Path) -> None:
    (tmp_path / "root.key").write_bytes(b"half")
    assert pki.issue(tmp_path, wanted(), NOW).created


def test_foreseeing_touches_nothing_and_answers_the_same(tmp_path: Path) -> None:
    scratch, directory = tmp_path / "scratch", tmp_path / "pki"
    scratch.mkdir()
    fresh = pki.issue(directory, wanted(), NOW, scratch)
    assert fresh.created and fresh.leaves["host"].certificate.is_relative_to(scratch) and len(fresh.done) == 2
    assert not directory.exists()
    pki.issue(directory, wanted(), NOW)
    before = tree(directory)
    known = pki.issue(directory, wanted(), NOW, tmp_path / "second")
    assert known.leaves["host"].reason is None and not known.done
    for path in (known.authorities, known.revoked, known.leaves["host"].certificate):
        assert path.is_relative_to(directory)
    other = pki.issue(directory, wanted("web-2"), NOW, tmp_path / "third")
    assert other.leaves["host"].reason == "there is none yet" and not other.created
    assert tree(directory) == before


def test_no_host_loses_another_while_a_former_authority_gives_way(tmp_path: Path) -> None:
    directory, have = tmp_path / "pki", {}
    old = flat(directory)
    for host in FLEET:  # as an earlier release left them
        place = pki_store.Place(directory)
        stale = tmp_path / f"{host}.crt"
        stale.write_bytes(old.certificate)
        have[host] = (pki_store.Outcome(stale, stale, stale), place.read(f"hosts/{host}/host.crt") or b"")
    told = []
    for number in range(4):
        for host in FLEET:
            before = tree(directory)
            foreseen = pki.issue(directory, wanted(host), NOW, tmp_path / f"scratch-{number}-{host}")
            assert tree(directory) == before
            outcome = pki.issue(directory, wanted(host), NOW)
            assert [foreseen.waits_for, foreseen.recorded] == [outcome.waits_for, outcome.recorded]
            if number:
                assert foreseen.authorities.read_bytes() == outcome.authorities.read_bytes()
            shown = outcome.leaves["host"].certificate.read_bytes()
            kept = tmp_path / f"{host}.crt"
            kept.write_bytes(outcome.authorities.read_bytes())
            have[host] = (pki_store.Outcome(kept, kept, kept), shown)
            if not outcome.recorded:
                pki.record(directory, host, pki.record_of(kept.read_bytes(), shown))
            told.append(outcome)
            for one in FLEET:
                for other in FLEET:
                    assert accepts(have[one][0], have[other][1], NOW, other), (number, host, one, other)
    assert told[0].waits_for == tuple(sorted(FLEET)) and told[1].waits_for == ("db-1", "web-2")
    assert told[3].leaves["host"].reason == "it is of another authority" and told[3].former
    assert told[6].former is None and "not trusted any more" in told[6].done[0]
    assert not told[-1].done and told[-1].recorded and not (directory / "ca.crt").exists() and (directory / "former" / "ca.key").exists()


def test_a_host_that_left_is_not_waited_for(tmp_path: Path) -> None:
    directory = tmp_path / "pki"
    flat(directory)
    for _number in range(3):
        for host in FLEET[:2]:
            outcome = pki.issue(directory, replace(wanted(host), members=frozenset(FLEET[:2])), NOW)
            if not outcome.recorded:
                trusted, leaf = outcome.authorities.read_bytes(), outcome.leaves["host"].certificate.read_bytes()
                pki.record(directory, host, pki.record_of(trusted, leaf))
    assert outcome.former is None


def test_a_former_authority_without_its_key_cuts_nobody_off(tmp_path: Path) -> None:
    directory = tmp_path / "pki"
    flat(directory)
    pki.issue(directory, wanted(), NOW)
    (directory / "ca.key").unlink()
    with pytest.raises(BadInput, match=r"needed until these hosts trust the root: db-1, web-1, web-2"):
        pki.issue(directory, wanted(), NOW)


def _issue(directory: str, host: str) -> None:
    pki.issue(Path(directory), wanted(host), NOW)


def test_forks_that_race_agree_on_one_authority(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_issue, args=(str(tmp_path), f"web-{number}")) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    for number in range(6):
        pair = pki_store.Place(tmp_path).pair(f"hosts/web-{number}/host")
        subject = wanted(f"web-{number}").leaves[0].subject
        assert authority.reason_to_issue(pair, (tmp_path / "intermediate.crt").read_bytes(), subject, 90, NOW) is None
