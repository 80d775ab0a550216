#!/usr/bin/env bash
# Runs each example whose language is on this machine: with a file that is good, and with what must be refused.
set -uo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/../../target}
key=$(sed -n 's/^pub const PUBLIC_KEY: &str = "\(.*\)";/\1/p' ../src/examples.rs)
stranger=d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
library=$target/debug/deps/liblicense_verifier_c.so
product=4242424242
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
passed=0 failed=0

# The first letter of the second line is another one.
sed '2s/^./X/' license.lic >"$made/altered.lic"

# check LANGUAGE COMMAND…: the command takes a file, a key and a product.
check() {
  local language=$1 said
  shift
  if said=$("$@" license.lic "$key" "$product" 2>&1) && [[ $said == *"Tide, Pro"* ]] &&
    ! "$@" license.lic "$stranger" "$product" >/dev/null 2>&1 && ! "$@" license.lic "$key" 1 >/dev/null 2>&1 &&
    ! "$@" machine.lic "$key" "$product" >/dev/null 2>&1 && ! "$@" "$made/altered.lic" "$key" "$product" >/dev/null 2>&1; then
    echo "$language: a good file is licensed; another key, product or kind of file is not, nor is an altered one"
    passed=$((passed + 1))
  else
    printf 'FAIL %s\n%s\n' "$language" "${said:-}"
    failed=$((failed + 1))
  fi
}

[ -f "$library" ] || (cd ../.. && cargo build --quiet -p license-verifier-c && cp "$target/debug/liblicense_verifier_c.so" "$library")
[ -x "$target/debug/examples/verify" ] || (cd ../.. && cargo build --quiet -p license-verifier --example verify)
check Rust "$target/debug/examples/verify"
# The library is found beside the program.
if command -v cc >/dev/null; then
  cp "$library" "$made/liblicense_verifier_c.so"
  cc -Wall -Wextra -Werror verify.c -I ../c/include -L "$made" -llicense_verifier_c -Wl,-rpath,"$made" -o "$made/verify"
  check C "$made/verify"
else
  echo "Skipped: C, as there is no compiler for it on this machine."
fi
if command -v python3 >/dev/null; then
  check Python python3 -B verify.py "$library"
else
  echo "Skipped: Python, which is not on this machine."
fi
if command -v node >/dev/null; then
  (cd ../.. && cargo build --quiet -p license-verifier-c --lib --target wasm32-unknown-unknown --target-dir "$target/front" --profile wasm-release)
  check JavaScript node verify.mjs "$target/front/wasm32-unknown-unknown/wasm-release/license_verifier_c.wasm"
else
  echo "Skipped: JavaScript, as Node is not on this machine."
fi
if command -v go >/dev/null; then
  CGO_CFLAGS="-I$PWD/../c/include" CGO_LDFLAGS="-L$made -Wl,-rpath,$made" go build -o "$made/verify-go" verify.go && check Go "$made/verify-go"
else
  echo "Skipped: Go, which is not on this machine."
fi
if command -v dotnet >/dev/null; then
  mkdir "$made/cs" && cp Verify.cs "$library" "$made/cs"
  printf '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net%s</TargetFramework></PropertyGroup></Project>' \
    "$(dotnet --version | cut -d. -f1,2)" >"$made/cs/verify.csproj"
  dotnet build "$made/cs" -o "$made/cs/out" >/dev/null && cp "$library" "$made/cs/out" && check 'C#' dotnet "$made/cs/out/verify.dll"
else
  echo "Skipped: C#, as .NET is not on this machine."
fi
echo "$passed passed, $failed failed"
