# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend `vault` against a real OpenBao server: sealed, with TLS, AppRole, JWT, Kubernetes, conflicts, ends of tokens, and a crash."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from secret_use import VALUE, Use, installed

from lab import openbao, tls
from lab.console import ROOT
from lab.local_servers import free_port

POLICY = 'path "kv/*" { capabilities = ["create", "read", "update"] } path "old/*" { capabilities = ["read", "create", "update"] }'
POLICY += ' path "transit/*" { capabilities = ["update"] } path "database/*" { capabilities = ["read"] }'


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao.Server]:
    """A server as in production, with what the tests read and two ways to log in."""
    with openbao.Server(tmp_path_factory.mktemp("openbao")) as server:
        server.initialize()
        server.unseal()
        server.ask("POST", "sys/mounts/kv", {"type": "kv", "options": {"version": "2"}})
        server.ask("POST", "sys/mounts/old", {"type": "kv", "options": {"version": "1"}})
        server.ask("POST", "sys/mounts/transit", {"type": "transit"})
        server.ask("POST", "transit/keys/orders", {})
        server.ask("POST", "sys/policies/acl/run", {"policy": POLICY})
        server.ask("POST", "sys/auth/approle", {"type": "approle"})
        server.ask("POST", "auth/approle/role/run", {"token_policies": ["run"], "token_ttl": "1h"})
        server.ask("POST", "old/orders", {"password": VALUE})
        put(server, "orders", password=VALUE, user="app", deep={"a": [1, True]})
        yield server


def put(server: openbao.Server, name: str, **fields: Any) -> None:
    server.ask("POST", f"kv/data/{name}", {"data": fields})


def approle(server: openbao.Server, role: str = "run") -> dict[str, str]:
    """Return the options of a login by AppRole."""
    identity = server.ask("GET", f"auth/approle/role/{role}/role-id")["data"]["role_id"]
    secret = server.ask("POST", f"auth/approle/role/{role}/secret-id", {})["data"]["secret_id"]
    return {"auth": "approle", "role_id": identity, "secret_id": secret}


Login = Callable[..., Use]


@pytest.fixture(name="login")
def _login(server: openbao.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Login]:
    """Return what makes a backend for this server, by AppRole where nothing else is said; all are closed at the end."""
    for name in [one for one in os.environ if one.startswith(("BAO_", "VAULT_"))]:
        monkeypatch.delenv(name)
    made: list[Use] = []

    def make(**options: Any) -> Use:
        way = {} if {"auth", "token", "token_file"} & set(options) else approle(server)
        assert server.ca is not None
        made.append(Use("vault", tmp_path, **{"address": server.url, "ca": str(server.ca.ca), **way, **options}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_fields_of_both_versions_of_kv(login: Login) -> None:
    one = login()
    assert one.fetch("kv/orders#password") == one.fetch("old/orders#password") == VALUE.encode()
    assert (one.fetch("kv/orders#deep.a.0"), one.fetch("kv/orders#deep.a.1")) == (b"1", b"true")
    assert login(mount="kv").fetch("orders#user") == b"app"
    assert login(mount="kv", kv_version=2).fetch("orders#user") == b"app"
    assert login(kv_version="1").fetch("old/orders#password") == VALUE.encode()
    assert one.changed_at("kv/orders#user") > datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=10)
    assert one.changed_at("old/orders#password") is None


def test_a_field_or_secret_that_is_missing(login: Login) -> None:
    one = login()
    assert one.refused("kv/orders#pasword", NotThere) == "The secret kv/orders has no field pasword. Did you mean password?"
    assert "It has the fields deep, password, user." in one.refused("kv/orders#zzz", NotThere)
    assert one.refused("kv/orders") == "Name the field: the secret kv/orders has the fields deep, password, user."
    assert "kv/gone is not there: write it with" in one.refused("kv/gone#x", NotThere)
    assert "old/gone is not there" in one.refused("old/gone#x", NotThere)
    assert "is for KV 2 only: the mount old is KV 1" in one.refused("old/orders#password?version=1")


def test_versions(login: Login, server: openbao.Server) -> None:
    put(server, "versions", a="1")
    put(server, "versions", a="2")
    put(server, "versions", a="3")
    server.ask("POST", "kv/delete/versions", {"versions": [2]})
    server.ask("POST", "kv/destroy/versions", {"versions": [1]})
    one = login()
    assert one.fetch("kv/versions#a") == one.fetch("kv/versions#a?version=3") == b"3"
    assert one.refused("kv/versions#a?version=2", SecretError).startswith("Version 2 of secret kv/versions was deleted: undelete it")
    assert one.refused("kv/versions#a?version=1", SecretError).startswith("Version 1 of secret kv/versions was destroyed")
    assert "is not there in version 9" in one.refused("kv/versions#a?version=9", NotThere)
    # A deleted newest version is no reason to write a new one: somebody may want it back.
    server.ask("POST", "kv/delete/versions", {"versions": [3]})
    assert "was deleted" in login().refused("kv/versions#a", SecretError, act="store")


def test_denied_says_on_which_path(login: Login, server: openbao.Server) -> None:
    server.ask("POST", "sys/policies/acl/little", {"policy": 'path "kv/data/other" { capabilities = ["read"] }'})
    server.ask("POST", "auth/approle/role/little", {"token_policies": ["little"]})
    little = approle(server, "little")
    assert login(**little).refused("kv/orders#password") == "Denied: no policy of this login allows it on kv/data/orders."
    assert "Denied, or there is no mount for old/orders" in login(**little).refused("old/orders#password")
    assert "no mount for nowhere/x" in login().refused("nowhere/x#y")
    assert login(**little).transient("kv/orders#password") is False


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"auth": "approle", "role_id": "x", "secret_id": VALUE}, "refused the login by approle: role_id or secret_id is wrong"),
        ({"auth": "approle", "role_id": "x", "secret_id": VALUE, "auth_mount": "nowhere"}, "refused|has no login method approle there"),
        ({"auth": "approle"}, "Give the option role_id"),
        ({"auth": "aprole"}, "Did you mean 'approle'?"),
        ({"auth": "jwt", "jwt": VALUE}, "Give the option role"),
        ({"auth": "kubernetes", "role": "run"}, "jwt_file is /var/run/secrets/kubernetes.io"),
        ({"auth": "token", "token": VALUE}, "The token has expired or was revoked|Denied"),
        ({"token_file": "nowhere"}, "token_file is"),
        ({"address": "http://vault.example.com:8200"}, "would send the token in the clear: use https"),
        ({"address": "vault"}, "is not a URL like"),
        ({"ca": "/etc/hostname"}, "not trusted|cannot be used"),
        ({"address": "https://127.0.0.1:1"}, "https://127.0.0.1:1 cannot be reached"),
        ({"timeout": "soon"}, "timeout is 'soon'"),
    ],
)
def test_logins_that_fail(login: Login, options: dict[str, Any], told: str) -> None:
    said = login(**options).refused("kv/orders#password")
    assert any(one in said for one in told.split("|")), said


def test_a_server_that_is_not_trusted(login: Login, tmp_path: Path) -> None:
    said = login(ca=str(tls.files(tmp_path / "other").ca), auth="token", token="x").refused("kv/orders#password")
    assert "The certificate of https://127.0.0.1:" in said
    assert "give the option ca" in said


def test_created_once_whoever_is_quicker(login: Login, server: openbao.Server) -> None:
    """Ten runs want to make the same password, and ten others a field beside it: one of each wins, nothing is lost."""
    uses = [login() for _ in range(6)]
    for one in uses:
        one.refused("kv/race#nothing", NotThere)  # all are logged in and have looked
    ready, won = threading.Barrier(12), {"a": [], "b": []}  # type: ignore[var-annotated]

    def run(one: Use, field: str, value: bytes) -> None:
        ready.wait()
        try:
            one.store(f"kv/race#{field}", value)
        except AlreadyThere:
            return
        won[field].append(value)

    threads = [threading.Thread(target=run, args=(one, field, b"%d" % n)) for n, one in enumerate(uses) for field in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    data = server.ask("GET", "kv/data/race")["data"]
    assert [won["a"], won["b"]] == [[data["data"]["a"].encode()], [data["data"]["b"].encode()]]
    assert data["metadata"]["version"] == 2
    assert login().fetch("kv/race#a") == won["a"][0]


def test_replaced_as_a_new_version(login: Login, server: openbao.Server) -> None:
    put(server, "rotated", password="first", user="app")
    one = login()
    assert one.fetch("kv/rotated#password") == b"first"
    one.replace("kv/rotated#password", b"second")
    assert (one.fetch("kv/rotated#password"), one.fetch("kv/rotated#user")) == (b"second", b"app")
    assert one.fetch("kv/rotated#password?version=1") == b"first"
    assert "has the field user already" in one.refused("kv/rotated#user", AlreadyThere, act="store")
    assert "has no field other" in one.refused("kv/rotated#other", NotThere, act="replace")
    assert "Only KV 2 can be written" in one.refused("old/orders#other", act="store")
    assert "leave ?version= out" in one.refused("kv/rotated#password?version=1", act="replace")


def test_somebody_writes_between_look_and_write(login: Login, server: openbao.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    put(server, "between", a="1")
    one, backend = login(), login().backend
    read, wrote = backend._read_v2, []

    def disturbed(*arguments: Any) -> Any:
        answer = read(*arguments)
        if not wrote:
            wrote.append(True)
            put(server, "between", a="1", other="theirs")
        return answer

    monkeypatch.setattr(backend, "_read_v2", disturbed)
    one.replace("kv/between#a", b"2")
    assert server.ask("GET", "kv/data/between")["data"]["data"] == {"a": "2", "other": "theirs"}


def test_a_token_that_ends_in_mid_run(login: Login, server: openbao.Server) -> None:
    one = login()
    assert one.fetch("kv/orders#user") == b"app"
    token = one.settings.kept("session", lambda: None).client.token
    server.ask("POST", "auth/token/revoke", {"token": token})
    put(server, "later", a="1")
    assert one.fetch("kv/later#a") == b"1"
    assert one.settings.kept("session", lambda: None).client.token != token


def test_a_secret_id_that_is_used_up(login: Login, server: openbao.Server) -> None:
    server.ask("POST", "auth/approle/role/once", {"token_policies": ["run"], "secret_id_num_uses": 1})
    one = login(**approle(server, "once"))
    assert one.fetch("kv/orders#user") == b"app"
    server.ask("POST", "auth/token/revoke", {"token": one.settings.kept("session", lambda: None).client.token})
    said = one.refused("old/orders#password")
    assert said.startswith("The token of this run has ended. The server refused the login by approle")


def test_a_given_token_that_ends(login: Login, server: openbao.Server) -> None:
    token = server.ask("POST", "auth/token/create", {"policies": ["run"], "ttl": "1s", "renewable": False})["auth"]["client_token"]
    one = login(token=token)
    assert one.fetch("kv/orders#user") == b"app"
    time.sleep(1.5)
    assert one.refused("old/orders#password").startswith("The token has expired or was revoked: log in anew")


def test_a_short_token_is_kept_alive_and_given_back(login: Login, server: openbao.Server) -> None:
    server.ask("POST", "auth/approle/role/short", {"token_policies": ["run"], "token_ttl": "4s", "token_max_ttl": "1m"})
    one = login(**approle(server, "short"))
    one.fetch("kv/orders#user")
    token = one.settings.kept("session", lambda: None).client.token
    time.sleep(6)
    assert server.ask("POST", "auth/token/lookup", {"token": token})["data"]["ttl"] > 0
    one.close()
    with pytest.raises(OSError, match=r"403|404"):
        server.ask("POST", "auth/token/lookup", {"token": token})


def test_transit(login: Login, server: openbao.Server, tmp_path: Path) -> None:
    plain = base64.b64encode(VALUE.encode()).decode()
    ciphertext = server.ask("POST", "transit/encrypt/orders", {"plaintext": plain})["data"]["ciphertext"]
    (tmp_path / "orders.ciphertext").write_text(ciphertext + "\n")
    one = login()
    assert one.fetch(f"transit/orders?ciphertext={ciphertext}") == VALUE.encode()
    assert one.fetch("transit/decrypt/orders?file=orders.ciphertext") == VALUE.encode()
    assert "is another key's or damaged" in one.refused("transit/orders?ciphertext=vault:v1:AAAA")
    assert "Give what is decrypted" in one.refused("transit/orders")
    assert "has no fields" in one.refused(f"transit/orders#x?ciphertext={ciphertext}")
    assert "cannot be read (FileNotFoundError)" in one.refused("transit/orders?file=gone")


@pytest.fixture(scope="module", name="database")
def _database(server: openbao.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """A real Redis; the function gives what a user of it gets for a command.

    Debian's redis-tools has the server too, under the name of a checker, and starts none.
    """
    directory, port = tmp_path_factory.mktemp("redis"), free_port()
    program, client = directory / "redis-server", installed("redis-cli", "redis-tools")
    program.symlink_to(installed("redis-check-rdb", "redis-tools"))
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory), "--save", "", "--requirepass", "admin"]
    process = subprocess.Popen([str(program), *arguments], stdout=subprocess.DEVNULL)

    def ask(user: str, password: str, *command: str) -> str:
        call = [client, "-p", str(port), "--no-auth-warning", "--user", user, "--pass", password, *command]
        return subprocess.run(call, capture_output=True, text=True, check=False).stdout.strip()

    try:
        until = time.monotonic() + 10
        while ask("default", "admin", "ping") != "PONG":
            assert time.monotonic() < until
            time.sleep(0.1)
        server.ask("POST", "sys/mounts/database", {"type": "database"})
        connection = {"host": "127.0.0.1", "port": port, "username": "default", "password": "admin"}
        config = {"plugin_name": "redis-database-plugin", "allowed_roles": "*", **connection}
        server.ask("POST", "database/config/redis", config)
        role = {"db_name": "redis", "creation_statements": '["+@all", "~*"]', "default_ttl": "4s", "max_ttl": "1m"}
        server.ask("POST", "database/roles/app", role)
        yield ask
    finally:
        process.kill()
        process.wait()


def test_a_database_credential_lives_as_long_as_the_run(login: Login, server: openbao.Server, database: Callable[..., str]) -> None:
    one = login()
    user, password = one.fetch("database/creds/app#username").decode(), one.fetch("database/creds/app#password").decode()
    assert database(user, password, "acl", "whoami") == user
    time.sleep(6)
    assert database(user, password, "acl", "whoami") == user, "a lease of 4 s was not renewed"
    assert one.settings.kept("session", lambda: None).leases
    one.close()
    until = time.monotonic() + 10
    while user in database("default", "admin", "acl", "users"):
        assert time.monotonic() < until, "the lease was not revoked"
        time.sleep(0.1)
    assert "It has the fields password, username." in login().refused("database/creds/app#zzz", NotThere)
    assert "does not take the request for database/creds/nowhere" in login().refused("database/creds/nowhere#password")


def test_login_by_the_token_of_a_ci_job(login: Login, server: openbao.Server) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    server.ask("POST", "sys/auth/jwt", {"type": "jwt"})
    server.ask("POST", "auth/jwt/config", {"jwt_validation_pubkeys": [public]})
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["fleet"], "token_policies": ["run"]}
    server.ask("POST", "auth/jwt/role/ci", role)
    now = int(time.time())
    good = signed(key, {"sub": "job-1", "aud": "fleet", "iat": now, "exp": now + 60})
    late = signed(key, {"sub": "job-1", "aud": "fleet", "iat": now - 900, "exp": now - 600})
    assert login(auth="jwt", role="ci", jwt=good).fetch("kv/orders#user") == b"app"
    assert "refused the login by jwt" in login(auth="jwt", role="ci", jwt=late).refused("kv/orders#user")


def signed(key: ec.EllipticCurvePrivateKey, claims: dict[str, Any]) -> str:
    """Return a JWT."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    text = ".".join(part(json.dumps(one).encode()) for one in ({"alg": "ES256", "typ": "JWT"}, claims))
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{part(r.to_bytes(32) + s.to_bytes(32))}"


def test_login_as_a_pod(login: Login, server: openbao.Server, tmp_path: Path) -> None:
    """The server asks a Kubernetes API for its verdict on the token; that API is a stand-in of a few lines."""
    made = tls.files(tmp_path)
    account = {"namespace": "ci", "service-account.name": "runner", "service-account.uid": "1", "secret.name": "runner"}
    claims = {f"kubernetes.io/serviceaccount/{name}": value for name, value in account.items()}
    token = signed(ec.generate_private_key(ec.SECP256R1()), {"iss": "kubernetes/serviceaccount", **claims})

    class Review(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            user = {"username": "system:serviceaccount:ci:runner", "uid": "1", "groups": []}
            verdict = {"authenticated": asked["spec"]["token"] == token, "user": user}
            answer = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": verdict}).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_what: Any) -> None:
            pass

    api = ThreadingHTTPServer(("127.0.0.1", 0), Review)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    api.socket = context.wrap_socket(api.socket, server_side=True)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    try:
        server.ask("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
        config = {"kubernetes_host": f"https://127.0.0.1:{api.server_address[1]}", "kubernetes_ca_cert": made.ca.read_text()}
        server.ask("POST", "auth/kubernetes/config", {**config, "token_reviewer_jwt": token, "disable_local_ca_jwt": True})
        role = {"bound_service_account_names": "runner", "bound_service_account_namespaces": "ci", "token_policies": ["run"]}
        server.ask("POST", "auth/kubernetes/role/ci", role)
        (tmp_path / "token").write_text(token)
        assert login(auth="kubernetes", role="ci", jwt_file="token").fetch("kv/orders#user") == b"app"
        (tmp_path / "token").write_text(token[:-4] + "xxxx")
        assert "refused the login by kubernetes" in login(auth="kubernetes", role="ci", jwt_file="token").refused("kv/orders#user")
    finally:
        api.shutdown()


def test_a_namespace(login: Login, server: openbao.Server) -> None:
    server.ask("POST", "sys/namespaces/team", {})
    root = login(token=server.root_token, namespace="team")
    server.ask("POST", "team/sys/mounts/kv", {"type": "kv", "options": {"version": "2"}})
    until = time.monotonic() + 10
    while not stored(root, "kv/orders#password", b"the team's"):  # a new KV 2 is not there at once
        assert time.monotonic() < until
        time.sleep(0.1)
    assert root.fetch("kv/orders#password") == b"the team's"
    assert login().fetch("kv/orders#password") == VALUE.encode()


def stored(one: Use, rest: str, value: bytes) -> bool:
    """Return whether it was stored; False where it has to be tried again."""
    try:
        one.store(rest, value)
    except Exception as error:
        if not one.backend.transient(error):
            raise
        return False
    return True


def tokens(server: openbao.Server) -> set[str]:
    """Return what names each token that the server knows."""
    return set(server.ask("LIST", "auth/token/accessors")["data"]["keys"])


def test_a_whole_run_logs_in_once_makes_one_password_and_leaves_nothing(server: openbao.Server, tmp_path: Path) -> None:
    """Twenty hosts in ten workers, and two runs at once: what users have."""
    assert server.ca is not None
    role = approle(server)
    (tmp_path / "secret_id").write_text(role.pop("secret_id"))
    place = {"address": server.url, "ca": str(server.ca.ca), "mount": "kv", "secret_id_file": str(tmp_path / "secret_id")}
    made = "lookup('groundwork.fleet.secret', 'secret://production/made#password?generate=password') | ansible.builtin.hash('sha256')"
    kept = "lookup('groundwork.fleet.secret', 'secret://production/orders#user')"
    play = {"hosts": "all", "gather_facts": False, "vars": {"fleet_secret_backends": {"production": {"backend": "vault", **role, **place}}}}
    play["tasks"] = [{"ansible.builtin.debug": {"msg": "made {{ %s }} kept {{ %s }}" % (made, kept)}}]
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    (tmp_path / "hosts").write_text("".join(f"host-{number} ansible_connection=local\n" for number in range(20)))
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "-i",
        str(tmp_path / "hosts"),
        "-f",
        "10",
        str(tmp_path / "play.yml"),
    ]
    before = tokens(server)
    environment = os.environ | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    runs = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _run in range(2)]
    said = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    password = server.ask("GET", "kv/data/made")["data"]
    digest = hashlib.sha256(password["data"]["password"].encode()).hexdigest()
    assert password["metadata"]["version"] == 1
    assert [text.count(f"made {digest} kept app") for text in said] == [20, 20], said
    until = time.monotonic() + 60  # what keeps the secrets ends after the run
    while tokens(server) - before:  # of those that were there some may expire meanwhile
        assert time.monotonic() < until, "a token was not given back"
        time.sleep(0.1)


def test_dev_mode_is_reached_without_tls_on_this_machine_only(tmp_path: Path) -> None:
    with openbao.Server(tmp_path, dev=True) as server:
        one = Use("vault", tmp_path, address=server.url, token="root", mount="secret")
        one.store("orders#password", VALUE.encode())
        assert one.fetch("orders#password") == VALUE.encode()


def test_sealed_killed_and_back(login: Login, server: openbao.Server) -> None:
    """Last in this file: what is down and up again serves the session that was there before."""
    one, other = login(), login()
    assert one.fetch("kv/orders#user") == b"app"
    server.ask("PUT", "sys/seal", {})
    assert one.refused("old/orders#password") == "The server is sealed: unseal it (bao operator unseal)."
    assert one.transient("old/orders#password") is False
    assert "The server is sealed" in other.refused("kv/orders#user")
    server.kill()
    assert one.refused("old/orders#password") == f"{server.url} cannot be reached: is it up, and is address right?"
    assert one.transient("old/orders#password") is True
    assert one.fetch("kv/orders#user") == b"app", "what was read before stays"
    server.start()
    assert "The server is sealed" in one.refused("old/orders#password")
    server.unseal()
    assert one.fetch("old/orders#password") == VALUE.encode()
    assert other.fetch("kv/orders#user") == b"app"


def test_a_server_that_says_nothing(login: Login) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        one = login(address=address, token="x", timeout=0.2)
        assert one.refused("kv/orders#user") == f"{address} did not answer in time."
        assert one.transient("kv/orders#user") is True
