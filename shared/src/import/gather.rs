use std::sync::Arc;

use super::{
    ImportError,
    assay::Assay,
    here::Here,
    keys,
    ledger::{Joined, Ledger},
};
use crate::{
    catalog::{self, Table, repair_shop, system},
    warehouse::{Filter, Operator, Scan, internal},
};

/// What must be known of the warehouse before the first row of a file is looked at.
impl Assay {
    /// What is remembered of the file and of the warehouse.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The warehouse.
    pub const fn here(&self) -> &Here {
        &self.here
    }

    pub(super) fn gather_fields(&self) -> Result<(), ImportError> {
        let Some(table) = catalog::table("custom_fields") else {
            return Ok(());
        };
        self.here
            .each(Scan::of(table).columns(["id", "form", "type"]), |row| {
                let [id, form, ty] =
                    [0, 1, 2].map(|column| row.get(column).as_str().unwrap_or_default());
                self.ledger.add_field(id, form, ty == repair_shop::PASSWORD)
            })
    }

    pub(super) fn gather_joined(&mut self) -> Result<(), ImportError> {
        let Self { here, ledger, .. } = self;
        let scan =
            Scan::of(internal::merged_ids()).columns(["table", "origin_id", "local_id", "digest"]);
        here.each(scan, |row| {
            let [table, origin_id, local_id] =
                [0, 1, 2].map(|column| row.get(column).as_str().unwrap_or_default());
            let digest = row.get(3).as_str().map(str::to_owned);
            ledger.join(
                table,
                origin_id,
                &Joined {
                    local_id: local_id.to_owned(),
                    digest,
                },
            )
        })
    }

    pub(super) fn gather_keys(&self, table: &Arc<Table>) -> Result<(), ImportError> {
        let Some(columns) = keys::columns_of(&table.name) else {
            return Ok(());
        };
        let mut scan =
            Scan::of(table).columns(std::iter::once("id").chain(columns.iter().copied()));
        if let Some(before) = self.terms.before {
            scan = scan.filter(Filter::compare(system::RECEIVED_AT, Operator::Less, before));
        }
        self.here.each(scan, |row| {
            let id = row.get(0).as_str().unwrap_or_default();
            let get = |name: &str| {
                let position = columns.iter().position(|column| *column == name)?;
                row.get(position + 1).as_str()
            };
            for (kind, key) in keys::of(&table.name, self.terms.home, get) {
                self.ledger.add_key(&table.name, kind, &key, id)?;
            }
            Ok(())
        })
    }
}
