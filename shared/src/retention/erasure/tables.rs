use std::{collections::BTreeMap, sync::Arc};

use futures::TryStreamExt;

use super::{Erasure, RetentionError};
use crate::{
    catalog::{self, Table, TableGroup, system},
    warehouse::{Filter, Rows, Scan, Value, ValueRef, Whose, Write, whose},
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
                Some(Whose::Own { people, column }) if people == self.person.people.table() => {
                    column
                }
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
        let snapshot = self.warehouse.snapshot().await?;
        let theirs = snapshot
            .counting(self.person.people, system::SOURCE_ID)
            .await?;
        let scan = Scan::of(table)
            .columns(table.primary_key())
            .filter(filter.and(theirs))
            .with_deleted();
        let mut batches = snapshot.scan(scan).await?;
        while let Some(keys) = batches.try_next().await? {
            self.belonging(table, &keys).await?;
            self.empty_own(table, keys).await?;
        }
        Ok(())
    }

    /// Rows of other tables that belong to these ones: lines of records, actions of repairs.
    async fn belonging(&mut self, table: &Arc<Table>, keys: &Rows) -> Result<(), RetentionError> {
        let mut sources: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for key in keys.iter() {
            let source = key.get(0).as_str().unwrap_or_default().to_owned();
            sources
                .entry(source)
                .or_default()
                .push(key.get(1).to_owned());
        }
        let refers = catalog::tables().iter().filter_map(|other| {
            let is_child = other.parent.as_ref() == Some(&table.name);
            let column = match whose(other) {
                Some(Whose::Through {
                    column, table: to, ..
                }) if to.name == table.name => Some(column),
                _ if is_child => other.key.first().map(AsRef::as_ref),
                _ => None,
            };
            column.map(|column| (other, column))
        });
        for (other, column) in refers {
            for (source, ids) in &sources {
                for some in ids.chunks(BATCH) {
                    self.lines(other, column, source, some).await?;
                }
            }
        }
        Ok(())
    }

    async fn lines(
        &mut self,
        table: &'static Arc<Table>,
        column: &str,
        source: &str,
        ids: &[Value],
    ) -> Result<(), RetentionError> {
        let these = Filter::In {
            column: column.to_owned(),
            values: ids.to_vec(),
        };
        let scan = Scan::of(table)
            .columns(table.primary_key())
            .filter(Filter::equal(system::SOURCE_ID, source).and(these))
            .with_deleted();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        while let Some(keys) = batches.try_next().await? {
            self.empty_own(table, keys).await?;
        }
        Ok(())
    }

    /// Empties rows that are theirs, and remembers which.
    async fn empty_own(&mut self, table: &Arc<Table>, keys: Rows) -> Result<(), RetentionError> {
        let ids = keys.iter().filter_map(|key| id_of(key.get(1)));
        let ids: Vec<String> = ids.collect();
        self.is_theirs(&table.name, ids);
        self.empty(table, keys).await
    }

    /// Remembers rows that are theirs.
    pub(super) fn is_theirs(&mut self, table: &str, ids: impl IntoIterator<Item = String>) {
        self.rows.entry(table.to_owned()).or_default().extend(ids);
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

fn id_of(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(text) => Some(text.to_owned()),
        ValueRef::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}
