# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of Google Cloud's Secret Manager: `secret://gcp_secret_manager/orders-db#password`.

The path is the name of a secret, or all of it as Google writes it: `projects/…/secrets/…`. `#field` is taken from JSON.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_programs import time_limit
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings, library

OPTIONS = {
    "project": "the id of the project, by default that of the credentials",
    "location": "the region of regional secrets, by default none: global secrets",
    "credentials_file": "a file with the key of a service account, by default what google-auth finds: workload identity, gcloud",
    "endpoint": "host:port of the service, by default that of the location",
    "timeout": "how many seconds a request may take, by default 60",
}
REFERENCE_OPTIONS = {"version": "the number of a version, or its alias, by default latest"}
PACKAGE, LEAST = "google-cloud-secret-manager", ">=2.20"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LOST = ("ConnectionError", "TransportError", "RetryError", "Timeout", "ConnectTimeout", "ReadTimeout")
MEANINGS = {
    400: "Google does not take the request: the version is disabled or destroyed, or a name is wrong.",
    401: "Google does not accept the credentials: log in anew.",
    403: "Denied: these credentials lack roles/secretmanager.secretAccessor on the secret, or the API is off in the project.",
    409: "The secret was changed by others at the same time.",
    429: "Google turns requests away, there are too many (429).",
}


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the secret, or a field of it."""
    value: bytes = documents(settings).get(_key(reference), lambda: _read(reference, settings))
    return secret_documents.selected(value, reference, _place(reference))


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Create the secret, which only one can, and give it its first version; a field cannot be added to one that is there."""
    content = secret_documents.with_field(None, reference, value, _place(reference))
    parent, _slash, name = _name(reference, settings).rpartition("/secrets/")
    secret: dict[str, Any] = {} if settings.options.get("location") else {"replication": {"automatic": {}}}
    try:
        _ask(settings, "create_secret", parent=parent, secret_id=name, secret=secret)
    except Exception as error:
        if type(error).__name__ not in ("AlreadyExists", "Conflict"):
            raise
        documents(settings).forget(_key(reference))
        try:
            fetch(reference, settings)
        except NotThere:
            told = "%s is there, but without what is to be created: add it by hand, Google offers no safe way." % _place(reference)
            raise SecretError(told) from None
        raise AlreadyThere("%s is there already." % _place(reference)) from None
    _ask(settings, "add_secret_version", parent="%s/secrets/%s" % (parent, name), payload={"data": content})


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Add a version with the field set; the other fields stay."""
    if reference.options:
        raise SecretError("A version cannot be written: leave ?version= out.")
    old = _read(reference, settings)
    if reference.field is not None:
        secret_documents.selected(old, reference, _place(reference))
    content = secret_documents.with_field(old, reference, value, _place(reference))
    _ask(settings, "add_secret_version", parent=_name(reference, settings), payload={"data": content})
    documents(settings).forget(_key(reference))


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the version was made."""
    moment = _ask(settings, "get_secret_version", name=_version(reference, settings)).create_time
    return datetime.fromtimestamp(moment.timestamp(), moment.tzinfo)


def transient(error: Exception) -> bool:
    """Tell whether it may go well when tried again."""
    code = _code(error)
    return (
        code == 429 or code >= 500 or type(error).__name__ in ("ConnectionError", "TransportError", "RetryError", "Timeout", "ReadTimeout")
    )


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    name, code = type(error).__name__, _code(error)
    if code in MEANINGS:
        return MEANINGS[code]
    if name == "DefaultCredentialsError":
        return "There are no credentials of Google here: gcloud auth application-default login, or give credentials_file."
    if name == "RefreshError":
        return "Google does not renew the credentials: they have expired, were revoked, or the key of the service account is gone."
    if code >= 500:
        return "Google's service failed (%d)." % code
    if transient(error):
        return "Google cannot be reached (%s): is there a way to it, and is endpoint right?" % name
    return "Google refused the request (%s)." % name


def _code(error: Exception) -> int:
    code = getattr(error, "code", None)
    return int(code) if isinstance(code, int) else 0


def _place(reference: SecretReference) -> str:
    return "The secret %s" % reference.path


def _key(reference: SecretReference) -> str:
    return "%s@%s" % (reference.path, reference.options.get("version", ""))


def _name(reference: SecretReference, settings: Settings) -> str:
    if reference.path.startswith("projects/"):
        return reference.path
    if "/" in reference.path:
        raise SecretError("The name %s has a /: write all of it as projects/…/secrets/…, or the name alone." % reference.path)
    project = settings.options.get("project") or _session(settings)[1]
    if not project:
        raise SecretError("Give the option project: the credentials do not say which.")
    location = settings.options.get("location")
    place = "projects/%s/locations/%s" % (project, location) if location else "projects/%s" % project
    return "%s/secrets/%s" % (place, reference.path)


def _version(reference: SecretReference, settings: Settings) -> str:
    return "%s/versions/%s" % (_name(reference, settings), reference.options.get("version", "latest"))


def _read(reference: SecretReference, settings: Settings) -> bytes:
    try:
        return bytes(_ask(settings, "access_secret_version", name=_version(reference, settings)).payload.data)
    except Exception as error:
        if _code(error) != 404:
            raise
    version = reference.options.get("version")
    raise NotThere("%s is not there, or has no version%s." % (_place(reference), " " + version if version else ""))


def _session(settings: Settings) -> tuple[Any, str | None]:
    """Return the client, and the project of the credentials."""

    def made() -> tuple[Any, str | None]:
        manager = library("google.cloud.secretmanager_v1", PACKAGE, LEAST)
        options = settings.options
        if options.get("credentials_file"):
            credentials, project = _service_account(settings)
        else:
            credentials, project = library("google.auth", PACKAGE, LEAST).default(scopes=[SCOPE])
        location = options.get("location")
        endpoint = options.get("endpoint") or ("secretmanager.%s.rep.googleapis.com" % location if location else None)
        # Not gRPC, which does not survive the forks of ansible-playbook.
        client = manager.SecretManagerServiceClient(
            credentials=credentials, transport="rest", client_options={"api_endpoint": endpoint} if endpoint else None
        )
        return client, project

    return settings.kept("client", made)


def _service_account(settings: Settings) -> tuple[Any, str | None]:
    """Return the credentials in the option `credentials_file`, and their project.

    Only the key of a service account: a file of another type may name a program or a server of its choice, so Google's library wants it
    given by the environment.
    """
    path = settings.path("credentials_file", "")
    if not path.is_file():
        raise SecretError("credentials_file is %s: No such file." % path)
    account = library("google.oauth2.service_account", PACKAGE, LEAST).Credentials
    try:
        credentials = account.from_service_account_file(str(path), scopes=[SCOPE])
    except ValueError:
        pass  # not `from`: it may quote the key
    else:
        return credentials, credentials.project_id
    remedy = "for others set GOOGLE_APPLICATION_CREDENTIALS instead"
    raise SecretError("credentials_file is %s: it has no key of a service account in it; %s." % (path, remedy))


def _ask(settings: Settings, method: str, **request: Any) -> Any:
    # The core tries again, so the client does not.
    return getattr(_session(settings)[0], method)(request=request, retry=None, timeout=time_limit(settings))
