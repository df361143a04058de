//! The views for analysis in a schema.

use std::{collections::HashMap, sync::Arc};

use sqlx::AssertSqlSafe;

use super::{
    session::{PostgresSession, failed},
    value::type_of,
};
use crate::{
    catalog::{self, Storage, Table, TableGroup},
    warehouse::{
        WarehouseError,
        session::Session,
        sql::{Shape, qualified},
        views::{self, DATES, Part, Speech, Tables, There},
    },
};

const SPEECH: Speech = Speech {
    // In the place of an older one, whatever reads it.
    create: "CREATE OR REPLACE VIEW",
    drop: false,
    days: "SELECT CAST(generate_series(DATE '2010-01-01', DATE '2039-12-31', INTERVAL '1 day') AS date) AS full_date",
    part: |part| {
        let field = match part {
            Part::Year => "YEAR",
            Part::Quarter => "QUARTER",
            Part::Month => "MONTH",
            Part::Week => "WEEK",
            Part::Weekday => "ISODOW",
            Part::Day => "DAY",
        };
        format!("CAST(EXTRACT({field} FROM full_date) AS integer)")
    },
    note: |view, mark| Some(format!("COMMENT ON VIEW {view} IS '{mark}'")),
};

/// Nothing, of the type and the order that a column of this kind has.
fn nothing(storage: Storage) -> String {
    match storage {
        Storage::Text => "CAST(NULL AS text) COLLATE \"C\"".to_owned(),
        other => format!("CAST(NULL AS {})", type_of(other)),
    }
}

impl PostgresSession<'_> {
    /// Makes the views over a table that has changed be there; all of them, where those that are there are of another version.
    pub(super) async fn define_views(&mut self, changed: &Table) -> Result<(), WarehouseError> {
        let are_current = self.views_are_current().await?;
        self.make_views(are_current.then_some(changed)).await
    }

    /// Makes the views anew where they are of another version. This process looks once.
    pub(super) async fn renew_views(&mut self) -> Result<(), WarehouseError> {
        if self.known.contains_key(DATES) {
            return Ok(());
        }
        if !self.views_are_current().await? {
            self.make_views(None).await?;
            // They may have columns more.
            self.readable_changed = true;
        }
        self.known
            .insert(DATES.to_owned(), Arc::new(Shape::default()));
        Ok(())
    }

    async fn views_are_current(&mut self) -> Result<bool, WarehouseError> {
        let found: Option<String> =
            sqlx::query_scalar("SELECT obj_description(to_regclass($1), 'pg_class')")
                .bind(qualified(Some(self.schema), DATES)?)
                .fetch_one(&mut *self.connection)
                .await
                .map_err(failed("looking at a view"))?;
        Ok(found == Some(views::mark(&SPEECH)?))
    }

    async fn make_views(&mut self, changed: Option<&Table>) -> Result<(), WarehouseError> {
        let mut shapes = HashMap::new();
        for table in catalog::tables_of(TableGroup::Yclients) {
            if let Some(shape) = self.shape(table).await? {
                shapes.insert(table.name.to_string(), shape);
            }
        }
        let there = There::Only(Tables { shapes, nothing });
        let statements = views::definitions(&SPEECH, Some(self.schema), changed, &there)?;
        sqlx::raw_sql(AssertSqlSafe(statements.join(";\n")))
            .execute(&mut *self.connection)
            .await
            .map_err(failed("creating a view"))?;
        Ok(())
    }
}
