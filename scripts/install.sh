#!/bin/sh
# Makes .venv from the lock files: `make install`. Every package is checked against its hash.
# PYTHON=/path/to/python3 chooses another interpreter.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
stop() { say "make install: $*"; exit 1; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" && { printf '%s' "$PYTHON"; return; }
        stop "PYTHON=$PYTHON is no Python 3.11 or newer."
    fi
    for candidate in python3 python3.13 python3.12 python3.11; do
        new_enough "$candidate" && { printf '%s' "$candidate"; return; }
    done
    found=$(python3 --version 2>/dev/null || echo "no python3")
    stop "supportbot needs Python 3.11 or newer; this machine has $found. On Debian 12 or later: apt-get install python3 python3-venv. Or name one: make install PYTHON=/path/to/python3.11"
}

if ! new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "this Python cannot make virtual environments: the module venv or ensurepip is missing. On Debian: apt-get install python3-venv"
    say "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv || stop "the virtual environment could not be made: see the lines above."
fi

# An account without a home still needs a place for the caches.
mkdir -p "${HOME:-/nonexistent}/.cache" 2>/dev/null && [ -w "$HOME/.cache" ] ||
    export UV_CACHE_DIR="$PWD/.venv/.cache/uv" PIP_CACHE_DIR="$PWD/.venv/.cache/pip"

unfetched="the packages could not be fetched or checked: see the lines above. The first call needs a network and about 1 GB of disk; calling again goes on where it stopped."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bootstrap.lock || stop "$unfetched"

say "Installing the packages of requirements-dev.lock ..."
sync() { .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes requirements-dev.lock "$@"; }
sync --offline 2>/dev/null || sync || stop "$unfetched" # what is in the cache needs no network
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable . || stop "supportbot itself could not be installed: see the lines above."
touch .venv/.installed
say "Installed. Try: make run"
