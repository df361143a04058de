//! Rows that imports kept aside, for people: why, and as a list that can be mended and imported.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use serde_json::Value as Json;

use super::{
    ImportError,
    finding::{At, Finding, Severity},
    park::{Body, PREFIX},
    report::message,
    wording::field_label,
};
use crate::{
    SubscriptionId,
    catalog::{Locale, Table},
    control::ImportId,
    parked::{self, Parked},
    services::Services,
    sheets::{Convention, guarded},
};

/// Rows that are read at once.
const PAGE: u64 = 200;
/// The columns that tell of a row why it is kept aside; an import leaves them out.
const TOLD: [&str; 2] = ["kept_line", "kept_problems"];
const CUSTOM_VALUES: &str = "custom_values";

/// What the ids of rows begin with that this import kept aside.
pub fn kept_of(import: &ImportId) -> String {
    format!("{PREFIX}{import}:")
}

/// Why an import kept a row aside, as its report said it; nothing of a record that another kept.
pub fn reasons(kept: &Parked) -> Vec<Finding> {
    let Some(body) = body(kept) else {
        return Vec::new();
    };
    let at = At {
        id: body.values.get("id").and_then(Json::as_str),
        line: body.line,
    };
    let finding = |fault: super::park::Fault| Finding {
        code: fault.code.into(),
        field: fault.field,
        expected: fault.expected,
        found: fault.found,
        ..Finding::of(Severity::Error, "", &kept.table, &at)
    };
    body.problems.into_iter().map(finding).collect()
}

fn body(kept: &Parked) -> Option<Body> {
    let of_import = kept.id.starts_with(PREFIX);
    serde_json::from_value(kept.body.clone())
        .ok()
        .filter(|_| of_import)
}

/// The rows of a table that imports, or this one, kept aside, as CSV in the reader's conventions: the columns that any of
/// them has under their stored names, then the line of its file and what is wrong. Cells that could not be read hold what
/// was found. Mended, it imports as any list.
pub async fn kept_csv(
    services: &Services,
    subscription: &SubscriptionId,
    table: &'static Table,
    import: Option<&ImportId>,
    locale: Locale,
) -> Result<impl Stream<Item = Result<Bytes, ImportError>> + Send + 'static, ImportError> {
    let list = KeptList {
        services: services.clone(),
        subscription: subscription.clone(),
        table,
        prefix: import.map_or_else(|| PREFIX.to_owned(), kept_of),
        locale,
    };
    let columns = list.columns().await?;
    let mut first = list.convention().byte_order_mark().to_vec();
    let head = columns.iter().cloned();
    let head = head.chain(TOLD.map(str::to_owned)).collect();
    first.extend(list.lines(vec![head])?);
    let body = stream::try_unfold(
        (list, columns, String::new()),
        async |(list, columns, after)| {
            let Some((page, after)) = list.page(&after).await? else {
                return Ok(None);
            };
            let rows = page.iter().map(|kept| list.row(&columns, kept)).collect();
            let piece = Bytes::from(list.lines(rows)?);
            Ok(Some((piece, (list, columns, after))))
        },
    );
    Ok(stream::once(async move { Ok(Bytes::from(first)) }).chain(body))
}

struct KeptList {
    services: Services,
    subscription: SubscriptionId,
    table: &'static Table,
    prefix: String,
    locale: Locale,
}

impl KeptList {
    fn convention(&self) -> Convention {
        Convention::localised(self.locale, chrono_tz::UTC)
    }

    /// The next rows of the table after this id, with the last id that was looked at.
    async fn page(&self, after: &str) -> Result<Option<(Vec<Body>, String)>, ImportError> {
        let warehouse = self.services.warehouses.open(&self.subscription);
        let after = after.max(self.prefix.as_str());
        let page = parked::records(&warehouse, Some(after), PAGE).await?;
        let page: Vec<Parked> = page
            .into_iter()
            .take_while(|kept| kept.id.starts_with(&self.prefix))
            .collect();
        let Some(last) = page.last().map(|last| last.id.clone()) else {
            return Ok(None);
        };
        let own = page.iter().filter(|kept| kept.table == self.table.name);
        Ok(Some((own.filter_map(body).collect(), last)))
    }

    /// The columns that any row has or lacks, in the table's order; then paths to rows that are named, and custom fields.
    async fn columns(&self) -> Result<Vec<String>, ImportError> {
        let mut used = BTreeSet::new();
        let mut after = String::new();
        while let Some((page, last)) = self.page(&after).await? {
            used.extend(
                page.iter()
                    .flat_map(|kept| cells(self.table, kept).into_keys()),
            );
            after = last;
        }
        let own = self.table.columns.iter().map(|column| column.name.as_ref());
        let own = own.filter(|name| used.contains(*name));
        let mut columns: Vec<String> = own.map(str::to_owned).collect();
        used.retain(|name| self.table.column(name).is_none());
        columns.extend(used);
        Ok(columns)
    }

    fn row(&self, columns: &[String], kept: &Body) -> Vec<String> {
        let cells = cells(self.table, kept);
        let cell = |name: &String| {
            let text = cells.get(name).map_or("", String::as_str);
            guarded(self.table, name, text)
        };
        let line = kept.line.map_or(String::new(), |line| line.to_string());
        let problems = kept.problems.iter().map(|fault| {
            let at = At::default();
            let finding = Finding {
                code: fault.code.clone().into(),
                field: fault.field.clone(),
                ..Finding::of(Severity::Error, "", &self.table.name, &at)
            };
            let finding = finding.expected(&fault.expected).found(&fault.found);
            let field = field_label(self.locale, &finding).unwrap_or_default();
            format!("{field}: {}", message(self.locale, &finding))
        });
        let problems = guarded(self.table, "", &problems.collect::<Vec<_>>().join(" "));
        columns.iter().map(cell).chain([line, problems]).collect()
    }

    fn lines(&self, rows: Vec<Vec<String>>) -> Result<Vec<u8>, ImportError> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.convention().separator())
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        for row in rows {
            let written = writer.write_record(row);
            written.map_err(|error| ImportError::Space(error.into()))?;
        }
        let bytes = writer.into_inner();
        bytes.map_err(|error| ImportError::Space(std::io::Error::other(error.to_string())))
    }
}

/// What a row says, by the target of a list's column; what could not be read as it was found, what is missing as nothing.
fn cells(table: &Table, kept: &Body) -> BTreeMap<String, String> {
    let mut cells = BTreeMap::new();
    for (name, value) in &kept.values {
        match value {
            Json::Object(fields) if name == CUSTOM_VALUES => {
                let fields = fields.iter();
                cells.extend(fields.map(|(field, value)| (format!("custom:{field}"), said(value))));
            }
            value => {
                cells.insert(name.clone(), said(value));
            }
        }
    }
    for fault in &kept.problems {
        if let Some(field) = fault.field.as_ref().filter(|of| table.column(of).is_some()) {
            // What could not be read stands among the values as something else, or not at all.
            if kept.unread {
                cells.insert(field.clone(), fault.found.clone());
            } else {
                cells.entry(field.clone()).or_default();
            }
        }
    }
    cells
}

fn said(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
