#!/usr/bin/env bash
# Every page of the demo as a picture, at three widths, light and dark, into target/screenshots, with what axe says of each; arguments go to Playwright.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
tools/setup.sh test
tools/build.sh dev
export WEIGHTLESS=${WEIGHTLESS:-$CARGO_TARGET_DIR/debug/weightless}
DEMO_DATA=$(mktemp -d)
export DEMO_DATA
trap 'rm -rf "$DEMO_DATA"' EXIT
rm -rf target/screenshots
cd end2end
../node_modules/.bin/playwright test --config screenshots.config.ts "$@" </dev/null
