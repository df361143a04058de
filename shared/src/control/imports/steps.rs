use super::import_columns;

/// Who takes a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum By {
    /// Somebody asks for it, and a message is queued. Asking again for what is asked for already is the same request.
    Request,
    /// Whoever does it begins.
    #[default]
    Work,
}

/// Every step. What failed may begin again what was under way: undoing once that began, applying once it has a
/// checkpoint, validating before that; and what was written in part can be undone as well.
pub(super) const STEP: &str = concat!(
    "UPDATE imports SET status = $3, size = COALESCE($4, size), mapping = COALESCE($5, mapping), \
     counts = COALESCE($6, counts), failure_code = $7, failure_details = $8, changed_at = $9, \
     checkpoint = CASE WHEN $3 = 'undoing' AND status = 'applied' THEN NULL ELSE checkpoint END, \
     applied_at = CASE WHEN $3 = 'applied' AND applied_at IS NULL THEN $9 ELSE applied_at END, \
     undo_at = CASE WHEN $3 = 'undoing' AND undo_at IS NULL THEN $9 ELSE undo_at END, \
     undone_at = CASE WHEN $3 = 'undone' AND undone_at IS NULL THEN $9 ELSE undone_at END, \
     asked = CASE WHEN status = $3 AND $5 IS NULL AND asked > 0 THEN asked \
         WHEN $3 = 'validating' AND status = 'uploaded' AND $5 IS NULL AND asked > 0 THEN asked ELSE asked + $10 END \
     WHERE subscription_id = $1 AND id = $2 AND ($11 IS NULL OR asked = $11) AND CASE $3 \
     WHEN 'uploaded' THEN status IN ('waiting', 'uploaded') \
     WHEN 'validating' THEN status IN ('uploaded', 'validating', 'previewed') \
         OR (status = 'failed' AND checkpoint IS NULL AND applied_at IS NULL) \
     WHEN 'previewed' THEN status IN ('validating', 'previewed') \
     WHEN 'applying' THEN status IN ('previewed', 'applying') \
         OR (status = 'failed' AND checkpoint IS NOT NULL AND applied_at IS NULL AND undo_at IS NULL) \
     WHEN 'applied' THEN status IN ('applying', 'applied') \
     WHEN 'undoing' THEN status = 'undoing' OR (sweeping_at IS NULL AND (status = 'applied' \
         OR (status = 'failed' AND (checkpoint IS NOT NULL OR applied_at IS NOT NULL)))) \
     WHEN 'undone' THEN status IN ('undoing', 'undone') \
     WHEN 'failed' THEN status IN ('waiting', 'uploaded', 'validating', 'applying', 'undoing', 'failed') \
     WHEN 'abandoned' THEN status IN ('waiting', 'uploaded', 'previewed', 'abandoned') \
         OR (status = 'failed' AND checkpoint IS NULL AND applied_at IS NULL) \
     ELSE FALSE END RETURNING ",
    import_columns!()
);
