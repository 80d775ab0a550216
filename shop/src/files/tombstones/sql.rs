//! Statements that ask several nouns in one moment.

/// Whether anything that customers, pages or books show has these bytes, `$1`. It asks six tables by their indexes, and ends with
/// the first that answers.
pub(super) const IS_NEEDED: &str = "SELECT 1 AS yes FROM files f WHERE f.object_key = $1 AND (\
    EXISTS (SELECT 1 FROM release_files rf WHERE rf.file_id = f.id) \
    OR EXISTS (SELECT 1 FROM previews v WHERE v.file_id = COALESCE(f.original_id, f.id)) \
    OR EXISTS (SELECT 1 FROM products p WHERE p.cover_file_id = COALESCE(f.original_id, f.id)) \
    OR EXISTS (SELECT 1 FROM categories c WHERE c.image_file_id = COALESCE(f.original_id, f.id)) \
    OR EXISTS (SELECT 1 FROM stores s WHERE s.logo_file_id = COALESCE(f.original_id, f.id))) \
    UNION ALL SELECT 1 FROM uploads u WHERE u.object_key = $1 AND u.state IN ('open', 'finishing') LIMIT 1";
