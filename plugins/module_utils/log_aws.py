# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to AWS: Signature Version 4, and where the keys for it come from. The standard library has neither.

The steps of signing are those of AWS' reference "Create a signed AWS API request"; its published examples are the unit tests. Keys are
looked for in the order of AWS' own libraries: a file of credentials, the environment, the address that a container is given, and the role
of the instance, by version 2 of its metadata service.
"""

from __future__ import annotations

import configparser
import datetime
import hashlib
import hmac
import json
import time
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
EARLY = 300  # seconds before they end keys are asked for anew
KEPT = 21600  # seconds for which a token of the metadata service holds
CONTAINER, METADATA = "http://169.254.170.2", "http://169.254.169.254"
ROLES = "/latest/meta-data/iam/security-credentials/"
#: Asks (method, url, headers) and returns status and text; raises OSError.
Ask = Callable[[str, str, Mapping[str, str]], Tuple[int, str]]


class NoKeys(Exception):
    """No keys for AWS are to be had just now; the text says where they were looked for."""


class Keys(NamedTuple):
    """An access key. session: the token of temporary ones, else empty. ends: seconds since 1970, 0 for never."""

    access: str
    secret: str
    session: str = ""
    ends: float = 0.0


def digest(body: bytes) -> str:
    """Return the SHA-256 of a body as the header x-amz-content-sha256 has it."""
    return hashlib.sha256(body).hexdigest()


def signed(
    method: str, url: str, headers: Mapping[str, str], body: bytes, keys: Keys, region: str, service: str, now: float
) -> Dict[str, str]:
    """Return the headers of a request with those that sign it. now: seconds since 1970. All headers that are given are signed."""
    moment = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    place = urlsplit(url)
    found = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    found.update({"host": place.netloc, "x-amz-date": moment})
    if keys.session:
        found["x-amz-security-token"] = keys.session
    names = ";".join(sorted(found))
    # S3 takes the path as it is sent, the others encode it once more; theirs is always "/".
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parse_qsl(place.query, keep_blank_values=True))
    query = "&".join("%s=%s" % pair for pair in pairs)
    lines = "".join("%s:%s\n" % (name, found[name]) for name in sorted(found))
    canonical = "\n".join([method, place.path or "/", query, lines, names, digest(body)])
    scope = "/".join([moment[:8], region, service, "aws4_request"])
    text = "\n".join([ALGORITHM, moment, scope, digest(canonical.encode())])
    key = ("AWS4" + keys.secret).encode()
    for part in (moment[:8], region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    found["authorization"] = "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (ALGORITHM, keys.access, scope, names, signature)
    del found["host"]  # who sends adds it
    return found


def from_file(text: str, profile: str) -> Keys:
    """Return the keys of a profile of AWS' file of credentials. Raises NoKeys."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
        own = dict(parser.items(profile))
        return Keys(own["aws_access_key_id"], own["aws_secret_access_key"], own.get("aws_session_token", ""))
    except configparser.NoSectionError:
        raise NoKeys("the file of credentials has no profile %s" % profile) from None
    except KeyError as error:
        raise NoKeys("profile %s of the file of credentials has no %s" % (profile, error.args[0])) from None
    except configparser.Error:  # whose text has lines of the file
        raise NoKeys("the file of credentials is not in the form of AWS': [default], aws_access_key_id = …") from None


def from_environment(environment: Mapping[str, str]) -> Optional[Keys]:
    """Return the keys in the environment, None without any."""
    access, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    return Keys(access, secret, environment.get("AWS_SESSION_TOKEN", "")) if access and secret else None


def from_answer(text: str) -> Keys:
    """Return the temporary keys that a container's address or the metadata service answers. Raises NoKeys."""
    try:
        told = json.loads(text)
        ends = datetime.datetime.strptime(told["Expiration"][:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
        return Keys(told["AccessKeyId"], told["SecretAccessKey"], told["Token"], ends.timestamp())
    except (ValueError, KeyError, TypeError):
        raise NoKeys("what was answered has no AccessKeyId, SecretAccessKey, Token and Expiration") from None


class Provider:
    """Gives keys, and asks for new ones before those that it has end.

    file: AWS' file of credentials; where it is given nothing else is looked at. ask: how it asks by HTTP.
    """

    def __init__(self, file: str, environment: Mapping[str, str], ask: Ask, now: Callable[[], float] = time.time) -> None:
        self.file, self.environment, self.ask, self.now = file, environment, ask, now
        self.known: Optional[Keys] = None

    def keys(self) -> Keys:
        """Return keys that hold. Raises NoKeys."""
        if self.known is None or (self.known.ends and self.known.ends - self.now() < EARLY):
            try:
                self.known = self._found()
            except NoKeys:
                if self.known is None or self.known.ends <= self.now():
                    raise
        return self.known

    def forget(self) -> None:
        """Have the next request look for keys anew, for these were refused."""
        self.known = None

    def _found(self) -> Keys:
        if self.file:
            try:
                with open(self.file, encoding="utf-8", errors="replace") as stream:
                    return from_file(stream.read(), self.environment.get("AWS_PROFILE") or "default")
            except OSError as error:
                raise NoKeys("the file of credentials cannot be read: %s" % error.strerror) from None
        found = from_environment(self.environment)
        if found:
            return found
        relative, full = (self.environment.get("AWS_CONTAINER_CREDENTIALS_%s_URI" % kind) for kind in ("RELATIVE", "FULL"))
        if relative or full:
            return from_answer(self._asked("GET", CONTAINER + relative if relative else str(full), self._authorization()))
        return self._of_instance()

    def _authorization(self) -> Dict[str, str]:
        word, path = (self.environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN" + end) for end in ("", "_FILE"))
        if path:
            try:
                with open(path, encoding="utf-8") as stream:
                    word = stream.read().strip()
            except OSError as error:
                raise NoKeys("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: %s" % error.strerror) from None
        return {"Authorization": word} if word else {}

    def _of_instance(self) -> Keys:
        place = (self.environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or METADATA).rstrip("/")
        word = self._asked("PUT", place + "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": str(KEPT)})
        headers = {"X-aws-ec2-metadata-token": word}
        roles: List[str] = self._asked("GET", place + ROLES, headers).split()
        if not roles:
            raise NoKeys("the instance has no role")
        return from_answer(self._asked("GET", place + ROLES + quote(roles[0]), headers))

    def _asked(self, method: str, url: str, headers: Mapping[str, str]) -> str:
        name = "%s at %s" % (method, urlsplit(url).netloc)
        try:
            status, text = self.ask(method, url, headers)
        except OSError as error:
            said = "neither credentials_file nor the environment has keys, and %s failed: %s" % (name, error)
            raise NoKeys(said) from None
        if status != 200:
            raise NoKeys("neither credentials_file nor the environment has keys, and %s was answered by HTTP %d" % (name, status))
        return text
