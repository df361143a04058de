//! What was kept as it came: images to undo, records set aside, events that wait, findings of imports.

use std::sync::Arc;

use futures::TryStreamExt;
use serde_json::{Map, Value as Json};

use super::{Erasure, RetentionError};
use crate::{
    catalog::{self, Table},
    import,
    warehouse::{
        Filter, Row, Rows, Scan, Value, ValueRef, Whose, Write, clean_body, internal, whose,
    },
};

impl Erasure<'_> {
    /// Cleans all of it.
    pub(super) async fn raw(&mut self) -> Result<(), RetentionError> {
        self.rewrite(internal::undo(), |this, row| this.image(row))
            .await?;
        for table in [internal::parked(), internal::inbox()] {
            self.rewrite(table, |this, row| this.body(table, row))
                .await?;
        }
        self.rewrite(import::problems(), |this, row| this.finding(row))
            .await
    }

    /// Puts cleaned rows in the place of those of one of the system's own tables that speak of the person.
    async fn rewrite(
        &mut self,
        table: &Arc<Table>,
        clean: impl Fn(&Self, Row<'_>) -> Option<Vec<Value>>,
    ) -> Result<(), RetentionError> {
        let names = table.columns.iter().map(|column| column.name.to_string());
        let scan = Scan::of(table).columns(names);
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            for row in batch.iter() {
                let Some(cleaned) = clean(self, row) else {
                    continue;
                };
                let own = table.key.iter().filter_map(|name| {
                    let value = row.get(table.position(name)?).to_owned();
                    Some(Filter::equal(name.as_ref(), value))
                });
                let filter = own.fold(Filter::All, Filter::and);
                let mut rows = Rows::new(table.columns.len());
                rows.push_values(&cleaned);
                let remove = Write::Remove {
                    table: Arc::clone(table),
                    filter,
                    limit: None,
                };
                let insert = Write::Insert {
                    table: Arc::clone(table),
                    rows,
                };
                self.commit(vec![remove, insert]).await?;
                self.count(&table.name, 1);
            }
        }
        Ok(())
    }

    /// An image without what is personal, where it is of a row of theirs.
    fn image(&self, row: Row<'_>) -> Option<Vec<Value>> {
        let table = catalog::table(row.get(1).as_str()?)?;
        let mut image: Map<String, Json> = serde_json::from_str(row.get(3).as_str()?).ok()?;
        let key: Vec<Json> = serde_json::from_str(row.get(2).as_str()?).ok()?;
        let id = |json: Option<&Json>| match json {
            Some(Json::String(text)) => Some(text.clone()),
            Some(Json::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let own_id = id(key.get(1));
        let known = self.rows.get(table.name.as_ref());
        let is_known = known
            .zip(own_id.as_ref())
            .is_some_and(|(known, id)| known.contains(id));
        let said = match whose(table) {
            Some(Whose::Own { people, column }) if people == self.person.table => match column {
                "id" => own_id,
                column => id(image.get(column)),
            },
            _ => None,
        };
        if !is_known && said.as_ref() != Some(&self.person.id) {
            return None;
        }
        let before = image.len();
        image.retain(|name, _| {
            !table.stored_columns().any(|column| {
                *column.name == **name && (column.personal || name == crate::catalog::system::EXTRA)
            })
        });
        (image.len() < before).then(|| {
            let mut values: Vec<Value> = row.values().map(|value| value.to_owned()).collect();
            if let Some(value) = values.get_mut(3) {
                *value = Value::Json(Json::Object(image).to_string());
            }
            values
        })
    }

    /// A raw body without what is personal, where it speaks of them.
    fn body(&self, table: &Table, row: Row<'_>) -> Option<Vec<Value>> {
        let position = table.position("body")?;
        let of = table.position("table").and_then(|of| row.get(of).as_str());
        let mut body: Json = serde_json::from_str(row.get(position).as_str()?).ok()?;
        if !clean_body(of, &mut body, &|person| person == self.person) {
            return None;
        }
        let mut values: Vec<Value> = row.values().map(|value| value.to_owned()).collect();
        *values.get_mut(position)? = Value::Json(body.to_string());
        Some(values)
    }

    /// A finding without what was found, where it is about a row of theirs.
    fn finding(&self, row: Row<'_>) -> Option<Vec<Value>> {
        let table = import::problems();
        let of = |name| table.position(name).map(|position| row.get(position));
        let known = self.rows.get(of("table")?.as_str()?)?;
        let found = table.position("found")?;
        let is_theirs = known.contains(of("row_id")?.as_str()?);
        if !is_theirs || row.get(found) == ValueRef::Null {
            return None;
        }
        let mut values: Vec<Value> = row.values().map(|value| value.to_owned()).collect();
        *values.get_mut(found)? = Value::Null;
        Some(values)
    }
}
