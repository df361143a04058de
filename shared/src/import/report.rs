use bytes::Bytes;
use futures::{Stream, StreamExt, stream};

use super::{
    Finding, ImportError, Severity, apply,
    tables::problems,
    undo, validate,
    wording::{expected_text, field_label, found_text},
};
use crate::{
    SubscriptionId,
    catalog::{self, Locale},
    control::{Import, ImportId},
    i18n::{Args, text, text_with},
    services::Services,
    sheets::{Convention, harmless},
    warehouse::{Filter, Row, Scan},
};

/// Findings that are read at once for a report.
const PAGE: u64 = 1_000;

/// The columns of a report, in order; their headers are the texts `report-column-…`.
const COLUMNS: [&str; 9] = [
    "severity", "table", "row", "line", "field", "message", "expected", "found", "code",
];

/// What was noticed about an import, from the finding after `after` on (0 for the first), at most `limit` of them: of its
/// application and its undoing where there was one, else of its validation. Each comes with its number.
pub async fn findings(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    phase: Phase,
    after: u64,
    limit: u64,
) -> Result<Vec<(u64, Finding)>, ImportError> {
    let warehouse = services.warehouses.open(subscription);
    let snapshot = warehouse.snapshot().await?;
    let scan = scan(id, phase).limit(limit);
    let number = i64::try_from(after).unwrap_or(i64::MAX) - 1;
    let scan = scan.after(vec![
        id.as_str().into(),
        phase.as_str().into(),
        number.into(),
    ]);
    let mut batches = snapshot.scan(scan).await?;
    let mut findings = Vec::new();
    while let Some(rows) = batches.next().await {
        findings.extend(rows?.iter().filter_map(read));
    }
    Ok(findings)
}

/// The step that noticed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading and comparing.
    Validate,
    /// Writing.
    Apply,
    /// Taking back.
    Undo,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Validate => validate::PHASE,
            Self::Apply => apply::PHASE,
            Self::Undo => undo::UNDO,
        }
    }

    /// The steps that the report of an import is about.
    pub fn of(import: &Import) -> &'static [Self] {
        if import.applied_at.is_some() || import.checkpoint.is_some() {
            &[Self::Apply, Self::Undo]
        } else {
            &[Self::Validate]
        }
    }
}

/// The report as a CSV file in the reader's language, piece by piece: what is wrong, in conflict, or was merged.
pub async fn report_csv(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    locale: Locale,
) -> Result<impl Stream<Item = Result<Bytes, ImportError>> + Send + 'static, ImportError> {
    let import = services.control.imports(subscription).get(id).await?;
    let head = COLUMNS.map(|name| text(locale, &format!("report-column-{name}")));
    let mut first = Convention::localised(locale, chrono_tz::UTC)
        .byte_order_mark()
        .to_vec();
    first.extend(lines(locale, std::iter::once(head.to_vec()))?);
    let phases = Phase::of(&import).iter();
    let (services, subscription, id) = (services.clone(), subscription.clone(), id.clone());
    // Page by page: a snapshot that lived as long as somebody reads would hold a connection as long.
    let body = stream::try_unfold((phases, None), move |(mut phases, mut current)| {
        let (services, subscription, id) = (services.clone(), subscription.clone(), id.clone());
        async move {
            loop {
                let Some((phase, from)) = current.or_else(|| Some((*phases.next()?, 0))) else {
                    return Ok(None);
                };
                let page = findings(&services, &subscription, &id, phase, from, PAGE).await?;
                let Some((last, _)) = page.last() else {
                    current = None;
                    continue;
                };
                let next = Some((phase, last + 1));
                let rows = page.iter().map(|(_, finding)| cells(locale, finding));
                let piece = Bytes::from(lines(locale, rows)?);
                return Ok(Some((piece, (phases, next))));
            }
        }
    });
    Ok(stream::once(async move { Ok(Bytes::from(first)) }).chain(body))
}

/// What a finding says to people.
pub fn message(locale: Locale, finding: &Finding) -> String {
    let key = format!("report-{}", finding.code.replace('_', "-"));
    let expected = expected_text(locale, finding);
    let found = found_text(locale, finding);
    let args = Args::new()
        .with("field", field_label(locale, finding).unwrap_or_default())
        .with("expected", expected.as_ref())
        .with("found", found.as_ref());
    text_with(locale, &key, &args)
}

fn scan(id: &ImportId, phase: Phase) -> Scan {
    let of_phase = Filter::equal("import", id.as_str()).and(Filter::equal("phase", phase.as_str()));
    Scan::of(problems())
        .columns([
            "ordinal", "severity", "code", "table", "row_id", "line", "field", "expected", "found",
        ])
        .filter(of_phase)
}

fn read(row: Row<'_>) -> Option<(u64, Finding)> {
    let text = |column: usize| row.get(column).as_str().map(str::to_owned);
    let number = |column: usize| {
        row.get(column)
            .as_integer()
            .and_then(|number| u64::try_from(number).ok())
    };
    let finding = Finding {
        severity: Severity::parse(row.get(1).as_str()?)?,
        code: text(2)?.into(),
        table: text(3)?,
        row_id: text(4),
        line: number(5),
        field: text(6),
        expected: text(7).unwrap_or_default(),
        found: text(8).unwrap_or_default(),
    };
    Some((number(0)?, finding))
}

fn cells(locale: Locale, finding: &Finding) -> Vec<String> {
    let table = catalog::table(&finding.table);
    vec![
        text(
            locale,
            &format!("report-severity-{}", finding.severity.as_str()),
        ),
        table.map_or(finding.table.clone(), |table| {
            table.label.get(locale).to_owned()
        }),
        finding.row_id.clone().unwrap_or_default(),
        finding
            .line
            .map(|line| line.to_string())
            .unwrap_or_default(),
        field_label(locale, finding).unwrap_or_default(),
        message(locale, finding),
        expected_text(locale, finding).into_owned(),
        found_text(locale, finding).into_owned(),
        finding.code.clone().into_owned(),
    ]
}

fn lines(locale: Locale, rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, ImportError> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(Convention::localised(locale, chrono_tz::UTC).separator())
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let row = row.into_iter().map(harmless);
        writer
            .write_record(row)
            .map_err(|error| ImportError::Space(error.into()))?;
    }
    writer
        .into_inner()
        .map_err(|error| ImportError::Space(std::io::Error::other(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::finding::At;

    #[test]
    fn what_does_not_belong_there_is_named_in_every_language() {
        for code in ["unknown_element", "unknown_attribute"] {
            let finding = Finding::of(Severity::Error, code, "customers", &At::default());
            let finding = finding.field("id").found("<shoe_size>");
            for locale in Locale::ALL {
                let said = message(locale, &finding);
                assert!(said.contains("<shoe_size>"), "{said}");
            }
        }
    }
}
