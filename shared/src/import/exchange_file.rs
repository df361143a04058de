use std::{
    fs::File,
    io::Read,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use super::{
    ImportError,
    file::LocalFile,
    finding::{At, Finding, Severity},
    intake::{About, Sender, Tools},
    portion::Batch,
};
use crate::{
    exchange::{self, Header, Item, Limits, Notice, Reader, RowProblem, Source},
    progress::Watched,
};

/// Batches that may wait between the thread that parses and the one that judges.
const AHEAD: usize = 1;

/// Reads an exchange file to its end. Parsing and judging take about as long, so each has a thread.
pub(super) fn read_exchange(
    file: &LocalFile,
    tools: &Tools,
    out: Sender,
) -> Result<(), ImportError> {
    let limits = Limits::default();
    let content = File::open(file.path()).map_err(ImportError::Space)?;
    let content = Watched::new(content, &tools.progress);
    let source = if file.is_gzip()? {
        Source::gzip(content, limits)
    } else {
        Source::plain(content, limits)
    };
    let reader = Reader::new(source, limits)?;
    thread::scope(|scope| {
        let (found, finds) = sync_channel(AHEAD);
        let parsing = scope.spawn(move || parse(reader, &found));
        let judged = judge(tools, finds, out);
        let parsed = parsing.join().unwrap_or(Err(ImportError::Stopped));
        // Where both ended in an error, one of them only noticed that the other had gone.
        match (parsed, judged) {
            (Err(ImportError::Stopped), Err(error)) => Err(error),
            (parsed, judged) => parsed.and(judged),
        }
    })
}

/// One thing that parsing found.
enum Found {
    Header(Header),
    Batch(Batch),
    Problem(RowProblem),
    Notice(Notice),
    /// The file ended well.
    End,
}

fn parse<R: Read>(mut reader: Reader<R>, found: &SyncSender<Found>) -> Result<(), ImportError> {
    let send = |find| found.send(find).map_err(|_| ImportError::Stopped);
    let mut section = None;
    while let Some(item) = reader.next()? {
        match item {
            Item::Header(header) => send(Found::Header(header))?,
            Item::Section(opened) => {
                section = Some((
                    Arc::clone(&opened.table),
                    Arc::<[String]>::from(opened.read_columns()),
                ));
            }
            Item::Batch(batch) => {
                let (table, columns) = section.as_ref().ok_or(ImportError::Stopped)?;
                send(Found::Batch(Batch {
                    table: Arc::clone(table),
                    columns: Arc::clone(columns),
                    rows: batch.rows.clone(),
                    lines: batch.places.iter().map(|place| place.line).collect(),
                }))?;
            }
            Item::Problem(problem) => send(Found::Problem(problem))?,
            Item::Notice(notice) => send(Found::Notice(notice))?,
            Item::SectionEnd(_) | Item::Trailer(_) => {}
        }
    }
    send(Found::End)
}

/// Judges what parsing finds, in its order. Without an end the file is not read to its end, and parsing knows why.
fn judge(tools: &Tools, finds: Receiver<Found>, mut out: Sender) -> Result<(), ImportError> {
    let mut assay = None;
    for found in finds {
        match found {
            Found::Header(header) => {
                assay = Some(tools.assay(header.passwords)?);
                out.begun(About {
                    origin: Some(header.origin),
                    made_at: Some(header.created_at),
                })?;
            }
            Found::Batch(batch) => {
                let assay = assay.as_mut().ok_or(ImportError::Stopped)?;
                out.portion(assay.take(batch)?)?;
            }
            Found::Problem(mut problem) => {
                let assay = assay.as_ref().ok_or(ImportError::Stopped)?;
                let (line, row) = (problem.at.line, problem.row.take());
                out.refuse(line, refused(problem), row, assay.ledger())?;
            }
            Found::Notice(notice) => out.note(noticed(notice))?,
            Found::End => return out.flush(),
        }
    }
    Err(ImportError::Stopped)
}

fn refused(problem: RowProblem) -> Finding {
    let at = At {
        id: problem.id.as_deref(),
        line: Some(problem.at.line),
    };
    let mut finding = Finding::of(Severity::Error, problem.problem.code(), &problem.table, &at)
        .expected(&problem.expected)
        .found(&problem.found);
    finding.field = problem.field;
    finding
}

fn noticed(notice: Notice) -> Finding {
    let nowhere = At::default();
    match notice {
        Notice::NewerMinor { version } => {
            Finding::of(Severity::Warning, "newer_version", "", &nowhere)
                .expected(exchange::VERSION)
                .found(&version)
        }
        Notice::Skipped { table, element, at } => {
            let at = At {
                id: None,
                line: Some(at.line),
            };
            Finding::of(
                Severity::Warning,
                "element_skipped",
                table.as_deref().unwrap_or_default(),
                &at,
            )
            .found(&element)
        }
        Notice::NoDigest { section } => {
            Finding::of(Severity::Warning, "no_digest", "", &nowhere).field(section)
        }
    }
}
