//! For how many days the store gives refunds, where it says so.

const UP: &str = "
ALTER TABLE stores ADD COLUMN refund_days BIGINT CHECK (refund_days > 0);
";

const DOWN: &str = "
ALTER TABLE stores DROP COLUMN refund_days;
";

crate::migration!();
