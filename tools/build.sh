#!/usr/bin/env bash
# Builds the front end, then the program that embeds it. `release` or `dev` chooses the program's profile; `frontend` builds no program.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${1:-release}
export PATH="${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools/bin:$PWD/node_modules/.bin:$PATH"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }
stamp=target/site/.built
sources() { find app domain frontend style public package-lock.json Cargo.toml Cargo.lock -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; }
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$(sources)" ]; then
  say "Building the front end (WebAssembly and styles)"
  LEPTOS_ENV=PROD cargo leptos build --release --frontend-only --precompress
  sources >"$stamp"
fi
[ "$profile" = frontend ] && exit
say "Building the shop"
case $profile in
  release) cargo build --release -p server ;;
  *) cargo build -p server ;;
esac
