//! Statements that read over several nouns in one moment: what may be fetched must not change between two questions.

/// The newest release of an entitlement's product `e`.
macro_rules! newest_release {
    () => {
        "(SELECT r.id FROM releases r WHERE r.product_id = e.product_id AND NOT r.is_draft ORDER BY r.id DESC LIMIT 1)"
    };
}

/// The files of an entitlement `e`: those of its product's newest release that belong to its tier, each with its budget.
macro_rules! files {
    () => {
        concat!(
            "FROM entitlements e JOIN release_files rf ON rf.release_id = ",
            newest_release!(),
            " AND (rf.variant_id IS NULL OR rf.variant_id = e.variant_id) JOIN files f ON f.id = rf.file_id \
             LEFT JOIN download_counts dc ON dc.entitlement_id = e.id AND dc.file_id = f.id"
        )
    };
}

/// The columns of `Access`, of an entitlement `e`, a file `f` and their budget `dc`.
macro_rules! access {
    () => {
        concat!(
            "e.id AS entitlement_id, e.order_id, e.state, e.cause, e.download_limit, dc.n_used, dc.n_extra, \
             f.id AS file_id, f.object_key, f.name, f.media_type, f.size_bytes, f.sha256, \
             EXISTS (SELECT 1 FROM release_files rf WHERE rf.file_id = f.id AND (rf.variant_id IS NULL OR rf.variant_id = e.variant_id) \
                 AND rf.release_id = ",
            newest_release!(),
            ") AS is_offered, \
             EXISTS (SELECT 1 FROM release_files rf JOIN releases r ON r.id = rf.release_id WHERE rf.file_id = f.id \
                 AND (rf.variant_id IS NULL OR rf.variant_id = e.variant_id) AND r.product_id = e.product_id AND NOT r.is_draft) AS \
                 is_published"
        )
    };
}

/// A link `l` with its download of last. One statement, so that the budget and the download that used it are of one moment.
macro_rules! link {
    () => {
        concat!(
            "SELECT l.id, l.expires_at, l.session_until, s.id AS session_id, s.started_at AS session_started_at, s.n_bytes \
             AS session_n_bytes, ",
            access!(),
            " FROM download_links l JOIN entitlements e ON e.id = l.entitlement_id JOIN files f ON f.id = l.file_id \
             LEFT JOIN download_counts dc ON dc.entitlement_id = e.id AND dc.file_id = f.id \
             LEFT JOIN download_sessions s ON s.id = (SELECT x.id FROM download_sessions x WHERE x.link_id = l.id ORDER BY x.id DESC LIMIT \
             1)"
        )
    };
}

/// The files that an order opens, by its lines; `$1` is the order.
pub(super) const OWNED_FILES: &str = concat!(
    "SELECT e.id AS entitlement_id, e.order_item_id, f.id AS file_id, f.name, f.media_type, f.size_bytes, f.sha256, e.download_limit, \
     dc.n_used, dc.n_extra ",
    files!(),
    " WHERE e.order_id = $1 AND e.state = 'active' ORDER BY e.unit_no, rf.position, rf.id"
);

/// The budgets of an order `$1`.
pub(super) const BUDGETS: &str = concat!(
    "SELECT e.id AS entitlement_id, f.id AS file_id, f.name ",
    files!(),
    " WHERE e.order_id = $1 ORDER BY e.id, rf.position, rf.id"
);

/// A file `$3` of an entitlement `$1` of an order `$2`.
pub(super) const ACCESS: &str = concat!(
    "SELECT ",
    access!(),
    " FROM entitlements e JOIN files f ON f.id = $3 LEFT JOIN download_counts dc ON dc.entitlement_id = e.id AND dc.file_id = f.id \
     WHERE e.id = $1 AND e.order_id = $2"
);

/// The link of a token's hash `$1` in a store `$2`.
pub(super) const LINK_OF_TOKEN: &str = concat!(link!(), " WHERE l.token_hash = $1 AND l.store_id = $2");

/// The link `$1`.
pub(super) const LINK: &str = concat!(link!(), " WHERE l.id = $1");

/// Links that ended before `$1` and that nobody used, at most `$2`. It walks the index over them and leaves those that another
/// program works on (`skip_locked`).
pub(super) fn delete_unused_links(skip_locked: &str) -> String {
    format!(
        "DELETE FROM download_links WHERE id IN (SELECT l.id FROM download_links l WHERE l.session_until IS NULL AND l.expires_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM download_sessions s WHERE s.link_id = l.id) LIMIT $2 {skip_locked})"
    )
}
