# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import ssh_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import Key, keys_of
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Connection, Verdict

ANA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana@example"
BEN = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICRRtTOIIbFERPnOsCKR0NMHW+zz7YLukOcPiIkAjcUD ben@example"
FINGERPRINT = "SHA256:KQZzJ/TV5pGN4NNRX0ERKr+YZX1nMNHl40sR/EYCHjs"
ACCEPTS = f"debug1: Server accepts key: /run/x/0.pub ED25519 {FINGERPRINT} explicit\n"
REFUSES = "debug1: Offering public key: /run/x/0.pub\nana@127.0.0.1: Permission denied (publickey).\n"


def of(line: str) -> Key:
    return keys_of(line)[0]


def test_a_connection_is_told_by_its_four_words() -> None:
    known = ssh_trial.connection_of("192.0.2.7 34980 192.0.2.1 22")
    assert known == Connection("192.0.2.7", "34980", "192.0.2.1", "22")
    assert ssh_trial.criteria("ana", "", known) == "user=ana,host=192.0.2.7,addr=192.0.2.7,laddr=192.0.2.1,lport=22"
    assert ssh_trial.criteria("ana", "198.51.100.1", Connection()) == "user=ana,host=198.51.100.1,addr=198.51.100.1"
    assert ssh_trial.criteria("ana", "", Connection()) == "user=ana,host=localhost,addr=127.0.0.1"


@pytest.mark.parametrize("words", ["", "192.0.2.7 22", "192.0.2.7 a 192.0.2.1 22", "1 2 3 4 5"])
def test_what_tells_no_connection(words: str) -> None:
    assert ssh_trial.connection_of(words) == Connection()


def test_the_trial_listens_on_the_loopback_address_only() -> None:
    report = (
        "port 22\nlistenaddress [::]:22\nlistenaddress 0.0.0.0:22\naddressfamily any\npidfile /run/sshd.pid\nusepam yes\nLogLevel QUIET\n"
    )
    config = ssh_trial.trial_config(report, 2299)
    assert config.splitlines() == [
        "usepam yes", "listenaddress 127.0.0.1:2299", "pidfile none", "loglevel verbose", "logingracetime 20", "maxstartups 20",
    ]  # fmt: skip


def test_of_the_lists_only_the_names_are_tried_since_the_address_is_another() -> None:
    report = "allowusers ana@192.0.2.*\nallowusers ben\nallowusers !eve@192.0.2.1\ndenyusers dan@198.51.100.1\ndenyusers eve\n"
    assert ssh_trial.trial_config(report, 1).splitlines()[:3] == ["allowusers ana", "allowusers ben", "denyusers eve"]


def test_staged_keys_take_the_place_of_those_of_the_user() -> None:
    config = ssh_trial.trial_config("authorizedkeysfile .ssh/authorized_keys\nusepam no\n", 1, ["/run/staged", "/etc/keys/ana"])
    assert "authorizedkeysfile /run/staged /etc/keys/ana" in config.splitlines() and ".ssh" not in config
    assert "authorizedkeysfile .ssh/authorized_keys" in ssh_trial.trial_config("authorizedkeysfile .ssh/authorized_keys\n", 1)


def test_the_client_has_no_other_key_and_asks_nobody() -> None:
    command = ssh_trial.client_command("/usr/bin/ssh", "ana", 2299, "/run/x/0.pub")
    options = {command[number + 1] for number, word in enumerate(command) if word == "-o"}
    assert {"IdentitiesOnly=yes", "IdentityAgent=none", "BatchMode=yes", "IdentityFile=/run/x/0.pub"} <= options
    assert command[-4:] == ["-l", "ana", "127.0.0.1", "true"] and command[1:4] == ["-v", "-F", "/dev/null"]


def test_the_journal_names_the_key_of_the_connection() -> None:
    line = f"Accepted publickey for ana from 192.0.2.7 port 34980 ssh2: ED25519 {FINGERPRINT}\n"
    assert ssh_trial.used_fingerprint(line) == FINGERPRINT
    assert ssh_trial.used_fingerprint(line.replace("ED25519", "ED25519-CERT")) == ssh_trial.used_fingerprint("") == ""
    pattern = ssh_trial.journal_pattern("a.b", Connection("192.0.2.7", "34980"))
    assert pattern == r"^Accepted publickey for a\.b from 192\.0\.2\.7 port 34980 "


def test_which_keys_can_be_offered() -> None:
    text = f'{ANA}\nfrom="192.0.2.7" {BEN}\ncert-authority {BEN}\n'
    assert [key.comment for key in ssh_trial.candidates(text)] == ["ana@example"]
    assert ssh_trial.candidates(text, FINGERPRINT) and not ssh_trial.candidates(text, "SHA256:x")


@pytest.mark.parametrize(
    ("text", "report", "more"),
    [
        (ANA, "authorizedkeyscommand none\ntrustedusercakeys none\n", False),
        (ANA, "authorizedkeyscommand /usr/bin/keys\n", True),
        (f'{ANA}\nfrom="192.0.2.7" {BEN}', "", True),
    ],
)
def test_whether_there_are_ways_in_that_are_not_tried(text: str, report: str, more: bool) -> None:
    assert ssh_trial.others(text, report) is more


def test_an_accepted_key_is_proof() -> None:
    verdict = ssh_trial.judged([of(BEN), of(ANA)], [REFUSES, ACCEPTS], "", used=False)
    assert not verdict.refusal and "a key of the user, " + FINGERPRINT in verdict.proven[0] and "not known" in verdict.unproven[0]
    used = ssh_trial.judged([of(ANA)], [ACCEPTS], "", used=True)
    assert "the key of this connection, " + FINGERPRINT in used.proven[0] and not used.unproven


def test_that_another_key_is_accepted_is_no_proof() -> None:
    assert ssh_trial.judged([of(BEN)], [ACCEPTS], "", used=True).refusal


def test_a_refused_key_is_a_refusal_with_what_sshd_says() -> None:
    log = "Server listening on 127.0.0.1 port 2299.\nAuthentication refused: bad ownership or modes for directory /home/ana\n"
    verdict = ssh_trial.judged([of(ANA)], [REFUSES], log, used=True)
    assert FINGERPRINT in verdict.refusal and verdict.refusal.endswith("bad ownership or modes for directory /home/ana")
    assert "any key of the user" in ssh_trial.judged([of(ANA)], [REFUSES], "", used=False).refusal


def test_a_refusal_proves_nothing_where_other_ways_were_not_tried() -> None:
    verdict = ssh_trial.judged([of(ANA)], [REFUSES], "", used=False, more=True)
    assert not verdict.refusal and not verdict.proven and "does not accept" in verdict.unproven[0]
    assert ssh_trial.judged([of(ANA)], [REFUSES], "", used=True, more=True).refusal


def test_algorithms_that_do_not_meet_are_named() -> None:
    output = "Unable to negotiate with 127.0.0.1 port 2299: no matching cipher found. Their offer: x\n"
    assert "no matching cipher" in ssh_trial.judged([of(ANA)], [output], "", used=True).refusal


def test_verdicts_add_up() -> None:
    both = Verdict("a", ["b"]).joined(Verdict("x", ["c"], ["d"]))
    assert both == Verdict("a", ["b", "c"], ["d"])
