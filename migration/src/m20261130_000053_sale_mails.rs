//! When the owner is mailed about sales, and up to which day that was done for whoever wants one mail a day.

const UP: &str = "
ALTER TABLE stores ADD COLUMN sale_mails TEXT NOT NULL DEFAULT 'each_order' CHECK (sale_mails IN ('each_order','daily','never'));
ALTER TABLE stores ADD COLUMN sales_mailed_day BIGINT;
";

const DOWN: &str = "
ALTER TABLE stores DROP COLUMN sales_mailed_day;
ALTER TABLE stores DROP COLUMN sale_mails;
";

crate::migration!();
