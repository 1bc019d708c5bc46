# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_model
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import Rendered, Setting, rsyslog

from tests.unit.plugins.plugin_utils.test_log_model import ENTRIES, SERVERS, SERVICES

SETTING = Setting("web-1", "/s", "/tls", "Debian", {"environment": 'a"b]'})


def rendered(declared: Any) -> Rendered:
    return rsyslog.render(log_model.parsed(declared, SERVICES, SERVERS, ENTRIES, "rsyslog"), SETTING)


def test_without_a_word_the_journal_and_the_files_go_to_the_server() -> None:
    found = rendered({})
    collect = found.texts["/etc/groundwork/logs/collect.conf"]
    assert 'module(load="imjournal"' in collect and "$DefaultRuleset of_the_journal" in collect
    assert 'file="/var/log/shop/*.log"' in collect and 'file="/s/recovered/service_shop/*.log"' in collect
    assert r"web-1" in collect and r"[groundwork@32473 environment=\"a\\\\\"b\\\\]\"]" in collect
    send = found.texts["/etc/groundwork/logs/send-log_server_ops_1.conf"]
    assert 'target="192.0.2.9" port="2514"' in send and 'tls.permittedPeer=["ops-1"]' in send and 'tls.caCert="/tls/ca.crt"' in send
    assert found.packages == ("rsyslog", "rsyslog-relp")


def test_each_server_to_turn_to_has_a_configuration_with_its_name() -> None:
    output = {"type": "relp", "host": "a", "name": "one", "alternatives": [{"host": "b", "port": 2515, "name": "other"}]}
    texts = rendered({"outputs": {"x": output}}).texts
    first, second = (texts[f"/etc/groundwork/logs/send-x-{number}.conf"] for number in (1, 2))
    assert 'target="a" port="2514"' in first and 'tls.permittedPeer=["one"]' in first
    assert 'target="b" port="2515"' in second and 'tls.permittedPeer=["other"]' in second
    assert first.replace('"a" port="2514"', "").replace("one", "") == second.replace('"b" port="2515"', "").replace("other", "")


def test_a_module_is_loaded_where_it_has_an_input() -> None:
    """`rsyslogd -N1` takes an imfile without files for an error (rsyslog error 2212)."""
    without = rsyslog.render(log_model.parsed({}, {}, SERVERS, ENTRIES, "rsyslog"), SETTING).texts["/etc/groundwork/logs/collect.conf"]
    assert "imfile" in rendered({}).texts["/etc/groundwork/logs/collect.conf"] and "imfile" not in without and "imjournal" in without


def test_nothing_is_ever_discarded_or_given_up() -> None:
    found = rendered({})
    for text in found.texts.values():
        assert 'action.resumeRetryCount="-1"' in text and 'timeoutEnqueue="0"' not in text
    assert 'queue.timeoutEnqueue="2147483647"' in found.texts["/etc/groundwork/logs/send-log_server_ops_1.conf"]


def test_a_batch_of_imfile_fits_into_the_queue() -> None:
    """Or the worker is not woken and nothing moves any more (seen with rsyslog 8.2504)."""
    assert rsyslog.QUEUE - 32 > rsyslog.BATCH


def test_a_password_stands_only_in_its_own_file() -> None:
    output = {"type": "elasticsearch", "servers": ["https://es:9200"], "user": "u", "password": "hidden-word"}
    found = rendered({"outputs": {"es": output}})
    assert [path for path, text in found.texts.items() if "hidden-word" in text] == ["/etc/groundwork/logs/send-es.conf"]
    send = found.texts["/etc/groundwork/logs/send-es.conf"]
    assert 'tls.cacert="/tls/ca.crt"' in send and 'bulkid="id"' in send and 'errorFile="/s/es/dead-letters.log"' in send


def test_a_line_that_a_search_server_did_not_store_is_sent_again_as_it_was() -> None:
    """Only one that it refuses for itself is a dead letter; none is thrown away for being one of many."""
    send = rendered({"outputs": {"es": {"type": "opensearch", "servers": ["https://es:9200"]}}}).texts["/etc/groundwork/logs/send-es.conf"]
    again = send[send.index('ruleset(name="again"') : send.index('ruleset(name="send"')]
    assert 'template="again_line"' in again and 'bulkid="again_id"' in again and 'ratelimit.interval="0"' in again
    assert again.index('template="letter"') < again.index("stop\n  }") < again.index('template="again_line"')


def test_what_the_client_of_kafka_holds_is_bounded() -> None:
    output = {"type": "kafka", "brokers": ["b:9092"], "topic": "t", "settings": ["queue.buffering.max.messages=9000"]}
    send = rendered({"outputs": {"k": output}}).texts["/etc/groundwork/logs/send-k.conf"]
    bound = f'"queue.buffering.max.messages={rsyslog.WINDOW}"]'
    assert 'confParam=["message.timeout.ms=0", "queue.buffering.max.messages=9000", ' + bound in send


EVERYTHING: dict[str, Any] = {
    "inputs": {
        "auth": {"type": "auth"},
        "audit": {"type": "audit"},
        "containers": {"type": "containers"},
        "app": {"paths": ["/var/log/app.log"], "multiline": {"start": "^[0-9]{4}-"}},
        "udp": {"type": "syslog"},
        "tcp": {"type": "syslog", "transport": "tcp", "port": 1514},
        "socket": {"type": "syslog", "transport": "unix", "path": "/run/app/log"},
    },
    "outputs": {"copy": {"type": "file", "path": "/var/log/copy"}},
    "flows": {
        "json": {"parse": "json", "select": {"fields": {"level": "error"}}, "redact": ["secrets", "mail", "card_numbers"], "sample": 2},
        "logfmt": {"parse": "logfmt", "inputs": ["app"]},
        "combined": {"parse": "combined", "inputs": ["app"]},
        "own": {"parse": {"matches": '^([0-9]+) "(.*)"$', "fields": ["n", "text"]}, "inputs": ["app"], "rate_limit": {"lines": 5}},
        "logins": {"inputs": ["auth"], "select": {"services": ["sshd"]}, "rate_limit": {"lines": 5, "seconds": 60}},
        "postgresql": {"parse": "postgresql", "inputs": ["app"], "drop": {"severity": "info"}},
        "plain": {},
    },
}


def test_auth_is_a_part_of_the_journal() -> None:
    both = rendered({"inputs": {"auth": {"type": "auth"}}}).texts["/etc/groundwork/logs/collect.conf"]
    facilities = '$syslogfacility-text == "auth" or $syslogfacility-text == "authpriv"'
    assert f"if {facilities} then {{ call from_auth }} else {{ call from_journal }}" in both and both.count("imjournal") == 2
    alone = rendered({"inputs": {"auth": {"type": "auth"}, "journal": None}}).texts["/etc/groundwork/logs/collect.conf"]
    assert "then { call from_auth } else { stop }" in alone


def test_all_of_it_is_laid_out() -> None:
    text = rendered(EVERYTHING).texts["/etc/groundwork/logs/collect.conf"]
    assert text.count("call to_copy") == text.count("call to_log_server_ops_1") and 'startmsg.regex="^[0-9]{4}-"' in text
    assert 'input(type="imudp" port="514"' in text and 'socket="/run/app/log"' in text and 'type="mmnormalize"' in text


def test_without_labels_there_is_no_structured_data() -> None:
    assert rsyslog.structured_data({}) == "-"
