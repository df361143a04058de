use bytes::Bytes;
use chrono::SecondsFormat;
use chrono_tz::Tz;
use futures::{Stream, stream};

use super::{Entry, JournalFilter, message};
use crate::{
    SubscriptionId,
    catalog::Locale,
    control::{Control, ControlError, Cursor},
    sheets::Convention,
};

/// Entries that are read at once.
const PAGE: usize = 200;

/// The columns of the file, in order; programs know them by these names in every language.
pub const CSV_COLUMNS: [&str; 10] = [
    "at", "category", "severity", "source", "actor", "code", "message", "counts", "details", "id",
];

/// The entries as a CSV file, newest first, page by page: times in UTC as ISO 8601, counts and details as JSON, and the
/// message in the reader's language. The signs are those of lists in that language.
pub fn export_csv(
    control: &Control,
    subscription: &SubscriptionId,
    filter: JournalFilter,
    locale: Locale,
) -> impl Stream<Item = Result<Bytes, ControlError>> + Send + 'static {
    let (control, subscription) = (control.clone(), subscription.clone());
    let place = Some(Place::Head);
    stream::try_unfold(place, move |place| {
        let (control, subscription, filter) =
            (control.clone(), subscription.clone(), filter.clone());
        async move {
            let from = match place {
                None => return Ok(None),
                Some(Place::Head) => {
                    let head = head(locale)?;
                    return Ok(Some((head, Some(Place::From(None)))));
                }
                Some(Place::From(from)) => from,
            };
            // Page by page: a snapshot that lived as long as somebody reads would hold a connection as long.
            let journal = control.journal(&subscription);
            let page = journal.list(&filter, from.as_ref(), PAGE).await?;
            let rows = page.items.iter().map(|entry| cells(locale, entry));
            let piece = lines(locale, rows)?;
            let next = page.next.map(|next| Place::From(Some(next)));
            Ok(Some((Bytes::from(piece), next)))
        }
    })
}

/// How far the file is written.
enum Place {
    Head,
    From(Option<Cursor>),
}

fn head(locale: Locale) -> Result<Bytes, ControlError> {
    let mut first = Convention::localised(locale, Tz::UTC)
        .byte_order_mark()
        .to_vec();
    let names = CSV_COLUMNS.map(ToOwned::to_owned);
    first.extend(lines(locale, std::iter::once(names))?);
    Ok(first.into())
}

fn cells(locale: Locale, entry: &Entry) -> [String; CSV_COLUMNS.len()] {
    [
        entry.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        entry.category.to_string(),
        entry.severity.to_string(),
        entry.source_id.clone().unwrap_or_default(),
        entry.actor.to_string(),
        entry.code.clone(),
        message(locale, entry),
        serde_json::to_string(&entry.counts).unwrap_or_default(),
        entry.details.to_string(),
        entry.id.to_string(),
    ]
}

fn lines(
    locale: Locale,
    rows: impl Iterator<Item = [String; CSV_COLUMNS.len()]>,
) -> Result<Vec<u8>, ControlError> {
    let unwritten = |_| ControlError::Invalid { field: "journal" };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(Convention::localised(locale, Tz::UTC).separator())
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.map(crate::sheets::harmless))
            .map_err(unwritten)?;
    }
    writer
        .into_inner()
        .map_err(|_| ControlError::Invalid { field: "journal" })
}
