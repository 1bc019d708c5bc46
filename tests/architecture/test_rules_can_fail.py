# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule that cannot go red proves nothing: each is shown bad samples, and one good role that none may refuse."""

from __future__ import annotations

import pytest
import rules
import rules_code

TASK = "roles/web/tasks/present.yml"
SPEC = "roles/web/meta/argument_specs.yml"
MODULE = "plugins/modules/thing.py"
HEADER = "\n".join(rules_code.HEADER) + "\n"
FUTURE = "from __future__ import annotations\n"
DOCUMENTED = HEADER + FUTURE + "DOCUMENTATION = r'''\nversion_added: 0.1.0\n'''\nEXAMPLES = r'''x'''\nRETURN = r'''x'''\nimport os\n"
HANDED_OVER = 'def main() -> None:\n    standalone(AnsibleModule, x)\n\n\nif __name__ == "__main__":\n    main()\n'
FUNCTION = "\n\ndef run(one: int) -> int:\n    return one\n"

STATE = "web_state: {type: str, description: Whether it is there., choices: [present, absent], default: present}"
ALERT = "groups: [{name: web, rules: [{alert: WebDown, expr: up == 0, labels: %s, annotations: %s}]}]"
ALERT_TEST = "tests: [{alert_rule_test: [{alertname: WebDown}]}]"
ADR = "# 0001 Words\n\n## Context\n\n## Decision\n\n## Consequences\n"


def spec(options: str) -> str:
    return "argument_specs: {main: {options: {%s}}}" % options


def alert(labels: str = "{severity: critical}", annotations: str = "{summary: s, runbook_url: 'https://example.com/x/web_down.md'}") -> str:
    return ALERT % (labels, annotations)


GOOD = {
    "galaxy.yml": "version: 0.1.0\n",
    "roles/web/README.md": "# web\n\n<!-- variables:start -->\n<!-- variables:end -->\n",
    "roles/web/meta/main.yml": "galaxy_info: {description: x}\n",
    SPEC: spec(STATE + ", web_ports: {type: list, elements: int, default: [80], description: Ports.}"),
    "roles/web/vars/main.yml": "__web_settings: \"{{ lookup('groundwork.fleet.settings', 'web') }}\"\n__web_unit: nginx.service\n",
    "roles/web/tasks/main.yml": "- name: Go\n  ansible.builtin.include_tasks: '{{ __web_settings.state }}.yml'\n",
    "roles/web/tasks/absent.yml": "- name: Say web_ports and hostvars in prose\n"
    "  ansible.builtin.debug: {msg: set web_ports, not groups.web}\n",
    TASK: "- name: Write\n  groundwork.fleet.files: {files: {/etc/web: {template: web.j2}}}\n  register: __web_written\n"
    "- name: Users\n  ansible.builtin.user: {name: web, groups: [adm], append: true}\n"
    "  when: __web_settings.groups.adm and 'x' in __web_settings.groups\n",
    "roles/web/templates/web.j2": "{# hostvars #}\nports {{ __web_settings.ports }} groups\n",
    "molecule/web/molecule.yml": "---\n{scenario: {name: web}}\n",
    "molecule/web/verify.yml": "- hosts: all\n  tasks:\n    - name: Look\n"
    "      ansible.builtin.command: {argv: ['true']}\n      register: seen\n",
    "playbooks/site.yml": "- name: All\n  ansible.builtin.import_playbook: web.yml\n"
    "- hosts: '{{ groups.web }}'\n  roles: [groundwork.fleet.web]\n",
    MODULE: DOCUMENTED + "from ansible.module_utils.basic import AnsibleModule\n" + FUNCTION,
    "tests/unit/plugins/modules/test_thing.py": HEADER + FUTURE,
    "plugins/module_utils/checks/__init__.py": HEADER + '"""Docs only."""\n',
    "plugins/module_utils/checks/tcp.py": HEADER + FUTURE + FUNCTION,
    "tests/unit/plugins/module_utils/checks/test_tcp.py": HEADER + FUTURE,
    "catalogue/variables/fleet.yml": "fleet_environment: {type: str, description: Its name.}\n",
    "catalogue/exporters/node.yml": "description: x\nport: 9100\n",
    "catalogue/alerts/web.yml": alert(),
    "catalogue/alerts/web_test.yml": ALERT_TEST,
    "docs/runbooks/web_down.md": "See [the decision](../adr/0001-words.md) and [this](https://example.com).\n",
    "docs/adr/0001-words.md": ADR,
    "docs/lab.md": "apt-get install docker.io; see ./work/x and https://example.com/work\n",
}

BAD: dict[str, list[dict[str, str]]] = {
    "task_files_are_short": [
        {"roles/web/tasks/main.yml": "#\n" * 41},
        {TASK: "#\n" * 81},
        {"roles/web/tasks/deeper/more.yml": "#\n" * 81},
        {"playbooks/site.yml": "#\n" * 81},
    ],
    "plugins_are_short": [{MODULE: "#\n" * 351}, {"plugins/plugin_utils/secrets/file.py": "#\n" * 351}],
    "exporters_are_short": [{"catalogue/exporters/redis.yml": "#\n" * 31}],
    "roles_have_one_anatomy": [
        {"roles/web/tasks/main.yml": ""},
        GOOD | {"roles/web/README.md": "# no table"},
        GOOD | {"roles/web/defaults/main.yml": "web_port: 80"},
    ],
    "roles_are_tested_by_one_line_scenarios": [
        {"roles/web/tasks/main.yml": ""},
        GOOD | {"molecule/web/molecule.yml": "scenario:\n  name: web\n"},
    ],
    "options_are_described": [
        {SPEC: spec("web_port: {type: int}")},
        {SPEC: spec("web_port: {description: A port.}")},
        {SPEC: spec("web_ports: {type: list, description: Ports.}")},
        {SPEC: spec("web_tls: {type: dict, description: TLS., options: {key: {type: path}}}")},
        {"catalogue/variables/fleet.yml": "fleet_x: {type: str}"},
    ],
    "public_variables_carry_their_roles_name": [
        {SPEC: spec("port: {type: int, description: A port.}")},
        {"catalogue/variables/fleet.yml": "environment: {type: str, description: x}"},
    ],
    "roles_have_a_switch": [{SPEC: spec("web_port: {type: int}")}, {SPEC: spec("web_state: {type: str, choices: [present]}")}],
    "private_variables_carry_their_roles_name": [
        {"roles/web/vars/main.yml": "unit: x"},
        {TASK: "- ansible.builtin.command: {argv: [x]}\n  register: result"},
        {TASK: "- block:\n    - ansible.builtin.set_fact: {fact: 1}"},
        {TASK: "- ansible.builtin.debug: {}\n  vars: {_web_x: 1}"},
        {TASK: "- ansible.builtin.debug: {}\n  loop: []\n  loop_control: {loop_var: host}"},
    ],
    "settings_are_read_by_one_line": [
        {"roles/web/vars/main.yml": "__web_unit: x"},
        {"roles/web/vars/main.yml": "__web_settings: \"{{ lookup('groundwork.fleet.settings', 'other') }}\""},
        GOOD | {"roles/web/templates/web.j2": "port {{ web_ports[0] }}"},
        GOOD | {TASK: "- ansible.builtin.debug: {}\n  when: web_state == 'present'"},
        GOOD | {TASK: "- block:\n    - ansible.builtin.debug: {msg: '{{ 1 + web_ports }}'}"},
    ],
    "roles_know_their_own_host_only": [
        {TASK: "- ansible.builtin.debug: {msg: \"{{ groups['web'] }}\"}"},
        {TASK: "- ansible.builtin.debug: {}\n  when: inventory_hostname in groups.web"},
        {TASK: "- ansible.builtin.debug: {}\n  when: [\"'web' in groups\"]"},
        {"roles/web/templates/web.j2": "{% for host in groups.web %}{{ hostvars[host].x }}{% endfor %}"},
        {"roles/web/vars/main.yml": "__web_peers: \"{{ query('inventory_hostnames', 'web') }}\""},
        {SPEC: "argument_specs: {main: {options: {web_peers: {default: '{{ groups.web | list }}'}}}}"},
    ],
    "roles_do_not_include_roles": [
        {TASK: "- ansible.builtin.include_role: {name: tls}"},
        {TASK: "- block:\n    - import_role: {name: tls}"},
        {"roles/web/meta/main.yml": "dependencies: [tls]"},
    ],
    "modules_have_full_names": [
        {TASK: "- name: Copy\n  copy: {content: x, dest: /x}"},
        {TASK: "- block:\n    - name: Copy\n      copy: {content: x, dest: /x}"},
        {TASK: "- action: copy content=x dest=/x"},
        {"playbooks/site.yml": "- hosts: all\n  pre_tasks:\n    - setup: {}"},
        {"molecule/web/verify.yml": "- hosts: all\n  tasks:\n    - assert: {that: true}"},
    ],
    "facts_are_of_one_host": [
        {"playbooks/site.yml": "- hosts: all\n  tasks:\n    - ansible.builtin.debug: {msg: x}\n      run_once: true"},
        {TASK: "- block:\n    - ansible.builtin.set_fact: {x: 1}\n      run_once: true"},
    ],
    "no_shell": [
        {TASK: "- ansible.builtin.shell: x | y"},
        {"playbooks/site.yml": "- hosts: all\n  tasks:\n    - block:\n        - shell: x | y"},
        {"molecule/web/verify.yml": "- hosts: all\n  tasks:\n    - ansible.builtin.raw: x"},
    ],
    "no_loops_over_remote_tasks": [
        {TASK: "- ansible.builtin.copy: {}\n  loop: []"},
        {TASK: "- block:\n    - ansible.builtin.include_tasks: one.yml\n      with_items: []"},
    ],
    "python_files_say_their_licence": [
        {"lab/a.py": FUTURE},
        {"lab/a.py": HEADER + "import os\n"},
        {MODULE: "#!/usr/bin/python\n" + FUTURE},
    ],
    "host_code_needs_the_standard_library_only": [
        {MODULE: "import apt"},
        {MODULE: "def run():\n    import requests"},
        {MODULE: "from ansible.utils.display import Display"},
        {"plugins/module_utils/checks/http.py": "from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import merge"},
        {"plugins/module_utils/x.py": "from ansible_collections.community.general.plugins.module_utils import y"},
    ],
    "host_code_runs_on_python_3_9": [{MODULE: "match 1:\n    case 1:\n        pass\n"}],
    "functions_are_annotated": [
        {"plugins/plugin_utils/x.py": "def run(one) -> None: ..."},
        {"plugins/plugin_utils/secrets/x.py": "def run(one: int): ..."},
        {"lab/x.py": "class A:\n    def run(self, *rest) -> None: ..."},
    ],
    "plugins_have_unit_tests": [
        {MODULE: DOCUMENTED + FUNCTION},
        {"plugins/module_utils/checks/tcp.py": FUNCTION, "tests/unit/plugins/module_utils/test_tcp.py": ""},
        {"plugins/plugin_utils/secrets/__init__.py": "class Backend: ..."},
        {MODULE: DOCUMENTED + FUNCTION + HANDED_OVER},
    ],
    "plugins_are_documented": [
        {MODULE: HEADER + FUTURE},
        {MODULE: DOCUMENTED.replace("RETURN = r'''x'''", "RETURN = r''''''")},
        {"plugins/filter/facet.py": "DOCUMENTATION = 'x'\nEXAMPLES = 'x'\n"},
    ],
    "plugins_know_their_first_version": [
        GOOD | {MODULE: DOCUMENTED.replace("0.1.0", "0.2.0")},
        GOOD | {MODULE: DOCUMENTED.replace("version_added", "added")},
    ],
    "alerts_can_be_acted_upon": [
        GOOD | {"catalogue/alerts/web.yml": alert(labels="{severity: loud}")},
        GOOD | {"catalogue/alerts/web.yml": alert(annotations="{runbook_url: 'https://example.com/web_down.md'}")},
        GOOD | {"catalogue/alerts/web.yml": alert(annotations="{summary: s, runbook_url: 'https://example.com/other.md'}")},
        GOOD | {"catalogue/alerts/web.yml": alert(annotations="{summary: s}")},
        GOOD | {"catalogue/alerts/web.yml": "groups: []"},
    ],
    "alerts_are_tested": [
        {"catalogue/alerts/web.yml": alert()},
        {"catalogue/alerts/web.yml": alert(), "catalogue/alerts/web_test.yml": ALERT_TEST.replace("WebDown", "WebUp")},
    ],
    "decisions_are_numbered": [
        {},
        {"docs/adr/0002-words.md": ADR.replace("0001", "0002")},
        {"docs/adr/0001-words.md": ADR, "docs/adr/0001-other.md": ADR},
        {"docs/adr/1-words.md": ADR},
        {"docs/adr/0001-words.md": ADR.replace("## Decision", "")},
    ],
    "links_lead_somewhere": [{"docs/a.md": "[gone](b.md)"}, {"docs/x/a.md": "[gone](../b.md#part)"}],
    "nothing_generated_is_committed": [
        {"plugins/__pycache__/x.py": ""},
        {"a/b.pyc": ""},
        {"x-1.0.tar.gz": ""},
        {"inventories/staging/.groundwork/ca.key": ""},
        {"inventories/staging/.groundwork/pki/hosts/web/host.key": "$ANSIBLE_VAULT;1.1;AES256\n"},
        {"inventories/staging/.groundwork/secrets/plain.yml": "password: x\n"},
        {".cache/x": ""},
        {"changelogs/.plugin-cache.yaml": ""},
    ],
    "no_path_of_a_machine": [
        {"run": "cd " + "/wor" + "k/main"},
        {"docs/a.md": "`" + "/root/.pyen" + "v/versions`"},
        {"tools/a.py": 'P = "' + "/tmp/tr" + 'y/bin"'},
    ],
    "labs_have_networks_of_their_own": [
        {"tests/integration/test_a.py": 'Fleet("a", "10.157" ".9.1")'.replace('" "', ""), "benchmarks/fleet.py": "10.157.9.0/24"},
    ],
    "no_host_of_a_registry": [
        {"requirements.txt": "--index-url https://" + "pypi" + ".org/simple"},
        {"lab/a.py": "http://deb" + ".debian.org/debian"},
        {"x.yml": "image: docker" + ".io/library/debian"},
        {"x.yml": "url: https://github" + ".com/a/b/releases/download/x"},
    ],
}


@pytest.mark.parametrize("name", sorted(rules.RULES))
def test_every_rule_goes_red(name: str) -> None:
    assert BAD.get(name), "%s has no bad sample here: nobody has seen it fail" % name
    for number, sample in enumerate(BAD[name]):
        assert rules.RULES[name](sample), "sample %d of %s was let pass" % (number, name)


@pytest.mark.parametrize("name", sorted(rules.RULES))
def test_no_rule_refuses_a_good_role(name: str) -> None:
    assert rules.RULES[name](GOOD) == []


@pytest.mark.parametrize("name", sorted(rules.RULES))
def test_every_rule_gives_its_reason(name: str) -> None:
    assert len((rules.RULES[name].__doc__ or "").split()) >= 8, "%s: the docstring is what who broke the rule will read" % name
