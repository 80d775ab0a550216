#!/usr/bin/env bash
# Thousands of orders through the debug build while events, Stripe, mail and processes fail: torture/README.md. `--quick` is the short run.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# A release build has no kill points.
export WEIGHTLESS=$CARGO_TARGET_DIR/debug/weightless

tools/setup.sh torture
tools/build.sh dev
PG_BIN=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1 || command -v initdb)")
export PG_BIN
# Compiled Python would be left in the repository.
exec python3 -B torture/run.py "$@" </dev/null
