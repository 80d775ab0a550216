#!/usr/bin/env bash
# Five minutes of schemathesis on each database, against the debug build; arguments go to tools/schemathesis.py.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
tools=${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools
tools/setup.sh test
tools/build.sh dev
export WEIGHTLESS=$CARGO_TARGET_DIR/debug/weightless
PG_BIN=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1 || command -v initdb)")
export PG_BIN
# Compiled Python would be left in the repository.
exec "$tools/python/bin/python" -B tools/schemathesis.py "$@" </dev/null
