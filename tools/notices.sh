#!/usr/bin/env bash
# Writes NOTICES.txt anew: the licenses of all that the program is made of, which `weightless notices` shows.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${XDG_CACHE_HOME:-$HOME/.cache}/weightless/tools
export PATH="$tools/bin:$PATH"
version=0.9.3

if ! cargo about --version 2>/dev/null | grep -q "$version"; then
  printf '\033[1m▸ %s\033[0m\n' "Building cargo-about $version (once, some minutes)"
  CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked --root "$tools" --version "$version" --features cli cargo-about
fi
part() { printf '%s\n%s, for\n    %s\n\n' "$(printf '=%.0s' {1..80})" "$1" "$2" && cat "$3" && echo; }
{
  echo "Weightless is made of the works below, each under the license that stands with it. Its own license is in the file LICENSE."
  echo
  cargo about generate --offline --workspace --config tools/notices/about.toml tools/notices/template.hbs
  part "SIL Open Font License 1.1" "the fonts Inter, JetBrains Mono and Newsreader" public/fonts/OFL.txt
  part "MIT License" "Tailwind CSS, whose base styles are a part of the style sheet" node_modules/tailwindcss/LICENSE
  part "ISC License and MIT License" "icons of Lucide" tools/notices/lucide.txt
} >NOTICES.new
mv NOTICES.new NOTICES.txt
