# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put an expired certificate in the place of a host's `web`, on the controller: age.py DIRECTORY INTERMEDIATE_KEY HOST."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki_store
from cryptography import x509

place, signer = pki_store.Place(Path(sys.argv[1])), Path(sys.argv[2]).read_bytes()
stem = f"{pki_store.host_directory(sys.argv[3])}/web"
intermediate = place.pair("intermediate", signer)
present = place.read(f"{stem}.crt")
assert intermediate is not None
assert present is not None
subject = authority.Subject("shop.example.org", *authority.subject_of(x509.load_pem_x509_certificate(present)))
old = authority.new_leaf(intermediate, subject, 1, datetime.now(UTC) - timedelta(days=30))
place.write_pair(stem, authority.Pair(old.certificate + intermediate.certificate, old.key))
