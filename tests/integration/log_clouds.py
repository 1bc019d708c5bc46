# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CloudWatch Logs and the S3 of a moto server in this process: it may be away for a while, and keeps what it has."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from lab import local_servers

REGION, GROUP, STREAM, BUCKET = "eu-central-1", "lab", "ship", "archive"
CREDENTIALS = "[default]\naws_access_key_id = AKIALAB\naws_secret_access_key = lab\n"


class Cloud:
    """Both services on one port."""

    def __init__(self, address: str) -> None:
        self.address, self.port = address, local_servers.free_port(address)
        self.server: ThreadedMotoServer | None = None
        self.objects: dict[str, list[str]] = {}

    @property
    def url(self) -> str:
        """Return its URL."""
        return f"http://{self.address}:{self.port}"

    def client(self, service: str) -> Any:
        """Return Amazon's own client."""
        return boto3.client(service, REGION, aws_access_key_id="a", aws_secret_access_key="x", endpoint_url=self.url)

    def start(self) -> None:
        """Listen."""
        self.server = ThreadedMotoServer(self.address, self.port, verbose=False)
        self.server.start()

    def kill(self) -> None:
        """Listen no more; a request that it works on is answered."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    def __enter__(self) -> Cloud:
        """Start it with a bucket; group and stream are made by who sends."""
        self.start()
        self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        return self

    def __exit__(self, *_what: object) -> None:
        """Stop it."""
        self.kill()

    def events(self) -> Iterator[str]:
        """Give the message of every line in CloudWatch Logs."""
        client, more = self.client("logs"), {}
        if not client.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
            return
        while True:
            page = client.get_log_events(logGroupName=GROUP, logStreamName=STREAM, startFromHead=True, limit=10_000, **more)
            if not page["events"]:
                return
            yield from (json.loads(one["message"])["message"] for one in page["events"])
            more = {"nextToken": page["nextForwardToken"]}

    def archived(self) -> Iterator[str]:
        """Give the message of every line in the bucket."""
        client = self.client("s3")
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for one in page.get("Contents", []):
                if one["Key"] not in self.objects:
                    text = gzip.decompress(client.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()).decode()
                    self.objects[one["Key"]] = [json.loads(line)["message"] for line in text.splitlines()]
        for messages in self.objects.values():
            yield from messages
