# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of Azure Key Vault: `secret://azure_key_vault/orders-db`; `#field` is taken from one that is JSON.

Key Vault cannot create a secret on the condition that there is none, so this backend makes none: two runs would both write.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_programs import time_limit
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings, library

OPTIONS = {
    "vault_url": "the URL of the vault: https://NAME.vault.azure.net",
    "tenant": "the id of the tenant, for client_secret",
    "client_id": "the id of the application (client_secret), or of a managed identity that the machine has",
    "client_secret": "the secret of the application; by default what azure-identity finds: environment, workload identity, az login",
    "client_secret_file": "a file with it",
    "authority": "the URL of the login service, by default https://login.microsoftonline.com",
    "ca": "a file with the certificates that both services' are checked against",
    "timeout": "how many seconds a request may take, by default 60",
}
REFERENCE_OPTIONS = {"version": "the id of a version, by default the newest"}
NAME = re.compile(r"[0-9A-Za-z-]{1,127}")
LOST = ("ServiceRequestError", "ServiceResponseError", "ServiceRequestTimeoutError", "ServiceResponseTimeoutError", "IncompleteReadError")


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the secret, or a field of it."""
    value: bytes = documents(settings).get(_key(reference), lambda: str(_read(reference, settings).value or "").encode())
    return secret_documents.selected(value, reference, _place(reference))


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Set a new version with the field set; the other fields, the content type and the tags stay."""
    if reference.options:
        raise SecretError("A version cannot be written: leave ?version= out.")
    old = _read(reference, settings)
    current = str(old.value or "").encode()
    if reference.field is not None:
        secret_documents.selected(current, reference, _place(reference))
    content = secret_documents.text(secret_documents.with_field(current, reference, value, _place(reference)), reference)
    kept = {"content_type": old.properties.content_type, "tags": old.properties.tags}
    _client(settings).set_secret(reference.path, content, **kept)
    documents(settings).forget(_key(reference))


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the version was made."""
    moment: datetime | None = _read(reference, settings).properties.created_on
    return moment


def transient(error: Exception) -> bool:
    """Tell whether it may go well when tried again."""
    status = getattr(error, "status_code", None) or 0
    return type(error).__name__ in LOST or status == 429 or status >= 500


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    name, status, code = type(error).__name__, getattr(error, "status_code", None), _code(error)
    if name == "CredentialUnavailableError" or "DefaultAzureCredential failed" in str(error):
        return "Azure gives no token: az login, give client_secret, or see that the identity of this machine is there and in this tenant."
    if name == "ClientAuthenticationError" or status == 401:
        return "Azure does not accept the login: client_id, client_secret or tenant is wrong, or has expired."
    if "SecretDisabled" in code:
        return "The secret is disabled, or its time is over."
    if status == 403:
        return "Denied: this identity lacks the role Key Vault Secrets User (or `get` in the access policy), or the firewall is in the way."
    if status == 409:
        return "The secret is deleted and may be recovered: az keyvault secret recover."
    if status == 429:
        return "Azure turns requests away, there are too many (429)."
    if status and status >= 500:
        return "Azure's service failed (%d)." % status
    if name in LOST:
        return "The vault cannot be reached: is vault_url right, is there a way to it, and is its certificate trusted (option ca)?"
    if isinstance(error, ValueError):
        return "The vault's login challenge does not fit its address: is vault_url right?"
    return "Azure refused the request (%s)." % name


def _code(error: Exception) -> str:
    """Return Azure's codes of a failure, the inner one too."""
    model = getattr(error, "error", None)
    inner = (getattr(model, "innererror", None) or {}) if model else {}
    inner_code = inner.get("code", "") if isinstance(inner, dict) else ""
    return " ".join(str(one) for one in (getattr(model, "code", ""), inner_code) if one)


def _place(reference: SecretReference) -> str:
    return "The secret %s" % reference.path


def _key(reference: SecretReference) -> str:
    return "%s@%s" % (reference.path, reference.options.get("version", ""))


def _read(reference: SecretReference, settings: Settings) -> Any:
    if NAME.fullmatch(reference.path) is None:
        raise SecretError("The name %s is none of Key Vault: at most 127 letters, digits and -." % reference.path)
    try:
        return _client(settings).get_secret(reference.path, reference.options.get("version"))
    except Exception as error:
        if getattr(error, "status_code", None) != 404:
            raise
    version = " in this version" if reference.options else ""
    raise NotThere("%s is not there%s." % (_place(reference), version))


def _client(settings: Settings) -> Any:
    return settings.kept("client", lambda: _made(settings))


def _made(settings: Settings) -> Any:
    secrets = library("azure.keyvault.secrets", "azure-keyvault-secrets", ">=4.8")
    identity = library("azure.identity", "azure-identity", ">=1.16")
    options, seconds = settings.options, time_limit(settings)
    if not options.get("vault_url"):
        raise SecretError("Give the option vault_url: https://NAME.vault.azure.net.")
    # The core tries again, so the client does not.
    common: dict[str, Any] = {"connection_timeout": min(seconds, 10), "read_timeout": seconds, "retry_total": 0}
    if options.get("ca"):
        common["connection_verify"] = str(settings.path("ca", ""))
    login = dict(common)
    if options.get("authority"):
        login |= {"authority": str(options["authority"]), "disable_instance_discovery": True}
    if settings.has("client_secret"):
        lacking = [name for name in ("tenant", "client_id") if not options.get(name)]
        if lacking:
            raise SecretError("Give the option %s, which client_secret needs." % " and ".join(lacking))
        secret = settings.secret("client_secret")
        credential = identity.ClientSecretCredential(str(options["tenant"]), str(options["client_id"]), secret, **login)
    else:
        if options.get("client_id"):
            login["managed_identity_client_id"] = str(options["client_id"])
        credential = identity.DefaultAzureCredential(**login)
    return secrets.SecretClient(str(options["vault_url"]), credential, **common)
