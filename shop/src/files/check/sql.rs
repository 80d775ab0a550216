//! Statements that ask several nouns in one moment.

/// The files of a store `$1` after `$2` that something points to, at most `$3`. It walks the files by key, and asks the others by their
/// indexes.
pub(super) const IN_USE: &str = "SELECT f.id, f.object_key, f.name, f.size_bytes FROM files f WHERE f.store_id = $1 AND f.id > $2 AND \
    (EXISTS (SELECT 1 FROM release_files rf WHERE rf.file_id = f.id) \
    OR EXISTS (SELECT 1 FROM previews v WHERE v.file_id = COALESCE(f.original_id, f.id)) \
    OR EXISTS (SELECT 1 FROM products p WHERE p.cover_file_id = COALESCE(f.original_id, f.id)) \
    OR EXISTS (SELECT 1 FROM stores s WHERE s.logo_file_id = f.id)) ORDER BY f.id LIMIT $3";

/// A product that has the file `$1`, whatever it is to it.
pub(super) const PRODUCT_OF: &str = "SELECT p.slug, p.title FROM products p WHERE p.id IN (\
    SELECT r.product_id FROM release_files rf JOIN releases r ON r.id = rf.release_id WHERE rf.file_id = $1 \
    UNION SELECT v.product_id FROM previews v JOIN files f ON v.file_id = COALESCE(f.original_id, f.id) WHERE f.id = $1 \
    UNION SELECT p2.id FROM products p2 JOIN files f ON p2.cover_file_id = COALESCE(f.original_id, f.id) WHERE f.id = $1) \
    ORDER BY p.slug LIMIT 1";
