//! What a run learnt of the records: kept with the report, and told.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Refresh, Variant, broken};
use crate::{
    control::{Actor, Tx},
    journal::Severity,
    planner::WorkError,
    yclients::reports::{Paths, TableShape, manage::entry, variant_name},
};

/// The most new fields that are offered.
const MOST_OFFERED: usize = 500;

impl Refresh<'_> {
    /// Keeps what was learnt of the records: variant columns that they needed, and fields that are new.
    pub(super) async fn note(&mut self) -> Result<(), WorkError> {
        let mut known: Paths =
            serde_json::from_value(self.report.known_paths.clone()).map_err(|_| broken())?;
        let mut offered = self.report.offered_paths.clone();
        let new: Vec<String> = self
            .progress
            .paths
            .beyond(&known)
            .map(ToString::to_string)
            .collect();
        // Where a sample had no records, nothing is new.
        let told: Vec<&String> = new
            .iter()
            .filter(|path| !known.is_empty() && !offered.contains(path))
            .collect();
        let told: Vec<String> = told.into_iter().cloned().collect();
        let variants = self.progress.variants.clone();
        if new.is_empty() && variants.is_empty() {
            return Ok(());
        }
        let now = self.services.clock.now();
        let subscription = &self.task.job.subscription_id;
        let mut tx = self.services.control.begin().await?;
        if !new.is_empty() {
            offered.extend(told.iter().cloned());
            offered.truncate(MOST_OFFERED);
            // Of what is offered it is known what was met there: a column for it has that type.
            known.adopt(&self.progress.paths);
            let known = serde_json::to_value(known).map_err(|_| broken())?;
            tx.reports(subscription)
                .note_paths(&self.report.id, &known, &offered, now)
                .await?;
        }
        if !told.is_empty() {
            let mut entry = entry(&self.report, "report.fields", &Actor::System, now);
            entry.details = json!({ "report": self.report.id, "name": self.report.name, "fields": told.join(", ") });
            entry.dedupe_key = format!("report.fields:{}:{}", self.report.id, self.run);
            tx.append_journal(subscription, &entry).await?;
        }
        for variant in &variants {
            let mut entry = entry(&self.report, "report.variant", &Actor::System, now);
            let (table, column) = (&variant.table, variant_name(&variant.column, variant.ty));
            entry.severity = Severity::Warning;
            entry.details = json!({
                "report": self.report.id, "name": self.report.name, "table": table, "column": variant.column,
                "variant": column,
            });
            entry.dedupe_key = format!("report.variant:{}:{table}:{column}", self.report.id);
            tx.append_journal(subscription, &entry).await?;
        }
        self.note_variants(&mut tx).await?;
        tx.commit().await?;
        self.report.offered_paths = offered;
        Ok(())
    }

    /// Tells of tables whose rows could not be read of some records, and stay: once in a run, before its rows are exchanged.
    pub(super) async fn note_unread(&self) -> Result<(), WorkError> {
        if self.progress.unread.is_empty() {
            return Ok(());
        }
        let now = self.services.clock.now();
        let subscription = &self.task.job.subscription_id;
        let mut tx = self.services.control.begin().await?;
        for (table, unread) in &self.progress.unread {
            let mut entry = entry(&self.report, "report.unread", &Actor::System, now);
            entry.severity = Severity::Warning;
            entry.details = json!({
                "report": self.report.id, "name": self.report.name, "table": table, "path": unread.path,
                "records": unread.count(),
            });
            entry.dedupe_key = format!("report.unread:{}:{table}", self.run);
            tx.append_journal(subscription, &entry).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Adds the variant columns to the tables as they are now: somebody may have added other columns since the run began.
    async fn note_variants(&self, tx: &mut Tx) -> Result<(), WorkError> {
        let subscription = &self.task.job.subscription_id;
        let mut by_table: BTreeMap<&str, Vec<&Variant>> = BTreeMap::new();
        for variant in &self.progress.variants {
            by_table.entry(&variant.table).or_default().push(variant);
        }
        let id = &self.report.id;
        for (table, variants) in by_table {
            let structure = tx.reports(subscription).structure(id, table).await?;
            let mut shape: TableShape = serde_json::from_value(structure).map_err(|_| broken())?;
            for variant in variants {
                shape.add_variant(&variant.column, variant.ty);
            }
            let structure = serde_json::to_value(&shape).map_err(|_| broken())?;
            tx.reports(subscription)
                .note_structure(id, table, &structure)
                .await?;
        }
        Ok(())
    }
}
