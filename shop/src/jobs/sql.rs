//! Statements whose plan or lock must be ours: leases, and what reads nothing but small indices.
//!
//! A lease is one statement that finds, locks and writes, and answers with what the work needs: a worker asks once a second, and of
//! many that ask at once each passes by what another has in hand. States are literals, as an index over the rows of one state is
//! searched for no parameter.

use super::known_kinds;

/// Takes jobs that are due: `$1` is for how long, `$2` the shared time where the database doesn't tell it.
pub(super) fn lease_jobs(now: &str, n: usize, skip: &str) -> String {
    format!(
        "UPDATE jobs SET lease_until = {now} + $1, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM jobs WHERE state = 'waiting' AND next_at <= {now} AND lease_until < {now} AND kind IN ({kinds}) ORDER BY \
         next_at LIMIT {n} {skip}) \
         RETURNING id, kind, payload, attempts, lease_until, created_at, order_id, request_id, \
         (SELECT public_id FROM orders WHERE orders.id = jobs.order_id) AS public_id",
        kinds = known_kinds(),
    )
}

/// Those of an event that is handled.
const EVENT: &str = "id, kind, livemode, object_id, attempts, lease_until, account, received_at, happened_at, request_id";

/// Takes events that are due: parameters as [`lease_jobs`].
pub(super) fn lease_events(now: &str, n: usize, skip: &str) -> String {
    format!(
        "UPDATE inbox_events SET lease_until = {now} + $1, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM inbox_events WHERE state = 'received' AND next_at <= {now} AND lease_until < {now} ORDER BY next_at LIMIT \
         {n} {skip}) \
         RETURNING {EVENT}"
    )
}

/// Takes events that were set aside, with the lease at once, or the older program would take them again and set them aside.
pub(super) fn lease_set_aside(now: &str, n: usize, skip: &str, unknown_kind: &str, known_kinds: &str) -> String {
    format!(
        "UPDATE inbox_events SET state = 'received', next_at = {now}, lease_until = {now} + $1, attempts = 1, last_error = NULL, \
            done_at = NULL \
         WHERE id IN (SELECT id FROM inbox_events WHERE state = 'ignored' AND last_error = '{unknown_kind}' AND kind IN \
         ({known_kinds}) LIMIT {n} {skip}) \
         RETURNING {EVENT}"
    )
}

/// How much waits and was given up, from the indices of these rows alone, in one statement.
pub(super) const BACKLOG: &str = "SELECT (SELECT COUNT(*) FROM inbox_events WHERE state = 'received') AS n_events, \
    (SELECT COUNT(*) FROM jobs WHERE state = 'waiting') AS n_jobs, \
    (SELECT COUNT(*) FROM inbox_events WHERE state = 'dead' AND dismissed_at IS NULL) \
    + (SELECT COUNT(*) FROM jobs WHERE state = 'dead' AND dismissed_at IS NULL) AS n_dead";

/// When each part of the shop `$1` was last seen at work and what is due first, each from the end of an index, in one statement. Work
/// of a kind that only a newer program knows is not late: see [`stranded`].
pub(super) fn signs() -> String {
    format!(
        "SELECT (SELECT MAX(received_at) FROM inbox_events) AS webhook_at, \
         (SELECT events_read_until FROM stores WHERE id = $1) AS list_read_until, \
         (SELECT MAX(done_at) FROM jobs WHERE state = 'done' AND kind NOT IN ('payment_method', 'refund', 'erasure')) AS mail_at, \
         (SELECT MIN(next_at) FROM inbox_events WHERE state = 'received') AS event_due_at, \
         (SELECT MIN(next_at) FROM jobs WHERE state = 'waiting' AND kind IN ({})) AS job_due_at",
        known_kinds()
    )
}

/// The kinds of jobs that nobody takes, summed over the index of what waits, where a worker that runs keeps few rows.
pub(super) fn stranded() -> String {
    format!(
        "SELECT kind, COUNT(*) AS n, MIN(next_at) AS since FROM jobs WHERE state = 'waiting' AND next_at < $1 AND lease_until < $2 \
         AND kind NOT IN ({}) GROUP BY kind ORDER BY kind",
        known_kinds()
    )
}

/// Mails that were refused and are tried again, read from the index of these.
pub(super) fn mails_retried(kinds: &str, n: usize) -> String {
    format!(
        "{MAILS} WHERE j.state = 'waiting' AND j.attempts > 0 AND j.last_error IS NOT NULL AND j.store_id = $1 AND j.kind IN ({kinds}) \
         ORDER BY j.created_at LIMIT {n}"
    )
}

/// The mails of an order with its name, latest first.
pub(super) fn mails_of_order(kinds: &str, n: usize) -> String {
    format!("{MAILS} WHERE j.order_id = $1 AND j.kind IN ({kinds}) ORDER BY j.created_at DESC, j.id DESC LIMIT {n}")
}

const MAILS: &str = "SELECT j.id, j.kind, j.state, j.last_error, j.attempts, j.next_at, j.done_at, o.public_id \
    FROM jobs j LEFT JOIN orders o ON o.id = j.order_id";

/// Jobs that were given up, with the name of their order.
pub(super) const DEAD_JOBS: &str = "SELECT j.id, j.kind, j.last_error, j.attempts, j.created_at, o.public_id \
    FROM jobs j LEFT JOIN orders o ON o.id = j.order_id WHERE j.state = 'dead' AND j.dismissed_at IS NULL";

/// Orders that are due to be asked after, with how often that was done: `$1` is now. An attempt that was begun anew is asked after as
/// often as a new order; 3600000 is the length of a session.
pub(super) const DUE_ORDERS: &str = "SELECT id, ($1 - COALESCE(checkout_expires_at - 3600000, created_at)) / 120000 AS n_checks \
    FROM orders WHERE next_check_at IS NOT NULL AND next_check_at <= $1 ORDER BY next_check_at LIMIT 100";
