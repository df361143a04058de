use std::sync::Arc;

use futures::TryStreamExt;

use super::{Erasure, RetentionError};
use crate::{
    catalog::{self, Table, TableGroup},
    warehouse::{Filter, Rows, Scan, Value, Whose, Write, whose},
};

/// Rows emptied in one commit.
const BATCH: usize = 500;

impl Erasure<'_> {
    /// Empties the rows that speak of the person, and those that belong to them.
    pub(super) async fn tables(&mut self) -> Result<(), RetentionError> {
        let copied = |table: &&'static Arc<Table>| {
            matches!(table.group, TableGroup::RepairShop | TableGroup::Yclients)
        };
        for table in catalog::tables().iter().filter(copied) {
            let own = match whose(table) {
                Some(Whose::Own { people, column }) if people == self.person.table => column,
                _ => continue,
            };
            let filter = Filter::equal(own, self.key.clone());
            self.table(table, filter).await?;
        }
        Ok(())
    }

    async fn table(
        &mut self,
        table: &'static Arc<Table>,
        filter: Filter,
    ) -> Result<(), RetentionError> {
        let scan = Scan::of(table)
            .columns(table.primary_key())
            .filter(filter)
            .with_deleted();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        while let Some(keys) = batches.try_next().await? {
            self.belonging(table, &keys).await?;
            let ids = keys.iter().filter_map(|key| id_of(&key.get(1).to_owned()));
            let ids: Vec<String> = ids.collect();
            self.rows
                .entry(table.name.to_string())
                .or_default()
                .extend(ids);
            self.empty(table, keys).await?;
        }
        Ok(())
    }

    /// Rows of other tables that belong to these ones: lines of records, actions of repairs.
    async fn belonging(&mut self, table: &Arc<Table>, keys: &Rows) -> Result<(), RetentionError> {
        let refers = catalog::tables().iter().flat_map(|other| {
            let is_child = other.parent.as_ref() == Some(&table.name);
            let through = match whose(other) {
                Some(Whose::Through {
                    column, table: to, ..
                }) if to.name == table.name => Some(column),
                _ if is_child => other.key.first().map(AsRef::as_ref),
                _ => None,
            };
            through.map(|column| (other, column))
        });
        for (other, column) in refers {
            let ids: Vec<Value> = keys.iter().map(|key| key.get(1).to_owned()).collect();
            for some in ids.chunks(BATCH) {
                let these = Filter::In {
                    column: column.to_owned(),
                    values: some.to_vec(),
                };
                let scan = Scan::of(other)
                    .columns(other.primary_key())
                    .filter(these)
                    .with_deleted();
                let snapshot = self.warehouse.snapshot().await?;
                let mut batches = snapshot.scan(scan).await?;
                while let Some(keys) = batches.try_next().await? {
                    let ids = keys.iter().filter_map(|key| id_of(&key.get(1).to_owned()));
                    let ids: Vec<String> = ids.collect();
                    self.rows
                        .entry(other.name.to_string())
                        .or_default()
                        .extend(ids);
                    self.empty(other, keys).await?;
                }
            }
        }
        Ok(())
    }

    /// Empties rows by their primary keys.
    pub(super) async fn empty(
        &mut self,
        table: &Arc<Table>,
        keys: Rows,
    ) -> Result<(), RetentionError> {
        self.count(&table.name, keys.len() as u64);
        let table = Arc::clone(table);
        self.commit(vec![Write::Empty { table, keys }]).await
    }
}

fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}
