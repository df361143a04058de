use serde_json::Value as Json;

use super::{
    Counts, ImportError,
    admits::{Admission, remembered},
    checkpoint::{Checkpoint, STEP, moved, tell},
    file::LocalFile,
    finding::Finding,
    gathered::Gathered,
    intake::{About, Apart, Intake, Piece, Tools},
    options::Options,
    park::{MAX_PARKED, parked},
    portion::Portion,
    source,
    steps::{counts_of, end_in_error, entry, event_id, event_of_first},
    tables::{MAX_FINDINGS, problem_rows, problems},
    validate::{empty_tables, size_of, weigh},
};
use crate::{
    SubscriptionId,
    control::{By, Import, ImportId, ImportStatus},
    journal::{self, Severity},
    progress::Progress,
    services::Services,
    warehouse::{Admit, Load, Outcome, Warehouse, WarehouseError, Write},
};

/// The phase of what applying finds.
pub(super) const PHASE: &str = "apply";
/// The path that the loads come by.
pub(super) const ORIGIN: &str = "import";
/// The shared database is told how far it has come after this many loads.
const TELL_EVERY: u64 = 10;
/// A checkpoint that others move more often than this is left to them.
const MOST_TURNS: u32 = 5;

/// Writes the rows of a validated file, load by load, or goes on after the last load that was committed. Ends equal to an
/// uninterrupted run however often it is broken off.
///
/// A file that cannot be taken makes the import fail, with the reason in [`Import::failure_details`]; what was committed
/// stays, and can be taken back by undoing or completed by applying again. An error is what may pass by itself.
pub async fn apply(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<Import, ImportError> {
    apply_watched(services, subscription, id, &Progress::default()).await
}

/// The same, watched: bytes of the file, those that were settled before included.
pub async fn apply_watched(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    progress: &Progress,
) -> Result<Import, ImportError> {
    let import = services.control.imports(subscription).get(id).await?;
    if matches!(
        import.status,
        ImportStatus::Applied | ImportStatus::Undoing | ImportStatus::Undone
    ) {
        // A redelivery of what was done before.
        return Ok(import);
    }
    let mut tx = services.control.begin().await?;
    let import = tx
        .imports(subscription)
        .applying(id, By::Work, services.clock.now())
        .await?;
    tx.commit().await?;
    let mut turns = 0;
    let written = loop {
        turns += 1;
        match write(services, subscription, &import, progress).await {
            // Another worker, or the rest of an attempt that was broken off, came further: it goes on from there.
            Err(ImportError::Warehouse(WarehouseError::Moved { .. })) if turns < MOST_TURNS => {}
            written => break written,
        }
    };
    match written {
        Ok(counts) => {
            let counts = serde_json::to_value(counts).map_err(ImportError::Checkpoint)?;
            let mut tx = services.control.begin().await?;
            let import = tx
                .imports(subscription)
                .applied(id, &counts, services.clock.now())
                .await?;
            tx.commit().await?;
            Ok(import)
        }
        Err(error) => end_in_error(services, subscription, &import, error).await,
    }
}

async fn write(
    services: &Services,
    subscription: &SubscriptionId,
    import: &Import,
    progress: &Progress,
) -> Result<Counts, ImportError> {
    let warehouse = services.warehouses.open(subscription);
    let validated = counts_of(import).sha256;
    let kept = Checkpoint::load(&warehouse, &import.id).await?;
    let (checkpoint, kept) = match kept {
        Some((checkpoint, kept)) => (checkpoint, Some(kept)),
        None => (
            Checkpoint {
                started_at: services.clock.now(),
                empty: empty_tables(&warehouse).await?,
                seen: 0,
                refused: 0,
                findings: 0,
                parked: 0,
                logged: false,
                counts: Counts {
                    sha256: validated.clone(),
                    ..Counts::default()
                },
                done: false,
            },
            None,
        ),
    };
    if checkpoint.done {
        return Ok(checkpoint.counts);
    }
    // From here on the import can be begun again where it was.
    tell(services, subscription, import, &checkpoint).await?;
    let file = LocalFile::of(services, import).await?;
    if file.sha256 != validated {
        return Err(ImportError::FileChanged);
    }
    let tools = Tools {
        merge: import.merge,
        before: Some(checkpoint.started_at),
        progress: progress.clone(),
        ..source::tools(services, subscription).await?
    };
    progress.expect(size_of(import));
    let mut writing = Writing {
        services,
        subscription,
        import,
        warehouse: &warehouse,
        options: Options::of(import)?,
        admission: None,
        resume_at: (checkpoint.seen, checkpoint.refused),
        seen: 0,
        refused: 0,
        next: Gathered::default(),
        loads: 0,
        checkpoint,
        kept,
    };
    let mut intake = source::begin(services, import, file, tools).await?;
    let written = writing.take_all(&mut intake).await;
    match (intake.end().await, written) {
        (Err(ImportError::Stopped), Err(error)) => return Err(error),
        (Err(error), _) => return Err(error),
        (Ok(()), written) => written?,
    }
    writing.finish().await
}

struct Writing<'a> {
    services: &'a Services,
    subscription: &'a SubscriptionId,
    import: &'a Import,
    warehouse: &'a Warehouse,
    options: Options,
    admission: Option<Admission>,
    checkpoint: Checkpoint,
    /// The checkpoint as the warehouse keeps it.
    kept: Option<Json>,
    /// Rows seen and refused that earlier attempts settled.
    resume_at: (u64, u64),
    seen: u64,
    refused: u64,
    next: Gathered,
    loads: u64,
}

impl Writing<'_> {
    async fn take_all(&mut self, intake: &mut Intake) -> Result<(), ImportError> {
        while let Some(piece) = intake.pieces.recv().await {
            match piece {
                Piece::Begun(about) => self.begin(&about),
                Piece::Apart(apart) => self.apart(apart).await?,
                Piece::Portion(portion) => self.portion(*portion).await?,
            }
        }
        Ok(())
    }

    fn begin(&mut self, about: &About) {
        let mut admission = Admission::new(about, self.subscription, self.options.conflict);
        admission.undo = Some(self.import.id.to_string());
        admission.event = Some(event_id(&self.import.id, ORIGIN));
        self.admission = Some(admission);
    }

    /// Rows that could not be read are settled with the load that comes next, and make it come when they are many.
    async fn apart(&mut self, apart: Apart) -> Result<(), ImportError> {
        let (seen, refused) = self.resume_at;
        let refuses = !apart.refused.is_empty();
        // What was only noticed is settled once a row that came after it is.
        let settled = self.refused < refused || (!refuses && self.seen < seen);
        self.refused += apart.refused.len() as u64;
        if settled {
            return Ok(());
        }
        self.checkpoint.refused = self.refused;
        self.checkpoint.counts.refused(&apart.refused);
        let room = MAX_PARKED.saturating_sub(self.checkpoint.parked);
        self.next.apart(apart, room);
        if refuses && self.next.is_full() {
            self.commit(Vec::new()).await?;
        }
        Ok(())
    }

    async fn portion(&mut self, portion: Portion) -> Result<(), ImportError> {
        self.seen += portion.seen;
        if self.seen <= self.resume_at.0 {
            return Ok(());
        }
        self.checkpoint.counts.portion(&portion);
        let room = MAX_PARKED.saturating_sub(self.checkpoint.parked);
        self.next.portion(portion, room);
        if self.next.is_full() {
            self.commit(Vec::new()).await?;
        }
        Ok(())
    }

    /// Commits what has gathered, with the checkpoint behind it.
    async fn commit(&mut self, mut last: Vec<Write>) -> Result<(), ImportError> {
        let next = std::mem::take(&mut self.next);
        let mut writes = Vec::new();
        let mut findings = next.findings;
        let (id, at) = (self.import.id.as_str(), self.checkpoint.started_at);
        writes.extend(parked(id, &mut self.checkpoint.parked, next.refused, at));
        for mut portion in next.portions {
            findings.append(&mut portion.findings);
            let rejected = std::mem::take(&mut portion.rejected);
            writes.extend(parked(id, &mut self.checkpoint.parked, rejected, at));
            writes.extend(remembered(&portion, id));
            self.admit(portion, &mut writes, &mut findings).await?;
        }
        self.log(&mut writes);
        self.checkpoint.counts.note(&findings);
        if self.checkpoint.findings < MAX_FINDINGS && !findings.is_empty() {
            let rows = problem_rows(
                self.import.id.as_str(),
                PHASE,
                self.checkpoint.findings,
                &findings,
            );
            self.checkpoint.findings += rows.len() as u64;
            writes.push(Write::Insert {
                table: problems().clone(),
                rows,
            });
        }
        self.checkpoint.seen = self.seen;
        writes.append(&mut last);
        let to = serde_json::to_value(&self.checkpoint).map_err(ImportError::Checkpoint)?;
        moved(
            &self.import.id,
            STEP,
            self.kept.take(),
            to.clone(),
            &mut writes,
        );
        let load = Load {
            origin: ORIGIN,
            run: self.import.id.to_string(),
            observed_at: self.checkpoint.started_at,
            writes,
            quota: None,
        };
        self.warehouse.commit(load).await?;
        self.kept = Some(to);
        self.loads += 1;
        if self.loads.is_multiple_of(TELL_EVERY) {
            tell(
                self.services,
                self.subscription,
                self.import,
                &self.checkpoint,
            )
            .await?;
        }
        Ok(())
    }

    async fn admit(
        &mut self,
        mut portion: Portion,
        writes: &mut Vec<Write>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), ImportError> {
        let admission = self.admission.clone().ok_or(ImportError::Stopped)?;
        let lines = std::mem::take(&mut portion.lines);
        if let Some(admit) = admission.own_rows(&mut portion) {
            let (admit, outcomes) = self.weigh(admit, &lines, findings).await?;
            self.checkpoint
                .counts
                .table(&portion.table.name)
                .add(&outcomes, self.options.conflict);
            writes.push(Write::Admit(admit));
        }
        for admit in admission.fillings(&mut portion) {
            let outcomes = vec![Outcome::Changed; admit.rows.len()];
            self.checkpoint
                .counts
                .table(&portion.table.name)
                .add(&outcomes, self.options.conflict);
            writes.push(Write::Admit(admit));
        }
        Ok(())
    }

    /// Rows of a table that was empty when the import began are new; others are weighed first, so that what is counted
    /// and reported of them is committed together with them.
    async fn weigh(
        &self,
        admit: Admit,
        lines: &[u64],
        findings: &mut Vec<Finding>,
    ) -> Result<(Admit, Vec<Outcome>), ImportError> {
        if self.checkpoint.empty.contains(admit.table.name.as_ref()) {
            let outcomes = vec![Outcome::New; admit.rows.len()];
            return Ok((admit, outcomes));
        }
        let (admit, outcomes, conflicts) =
            weigh(self.warehouse, admit, lines, self.checkpoint.started_at).await?;
        findings.extend(conflicts);
        Ok((admit, outcomes))
    }

    /// The event of the personal-data log goes with the first load that touches customers: they are told of what happened
    /// to their data even when the import never comes to its end.
    fn log(&mut self, writes: &mut Vec<Write>) {
        let kind = if self.import.merge { "merge" } else { ORIGIN };
        let event = event_id(&self.import.id, ORIGIN);
        let (logged, at) = (&mut self.checkpoint.logged, self.checkpoint.started_at);
        let first = event_of_first(logged, writes, self.import, &event, kind, at);
        writes.extend(first);
    }

    /// The last load: tells the journal.
    async fn finish(mut self) -> Result<Counts, ImportError> {
        self.checkpoint.done = true;
        // Counts of the last rows are known once their portions are weighed: the entry goes into a load of its own.
        if !self.next.portions.is_empty() {
            self.checkpoint.done = false;
            self.commit(Vec::new()).await?;
            self.checkpoint.done = true;
        }
        let noted = entry(
            self.services,
            self.import,
            Severity::Info,
            "import.applied",
            &self.checkpoint.counts,
            None,
        );
        let told = journal::emit(&noted).map_err(ImportError::Checkpoint)?;
        self.commit(vec![told]).await?;
        Ok(self.checkpoint.counts)
    }
}
