#!/usr/bin/env bash
# Resolves pyproject.toml into the lock files: exact versions and hashes for every platform, no URLs.
# The resolver (uv) lives in a throw-away environment: it is no dependency of the project.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.venv/bin/python -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -qq uv
options=(--quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links)
[[ -n ${UPGRADE:-} ]] && options+=(--upgrade)
"$work/venv/bin/uv" pip compile "${options[@]}" pyproject.toml -o requirements/runtime.txt
"$work/venv/bin/uv" pip compile "${options[@]}" --extra dev pyproject.toml -o requirements/dev.txt
if grep -nE '(^|[[:space:]])(-i|--[a-z-]*index-url|--find-links)|://' requirements/*.txt; then
    echo "lock: the lock files must not hold URLs" >&2
    exit 1
fi
