//! Rows of reports.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::TryStreamExt;
use serde_json::Value as Json;
use wynos_base::exact;

use super::{Erasure, RetentionError};
use crate::{
    catalog::{self, Table, system},
    control::{ReportId, ReportKind, ReportTable},
    warehouse::{Filter, Row, Rows, Scan, ValueRef, people_of},
    yclients::reports::{self, RECORD},
};

/// What a person can be known by in rows that do not name their id: telephone and e-mail, as they were, without what
/// differs from one way of writing to another.
pub(super) type Traits = BTreeSet<String>;

/// Texts shorter than this say nothing about a person.
const SHORTEST: usize = 5;
/// Numbers of fewer digits can be anything.
const SHORTEST_NUMBER: usize = 10;

impl Erasure<'_> {
    /// What the person can be known by in reports; nothing once their row is emptied.
    pub(super) async fn traits(&self) -> Result<Traits, RetentionError> {
        let mut traits = Traits::new();
        let people = self.person.people;
        let declared = catalog::table(people.table()).filter(|_| people.are_clients());
        let Some(table) = declared else {
            return Ok(traits);
        };
        let snapshot = self.warehouse.snapshot().await?;
        let theirs = snapshot.counting(people, system::SOURCE_ID).await?;
        let scan = Scan::of(table)
            .columns(["phone", "email"])
            .filter(Filter::equal("id", self.key.clone()).and(theirs))
            .with_deleted()
            .tolerant();
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            let texts = batch.iter().flat_map(|row| [row.get(0), row.get(1)]);
            traits.extend(texts.filter_map(ValueRef::as_str).filter_map(plain));
        }
        Ok(traits)
    }

    /// Empties the rows of reports that speak of the person: those that know of whom their record speaks and, of rows that
    /// were written before they did, those with the client's id, those of the client's records, and those with the client's
    /// telephone or e-mail.
    pub(super) async fn reports(&mut self, traits: &Traits) -> Result<(), RetentionError> {
        if !self.person.people.are_clients() {
            return Ok(());
        }
        let control = &self.services.control;
        let reports = control.reports(self.subscription);
        let kinds = reports.kinds().await?;
        if let Some(table) = catalog::table("yclients_reports") {
            self.json_reports(table, &kinds, traits).await?;
        }
        for table in reports::tables(control, self.subscription).await? {
            let Some(of) = reports.table(&table.name).await? else {
                continue;
            };
            let kind = kinds.get(&of.report_id).copied();
            self.report_table(&table, &of, kind, traits).await?;
        }
        Ok(())
    }

    /// The reports that keep records as they are, or chosen fields of them.
    async fn json_reports(
        &mut self,
        table: &Arc<Table>,
        kinds: &BTreeMap<ReportId, ReportKind>,
        traits: &Traits,
    ) -> Result<(), RetentionError> {
        let (person, rows) = (self.person.clone(), self.rows.clone());
        let position = |name: &str| table.columns.iter().position(|column| column.name == name);
        let places = (position("report"), position("key"), position("content"));
        let (Some(report), Some(key), Some(content)) = places else {
            return Ok(());
        };
        self.reported(table, |row| {
            let body = row.get(content).as_str();
            let body: Option<Json> = body.and_then(|body| exact::from_str(body).ok());
            let Some(body) = body else {
                return false;
            };
            let kind = row
                .get(report)
                .as_str()
                .and_then(|id| kinds.get(&id.parse().ok()?));
            let is_record = row.get(key).as_str().is_some_and(|key| {
                let records = rows.get(records_of(kind.copied()));
                records.is_some_and(|records| records.contains(key))
            });
            is_record
                || people_of(person.people, None, &body).contains(&person)
                || says_any(&body, traits)
        })
        .await
    }

    async fn report_table(
        &mut self,
        table: &Arc<Table>,
        of: &ReportTable,
        kind: Option<ReportKind>,
        traits: &Traits,
    ) -> Result<(), RetentionError> {
        let named = reports::client_columns(of);
        let records = self.rows.get(records_of(kind)).cloned().unwrap_or_default();
        let id = self.person.id.clone();
        let record = table.position(RECORD);
        let ids: Vec<usize> = positions(table, |name, _| named.contains(name));
        let personal: Vec<usize> = positions(table, |_, personal| personal);
        self.reported(table, |row| {
            let says = |position: &usize| match row.get(*position) {
                ValueRef::Integer(number) => number.to_string() == id,
                ValueRef::Text(text) => text == id,
                _ => false,
            };
            let is_record = record
                .and_then(|record| row.get(record).as_str())
                .is_some_and(|record| records.contains(record));
            let has_trait = |position: &usize| match row.get(*position) {
                ValueRef::Integer(number) => has_number(number, traits),
                ValueRef::Json(text) => {
                    let json = exact::from_str(text).unwrap_or_default();
                    says_any(&json, traits)
                }
                value => value.as_str().is_some_and(|text| has_text(text, traits)),
            };
            ids.iter().any(says) || is_record || personal.iter().any(has_trait)
        })
        .await
    }

    /// Empties the rows that are theirs. Where the key of one cannot be read, all of the table go whose key cannot: nothing
    /// tells them apart, and the next run of the report makes them anew.
    async fn reported(
        &mut self,
        table: &Arc<Table>,
        is_theirs: impl Fn(Row<'_>) -> bool,
    ) -> Result<(), RetentionError> {
        let declared = table.columns.iter().map(|column| column.name.to_string());
        let key = table.primary_key().map(str::to_owned);
        let width = table.columns.len();
        let snapshot = self.warehouse.snapshot().await?;
        let theirs = snapshot
            .counting(self.person.people, system::SOURCE_ID)
            .await?;
        let people = [system::PEOPLE.to_owned()];
        let scan = Scan::of(table)
            .columns(declared.chain(people).chain(key))
            .filter(theirs.clone())
            .with_deleted()
            .tolerant();
        let (mut unnamed, mut any_theirs) = (0, false);
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            let mut keys = Rows::new(table.key.len() + 1);
            for row in batch.iter() {
                let is_named = (width + 1..row.width()).all(|at| !row.is_unreadable(at));
                unnamed += u64::from(!is_named);
                let mut named = row.get(width).as_str().unwrap_or_default().split(' ');
                if named.any(|id| id == self.person.id) || is_theirs(row) {
                    if is_named {
                        keys.push_row(row.values().skip(width + 1));
                    } else {
                        any_theirs = true;
                    }
                }
            }
            self.empty(table, keys).await?;
        }
        drop((batches, snapshot));
        let erased = if any_theirs { unnamed } else { 0 };
        self.erase_unnamed(table, theirs, erased).await
    }
}

/// The table of the copy whose ids are the records of a report of this kind.
const fn records_of(kind: Option<ReportKind>) -> &'static str {
    match kind {
        Some(ReportKind::Consumables) => "yclients_records",
        Some(ReportKind::GoodsTransactions) => "yclients_goods_transactions",
        Some(ReportKind::FinanceTransactions) => "yclients_finance_transactions",
        Some(ReportKind::Documents | ReportKind::RecordCategories | ReportKind::Services)
        | None => "",
    }
}

/// A text without what differs from one way of writing to another: of telephones the digits, else small letters. `None`
/// where it says nothing about a person.
fn plain(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text
        .chars()
        .all(|sign| sign.is_ascii_digit() || " +-()./\u{a0}".contains(sign));
    let plain = if is_number {
        digits
    } else {
        text.trim().to_lowercase()
    };
    (plain.len() >= SHORTEST).then_some(plain)
}

fn has_text(text: &str, traits: &Traits) -> bool {
    plain(text).is_some_and(|text| traits.contains(&text))
}

fn has_number(number: i64, traits: &Traits) -> bool {
    let text = number.to_string();
    text.len() >= SHORTEST_NUMBER && traits.contains(&text)
}

/// Whether anything in a body is one of the traits.
fn says_any(body: &Json, traits: &Traits) -> bool {
    match body {
        Json::String(text) => has_text(text, traits),
        Json::Number(number) => number
            .as_i64()
            .is_some_and(|number| has_number(number, traits)),
        Json::Array(items) => items.iter().any(|item| says_any(item, traits)),
        Json::Object(fields) => fields.values().any(|value| says_any(value, traits)),
        Json::Null | Json::Bool(_) => false,
    }
}

fn positions(table: &Table, wanted: impl Fn(&str, bool) -> bool) -> Vec<usize> {
    let columns = table.columns.iter().enumerate();
    columns
        .filter(|(_, column)| wanted(&column.name, column.personal))
        .map(|(position, _)| position)
        .collect()
}
