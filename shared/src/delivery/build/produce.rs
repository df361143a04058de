//! Rows on their way from a snapshot through a writer into a file or a store, each at its own pace, none far ahead.

use std::{
    collections::BTreeMap,
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use futures::TryStreamExt;
use tokio::sync::mpsc;

use super::{
    cards::Undelivered,
    plan::{Part, Plan, Recipe},
    writers::{FileWriter, writer},
};
use crate::{
    delivery::{
        DeliveryError, Digested,
        personal_log::SubjectLog,
        pipe::{Digesting, pipe},
    },
    ports::{ObjectKey, Objects},
    progress::Progress,
    services::Services,
    warehouse::{Rows, Snapshot},
};

/// Batches on their way to the writer at once.
const WAITING: usize = 2;

/// Temporary space for formats that need to seek.
#[derive(Debug, Clone)]
pub(super) struct WorkSpace {
    pub(super) folder: PathBuf,
    pub(super) limit: u64,
}

impl WorkSpace {
    pub(super) fn of(services: &Services) -> Self {
        Self {
            folder: services.settings.work_dir.clone(),
            limit: services.settings.work_limit,
        }
    }
}

/// A file that was written to its end.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) digested: Digested,
    /// Rows per table.
    pub(super) counts: BTreeMap<String, i64>,
}

/// What the writer is told.
enum Piece {
    /// Rows of the part at this position follow.
    Part(usize),
    Rows(Rows),
    /// That was all; without it the file is not finished.
    End,
}

/// Writes the file into a store. When it fails, nothing is left there.
pub(super) async fn into_store(
    plan: Plan,
    snapshot: &Snapshot,
    subjects: &mut SubjectLog<'_>,
    space: WorkSpace,
    objects: &dyn Objects,
    key: &ObjectKey,
) -> Result<Written, DeliveryError> {
    let (out, content) = pipe();
    let store = async {
        objects
            .put(key, content)
            .await
            .map(|_| ())
            .map_err(DeliveryError::from)
    };
    let (written, pipe) = produce(
        plan,
        snapshot,
        subjects,
        space,
        out,
        |out| out.close(),
        store,
    )
    .await?;
    pipe.map_err(|source| DeliveryError::File {
        place: key.to_string(),
        source,
    })?;
    Ok(written)
}

/// Writes the file into something that takes it.
pub(super) async fn into_writer<W: Write + Send + 'static>(
    plan: Plan,
    snapshot: &Snapshot,
    subjects: &mut SubjectLog<'_>,
    space: WorkSpace,
    out: W,
) -> Result<(Written, W), DeliveryError> {
    let store = async { Ok(()) };
    produce(plan, snapshot, subjects, space, out, |out| out, store).await
}

/// Reads, writes and stores at once. `close` runs where the file was written, after its last byte.
async fn produce<W, C>(
    plan: Plan,
    snapshot: &Snapshot,
    subjects: &mut SubjectLog<'_>,
    space: WorkSpace,
    out: W,
    close: impl FnOnce(W) -> C + Send + 'static,
    store: impl Future<Output = Result<(), DeliveryError>>,
) -> Result<(Written, C), DeliveryError>
where
    W: Write + Send + 'static,
    C: Send + 'static,
{
    let Plan {
        parts,
        recipe,
        progress,
    } = plan;
    let (pieces, received) = mpsc::channel(WAITING);
    let write = tokio::task::spawn_blocking(move || {
        // A panic in a writer is the end of this file and of nothing else.
        catch_unwind(AssertUnwindSafe(|| {
            write(recipe, &space, received, out, close)
        }))
        .unwrap_or(Err(DeliveryError::Panicked))
    });
    let write = async { write.await.unwrap_or(Err(DeliveryError::Panicked)) };
    let (fed, written, stored) = tokio::join!(
        feed(&parts, snapshot, subjects, pieces, &progress),
        write,
        store
    );
    let (counts, (digested, closed)) = first_cause(fed, written, stored)?;
    Ok((Written { digested, counts }, closed))
}

/// When one side fails the others do too; the cause is the one that is not about the others.
fn first_cause<A, B>(
    fed: Result<A, DeliveryError>,
    written: Result<B, DeliveryError>,
    stored: Result<(), DeliveryError>,
) -> Result<(A, B), DeliveryError> {
    match (fed, written, stored) {
        (Ok(fed), Ok(written), Ok(())) => Ok((fed, written)),
        (fed, written, stored) => {
            let mut errors: Vec<DeliveryError> = [fed.err(), written.err(), stored.err()]
                .into_iter()
                .flatten()
                .collect();
            let cause = errors
                .iter()
                .position(|error| !error.is_consequence())
                .unwrap_or(0);
            Err(if errors.is_empty() {
                DeliveryError::Unfinished
            } else {
                errors.swap_remove(cause)
            })
        }
    }
}

/// Reads every part, notes whom its rows speak of, and hands the rows on.
async fn feed(
    parts: &[Part],
    snapshot: &Snapshot,
    subjects: &mut SubjectLog<'_>,
    pieces: mpsc::Sender<Piece>,
    progress: &Progress,
) -> Result<BTreeMap<String, i64>, DeliveryError> {
    let gone = |_| DeliveryError::Unfinished;
    let mut counts = BTreeMap::new();
    for (index, part) in parts.iter().enumerate() {
        pieces.send(Piece::Part(index)).await.map_err(gone)?;
        let count = counts.entry(part.name.clone()).or_insert(0);
        let mut batches = snapshot.scan(part.scan.clone()).await?;
        while let Some(rows) = batches.try_next().await? {
            if let Some(column) = part.subject {
                subjects.note(&rows, column).await?;
            }
            *count += i64::try_from(rows.len()).unwrap_or(i64::MAX);
            progress.advance(rows.len() as u64);
            pieces.send(Piece::Rows(rows)).await.map_err(gone)?;
        }
        let Some(cards) = &part.cards else {
            continue;
        };
        let mut cards = Undelivered::of(snapshot, cards);
        while let Some(page) = cards.next().await? {
            for rows in page {
                *count += i64::try_from(rows.len()).unwrap_or(i64::MAX);
                pieces.send(Piece::Rows(rows)).await.map_err(gone)?;
            }
        }
    }
    subjects.flush().await?;
    pieces.send(Piece::End).await.map_err(gone)?;
    Ok(counts)
}

/// Writes what comes, on a blocking thread.
fn write<W: Write, C>(
    recipe: Recipe,
    space: &WorkSpace,
    mut pieces: mpsc::Receiver<Piece>,
    out: W,
    close: impl FnOnce(W) -> C,
) -> Result<(Digested, C), DeliveryError> {
    let mut file: Box<dyn FileWriter<Digesting<W>> + '_> =
        writer(recipe, space, Digesting::new(out))?;
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Part(index) => file.part(index)?,
            Piece::Rows(rows) => file.rows(&rows)?,
            Piece::End => {
                let (out, digested) = file.finish()?.finish();
                return Ok((digested, close(out)));
            }
        }
    }
    Err(DeliveryError::Unfinished)
}
