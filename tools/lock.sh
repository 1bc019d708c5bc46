#!/usr/bin/env bash
# Resolve requirements.in for each supported Python that this machine has; no address of an index goes into the files.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() {
  "$1" --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file "$2" "$3"
}
for version in 3.11 3.12 3.13; do
  for python in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
    "$python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null || continue
    echo "lock: requirements-$version.txt"
    "$python" -m venv ".cache/lock-$version"
    ".cache/lock-$version/bin/pip" install --quiet pip-tools
    lock ".cache/lock-$version/bin/pip-compile" "requirements-$version.txt" requirements.in
    # Pure Python without dependencies: one file for all of them.
    lock ".cache/lock-$version/bin/pip-compile" tools/audit_score/requirements.txt tools/audit_score/requirements.in
    # One wheel for each platform, whatever the Python.
    lock ".cache/lock-$version/bin/pip-compile" lab/servers/requirements.txt lab/servers/requirements.in
    break
  done
done
