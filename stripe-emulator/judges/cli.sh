#!/usr/bin/env bash
# Stripe's own command line as the judge: each trigger makes the calls that it makes against the real API.
# EMULATOR_URL: where the emulator listens. STRIPE_CLI: the program, by default npm's @stripe/cli.
set -u
cli=${STRIPE_CLI:-node_modules/@stripe/cli-linux-x64/bin/stripe}
export STRIPE_CLI_TELEMETRY_OPTOUT=1 DO_NOT_TRACK=1 XDG_CONFIG_HOME=${TMPDIR:-/tmp}/stripe-cli-judge
passed=0 failed=0
for event in payment_intent.succeeded checkout.session.completed checkout.session.expired charge.refunded \
  checkout.session.async_payment_succeeded checkout.session.async_payment_failed charge.dispute.created; do
  if output=$("$cli" trigger "$event" --api-key sk_test_1234567890abcdef --api-base "$EMULATOR_URL" 2>&1); then
    passed=$((passed + 1)); echo "ok   $event"
  else
    failed=$((failed + 1)); echo "FAIL $event"; echo "$output"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
