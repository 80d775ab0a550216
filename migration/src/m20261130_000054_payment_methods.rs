//! How a payment was made and what Stripe kept of it. Empty texts are what is not known, as of payments from before.

const UP: &str = "
ALTER TABLE payments ADD COLUMN method TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN brand TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN last4 TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN wallet TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN fee BIGINT;
ALTER TABLE payments ADD COLUMN fee_currency TEXT;
";

const DOWN: &str = "
ALTER TABLE payments DROP COLUMN fee_currency;
ALTER TABLE payments DROP COLUMN fee;
ALTER TABLE payments DROP COLUMN wallet;
ALTER TABLE payments DROP COLUMN last4;
ALTER TABLE payments DROP COLUMN brand;
ALTER TABLE payments DROP COLUMN method;
";

crate::migration!();
