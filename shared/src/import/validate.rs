use std::collections::HashSet;

use futures::StreamExt;

use super::{
    Counts, ImportError,
    admits::{Admission, conflicts},
    file::LocalFile,
    finding::Finding,
    intake::{About, Intake, Piece, Tools},
    options::Options,
    portion::Portion,
    source::{self, keep_guess},
    spool::Spool,
    steps::end_in_error,
    tables::{problem_rows, problems},
    undo::copy,
};
use crate::{
    SubscriptionId, catalog,
    control::{By, ControlError, Import, ImportId, ImportStatus},
    progress::Progress,
    services::Services,
    warehouse::{Admit, Filter, Load, Outcome, Warehouse, Write},
};

/// The phase of what validating finds.
pub(super) const PHASE: &str = "validate";

/// Findings written in one commit.
const CHUNK: usize = 1_000;

/// Reads the whole file, compares every row with the warehouse and makes the preview. No table of the shop is written.
///
/// A file that cannot be taken as a whole makes the import fail, with the reason and the place in
/// [`Import::failure_details`]; the answer is then an import that has failed. An error is what may pass by itself.
pub async fn validate(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<Import, ImportError> {
    validate_watched(services, subscription, id, &Progress::default()).await
}

/// The same, watched: bytes of the file.
pub async fn validate_watched(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    progress: &Progress,
) -> Result<Import, ImportError> {
    let now = services.clock.now();
    let import = services.control.imports(subscription).get(id).await?;
    if matches!(
        import.status,
        ImportStatus::Previewed
            | ImportStatus::Applying
            | ImportStatus::Applied
            | ImportStatus::Undoing
            | ImportStatus::Undone
            | ImportStatus::Abandoned
    ) {
        // A redelivery of what was done before.
        return Ok(import);
    }
    let mut tx = services.control.begin().await?;
    let import = tx
        .imports(subscription)
        .validating(id, None, By::Work, now)
        .await?;
    tx.commit().await?;
    match compare(services, subscription, &import, progress).await {
        Ok(counts) => {
            let counts = serde_json::to_value(counts).map_err(ImportError::Checkpoint)?;
            let mut tx = services.control.begin().await?;
            let now = services.clock.now();
            let mut imports = tx.imports(subscription);
            match imports.previewed(id, import.asked, &counts, now).await {
                Ok(import) => {
                    tx.commit().await?;
                    Ok(import)
                }
                // Another mapping was chosen meanwhile: its own message makes its preview.
                Err(ControlError::Transition { .. }) => {
                    drop(tx);
                    Ok(services.control.imports(subscription).get(id).await?)
                }
                Err(error) => Err(error.into()),
            }
        }
        Err(error) => end_in_error(services, subscription, &import, error).await,
    }
}

async fn compare(
    services: &Services,
    subscription: &SubscriptionId,
    import: &Import,
    progress: &Progress,
) -> Result<Counts, ImportError> {
    let warehouse = services.warehouses.open(subscription);
    let file = LocalFile::of(services, import).await?;
    keep_guess(services, import, &file).await?;
    progress.expect(size_of(import));
    let mut weighing = Weighing {
        warehouse: &warehouse,
        subscription,
        options: Options::of(import)?,
        observed_at: services.clock.now(),
        about: About::default(),
        counts: Counts {
            sha256: file.sha256.clone(),
            ..Counts::default()
        },
        spool: Spool::create(&services.settings.work_dir)?,
        empty: empty_tables(&warehouse).await?,
    };
    let tools = Tools {
        merge: import.merge,
        progress: progress.clone(),
        ..source::tools(services, subscription).await?
    };
    let mut intake = source::begin(services, import, file, tools).await?;
    let weighed = weighing.take_all(&mut intake).await;
    // When both sides ended in an error, the reader's is the cause; that its channel closed is only a consequence.
    match (intake.end().await, weighed) {
        (Err(ImportError::Stopped), Err(error)) => return Err(error),
        (Err(error), _) => return Err(error),
        (Ok(()), weighed) => weighed?,
    }
    let now = services
        .control
        .imports(subscription)
        .get(&import.id)
        .await?;
    if now.asked != import.asked {
        // The findings of another mapping are not to stand in the place of those of this one.
        return Ok(weighing.counts);
    }
    write_findings(&warehouse, import, weighing.observed_at, weighing.spool).await?;
    Ok(weighing.counts)
}

/// Bytes of an import's file.
pub(super) fn size_of(import: &Import) -> u64 {
    import.size.unwrap_or_default().unsigned_abs()
}

struct Weighing<'a> {
    warehouse: &'a Warehouse,
    subscription: &'a SubscriptionId,
    options: Options,
    observed_at: chrono::DateTime<chrono::Utc>,
    about: About,
    counts: Counts,
    spool: Spool,
    empty: HashSet<String>,
}

impl Weighing<'_> {
    async fn take_all(&mut self, intake: &mut Intake) -> Result<(), ImportError> {
        while let Some(piece) = intake.pieces.recv().await {
            match piece {
                Piece::Begun(about) => self.about = about,
                Piece::Portion(portion) => self.take(*portion).await?,
                Piece::Apart(apart) => {
                    self.counts.refused(&apart.refused);
                    self.note(&apart.findings)?;
                }
            }
        }
        Ok(())
    }

    async fn take(&mut self, mut portion: Portion) -> Result<(), ImportError> {
        self.counts.portion(&portion);
        self.note(&portion.findings)?;
        let admission = Admission::new(&self.about, self.subscription, self.options.conflict);
        let lines = std::mem::take(&mut portion.lines);
        if let Some(admit) = admission.own_rows(&mut portion) {
            let (outcomes, findings) = self.weigh(admit, &lines).await?;
            self.counts
                .table(&portion.table.name)
                .add(&outcomes, self.options.conflict);
            self.note(&findings)?;
        }
        for admit in admission.fillings(&mut portion) {
            let outcomes = vec![Outcome::Changed; admit.rows.len()];
            self.counts
                .table(&portion.table.name)
                .add(&outcomes, self.options.conflict);
        }
        Ok(())
    }

    async fn weigh(
        &self,
        admit: Admit,
        lines: &[u64],
    ) -> Result<(Vec<Outcome>, Vec<Finding>), ImportError> {
        if self.empty.contains(admit.table.name.as_ref()) {
            return Ok((vec![Outcome::New; admit.rows.len()], Vec::new()));
        }
        weigh(self.warehouse, admit, lines, self.observed_at)
            .await
            .map(|(_, outcomes, findings)| (outcomes, findings))
    }

    fn note(&mut self, findings: &[Finding]) -> Result<(), ImportError> {
        self.counts.note(findings);
        self.spool.add(findings)
    }
}

/// What would become of rows, and what those in conflict differ in; gives the rows back.
pub(super) async fn weigh(
    warehouse: &Warehouse,
    admit: Admit,
    lines: &[u64],
    observed_at: chrono::DateTime<chrono::Utc>,
) -> Result<(Admit, Vec<Outcome>, Vec<Finding>), ImportError> {
    let kept = copy(&admit);
    let outcomes = warehouse.weigh(admit, observed_at).await?;
    let findings = conflicts(warehouse, &kept, lines, &outcomes).await?;
    Ok((kept, outcomes, findings))
}

/// The shop's tables without any row: whatever comes into them is new.
pub(super) async fn empty_tables(warehouse: &Warehouse) -> Result<HashSet<String>, ImportError> {
    let snapshot = warehouse.snapshot().await?;
    let existing = snapshot.tables().await?;
    let mut empty = HashSet::new();
    for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
        let name = table.name.to_string();
        let first = crate::warehouse::Scan::of(table)
            .columns(["id"])
            .with_deleted()
            .limit(1);
        let mut rows = snapshot.scan(first).await?;
        let holds_any = existing.contains(&name)
            && rows
                .next()
                .await
                .transpose()?
                .is_some_and(|rows| !rows.is_empty());
        if !holds_any {
            empty.insert(name);
        }
    }
    Ok(empty)
}

/// Puts the findings of this validation in the place of those of an earlier one.
async fn write_findings(
    warehouse: &Warehouse,
    import: &Import,
    observed_at: chrono::DateTime<chrono::Utc>,
    spool: Spool,
) -> Result<(), ImportError> {
    let load = |writes| Load {
        origin: "import",
        run: import.id.to_string(),
        observed_at,
        writes,
        quota: None,
    };
    let before = Filter::equal("import", import.id.as_str()).and(Filter::equal("phase", PHASE));
    let remove = Write::Remove {
        table: problems().clone(),
        filter: before,
        limit: None,
    };
    warehouse.commit(load(vec![remove])).await?;
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut written = 0;
    let mut findings = spool.read()?;
    loop {
        chunk.clear();
        for finding in findings.by_ref().take(CHUNK) {
            chunk.push(finding?);
        }
        if chunk.is_empty() {
            return Ok(());
        }
        let rows = problem_rows(import.id.as_str(), PHASE, written, &chunk);
        written += chunk.len() as u64;
        warehouse
            .commit(load(vec![Write::Insert {
                table: problems().clone(),
                rows,
            }]))
            .await?;
    }
}
