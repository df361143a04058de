//! The views for analysis in a file.

use std::collections::HashMap;

use rusqlite::OptionalExtension;

use super::{connection::failed, session::SqliteSession};
use crate::{
    catalog::{self, Table, TableGroup},
    warehouse::{
        WarehouseError,
        session::Session,
        views::{self, DATES, Part, Speech, Tables, There},
    },
};

const SPEECH: Speech = Speech {
    create: "CREATE VIEW",
    drop: true,
    days: "WITH RECURSIVE d(full_date) AS (SELECT '2010-01-01' UNION ALL \
           SELECT date(full_date, '+1 day') FROM d WHERE full_date < '2039-12-31') SELECT full_date FROM d",
    part: |part| {
        let field = |format| format!("CAST(strftime('{format}', full_date) AS INTEGER)");
        match part {
            Part::Year => field("%Y"),
            Part::Quarter => format!("(({} + 2) / 3)", field("%m")),
            Part::Month => field("%m"),
            Part::Day => field("%d"),
            Part::Weekday => format!("(({} + 6) % 7 + 1)", field("%w")),
            // The week of ISO 8601 is that of its Thursday. Older SQLite shells have no format for it.
            Part::Week => {
                "((CAST(strftime('%j', full_date, '-3 days', 'weekday 4') AS INTEGER) - 1) / 7 + 1)"
                    .to_owned()
            }
        }
    },
    // The file keeps the text of a view with its comments.
    note: |_, _| None,
};

impl SqliteSession<'_> {
    /// Makes the views over a table that has changed be there; all of them, where those that are there are of another version.
    pub(super) async fn define_views(&mut self, changed: &Table) -> Result<(), WarehouseError> {
        let are_current = self.views_are_current()?;
        self.make_views(are_current.then_some(changed)).await
    }

    /// Makes the views anew where they are of another version. A connection looks once, and after tables have changed.
    pub(super) async fn renew_views(&mut self) -> Result<(), WarehouseError> {
        if self.known.shapes.contains_key(DATES) {
            return Ok(());
        }
        if !self.views_are_current()? {
            self.make_views(None).await?;
        }
        self.known.shapes.insert(DATES.to_owned(), None);
        Ok(())
    }

    fn views_are_current(&self) -> Result<bool, WarehouseError> {
        let question = "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?1";
        let text: Option<String> = self
            .connection
            .query_row(question, [DATES], |row| row.get(0))
            .optional()
            .map_err(failed("looking at a view"))?;
        let mark = views::mark(&SPEECH)?;
        Ok(text.is_some_and(|text| text.contains(&mark)))
    }

    async fn make_views(&mut self, changed: Option<&Table>) -> Result<(), WarehouseError> {
        let mut shapes = HashMap::new();
        for table in catalog::tables_of(TableGroup::Yclients) {
            if let Some(shape) = self.shape(table).await? {
                shapes.insert(table.name.to_string(), shape);
            }
        }
        let there = There::Only(Tables {
            shapes,
            nothing: |_| "NULL".to_owned(),
        });
        for statement in views::definitions(&SPEECH, None, changed, &there)? {
            self.connection
                .execute_batch(&statement)
                .map_err(failed("creating a view"))?;
        }
        Ok(())
    }
}
