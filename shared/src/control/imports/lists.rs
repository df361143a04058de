use super::{Import, import_columns};
use crate::{
    SubscriptionId,
    control::{Control, ControlError, Cursor, ImportId, Page, read},
    ports::ObjectKey,
};

/// One subscription's imports, to read.
#[derive(Debug, Clone, Copy)]
pub struct Imports<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

impl Control {
    /// That subscription's imports.
    pub fn imports<'a>(&'a self, subscription: &'a SubscriptionId) -> Imports<'a> {
        Imports {
            control: self,
            subscription,
        }
    }
}

impl Imports<'_> {
    /// The import of that id; [`ControlError::NotFound`] when this subscription has none.
    pub async fn get(&self, id: &ImportId) -> Result<Import, ControlError> {
        let sql = concat!(
            "SELECT ",
            import_columns!(),
            " FROM imports WHERE subscription_id = $1 AND id = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read an import"))?
            .ok_or(ControlError::NotFound { what: "import" })
    }

    /// The import whose file is to be that object; `None` when this subscription has none.
    pub async fn of_object(&self, key: &ObjectKey) -> Result<Option<Import>, ControlError> {
        let sql = concat!(
            "SELECT ",
            import_columns!(),
            " FROM imports WHERE subscription_id = $1 AND object_key = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(key).fetch_optional(db).await)
            .map_err(ControlError::database("find an import by its file"))
    }

    /// The imports from the cursor on, newest first, at most `limit` (1 to 200).
    pub async fn list(
        &self,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Import>, ControlError> {
        let sql = concat!(
            "SELECT ",
            import_columns!(),
            " FROM imports WHERE subscription_id = $1 AND (created_at, id) < ($2, $3) \
             ORDER BY created_at DESC, id DESC LIMIT $4"
        );
        let from = from.cloned().unwrap_or_else(Cursor::start);
        let rows = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(from.at)
            .bind(&from.id)
            .bind(Page::<Import>::fetch_limit(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list imports"))?;
        Ok(Page::cut(rows, limit, |row: &Import| Cursor {
            at: row.created_at,
            id: row.id.to_string(),
        }))
    }
}
