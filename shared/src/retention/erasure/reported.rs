//! Rows of reports.

use std::{collections::BTreeSet, sync::Arc};

use futures::TryStreamExt;
use serde_json::Value as Json;

use super::{Erasure, RetentionError};
use crate::{
    catalog::{self, Table},
    control::ReportKind,
    warehouse::{Filter, Row, Rows, Scan, ValueRef, people_of},
    yclients::reports::{self, RECORD},
};

/// What a person can be known by in rows that do not name their id: telephone and e-mail, as they were.
pub(super) type Traits = BTreeSet<String>;

/// Texts shorter than this say nothing about a person.
const SHORTEST: usize = 5;

impl Erasure<'_> {
    /// What the person can be known by; nothing once their row is emptied.
    pub(super) async fn traits(&self) -> Result<Traits, RetentionError> {
        let mut traits = Traits::new();
        let Some(table) = catalog::table(self.person.table) else {
            return Ok(traits);
        };
        let scan = Scan::of(table)
            .columns(["phone", "email"])
            .filter(Filter::equal("id", self.key.clone()))
            .with_deleted();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            let texts = batch.iter().flat_map(|row| [row.get(0), row.get(1)]);
            let texts = texts.filter_map(ValueRef::as_str);
            traits.extend(
                texts
                    .filter(|text| text.len() >= SHORTEST)
                    .map(str::to_owned),
            );
        }
        Ok(traits)
    }

    /// Empties the rows of reports that speak of the person: those with the client's id, those of the client's records, and
    /// those with the client's telephone or e-mail.
    pub(super) async fn reports(&mut self, traits: &Traits) -> Result<(), RetentionError> {
        if self.person.table != "yclients_clients" {
            return Ok(());
        }
        if let Some(table) = catalog::table("yclients_reports") {
            let person = self.person.clone();
            self.reported(table, |row, content| {
                let body = row.get(content).as_str()?;
                let body: Json = serde_json::from_str(body).ok()?;
                people_of(None, &body).contains(&person).then_some(())
            })
            .await?;
        }
        let control = &self.services.control;
        let kept = control.reports(self.subscription);
        for table in reports::tables(control, self.subscription).await? {
            let of = kept.table(&table.name).await?;
            let kind = match of {
                Some(of) => kept.get(&of.report_id).await.ok().map(|report| report.kind),
                None => None,
            };
            self.report_table(&table, kind, traits).await?;
        }
        Ok(())
    }

    async fn report_table(
        &mut self,
        table: &Arc<Table>,
        kind: Option<ReportKind>,
        traits: &Traits,
    ) -> Result<(), RetentionError> {
        let records = self.rows.get(records_of(kind)).cloned().unwrap_or_default();
        let id = self.person.id.clone();
        let record = table.position(RECORD);
        let ids: Vec<usize> = positions(table, |name, _| {
            name == "client_id" || name.ends_with("_client_id")
        });
        let personal: Vec<usize> = positions(table, |_, personal| personal);
        self.reported(table, |row, _| {
            let says = |position: &usize| match row.get(*position) {
                ValueRef::Integer(number) => number.to_string() == id,
                ValueRef::Text(text) => text == id,
                _ => false,
            };
            let is_record = record
                .and_then(|record| row.get(record).as_str())
                .is_some_and(|record| records.contains(record));
            let has_trait = || {
                let texts = personal.iter().filter_map(|at| row.get(*at).as_str());
                texts.into_iter().any(|text| traits.contains(text))
            };
            (ids.iter().any(says) || is_record || has_trait()).then_some(())
        })
        .await
    }

    /// Empties the rows that are theirs. The test is given the row and where its last column is.
    async fn reported(
        &mut self,
        table: &Arc<Table>,
        is_theirs: impl Fn(Row<'_>, usize) -> Option<()>,
    ) -> Result<(), RetentionError> {
        let declared = table.columns.iter().map(|column| column.name.to_string());
        let key = table.primary_key().map(str::to_owned);
        let scan = Scan::of(table).columns(declared.chain(key)).with_deleted();
        let width = table.columns.len();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            let mut keys = Rows::new(table.key.len() + 1);
            for row in batch.iter() {
                if is_theirs(row, width - 1).is_some() {
                    keys.push_row(row.values().skip(width));
                }
            }
            if !keys.is_empty() {
                self.empty(table, keys).await?;
            }
        }
        Ok(())
    }
}

/// The table of the copy whose ids are the records of a report of this kind.
const fn records_of(kind: Option<ReportKind>) -> &'static str {
    match kind {
        Some(ReportKind::GoodsTransactions) => "yclients_goods_transactions",
        Some(ReportKind::FinanceTransactions) => "yclients_finance_transactions",
        Some(ReportKind::Documents) | None => "",
        Some(_) => "yclients_records",
    }
}

fn positions(table: &Table, wanted: impl Fn(&str, bool) -> bool) -> Vec<usize> {
    let columns = table.columns.iter().enumerate();
    columns
        .filter(|(_, column)| wanted(&column.name, column.personal))
        .map(|(position, _)| position)
        .collect()
}
