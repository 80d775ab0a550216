# The only commands a newcomer needs. Everything that is missing is set up by tools/setup.sh first.
.PHONY: run build test bench torture schemathesis screenshots notices house check dev

run: ## set up, build, start the demo shop; a debug build, which is made in a third of the time and is quick enough for one visitor
	@tools/setup.sh run
	@tools/build.sh dev
	@$${CARGO_TARGET_DIR:-target}/debug/weightless demo

build: ## target/release/weightless
	@tools/setup.sh build
	@tools/build.sh release

test: ## everything: formatting, lints, unit, use-case, HTTP, S3, emulator and browser tests
	@tools/setup.sh test
	@tools/test.sh

bench: ## speed and size against peers, into bench/results.md; BENCH_QUICK=1 is the short run
	@tools/bench.sh

torture: ## ten thousand orders while everything around the shop fails; TORTURE_ORDERS says how many
	@tools/torture.sh

schemathesis: ## five minutes of odd requests to the API on each database, after its own description
	@tools/schemathesis.sh

screenshots: ## every page of the demo as a picture, at three widths, light and dark, into target/screenshots
	@tools/screenshots.sh

notices: ## NOTICES.txt anew, after a crate came or went; `weightless notices` shows it
	@tools/notices.sh

house: ## counts how well the house keeps its own rules: SQL as text, circles, lengths of files and lines
	@cargo test --quiet --test house -- --nocapture --test-threads=1

check: ## the quick checks while working
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings

dev: ## the demo shop anew: built again, with fresh data
	@tools/build.sh dev
	@$${CARGO_TARGET_DIR:-target}/debug/weightless demo --fresh
