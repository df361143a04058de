//! What was kept as it came: images to undo, records set aside, events that wait, findings of imports.

use std::{collections::BTreeSet, sync::Arc};

use futures::TryStreamExt;
use serde_json::{Map, Value as Json};
use wynos_base::exact;

use super::{Erasure, RetentionError};
use crate::{
    catalog::{self, Table, system},
    import,
    warehouse::{
        Filter, MOST_REWRITTEN, People, Row, Rows, Scan, Value, Whose, Write, about_row,
        clean_body, clean_row, internal, whose,
    },
};

impl Erasure<'_> {
    /// Cleans all of it.
    pub(super) async fn raw(&mut self) -> Result<(), RetentionError> {
        self.set_aside().await?;
        self.rewrite(internal::undo(), |this, row| this.image(row))
            .await?;
        let elsewhere = self.warehouse.snapshot().await?.elsewhere().await?;
        for table in [internal::parked(), internal::inbox()] {
            self.rewrite(table, |this, row| this.body(table, &elsewhere, row))
                .await?;
        }
        self.rewrite(import::problems(), |this, row| this.finding(row))
            .await
    }

    /// Looks for rows of imports that were set aside and say that they are theirs: others may name only those.
    async fn set_aside(&mut self) -> Result<(), RetentionError> {
        if self.person.people != People::Customers {
            return Ok(());
        }
        let scan = Scan::of(internal::parked())
            .columns(["table", "body"])
            .tolerant();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            for row in batch.iter() {
                let body = row
                    .get(1)
                    .as_str()
                    .and_then(|text| exact::from_str(text).ok());
                let about = body.and_then(|body| about_row(row.get(0).as_str(), &body));
                let Some((table, Value::Text(id), owner)) = about else {
                    continue;
                };
                let is_own = matches!(whose(table), Some(Whose::Own { .. }));
                if is_own && owner == self.key {
                    self.is_theirs(&table.name, [id]);
                }
            }
        }
        Ok(())
    }

    /// Puts cleaned rows in the place of those of one of the system's own tables that speak of the person. One that others
    /// changed meanwhile came in without them. One that cannot be put back as it was read, since something in it is not of
    /// its column's type, goes.
    async fn rewrite(
        &mut self,
        table: &Arc<Table>,
        clean: impl Fn(&Self, Row<'_>) -> Option<Vec<Value>>,
    ) -> Result<(), RetentionError> {
        let names = table.columns.iter().map(|column| column.name.to_string());
        let scan = Scan::of(table).columns(names).tolerant();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        let width = table.columns.len();
        let (mut read, mut rows) = (Rows::new(width), Rows::new(width));
        while let Some(batch) = batches.try_next().await? {
            for row in batch.iter() {
                let Some(cleaned) = clean(self, row) else {
                    continue;
                };
                if row.any_unreadable() {
                    let write = without(table, row);
                    self.commit_found(write).await?;
                    self.count(&table.name, 1);
                    continue;
                }
                read.push_row(row.values());
                rows.push_values(&cleaned);
                if rows.len() == MOST_REWRITTEN {
                    self.put_back(table, &mut read, &mut rows).await?;
                }
            }
        }
        self.put_back(table, &mut read, &mut rows).await
    }

    async fn put_back(
        &mut self,
        table: &Arc<Table>,
        read: &mut Rows,
        rows: &mut Rows,
    ) -> Result<(), RetentionError> {
        let width = table.columns.len();
        let rewrite = Write::Rewrite {
            table: Arc::clone(table),
            read: std::mem::replace(read, Rows::new(width)),
            rows: std::mem::replace(rows, Rows::new(width)),
        };
        let Write::Rewrite { rows, .. } = &rewrite else {
            return Ok(());
        };
        let number = rows.len() as u64;
        if number > 0 {
            self.commit_found(rewrite).await?;
            self.count(&table.name, number);
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
        let is_known = own_id.as_ref().is_some_and(|id| self.has(&table.name, id));
        let said = match whose(table) {
            Some(Whose::Own { people, column }) if people == self.person.people.table() => {
                match column {
                    "id" => own_id,
                    column => id(image.get(column)),
                }
            }
            _ => None,
        };
        if !is_known && said.as_ref() != Some(&self.person.id) {
            return None;
        }
        let before = image.len();
        image.retain(|name, _| {
            !table
                .stored_columns()
                .any(|column| *column.name == **name && (column.personal || name == system::EXTRA))
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
    fn body(
        &self,
        table: &Table,
        elsewhere: &BTreeSet<String>,
        row: Row<'_>,
    ) -> Option<Vec<Value>> {
        let position = table.position("body")?;
        let of = table.position("table").and_then(|of| row.get(of).as_str());
        let read = exact::from_str(row.get(position).as_str()?).ok()?;
        let mut body = read.clone();
        match about_row(of, &body) {
            Some((table, id, owner)) => {
                if self.is_about(table, &id, &owner) {
                    clean_row(of, &mut body);
                }
            }
            None => {
                let source = table.position("source_id")?;
                let is_elsewhere = elsewhere.contains(row.get(source).as_str()?);
                let clients = if is_elsewhere {
                    People::Altegio
                } else {
                    People::Yclients
                };
                clean_body(clients, of, &mut body, &|person| person == self.person);
            }
        }
        if body == read {
            return None;
        }
        let mut values: Vec<Value> = row.values().map(|value| value.to_owned()).collect();
        *values.get_mut(position)? = Value::Json(exact::to_string(&body));
        Some(values)
    }

    /// Whether a row of the shop's own is theirs, by what it says itself or by the row that it belongs to.
    fn is_about(&self, table: &Table, id: &Value, owner: &Value) -> bool {
        let is_known = |table: &str, id: &Value| match id {
            Value::Text(id) => self.has(table, id),
            _ => false,
        };
        let says = match whose(table) {
            Some(Whose::Own { people, .. }) => {
                people == self.person.people.table() && *owner == self.key
            }
            Some(Whose::Through { table: of, .. }) => is_known(&of.name, owner),
            None => false,
        };
        says || is_known(&table.name, id)
    }

    fn has(&self, table: &str, id: &str) -> bool {
        self.rows.get(table).is_some_and(|ids| ids.contains(id))
    }

    /// A finding without what was expected and found, where it is about a row of theirs.
    fn finding(&self, row: Row<'_>) -> Option<Vec<Value>> {
        let table = import::problems();
        let of = |name| table.position(name).map(|position| row.get(position));
        let (name, id) = (of("table")?.as_str()?, of("row_id")?.as_str()?);
        let is_own = name == self.person.people.table() && id == self.person.id;
        let mut values: Vec<Value> = row.values().map(|value| value.to_owned()).collect();
        for said in ["expected", "found"] {
            *values.get_mut(table.position(said)?)? = Value::Null;
        }
        let is_theirs = is_own || self.has(name, id);
        let changes = row
            .values()
            .zip(&values)
            .any(|(old, new)| old != new.as_ref());
        (is_theirs && changes).then_some(values)
    }
}

/// What removes a row of one of the system's own tables; where its key cannot be read, all rows of which that is so.
fn without(table: &Arc<Table>, row: Row<'_>) -> Write {
    let part = |name: &str| {
        let position = table.position(name)?;
        let value = (!row.is_unreadable(position)).then(|| row.get(position).to_owned());
        value.map(|value| Filter::equal(name, value))
    };
    let key: Option<Vec<Filter>> = table.key.iter().map(|name| part(name)).collect();
    let table = Arc::clone(table);
    match key {
        Some(key) => Write::Remove {
            table,
            filter: Filter::And(key),
            limit: None,
        },
        None => Write::EraseUnnamed {
            table,
            filter: Filter::All,
        },
    }
}
