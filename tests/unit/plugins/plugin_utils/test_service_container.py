# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

from tests.unit.declared_orders import plan

DIGEST = "241017c5b4b6" + "a" * 52
IMAGE = "registry.example.org/shop@sha256:" + DIGEST
QUADLET, UNIT = "/etc/containers/systemd/orders.container", "/etc/systemd/system/orders.service"
OLD = {"container_podman": {"rc": 0, "stdout": "podman version 4.3.1"}, "container_cgroup2": {"rc": 1}}
DOCKER = {"container_docker": {"rc": 0, "stdout": "Docker version 20.10.24"}}


def declared(looks=None, state="present", encrypted=False, container=None, **keys):
    return plan({"container": {"image": IMAGE, **(container or {})}, **keys}, looks=looks or {}, state=state, encrypted=encrypted)


def lines(found, path):
    return found["files"][path]["content"].splitlines()


def start(found):
    return next(line for line in lines(found, UNIT) if line.startswith("ExecStart="))


def test_a_container_has_image_unit_and_engine():
    found = declared()
    assert found["images"] == {"orders": {"image": IMAGE, "engine": "podman"}}
    assert set(found["packages"]) == {"podman", "crun", "netavark"}
    assert found["units"]["orders.service"]["restart_on"] == [QUADLET, UNIT]
    assert found["files"][UNIT] == {"absent": True}
    assert found["users"] == found["releases"] == {}


def test_it_is_asked_before_which_engine_the_host_has():
    assert "container_podman" in declared()["looks"]
    assert plan({"package": {"name": "nginx"}})["looks"] == {}


def test_the_quadlet_restricts_it_without_being_asked():
    text = lines(declared(), QUADLET)
    assert {"Image=localhost/groundwork/orders:241017c5b4b6", "ReadOnly=true", "NoNewPrivileges=true", "DropCapability=all"} <= set(text)
    assert "PodmanArgs=--pull=never" in text
    assert "PodmanArgs=--cgroups=disabled" not in text
    assert "WantedBy=multi-user.target" in text


def test_a_host_of_two_hierarchies_leaves_the_cgroup_to_the_unit():
    assert "PodmanArgs=--cgroups=disabled" in lines(declared({"container_cgroup2": {"rc": 1}}), QUADLET)


def test_an_older_podman_has_a_unit_that_runs_it():
    found = declared(OLD, container={"user": "1000:1000", "network": "host", "capabilities": ["NET_BIND_SERVICE"]})
    words = start(found).split()
    assert found["files"][QUADLET] == {"absent": True}
    assert {"--cgroups=disabled", "--sdnotify=conmon", "--cap-drop=all", "--cap-add=NET_BIND_SERVICE", "--read-only"} <= set(words)
    assert {"--user=1000:1000", "--network=host", "--security-opt=no-new-privileges", "--pull=never"} <= set(words)
    assert words[-1] == "localhost/groundwork/orders:241017c5b4b6"


def test_docker_runs_in_the_foreground_and_has_the_limits_itself():
    found = declared(DOCKER, limits={"memory": "1G", "cpu": "150%", "tasks": 50, "open_files": 1024})
    words = start(found).split()
    assert words[0] == "ExecStart=/usr/bin/docker" and "--detach" not in words
    assert {"--memory=1g", "--cpus=1.5", "--pids-limit=50", "--ulimit=nofile=1024"} <= set(words)
    assert "Requires=docker.service" in lines(found, UNIT) and "MemoryMax=1G" not in lines(found, UNIT)
    with pytest.raises(BadInput, match=r"limits\.io_weight"):
        declared(DOCKER, limits={"io_weight": 5})


def test_podman_has_the_limits_of_its_unit():
    text = lines(declared(limits={"memory": "1G", "processes": 100}), QUADLET)
    assert "MemoryMax=1G" in text and "PodmanArgs=--ulimit=nproc=100" in text and "LimitNPROC=100" not in text


def test_a_port_is_published_on_the_loopback_unless_it_says_where():
    text = lines(declared(container={"publish": ["8080:80", "0.0.0.0:8443:443", "[::1]:53:53/udp"]}), QUADLET)
    assert [line for line in text if line.startswith("Publish")] == [
        "PublishPort=127.0.0.1:8080:80",
        "PublishPort=0.0.0.0:8443:443",
        "PublishPort=[::1]:53:53/udp",
    ]


def test_values_reach_the_process_as_they_are():
    odd = 'a %h ${HOME} $1 "q"'
    assert 'Environment="ODD=a %%h $${HOME} $$1 \\"q\\""' in lines(declared(environment={"ODD": odd}), QUADLET)
    assert '"--env=ODD=a %%h $${HOME} $$1 \\"q\\""' in start(declared(OLD, environment={"ODD": odd}))


def test_the_command_is_split_into_words():
    assert 'Exec=serve --title "a b"' in lines(declared(exec="serve --title 'a b'"), QUADLET)
    with pytest.raises(BadInput, match=r"orders\.exec"):
        declared(exec="serve 'a")


def test_the_secrets_of_root_are_systemds_own():
    text = lines(declared(secrets={"token": "t"}, encrypted=True), QUADLET)
    assert "Volume=/run/credentials/orders.service:/run/secrets:ro" in text
    assert "LoadCredentialEncrypted=token:/etc/groundwork/credentials/orders/token" in text
    assert not any(line.startswith("ExecStartPre") for line in text)


def test_another_user_gets_a_copy_in_memory_that_nobody_else_reads():
    text = lines(declared(OLD, secrets={"token": "t"}, container={"user": "1000"}), UNIT)
    assert "RuntimeDirectory=groundwork-orders" in text
    copied = "-o 1000 -g 1000 -t /run/groundwork-orders/secrets /run/credentials/orders.service/token"
    assert "ExecStartPre=/usr/bin/install -m 0400 " + copied in text
    assert "--volume=/run/groundwork-orders/secrets:/run/secrets:ro" in start(
        declared(OLD, secrets={"token": "t"}, container={"user": "1000"})
    )


def test_two_colours_are_two_containers():
    deploy = {"strategy": "blue_green", "ports": [8081, 8082], "switch": {"nginx": None}}
    found = declared(OLD, deploy=deploy, container={"publish": ["{port}:80"]})
    green = found["deployments"]["orders"]["colours"]["green"]
    assert green["unit"] == "orders@green.service" and found["deployments"]["orders"].get("release") is None
    assert "--name=orders-green" in green["content"] and "--publish=127.0.0.1:8082:80" in green["content"]
    by_quadlet = declared(deploy=deploy)
    path = by_quadlet["deployments"]["orders"]["colours"]["green"]["path"]
    assert path == "/etc/containers/systemd/orders@green.container"
    assert by_quadlet["files"]["/etc/containers/systemd"] == {"directory": True}  # where both colours' files come to stand


def test_removal_takes_image_and_both_forms_of_the_unit():
    found = declared(state="all")
    assert found["images"] == {"orders": {"state": "absent"}}
    assert {QUADLET, UNIT} <= set(found["files"])
    assert found["units"] == {"orders.service": {"state": "stopped", "enabled": False}}


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"image": "registry.example.org/shop:1.2"}, "container.image is 'registry.example.org/shop:1.2'; expected name@sha256:"),
        ({"image": None}, "container.image is None"),
        ({"archive": {"url": "/shop.tar"}}, "archive.sha256 is ''; expected 64 hexadecimal digits"),
        ({"archive": "/shop.tar"}, "container.archive"),
        ({"imgae": 1}, "Did you mean 'image'?"),
        ({"user": "www-data"}, "container.user is 'www-data'"),
        ({"publish": ["80"]}, "container.publish[0]"),
        ({"publish": "80:80"}, "expected a list"),
        ({"network": "host", "publish": ["80:80"]}, "nothing beside network: host"),
        ({"volumes": {"data": "/data"}}, "container.volumes['data']"),
        ({"volumes": ["/a:/a"]}, "expected a mapping"),
        ({"capabilities": ["all of them"]}, "container.capabilities[0]"),
        ({"read_only": "yes"}, "container.read_only is 'yes'"),
        ({"engine": "lxc"}, "container.engine is 'lxc'"),
    ],
)
def test_wrong_input_is_refused_by_name(container, message):
    with pytest.raises(BadInput) as error:
        declared(container=container)
    assert message in str(error.value)


def test_a_container_runs_as_the_user_of_its_image_and_not_as_one_of_the_host():
    with pytest.raises(BadInput, match=r"orders\.user"):
        declared(user="orders")


@pytest.mark.parametrize(("looks", "path"), [({}, QUADLET), (OLD, UNIT), (DOCKER, UNIT)])
def test_a_variable_with_a_secret_is_handed_over_by_its_name(looks, path):
    declaration = {"container": {"image": IMAGE}, "environment": {"TOKEN": "hidden", "LEVEL": "info"}}
    found = plan(declaration, looks=looks, is_secret=lambda text: text == "hidden")
    text = found["files"][path]["content"]
    assert "hidden" not in text and "EnvironmentFile=/etc/groundwork/credentials/orders/@environment" in text
    assert "--env=TOKEN" in text and "LEVEL=info" in text
    assert found["files"]["/etc/groundwork/credentials/orders/@environment"]["secret"] is True
