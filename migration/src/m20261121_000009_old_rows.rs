//! What is thrown away is found without reading what stays.

const UP: &str = "
CREATE INDEX jobs_done_idx ON jobs (done_at) WHERE state = 'done';
CREATE INDEX inbox_events_handled_idx ON inbox_events (received_at) WHERE state IN ('done', 'ignored');
-- Links that began a download are evidence and stay; those of the others that are old are thrown away.
DROP INDEX download_links_expiry_idx;
CREATE INDEX download_links_unused_idx ON download_links (expires_at) WHERE session_until IS NULL;
CREATE INDEX download_sessions_link_idx ON download_sessions (link_id);
";

const DOWN: &str = "
DROP INDEX download_sessions_link_idx;
DROP INDEX download_links_unused_idx;
CREATE INDEX download_links_expiry_idx ON download_links (expires_at);
DROP INDEX inbox_events_handled_idx;
DROP INDEX jobs_done_idx;
";

crate::migration!();
