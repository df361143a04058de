//! Rows of the shop and of the copy.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::TryStreamExt;

use super::{Erasure, RetentionError};
use crate::{
    catalog::{self, Table, TableGroup, system},
    warehouse::{Filter, Rows, Scan, Value, ValueRef, Whose, Write, whose},
};

/// Rows emptied in one commit.
const BATCH: usize = 500;

/// Rows that are theirs and whose key is not of its column's type: nothing names them, so they go altogether.
#[derive(Default)]
struct Unnamed {
    rows: u64,
    sources: BTreeSet<String>,
}

impl Unnamed {
    /// The keys that can be read; the others are counted.
    fn apart(&mut self, keys: Rows) -> Rows {
        for row in keys.iter().filter(|row| row.any_unreadable()) {
            self.rows += 1;
            self.sources.extend(row.get(0).as_str().map(str::to_owned));
        }
        let key: Vec<usize> = (0..keys.width()).collect();
        keys.known(&key)
    }
}

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
        let filter = filter.and(theirs);
        let mut unnamed = Unnamed::default();
        let mut batches = snapshot.scan(keys_of(table, &filter)).await?;
        while let Some(keys) = batches.try_next().await? {
            let keys = unnamed.apart(keys);
            self.belonging(table, &keys).await?;
            self.empty_own(table, keys).await?;
        }
        drop((batches, snapshot));
        for source in &unnamed.sources {
            self.orphans(table, source).await?;
        }
        self.erase_unnamed(table, filter, unnamed.rows).await
    }

    /// Rows of other tables that belong to these ones: lines of records, actions of repairs.
    async fn belonging(&mut self, table: &Table, keys: &Rows) -> Result<(), RetentionError> {
        let mut sources: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for key in keys.iter() {
            let source = key.get(0).as_str().unwrap_or_default().to_owned();
            sources
                .entry(source)
                .or_default()
                .push(key.get(1).to_owned());
        }
        for (other, column) in refer_to(table) {
            for (source, ids) in &sources {
                for some in ids.chunks(BATCH) {
                    let these = Filter::In {
                        column: column.to_owned(),
                        values: some.to_vec(),
                    };
                    self.lines(other, source, these).await?;
                }
            }
        }
        Ok(())
    }

    /// Rows of other tables that belong to none which something names: what belongs to rows of this one whose key cannot be
    /// read is among them.
    async fn orphans(&mut self, table: &Table, source: &str) -> Result<(), RetentionError> {
        for (other, column) in refer_to(table) {
            let belongs = Filter::IsNotNull(column.to_owned());
            let to_none = Filter::IsNull(format!("{column}.id"));
            self.lines(other, source, belongs.and(to_none)).await?;
        }
        Ok(())
    }

    async fn lines(
        &mut self,
        table: &'static Arc<Table>,
        source: &str,
        these: Filter,
    ) -> Result<(), RetentionError> {
        let filter = Filter::equal(system::SOURCE_ID, source).and(these);
        let mut unnamed = Unnamed::default();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(keys_of(table, &filter)).await?;
        while let Some(keys) = batches.try_next().await? {
            let keys = unnamed.apart(keys);
            self.empty_own(table, keys).await?;
        }
        drop((batches, snapshot));
        self.erase_unnamed(table, filter, unnamed.rows).await
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
        if keys.is_empty() {
            return Ok(());
        }
        self.count(&table.name, keys.len() as u64);
        let table = Arc::clone(table);
        self.commit_found(Write::Empty { table, keys }).await
    }

    /// Erases so many rows that meet a condition and whose keys cannot be read.
    pub(super) async fn erase_unnamed(
        &mut self,
        table: &Arc<Table>,
        filter: Filter,
        rows: u64,
    ) -> Result<(), RetentionError> {
        if rows == 0 {
            return Ok(());
        }
        self.count(&table.name, rows);
        let table = Arc::clone(table);
        self.commit_found(Write::EraseUnnamed { table, filter })
            .await
    }
}

/// The primary keys of the rows that meet a condition.
fn keys_of(table: &Arc<Table>, filter: &Filter) -> Scan {
    Scan::of(table)
        .columns(table.primary_key())
        .filter(filter.clone())
        .with_deleted()
        .tolerant()
}

/// The tables whose rows belong to those of this one, and by which columns.
fn refer_to(table: &Table) -> Vec<(&'static Arc<Table>, &'static str)> {
    let tables = catalog::tables().iter().filter_map(|other| {
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
    tables.collect()
}

fn id_of(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(text) => Some(text.to_owned()),
        ValueRef::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}
