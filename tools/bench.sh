#!/usr/bin/env bash
# Measures the release build against its peers and writes bench/results.md. BENCH_QUICK=1 is the short run; arguments choose rows, such as `p04 p23`.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# The peer is a workspace of its own, so its build has a folder of its own.
export WEIGHTLESS=$CARGO_TARGET_DIR/release/weightless TWIN=$CARGO_TARGET_DIR/twin/release/twin

tools/setup.sh bench
tools/build.sh release
CARGO_TARGET_DIR=$CARGO_TARGET_DIR/twin cargo build --release --locked --quiet --manifest-path bench/twin/Cargo.toml
PG_BIN=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1 || command -v initdb)")
export PG_BIN
# Compiled Python would be left in the repository.
exec python3 -B bench/run.py "$@"
