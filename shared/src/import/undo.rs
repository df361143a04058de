use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    Counts, ImportError,
    checkpoint::{Checkpoint, moved},
    finding::{At, Finding, Severity},
    here::Here,
    ledger::Ledger,
    referred,
    steps::{counts_of, end_in_error, entry, event_id, event_of_first, state_key},
    tables::{MAX_FINDINGS, problem_rows, problems},
};
use crate::{
    SubscriptionId,
    catalog::{self, Table},
    control::{By, Import, ImportId, ImportStatus},
    journal,
    services::Services,
    warehouse::{
        Admit, Filter, Load, Outcome, Rule, Scan, Warehouse, Write, internal, restoration,
    },
};

/// The phase of what undoing finds, the name of its checkpoint, and the path that its loads come by.
pub(super) const UNDO: &str = "undo";

/// Rows taken back in one commit.
const PAGE: u64 = 1_000;

/// How far undoing has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    started_at: DateTime<Utc>,
    /// Tables that are done, children first.
    tables: usize,
    /// The last key of the table that is under way.
    after: Option<String>,
    findings: u64,
    /// Whether the event of the personal-data log is written.
    #[serde(default)]
    logged: bool,
    counts: Counts,
    done: bool,
}

/// Takes an import back, as far as it was applied, children first: rows that it made are erased, and rows that it changed
/// become what they were. A row that somebody touched since, or that a row needs which stays, is left and listed in the
/// report.
///
/// Broken off, it goes on after the last page that was committed. The personal-data log keeps its lines and gets one for
/// the undoing.
pub async fn undo(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<Import, ImportError> {
    let import = services.control.imports(subscription).get(id).await?;
    if import.status == ImportStatus::Undone {
        return Ok(import);
    }
    let mut tx = services.control.begin().await?;
    let import = tx
        .imports(subscription)
        .undoing(id, By::Work, services.clock.now())
        .await?;
    tx.commit().await?;
    match take_back(services, subscription, &import).await {
        Ok(counts) => {
            let counts = serde_json::to_value(counts).map_err(ImportError::Checkpoint)?;
            let mut tx = services.control.begin().await?;
            let import = tx
                .imports(subscription)
                .undone(id, &counts, services.clock.now())
                .await?;
            tx.commit().await?;
            Ok(import)
        }
        Err(error) => end_in_error(services, subscription, &import, error).await,
    }
}

async fn take_back(
    services: &Services,
    subscription: &SubscriptionId,
    import: &Import,
) -> Result<Counts, ImportError> {
    let warehouse = services.warehouses.open(subscription);
    let kept = warehouse.state(&state_key(&import.id, UNDO)).await?;
    let progress = kept
        .clone()
        .map(serde_json::from_value)
        .transpose()
        .map_err(ImportError::Checkpoint)?;
    let counts = match Checkpoint::load(&warehouse, &import.id).await? {
        Some((applied, _)) => applied.counts,
        None => counts_of(import),
    };
    let mut undoing = Undoing {
        services,
        import,
        loads: loads_of(&warehouse, &import.id).await?,
        warehouse,
        progress: progress.unwrap_or_else(|| Progress {
            started_at: services.clock.now(),
            tables: 0,
            after: None,
            findings: 0,
            logged: false,
            counts,
            done: false,
        }),
        kept,
    };
    if !undoing.progress.done {
        let first = undoing.progress.tables;
        for table in catalog::tables_of(catalog::TableGroup::RepairShop)
            .rev()
            .skip(first)
        {
            undoing.table(table).await?;
        }
        undoing.finish().await?;
    }
    Ok(undoing.progress.counts)
}

struct Undoing<'a> {
    services: &'a Services,
    import: &'a Import,
    warehouse: Warehouse,
    loads: BTreeSet<i64>,
    progress: Progress,
    /// The progress as the warehouse keeps it.
    kept: Option<Json>,
}

/// One row to be taken back: its key, and what it was.
struct Entry {
    key: String,
    id: String,
    image: Option<String>,
}

impl Undoing<'_> {
    async fn table(&mut self, table: &std::sync::Arc<Table>) -> Result<(), ImportError> {
        let mut needed = None;
        loop {
            let page = self.page(table).await?;
            let Some(last) = page.last().map(|entry| entry.key.clone()) else {
                self.progress.tables += 1;
                self.progress.after = None;
                return self.commit(Vec::new()).await;
            };
            if needed.is_none() && page.iter().any(|entry| entry.image.is_none()) {
                needed = Some(self.referred(table).await?);
            }
            self.progress.after = Some(last);
            let (entries, findings) = self.unneeded(table, page, needed.as_ref())?;
            let writes = self.restore(table, entries, findings).await?;
            self.commit(writes).await?;
        }
    }

    async fn page(&self, table: &Table) -> Result<Vec<Entry>, ImportError> {
        let of_table = Filter::equal("import", self.import.id.as_str())
            .and(Filter::equal("table", table.name.as_ref()));
        let mut scan = Scan::of(internal::undo())
            .columns(["key", "image"])
            .filter(of_table)
            .limit(PAGE);
        if let Some(after) = &self.progress.after {
            scan = scan.after(vec![
                self.import.id.as_str().into(),
                table.name.as_ref().into(),
                after.as_str().into(),
            ]);
        }
        let mut entries = Vec::new();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        while let Some(rows) = batches.next().await {
            for row in rows?.iter() {
                let key = row.get(0).as_str().unwrap_or_default().to_owned();
                let id = id_of(&key).unwrap_or_default();
                entries.push(Entry {
                    key,
                    id,
                    image: row.get(1).as_str().map(str::to_owned),
                });
            }
        }
        Ok(entries)
    }

    /// Which rows of the table other rows refer to.
    async fn referred(&self, table: &Table) -> Result<Ledger, ImportError> {
        let here = Here::new(self.warehouse.clone());
        let folder = self.services.settings.work_dir.clone();
        let name = table.name.to_string();
        let gathered = tokio::task::spawn_blocking(move || referred::gather(&here, &folder, &name));
        gathered.await.map_err(|_| ImportError::Stopped)?
    }

    /// The entries that can be taken back, and findings about rows that stay because others refer to them.
    fn unneeded(
        &mut self,
        table: &Table,
        page: Vec<Entry>,
        needed: Option<&Ledger>,
    ) -> Result<(Vec<Entry>, Vec<Finding>), ImportError> {
        let mut findings = Vec::new();
        let mut entries = Vec::with_capacity(page.len());
        for entry in page {
            let made = entry.image.is_none();
            if made && needed.map_or(Ok(false), |needed| needed.knows(&table.name, &entry.id))? {
                self.progress.counts.table(&table.name).kept += 1;
                let at = At {
                    id: Some(&entry.id),
                    line: None,
                };
                findings.push(Finding::of(
                    Severity::Warning,
                    "undo_needed",
                    &table.name,
                    &at,
                ));
                continue;
            }
            entries.push(entry);
        }
        Ok((entries, findings))
    }

    async fn restore(
        &mut self,
        table: &std::sync::Arc<Table>,
        entries: Vec<Entry>,
        mut findings: Vec<Finding>,
    ) -> Result<Vec<Write>, ImportError> {
        let rule = Rule::Undo {
            loads: self.loads.clone(),
        };
        let pairs = entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.image.as_deref()));
        let mut writes = Vec::new();
        for mut admit in restoration(table, &rule, pairs)? {
            admit.personal_data_event = Some(event_id(&self.import.id, UNDO));
            let outcomes = self
                .warehouse
                .weigh(copy(&admit), self.progress.started_at)
                .await?;
            self.progress
                .counts
                .table(&table.name)
                .add_undone(&outcomes);
            findings.extend(touched(&admit, &outcomes));
            writes.push(Write::Admit(admit));
        }
        if !findings.is_empty() && self.progress.findings < MAX_FINDINGS {
            let rows = problem_rows(
                self.import.id.as_str(),
                UNDO,
                self.progress.findings,
                &findings,
            );
            self.progress.findings += rows.len() as u64;
            writes.push(Write::Insert {
                table: problems().clone(),
                rows,
            });
        }
        self.progress.counts.findings += findings.len() as u64;
        Ok(writes)
    }

    async fn commit(&mut self, mut writes: Vec<Write>) -> Result<(), ImportError> {
        let event = event_id(&self.import.id, UNDO);
        let (logged, at) = (&mut self.progress.logged, self.progress.started_at);
        let first = event_of_first(logged, &writes, self.import, &event, UNDO, at);
        writes.extend(first);
        let value = serde_json::to_value(&self.progress).map_err(ImportError::Checkpoint)?;
        moved(
            &self.import.id,
            UNDO,
            self.kept.take(),
            value.clone(),
            &mut writes,
        );
        let load = Load {
            origin: UNDO,
            run: self.import.id.to_string(),
            observed_at: self.progress.started_at,
            writes,
            quota: None,
        };
        self.warehouse.commit(load).await?;
        self.kept = Some(value);
        Ok(())
    }

    /// The last load: later imports find nothing of this one, and the journal is told.
    async fn finish(&mut self) -> Result<(), ImportError> {
        self.progress.done = true;
        let noted = entry(
            self.services,
            self.import,
            journal::Severity::Info,
            "import.undone",
            &self.progress.counts,
            None,
        );
        let joined = Filter::equal("import", self.import.id.as_str());
        self.commit(vec![
            Write::Remove {
                table: internal::merged_ids().clone(),
                filter: joined,
                limit: None,
            },
            journal::emit(&noted).map_err(ImportError::Checkpoint)?,
        ])
        .await
    }
}

/// The loads that an import committed.
async fn loads_of(warehouse: &Warehouse, import: &ImportId) -> Result<BTreeSet<i64>, ImportError> {
    let of_import =
        Filter::equal("run", import.as_str()).and(Filter::equal("origin", super::apply::ORIGIN));
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot
        .scan(
            Scan::of(internal::loads())
                .columns(["id"])
                .filter(of_import),
        )
        .await?;
    let mut loads = BTreeSet::new();
    while let Some(rows) = batches.next().await {
        loads.extend(rows?.iter().filter_map(|row| row.get(0).as_integer()));
    }
    Ok(loads)
}

fn touched(admit: &Admit, outcomes: &[Outcome]) -> Vec<Finding> {
    let id_at = admit.columns.iter().position(|column| column == "id");
    let left = admit
        .rows
        .iter()
        .zip(outcomes)
        .filter(|(_, outcome)| **outcome == Outcome::Touched);
    left.map(|(row, _)| {
        let at = At {
            id: id_at.and_then(|at| row.get(at).as_str()),
            line: None,
        };
        Finding::of(Severity::Warning, "undo_touched", &admit.table.name, &at)
    })
    .collect()
}

/// The id in a key as images have it: a JSON array of the source and the row's key.
fn id_of(key: &str) -> Option<String> {
    let parts: Vec<Json> = serde_json::from_str(key).ok()?;
    parts.get(1)?.as_str().map(str::to_owned)
}

/// The same admission once more.
pub(super) fn copy(admit: &Admit) -> Admit {
    Admit {
        table: admit.table.clone(),
        source_id: admit.source_id.clone(),
        columns: admit.columns.clone(),
        rows: admit.rows.clone(),
        rule: admit.rule.clone(),
        undo: admit.undo.clone(),
        personal_data_event: admit.personal_data_event.clone(),
        children: Vec::new(),
        filter: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_read_out_of_a_key() {
        assert_eq!(id_of(r#"["local","shop:c1"]"#).as_deref(), Some("shop:c1"));
        assert_eq!(id_of("x"), None);
    }
}
