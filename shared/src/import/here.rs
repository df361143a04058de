use std::sync::Arc;

use futures::StreamExt;
use tokio::runtime::Handle;

use super::ImportError;
use crate::{
    catalog::{Table, repair_shop::LOCAL_SOURCE, system},
    warehouse::{Filter, Row, Rows, Scan, Value, Warehouse},
};

/// The most ids in one question.
const IDS: usize = 1_000;

/// The warehouse, asked from the thread that reads the file. Every question sees what is committed when it is asked, so
/// that no read transaction is held while the import writes.
#[derive(Debug, Clone)]
pub(super) struct Here {
    warehouse: Warehouse,
    runtime: Handle,
}

impl Here {
    /// Must be called within the runtime.
    pub fn new(warehouse: Warehouse) -> Self {
        Self {
            warehouse,
            runtime: Handle::current(),
        }
    }

    /// Shows every row of a scan.
    pub fn each(
        &self,
        scan: Scan,
        mut see: impl FnMut(Row<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        self.runtime.block_on(async {
            let snapshot = self.warehouse.snapshot().await?;
            let mut batches = snapshot.scan(scan).await?;
            while let Some(rows) = batches.next().await {
                for row in rows?.iter() {
                    see(row)?;
                }
            }
            Ok(())
        })
    }

    /// Whether the table has no row at all.
    pub fn is_empty(&self, table: &Arc<Table>) -> Result<bool, ImportError> {
        let mut empty = true;
        // Rows of any source count: the table's natural keys do not tell them apart.
        let scan = Scan::of(table).columns(["id"]).with_deleted().limit(1);
        self.each(scan, |_| {
            empty = false;
            Ok(())
        })?;
        Ok(empty)
    }

    /// These columns of the shop's own rows of these ids, tombstones too.
    pub fn rows<'i>(
        &self,
        table: &Arc<Table>,
        columns: &[&str],
        ids: impl IntoIterator<Item = &'i str>,
    ) -> Result<Rows, ImportError> {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        let ids = ids.into_iter().map(str::to_owned).collect();
        self.runtime
            .block_on(rows_by_id(&self.warehouse, table, &columns, ids))
    }
}

/// These columns of the shop's own rows of these ids, tombstones too.
pub(super) async fn rows_by_id(
    warehouse: &Warehouse,
    table: &Arc<Table>,
    columns: &[String],
    ids: Vec<String>,
) -> Result<Rows, ImportError> {
    let mut found = Rows::new(columns.len());
    if ids.is_empty() {
        return Ok(found);
    }
    let snapshot = warehouse.snapshot().await?;
    let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
    for values in ids.chunks(IDS) {
        let wanted = Filter::In {
            column: "id".to_owned(),
            values: values.to_vec(),
        };
        let scan = Scan::of(table)
            .columns(columns.iter().cloned())
            .filter(wanted.and(Filter::equal(system::SOURCE_ID, LOCAL_SOURCE)))
            .with_deleted();
        let mut batches = snapshot.scan(scan).await?;
        while let Some(rows) = batches.next().await {
            for row in rows?.iter() {
                found.push_row(row.values());
            }
        }
    }
    Ok(found)
}
