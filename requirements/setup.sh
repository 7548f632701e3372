#!/usr/bin/env bash
# Builds the virtual environment: setup.sh VENV LOCK. Called by `make setup`; safe to call again.
# Everything installed is pinned and hashed; the project itself is linked in without fetching anything more.
set -euo pipefail
venv=$1 lock=$2

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "setup: Python 3.11 or newer is needed and none was found. Debian, Ubuntu: apt-get install python3 python3-venv." >&2
    echo "setup: if it is installed under another name: make setup PYTHON=/path/to/python3.12" >&2
    return 1
}

if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "setup: $python cannot make virtual environments. Debian, Ubuntu: apt-get install python3-venv." >&2
        exit 1
    fi
    rm -rf "$venv"
    echo "setup: making $venv with $("$python" --version)"
    "$python" -m venv "$venv"
fi

echo "setup: installing $lock"
# Not compiled ahead: Python compiles what is really imported, which is far less.
"$venv/bin/python" -m pip install -qq --no-compile --require-hashes -r "$lock"
"$venv/bin/python" -m pip install -qq --no-deps --no-build-isolation -e .
echo "setup: done"
