#!/usr/bin/env bash
# Builds the pages, then the program that embeds them: `release`, or `dev`, which is quick to build. `frontend` makes the pages of a release alone.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${1:-release}
export PATH="${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools/bin:$PWD/node_modules/.bin:$PATH"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }
sources() {
  find app domain frontend style public server/src/commands/demo tools/build.sh tools/pages.mjs package-lock.json Cargo.toml Cargo.lock -type f -print0 |
    sort -z | xargs -0 sha256sum | sha256sum
}

# Makes target/site by the steps of `cargo leptos build --release --frontend-only --precompress`, as cargo-leptos itself takes many minutes
# to build. `pages quick` leaves out what makes the WebAssembly small.
pages() {
  local kind=$1 made=target/site.new
  # A target folder of its own, so that it waits for no other cargo.
  local front=$CARGO_TARGET_DIR/front
  local wasm=$front/wasm32-unknown-unknown/wasm-$kind/frontend.wasm
  LEPTOS_OUTPUT_NAME=weightless cargo build --package frontend --lib --target wasm32-unknown-unknown --target-dir "$front" --profile "wasm-$kind"
  rm -rf "$made"
  mkdir -p "$made/pkg" target/site
  cp -R public/. "$made"
  cargo run --quiet --package bindgen --target-dir "$front" -- "$wasm" "$made/pkg"
  # The name that Leptos's loader asks for.
  mv "$made/pkg/weightless_bg.wasm" "$made/pkg/weightless.wasm"
  if [ "$kind" = release ]; then
    wasm-opt -Oz --enable-bulk-memory --enable-nontrapping-float-to-int "$made/pkg/weightless.wasm" -o "$made/pkg/weightless.wasm"
  fi
  tailwindcss --input style/main.css --output "$made/pkg/weightless.css" --minify
  node tools/pages.mjs "$made" "$kind"
  echo "$kind $(sources)" >"$made/.built"
  # Whoever reads the folder meanwhile finds the old files or the new ones.
  rm -rf target/site.old
  mv target/site target/site.old
  mv "$made" target/site
  rm -rf target/site.old
}

kind=release
[ "$profile" = dev ] && kind=quick
built=$(cat target/site/.built 2>/dev/null || true)
# A release's pages serve a quick build as well.
if [ "$built" != "$kind $(sources)" ] && [ "$built" != "release $(sources)" ]; then
  say "Building the pages: WebAssembly and styles (the first time some three minutes on two cores)"
  pages "$kind"
fi
[ "$profile" = frontend ] && exit
case $profile in
  release)
    say "Building the shop (the first time half an hour on two cores)"
    cargo build --release -p server
    ;;
  *)
    say "Building the shop (the first time some ten minutes on two cores)"
    cargo build -p server
    ;;
esac
