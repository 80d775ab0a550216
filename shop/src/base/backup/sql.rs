//! What each database says of itself: its own catalog and functions, which no entity knows.

/// The tables of the shop. A search index counts its rows in tables of its own.
pub(super) const SQLITE_TABLES: &str =
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";

/// The tables of the shop.
pub(super) const POSTGRES_TABLES: &str = "SELECT table_name AS name FROM information_schema.tables \
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name";

/// The 15 of "15.14".
pub(super) const POSTGRES_VERSION: &str = "SELECT current_setting('server_version_num')::int / 10000 AS major";

/// Lets `pg_dump` see what this transaction sees.
pub(super) const EXPORT_SNAPSHOT: &str = "SELECT pg_export_snapshot() AS snapshot";
