# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the backends of AWS share: the client of a service, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_programs import time_limit
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import Settings, library

_T = TypeVar("_T")

OPTIONS = {
    "region": "the region, by default that of the profile or AWS_REGION",
    "profile": "a profile of ~/.aws/config, which may take on a role or log in by SSO; by default what boto3 finds",
    "access_key": "the id of an access key, by default what boto3 finds: environment, profile, the role of the machine",
    "secret_key": "its secret",
    "secret_key_file": "a file with it",
    "session_token": "the session's token, for a temporary key",
    "session_token_file": "a file with it",
    "endpoint": "the URL of the service, by default that of the region",
    "ca": "a file with the certificates that the endpoint's is checked against",
    "timeout": "how many seconds a request may take, by default 60",
}
TRANSIENT = {
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "InternalServiceError",
    "InternalServerError",
    "InternalFailure",
    "ServiceUnavailable",
}
LOST = {"EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError", "ConnectionError", "HTTPClientError"}
MEANINGS = {
    "AccessDeniedException": "Denied: allow these credentials to read the secret, and kms:Decrypt on its key.",
    "ExpiredTokenException": "The credentials have expired: log in anew.",
    "ExpiredToken": "The credentials have expired: log in anew.",
    "UnrecognizedClientException": "AWS does not know these credentials, or the session token is missing.",
    "InvalidClientTokenId": "AWS does not know these credentials.",
    "InvalidSignatureException": "AWS refuses the signature: the secret key is wrong, or the clock of this machine is.",
    "DecryptionFailure": "AWS could not decrypt it: is the key of KMS enabled, and may these credentials use it?",
    "InvalidKeyId": "The key of KMS cannot be used: it is disabled, or is not there.",
    "NoCredentialsError": "There are no credentials of AWS here: set AWS_PROFILE, give profile, or run where there is a role.",
    "PartialCredentialsError": "The credentials of AWS are incomplete: access_key and secret_key belong together.",
    "CredentialRetrievalError": "The credentials of AWS could not be had: see the profile's credential_process or role.",
    "NoRegionError": "Give the option region, or set AWS_REGION.",
    "ProfileNotFound": "There is no such profile in ~/.aws/config.",
    "SSOTokenLoadError": "The login by SSO has ended: aws sso login.",
    "UnauthorizedSSOTokenError": "The login by SSO has ended: aws sso login.",
    "TokenRetrievalError": "The login by SSO has ended: aws sso login.",
    "SSLError": "The certificate of the endpoint is not trusted: give the option ca.",
    "ValidationException": "AWS does not take the name: letters, digits and the signs / _ + = . @ - only.",
    "LimitExceededException": "A limit of the account is reached.",
}


def client(settings: Settings, service: str) -> Any:
    """Return the client of a service. The core tries again, so it does not."""

    def made() -> Any:
        boto3 = library("boto3", "boto3", ">=1.34")
        config = library("botocore.config", "boto3", ">=1.34").Config
        options, seconds = settings.options, time_limit(settings)
        session = boto3.Session(profile_name=options.get("profile"), region_name=options.get("region"))
        given = {
            "aws_access_key_id": options.get("access_key"),
            "aws_secret_access_key": settings.secret("secret_key") if settings.has("secret_key") else None,
            "aws_session_token": settings.secret("session_token") if settings.has("session_token") else None,
        }
        return session.client(
            service,
            endpoint_url=options.get("endpoint"),
            verify=str(settings.path("ca", "")) if options.get("ca") else None,
            config=config(retries={"total_max_attempts": 1}, connect_timeout=min(seconds, 10), read_timeout=seconds),
            **given,
        )

    return settings.kept("client", made)


def code(error: Exception) -> str:
    """Return AWS's name of a failure, or that of the exception."""
    return str((getattr(error, "response", None) or {}).get("Error", {}).get("Code") or type(error).__name__)


def transient(error: Exception) -> bool:
    """Tell whether it may go well when tried again."""
    status = (getattr(error, "response", None) or {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code(error) in TRANSIENT | LOST or status == 429 or status >= 500


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    name = code(error)
    if name in MEANINGS:
        return MEANINGS[name]
    if name in LOST:
        return "AWS cannot be reached (%s): is there a way to it, and are region and endpoint right?" % name
    if transient(error):
        return "AWS turns the request away for now (%s)." % name
    return "AWS refused the request (%s)." % name


def portions(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """Yield the items in portions of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
