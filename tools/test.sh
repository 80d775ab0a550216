#!/usr/bin/env bash
# Everything that holds the shop: formatting, lints, unit and use-case tests on both databases, HTTP, S3, the emulator's judges, the fault harness, schemathesis, the browser.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
export PATH="${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools/bin:$PATH"
scratch=$(mktemp -d)
passed=0 failed=0

say() { printf '\n\033[1m▸ %s\033[0m\n' "$*"; }
finish() {
  [ -n "${emulator:-}" ] && kill "$emulator" 2>/dev/null || true
  [ -n "${frontend:-}" ] && kill "$frontend" 2>/dev/null || true
  for half in "${halves[@]:-}"; do kill "$half" 2>/dev/null || true; done
  [ -d "$scratch/postgres" ] && as_postgres "$pg_bin/pg_ctl" -D "$scratch/postgres" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap finish EXIT

# PostgreSQL refuses to run as root; its package brings a user of its own.
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
# Adds a closing line such as "7 passed, 0 failed" to the sum.
count() { passed=$((passed + ${1:-0})) failed=$((failed + ${2:-0})); }
# What a step printed, without its colours.
plain() { sed 's/\x1b\[[0-9;]*m//g' "$1"; }
# Keeps what a log says of failures for the very end, where it is found: `remember LOG PATTERN [LINES AFTER]`.
remember() { plain "$1" | grep -E -A "${3:-0}" "$2" | head -60 >>"$scratch/failures" || true; }

say "Formatting"
cargo fmt --all --check

say "A throw-away PostgreSQL"
pg_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1 || command -v initdb)")
chmod 755 "$scratch"
mkdir "$scratch/postgres" "$scratch/socket"
[ "$(id -u)" = 0 ] && chown postgres "$scratch/postgres" "$scratch/socket"
as_postgres "$pg_bin/initdb" -D "$scratch/postgres" -A trust -U app --no-sync >/dev/null
as_postgres "$pg_bin/pg_ctl" -D "$scratch/postgres" -w -l "$scratch/postgres/log" -o "-c listen_addresses='' -k $scratch/socket -c fsync=off -c synchronous_commit=off -c max_connections=400" start >/dev/null
export TEST_DATABASE_URL="postgres://app@localhost/postgres?host=$scratch/socket"

# The front end is one crate for one core; the lints have the other meanwhile, and look at the program without its files.
mkdir -p target/site
tools/build.sh frontend >"$scratch/frontend.log" 2>&1 &
frontend=$!
say "Lints"
cargo clippy --all-targets -- -D warnings
cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings
wait "$frontend" || { cat "$scratch/frontend.log"; exit 1; }
tail -1 "$scratch/frontend.log"

# Builds the program as well, which the steps below start: by itself it would be compiled a second time, with other features.
say "Rules, use cases, HTTP, S3"
cargo nextest run --no-fail-fast 2>&1 | tee "$scratch/nextest" || true
summary=$(plain "$scratch/nextest" | grep -E '^ *Summary' | tail -1)
remember "$scratch/nextest" '^ +(TRY [0-9]+ )?(FAIL|TIMEOUT|ABORT|SIG[A-Z]+) |panicked at ' 3
count "$(grep -oE '[0-9]+ passed' <<<"$summary" | grep -oE '[0-9]+' || echo 0)" "$(grep -oE '[0-9]+ (failed|timed out)' <<<"$summary" | grep -oE '[0-9]+' || echo 0)"
[ -n "$summary" ] || count 0 1

say "Stripe's own tools judge the emulator"
mkfifo "$scratch/emulator"
"$CARGO_TARGET_DIR/debug/weightless" stripe-emulator --listen 127.0.0.1:0 >"$scratch/emulator" 2>"$scratch/emulator.log" &
emulator=$!
EMULATOR_URL=$(head -1 "$scratch/emulator" | grep -oE 'http://[0-9.:]+')
export EMULATOR_URL
for judge in stripe-emulator/judges/cli.sh "node stripe-emulator/judges/client.mjs"; do
  $judge 2>&1 | tee "$scratch/judge" || true
  count $(tail -1 "$scratch/judge" | grep -oE '[0-9]+' || echo 0 1)
  remember "$scratch/judge" '^FAIL ' 5
done

say "A short run of the fault harness"
# With the same choices each time; `make torture` draws others.
WEIGHTLESS="$CARGO_TARGET_DIR/debug/weightless" PG_BIN="$pg_bin" python3 -B torture/run.py --quick --seed 2026 </dev/null 2>&1 | tee "$scratch/torture" || true
count $(tail -1 "$scratch/torture" | grep -E '^[0-9]+ passed' | grep -oE '[0-9]+' || echo 0 1)
remember "$scratch/torture" '^The seed is|violated|^  - |^[A-Za-z.]+(Error|Exception)'

say "The API's description, by schemathesis"
# A short run with the same choices each time; `make schemathesis` draws others for five minutes.
WEIGHTLESS="$CARGO_TARGET_DIR/debug/weightless" PG_BIN="$pg_bin" "${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools/python/bin/python" \
  -B tools/schemathesis.py --seconds 45 --seed 2026 </dev/null 2>&1 | tee "$scratch/schemathesis" || true
count $(tail -1 "$scratch/schemathesis" | grep -E '^[0-9]+ passed' | grep -oE '[0-9]+' || echo 0 1)
remember "$scratch/schemathesis" '^_+ .* _+$|^- |panicked|^[A-Za-z.]+(Error|Exception)' 8

say "The browser"
# Two halves at once, each with a demo of its own: a browser waits more than it works.
halves=()
browse() { # NUMBER PATTERN
  export WEIGHTLESS="$CARGO_TARGET_DIR/debug/weightless" DEMO_DATA="$scratch/demo-$1" DEMO_PORT=$((3880 + 20 * $1)) STRIPE_PORT=$((12891 + 20 * $1))
  (cd end2end && exec ../node_modules/.bin/playwright test --output="$scratch/browser-results-$1" "$2" </dev/null >"$scratch/browser-$1" 2>&1) &
  halves+=($!)
}
browse 1 '/[a-g][^/]*\.spec'
browse 2 '/[h-z][^/]*\.spec'
for half in 1 2; do
  wait "${halves[half - 1]}" || true
  cat "$scratch/browser-$half"
  browser_passed=$(plain "$scratch/browser-$half" | grep -oE '^ +[0-9]+ passed' | grep -oE '[0-9]+' || echo 0)
  count "$browser_passed" "$(plain "$scratch/browser-$half" | grep -oE '^ +[0-9]+ (failed|did not run|flaky)' | grep -oE '[0-9]+' | awk "{n+=\$1} END {print n+0}")"
  remember "$scratch/browser-$half" '^ +[0-9]+\) ' 12
  [ "$browser_passed" -gt 0 ] || count 0 1
done

if [ "$failed" -gt 0 ]; then say "What failed"; cat "$scratch/failures"; fi
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
