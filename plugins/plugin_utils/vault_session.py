# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login at a HashiCorp Vault or OpenBao server for a whole run: made when first needed, kept alive, made anew, given back."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, Settings, library

_T = TypeVar("_T")

OPTIONS = {
    "address": "the URL of the server, by default what BAO_ADDR or VAULT_ADDR says, else https://127.0.0.1:8200",
    "namespace": "the namespace",
    "ca": "a file with the certificates that the server's is checked against, by default those of requests",
    "timeout": "how many seconds a request may take, by default 30",
    "auth": "how to log in: token (by default), approle, jwt, kubernetes or aws_iam",
    "auth_mount": "where the login method is mounted, by default its name (aws_iam: aws)",
    "token": "for token; by default BAO_TOKEN or VAULT_TOKEN, else the file ~/.vault-token",
    "token_file": "a file with it",
    "role": "for jwt, kubernetes and aws_iam: the role",
    "role_id": "for approle",
    "role_id_file": "a file with it",
    "secret_id": "for approle",
    "secret_id_file": "a file with it",
    "jwt": "for jwt (the token of a CI job) and kubernetes",
    "jwt_file": "a file with it; for kubernetes by default that of the pod's service account",
    "aws_region": "for aws_iam: the region of the STS endpoint that the role expects, by default us-east-1",
    "aws_header": "for aws_iam: the value of X-Vault-AWS-IAM-Server-ID",
}
METHODS = {"token": "token", "approle": "approle", "jwt": "jwt", "kubernetes": "kubernetes", "aws_iam": "aws"}
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
AGAIN = 5.0


class Session:
    """The client of one entry of fleet_secret_backends and what it was lent. Threads share it."""

    def __init__(self, settings: Settings) -> None:
        """Log in. Raises SecretError, and what hvac and requests raise."""
        self.settings = settings
        self.hvac = library("hvac", "hvac", ">=2.3")
        self.method = str(settings.options.get("auth", "token"))
        if self.method not in METHODS:
            raise unknown_name("way to log in", "auth of the backend vault", self.method, METHODS)
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._ended = False
        self._thread: threading.Thread | None = None
        self._due: dict[str, float] = {}
        self.leases: list[str] = []
        self.client = self._logged_in()

    def ask(self, act: Callable[[Any], _T]) -> _T:
        """Return what `act` gets with the client; logs in once more where the token has ended meanwhile."""
        client = self.client
        try:
            return act(client)
        except self.hvac.exceptions.Forbidden:
            if not self._token_ended(client):
                raise
        if self.method == "token":
            raise SecretError("The token has expired or was revoked: log in anew, or let the backend do it (auth: approle, jwt, …).")
        with self._lock:
            if self.client is client:
                try:
                    self.client = self._logged_in()
                except SecretError as error:
                    raise SecretError("The token of this run has ended. %s" % error) from None
        return act(self.client)

    def lent(self, lease: str, seconds: float, renewable: bool) -> None:
        """Remember a lease: it is renewed until the end of the run, and revoked then."""
        with self._lock:
            self.leases.append(lease)
            if renewable:
                self._keep_alive(lease, seconds)

    def close(self) -> None:
        """Give back the token where this login made it, its leases with it, else each lease. Raises SecretError for what stays."""
        with self._lock:
            self._ended = True
            leases, self.leases = self.leases, []
        self._wake.set()
        if self.method == "token":
            left = sum(not self._given_back(self.client.sys.revoke_lease, lease) for lease in leases)
            if left:
                remedy = "its policy has to allow update on sys/leases/revoke, until then they end by themselves"
                raise SecretError("The given token could not revoke %d of %d leases: %s." % (left, len(leases), remedy))
        elif not self._given_back(self.client.auth.token.revoke_self):
            raise SecretError("The token of this run was not revoked, and with it %d leases: they end by themselves." % len(leases))

    def _logged_in(self) -> Any:
        options = self.settings.options
        ca = options.get("ca")
        client = self.hvac.Client(
            url=address(options),
            token="",
            namespace=options.get("namespace"),
            verify=str(self.settings.path("ca", "")) if ca else True,
            timeout=_seconds(options),
        )
        if self.method == "token":
            client.token = self._given_token()
            return client
        errors = self.hvac.exceptions
        try:
            answer = getattr(self, "_by_" + self.method)(client, str(options.get("auth_mount", METHODS[self.method])))
        except (errors.InvalidRequest, errors.Forbidden, errors.Unauthorized):
            hint = {"approle": "role_id or secret_id is wrong, or has expired or been used up"}.get(
                self.method, "role or identity is refused"
            )
            raise SecretError("The server refused the login by %s: %s." % (self.method, hint)) from None
        except errors.InvalidPath:
            raise SecretError("The server has no login method %s there: set auth_mount." % self.method) from None
        if answer["auth"].get("renewable"):
            self._keep_alive("", float(answer["auth"]["lease_duration"]))
        return client

    def _given_token(self) -> str:
        if self.settings.has("token"):
            return self.settings.secret("token")
        for name in ("BAO_TOKEN", "VAULT_TOKEN"):
            if os.environ.get(name):
                return os.environ[name]
        with contextlib.suppress(OSError):
            return Path("~/.vault-token").expanduser().read_text(encoding="utf-8").strip()
        raise SecretError("Give the option token (or token_file), BAO_TOKEN or VAULT_TOKEN, or another auth: approle, jwt, …")

    def _role(self) -> str:
        role = self.settings.options.get("role")
        if not role:
            raise SecretError("Give the option role: auth %s needs one." % self.method)
        return str(role)

    def _by_approle(self, client: Any, mount: str) -> Any:
        secret = self.settings.secret("secret_id") if self.settings.has("secret_id") else None
        return client.auth.approle.login(self.settings.secret("role_id"), secret, mount_point=mount)

    def _by_jwt(self, client: Any, mount: str) -> Any:
        return client.auth.jwt.jwt_login(self._role(), self.settings.secret("jwt"), path=mount)

    def _by_kubernetes(self, client: Any, mount: str) -> Any:
        settings = self.settings
        if not settings.has("jwt"):
            settings = Settings({**settings.options, "jwt_file": SERVICE_ACCOUNT}, settings.inventory_directory)
        return client.auth.kubernetes.login(self._role(), settings.secret("jwt"), mount_point=mount)

    def _by_aws_iam(self, client: Any, mount: str) -> Any:
        credentials = library("boto3", "boto3", ">=1.34").Session().get_credentials()
        if credentials is None:
            raise SecretError("There are no credentials of AWS here: set AWS_PROFILE, or run where there is a role.")
        one = credentials.get_frozen_credentials()
        return client.auth.aws.iam_login(
            one.access_key,
            one.secret_key,
            one.token,
            header_value=self.settings.options.get("aws_header"),
            mount_point=mount,
            role=self._role(),
            region=str(self.settings.options.get("aws_region", "us-east-1")),
        )

    def _token_ended(self, client: Any) -> bool:
        """Tell whether the server no longer knows the token: what the policy `default` allows to every token is refused too."""
        try:
            client.auth.token.lookup_self()
        except self.hvac.exceptions.Forbidden:
            return True
        return False

    def _keep_alive(self, lease: str, seconds: float) -> None:
        """Have a lease renewed when half of its time is over; the empty name is the token."""
        with self._lock:
            self._due[lease] = time.monotonic() + seconds / 2
            if self._thread is None:
                self._thread = threading.Thread(target=self._renew_forever, name="vault leases", daemon=True)
                self._thread.start()
        self._wake.set()

    def _renew_forever(self) -> None:
        while not self._ended:
            with self._lock:
                due = min(self._due.values(), default=None)
            self._wake.wait(None if due is None else max(0.0, due - time.monotonic()))
            self._wake.clear()
            for lease in [one for one, moment in list(self._due.items()) if moment <= time.monotonic()]:
                if not self._ended:
                    self._renew(lease)

    def _renew(self, lease: str) -> None:
        """Renew; where the server refuses (the longest time is over) leave it alone, where it is not there try again."""
        client = self.client
        try:
            answer = client.sys.renew_lease(lease) if lease else client.auth.token.renew_self()
        except (self.hvac.exceptions.InvalidRequest, self.hvac.exceptions.Forbidden):
            seconds = 0.0
        except Exception:
            seconds = 2 * AGAIN
        else:
            seconds = float((answer if lease else answer["auth"])["lease_duration"])
        with self._lock:
            # Below a second the server has come to the longest time that it allows.
            if seconds < 1:
                self._due.pop(lease, None)
            else:
                self._due[lease] = time.monotonic() + seconds / 2

    def _given_back(self, act: Callable[..., object], *arguments: str) -> bool:
        """Return whether the server took it back, or does not know it any more."""
        try:
            try:
                act(*arguments)
            except self.hvac.exceptions.Forbidden:
                return self._token_ended(self.client)
        except Exception:
            return False
        return True


def address(options: Mapping[str, Any]) -> str:
    """Return the server's URL. Raises SecretError where a token would travel in the clear."""
    given = options.get("address") or os.environ.get("BAO_ADDR") or os.environ.get("VAULT_ADDR") or "https://127.0.0.1:8200"
    url = urlsplit(str(given))
    if url.scheme not in ("https", "http") or not url.hostname:
        raise SecretError("The address %r is not a URL like https://vault.example.com:8200." % (given,))
    if url.scheme == "http" and url.hostname not in ("localhost", "::1") and not url.hostname.startswith("127."):
        raise SecretError("The address %s would send the token in the clear: use https." % given)
    return str(given).rstrip("/")


def _seconds(options: Mapping[str, Any]) -> float:
    try:
        seconds = float(options.get("timeout", 30))
    except (TypeError, ValueError):
        seconds = 0
    if seconds <= 0:
        raise SecretError("The option timeout is %r: it is a number of seconds, more than 0." % (options.get("timeout"),))
    return seconds
