//! Machines whose clocks are wrong, each as long as it is.

const UP: &str = "
CREATE TABLE wrong_clocks (
    machine TEXT PRIMARY KEY,
    seen_at BIGINT NOT NULL,
    ahead_of_stripe_ms BIGINT,
    ahead_of_database_ms BIGINT,
    n_refused BIGINT NOT NULL
);
";

const DOWN: &str = "
DROP TABLE wrong_clocks;
";

crate::migration!();
