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
# What a step printed, without its colors.
plain() { sed 's/\x1b\[[0-9;]*m//g' "$1"; }
# Keeps what a log says of failures for the very end, where it is found: `remember LOG PATTERN [LINES AFTER]`.
remember() { plain "$1" | grep -E -A "${3:-0}" "$2" | head -60 >>"$scratch/failures" || true; }
# The sum of the numbers before these words in a text: `sum "failed|timed out" <<<"$text"`.
sum() { grep -oE "[0-9]+ ($1)" | awk '{ n += $1 } END { print n + 0 }'; }
# Runs a step that ends with "7 passed, 0 failed", and once more should it fail: `step NAME PATTERN LINES_AFTER COMMAND…`.
step() {
  local name=$1 pattern=$2 lines=$3 log="$scratch/step" result try
  shift 3
  for try in 1 2; do
    "$@" </dev/null 2>&1 | tee "$log" || true
    result=$(plain "$log" | tail -1 | grep -E '^[0-9]+ passed, [0-9]+ failed$' || echo "0 passed, 1 failed")
    [[ $result == *" 0 failed" ]] && break
    remember "$log" "$pattern" "$lines"
    [ $try = 2 ] || say "It failed; once more"
  done
  count "$(sum passed <<<"$result")" "$(sum failed <<<"$result")"
  if [ $try = 2 ] && [[ $result == *" 0 failed" ]]; then echo "$name" >>"$scratch/flaky"; fi
}

say "Formatting"
cargo fmt --all --check

say "Licenses and sources of the crates"
cargo deny --log-level error check licenses bans sources
if cargo deny --log-level off fetch db >/dev/null 2>&1; then
  cargo deny --log-level error check advisories
else
  echo "Skipped: advisories, as their database (RustSec's, on GitHub) can't be reached from here."
fi

say "A throw-away PostgreSQL"
pg_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1 || command -v initdb)")
chmod 755 "$scratch"
mkdir "$scratch/postgres" "$scratch/socket"
[ "$(id -u)" = 0 ] && chown postgres "$scratch/postgres" "$scratch/socket"
as_postgres "$pg_bin/initdb" -D "$scratch/postgres" -A trust -U app --no-sync --encoding=UTF8 --locale=C.UTF-8 >/dev/null
as_postgres "$pg_bin/pg_ctl" -D "$scratch/postgres" -w -l "$scratch/postgres/log" -o "-c listen_addresses='' -k $scratch/socket -c fsync=off -c synchronous_commit=off -c max_connections=400" start >/dev/null
export WEIGHTLESS="$CARGO_TARGET_DIR/debug/weightless" PG_BIN="$pg_bin"
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

# tools/build.sh takes the steps of cargo-leptos without it; where it is installed, both must make the same files.
if cargo leptos --version >/dev/null 2>&1 && wasm-bindgen --version 2>/dev/null | grep -qF "$(sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' Cargo.toml)"; then
  say "The pages are those that cargo-leptos makes"
  cp -R target/site "$scratch/site"
  PATH="$PWD/node_modules/.bin:$PATH" LEPTOS_ENV=PROD cargo leptos build --release --frontend-only >"$scratch/leptos" 2>&1 || true
  if diff -rq -x '*.br' -x '*.gz' -x .built "$scratch/site" target/site 2>&1 | tee -a "$scratch/leptos"; then
    count 1 0
  else
    count 0 1
    remember "$scratch/leptos" '^(Only in|Files) |[Ee]rror'
  fi
  rm -rf target/site
  mv "$scratch/site" target/site
fi

# Builds the program as well, which the steps below start: by itself it would be compiled a second time, with other features.
say "Rules, use cases, HTTP, S3"
cargo nextest run --no-fail-fast 2>&1 | tee "$scratch/nextest" || true
summary=$(plain "$scratch/nextest" | grep -E '^ *Summary' | tail -1)
remember "$scratch/nextest" '^ +(TRY [0-9]+ )?(FAIL|TIMEOUT|TMT|ABORT|ABRT|SIG[A-Z]+) |panicked at ' 3
plain "$scratch/nextest" | sed -nE 's/^ *FLAKY [0-9/]+ \[[^]]*\] +(\([^)]*\) +)?//p' | sort -u >>"$scratch/flaky"
count "$(sum passed <<<"$summary")" "$(sum 'failed|timed out' <<<"$summary")"
[ -n "$summary" ] || count 0 1

say "Stripe's own tools judge the emulator"
mkfifo "$scratch/emulator"
"$WEIGHTLESS" stripe-emulator --listen 127.0.0.1:0 >"$scratch/emulator" 2>"$scratch/emulator.log" &
emulator=$!
EMULATOR_URL=$(head -1 "$scratch/emulator" | grep -oE 'http://[0-9.:]+')
export EMULATOR_URL
step "Stripe's command line" '^FAIL ' 5 stripe-emulator/judges/cli.sh
step "Stripe's library" '^FAIL ' 5 node stripe-emulator/judges/client.mjs

say "The license verifier in other languages"
step "The license verifier in other languages" '^FAIL ' 5 license-verifier/examples/run.sh

say "A short run of the fault harness"
# With the same choices each time; `make torture` draws others.
step "The fault harness" '^The seed is|violated|^  - |^[A-Za-z.]+(Error|Exception)' 0 python3 -B torture/run.py --quick --seed 2026

say "The API's description, by schemathesis"
# A short run with the same choices each time; `make schemathesis` draws others for five minutes.
step "schemathesis" '^_+ .* _+$|^- |panicked|^[A-Za-z.]+(Error|Exception)' 8 \
  "${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools/python/bin/python" -B tools/schemathesis.py --seconds 45 --seed 2026

say "The browser"
# Two halves at once, each with a demo of its own: a browser waits more than it works.
halves=()
browse() { # NUMBER PATTERN
  export DEMO_DATA="$scratch/demo-$1" DEMO_PORT=$((3880 + 20 * $1)) STRIPE_PORT=$((12891 + 20 * $1))
  (cd end2end && exec ../node_modules/.bin/playwright test --output="$scratch/browser-results-$1" "$2" </dev/null >"$scratch/browser-$1" 2>&1) &
  halves+=($!)
}
browse 1 '/[a-g][^/]*\.spec'
browse 2 '/[h-z][^/]*\.spec'
for half in 1 2; do
  wait "${halves[half - 1]}" || true
  cat "$scratch/browser-$half"
  totals=$(plain "$scratch/browser-$half" | grep -E '^ +[0-9]+ (passed|flaky|failed|did not run)' || true)
  # What passed in the second try is named below its number.
  plain "$scratch/browser-$half" | awk '/^ +[0-9]+ flaky/ { flaky = 1; next } /^ +[0-9]+ / { flaky = 0 } flaky && NF { sub(/^ +/, ""); sub(/ ─.*$/, ""); print }' >>"$scratch/flaky"
  count "$(sum 'passed|flaky' <<<"$totals")" "$(sum 'failed|did not run' <<<"$totals")"
  remember "$scratch/browser-$half" '^ +[0-9]+\) ' 12
  [ "$(sum passed <<<"$totals")" -gt 0 ] || count 0 1
done

if [ "$failed" -gt 0 ]; then say "What failed"; cat "$scratch/failures"; fi
if [ -s "$scratch/flaky" ]; then say "Flaky: what failed at first and passed in a second try, each a defect to mend"; cat "$scratch/flaky"; fi
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
