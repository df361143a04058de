use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::StreamExt;
use serde_json::Value as Json;

use super::{Filter, Scan, Snapshot, Value, ValueRef, WarehouseError};
use crate::catalog::{self, Column, ColumnType, Table, TableGroup, repair_shop, system};

/// The most rows that go together with one row.
const MOST_TOGETHER: usize = 10_000;
/// Ids asked for in one condition.
const IDS_AT_ONCE: usize = 500;

/// What other rows mean for deleting a row of the shop's own.
#[derive(Debug)]
pub enum Dependents {
    /// Nothing stands in the way: these rows go, the row itself and those that cannot do without it, by table.
    Go(Vec<(&'static Arc<Table>, BTreeSet<String>)>),
    /// Rows that can do without it, and that nobody asked to change, refer to it or to what goes with it.
    Needed {
        /// Their table.
        table: &'static Arc<Table>,
        /// One of them.
        id: String,
    },
    /// More rows of this table belong to it than go at once.
    TooMany {
        /// Their table.
        table: &'static Arc<Table>,
    },
}

/// Ids by table.
type Going = BTreeMap<&'static str, BTreeSet<String>>;

impl Snapshot {
    /// What hangs on the shop's own row of this id: addresses go with their customer, while a repair keeps the customer
    /// that it names. Custom values and the records of lists count as references too.
    pub async fn dependents(&self, table: &Table, id: &str) -> Result<Dependents, WarehouseError> {
        let mut going = Going::new();
        let tables: Vec<_> = catalog::tables_of(TableGroup::RepairShop).collect();
        // A table comes after those that it refers to.
        for other in &tables {
            if other.name == table.name {
                going.insert(&other.name, BTreeSet::from([id.to_owned()]));
                continue;
            }
            let mut ids = BTreeSet::new();
            for (column, targets) in references(&other.columns, &going) {
                if column.required {
                    self.ids_of(other, column, targets, &mut ids).await?;
                }
            }
            if ids.len() > MOST_TOGETHER {
                return Ok(Dependents::TooMany { table: other });
            }
            if !ids.is_empty() {
                going.insert(&other.name, ids);
            }
        }
        for other in &tables {
            if let Some(id) = self.needs(other, &going).await? {
                return Ok(Dependents::Needed { table: other, id });
            }
        }
        let named = |table: &'static Arc<Table>| Some((table, going.remove(&*table.name)?));
        Ok(Dependents::Go(
            tables.into_iter().filter_map(named).collect(),
        ))
    }

    /// A row of the table that stays and refers to one that goes.
    async fn needs(
        &self,
        table: &'static Arc<Table>,
        going: &Going,
    ) -> Result<Option<String>, WarehouseError> {
        let own = going.get(&*table.name);
        let stays = |id: &String| !own.is_some_and(|going| going.contains(id));
        for (column, targets) in references(&table.columns, going) {
            let mut ids = BTreeSet::new();
            self.ids_of(table, column, targets, &mut ids).await?;
            if let Some(id) = ids.into_iter().find(stays) {
                return Ok(Some(id));
            }
        }
        for column in &table.columns {
            if !may_refer(column, going) {
                continue;
            }
            let filter = local().and(Filter::IsNotNull(column.name.to_string()));
            let scan = Scan::of(table)
                .columns(["id", column.name.as_ref()])
                .filter(filter);
            let mut batches = self.scan(scan).await?;
            while let Some(batch) = batches.next().await {
                let batch = batch?;
                let found = batch.iter().find_map(|row| {
                    let id = row.get(0).as_str()?.to_owned();
                    let json: Json = serde_json::from_str(row.get(1).as_str()?).ok()?;
                    (stays(&id) && refers(&column.ty, &json, going)).then_some(id)
                });
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// Adds the ids of living rows whose column names one of the targets; at most some more than may go together.
    async fn ids_of(
        &self,
        table: &Arc<Table>,
        column: &Column,
        targets: &BTreeSet<String>,
        into: &mut BTreeSet<String>,
    ) -> Result<(), WarehouseError> {
        let targets: Vec<&String> = targets.iter().collect();
        for some in targets.chunks(IDS_AT_ONCE) {
            let named = Filter::In {
                column: column.name.to_string(),
                values: some.iter().map(|id| Value::from(id.as_str())).collect(),
            };
            let scan = Scan::of(table)
                .columns(["id"])
                .filter(local().and(named))
                .limit(MOST_TOGETHER as u64 + 1);
            let mut batches = self.scan(scan).await?;
            while let Some(batch) = batches.next().await {
                let batch = batch?;
                let ids = batch.iter().map(|row| row.get(0));
                into.extend(ids.filter_map(ValueRef::as_str).map(str::to_owned));
            }
            if into.len() > MOST_TOGETHER {
                break;
            }
        }
        Ok(())
    }
}

fn local() -> Filter {
    Filter::equal(system::SOURCE_ID, repair_shop::LOCAL_SOURCE)
}

/// The columns that refer to a table of which rows go, with those rows.
fn references<'a>(
    columns: &'a [Column],
    going: &'a Going,
) -> impl Iterator<Item = (&'a Column, &'a BTreeSet<String>)> {
    columns.iter().filter_map(|column| {
        let target = column.reference.as_deref()?;
        Some((column, going.get(target)?))
    })
}

/// Whether the values in a column can refer to rows that go, other than by being an id.
fn may_refer(column: &Column, going: &Going) -> bool {
    match &column.ty {
        ColumnType::CustomValues => going.contains_key("custom_fields"),
        ColumnType::List { fields, .. } => {
            references(fields, going).next().is_some()
                || fields.iter().any(|field| may_refer(field, going))
        }
        _ => false,
    }
}

fn refers(ty: &ColumnType, json: &Json, going: &Going) -> bool {
    match (ty, json) {
        (ColumnType::CustomValues, Json::Object(values)) => going
            .get("custom_fields")
            .is_some_and(|fields| values.keys().any(|field| fields.contains(field))),
        (ColumnType::List { fields, .. }, Json::Array(records)) => records.iter().any(|record| {
            let text = |field: &Column| record.get(&*field.name).and_then(Json::as_str);
            references(fields, going)
                .any(|(field, ids)| text(field).is_some_and(|id| ids.contains(id)))
                || fields.iter().any(|field| {
                    let inside = record.get(&*field.name);
                    inside.is_some_and(|inside| refers(&field.ty, inside, going))
                })
        }),
        _ => false,
    }
}
