use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use futures::{Stream, TryStreamExt};
use serde_json::Value as Json;
use wynos::{
    catalog::Locale,
    control::{Run, RunId, RunKind},
    i18n::text,
    journal,
    warehouse::{Warehouse, WarehouseError},
    yclients::reconcile::{self, Day, Difference, TableSummary},
};

use super::reconciliations::RunItem;
use crate::{
    App,
    api::note_read,
    http::{Failure, Kind, Member},
    view::{self, Frame, Section, number, page, table_label},
};

/// Days that the page shows; the file has all of them.
const DAYS: u64 = 400;
/// Differences that the page shows.
const DIFFERENCES: u64 = 200;

#[derive(Template)]
#[template(path = "reconciliation.html")]
struct ReconciliationPage {
    frame: Frame,
    base: String,
    source: String,
    item: RunItem,
    checked: String,
    not_checked: String,
    restored: String,
    tables: Vec<TableItem>,
    days: Vec<DayItem>,
    differences: Vec<DifferenceItem>,
    /// What stands there where no difference does.
    nothing: &'static str,
    more: bool,
}

/// What a table, or a day of it, came to.
struct TableItem {
    label: String,
    days: String,
    rows: String,
    found: String,
    totals: Vec<String>,
    differs: bool,
}

struct DayItem {
    day: String,
    label: String,
    checked: bool,
    reason: String,
    rows: String,
    found: String,
    totals: Vec<String>,
    differs: bool,
}

struct DifferenceItem {
    day: String,
    label: String,
    key: String,
    kind: String,
    field: String,
    held: String,
    vendor: String,
}

async fn own(app: &App, member: &Member, id: &str) -> Result<Run, Failure> {
    let id: RunId = id.parse().map_err(|_| Kind::NotFound)?;
    match app.services.control.runs(member.id()).get(&id).await? {
        run if run.kind == RunKind::Reconciliation => Ok(run),
        _ => Err(Kind::NotFound.into()),
    }
}

/// `GET /s/{subscription}/reconciliations/{id}`: what a comparison came to, with its days and differences.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let run = own(&app, &member, &id).await?;
    let locale = member.visitor.locale;
    let warehouse = app.services.warehouses.open(member.id());
    let broken = |error: WarehouseError| Failure::noted(Kind::Unavailable, &error);
    let summary = reconcile::summary(&warehouse, &run.id)
        .await
        .map_err(broken)?;
    let days = reconcile::days(&warehouse, &run.id, None, DAYS)
        .await
        .map_err(broken)?;
    let found = reconcile::differences(&warehouse, &run.id, None, None, DIFFERENCES).await;
    let found = found.map_err(broken)?;
    if !found.items.is_empty() {
        let what = format!("reconciliation {}", run.id);
        note_read(&app, member.id(), &what, &member.actor()).await?;
    }
    let item = RunItem::of(&member, &run);
    let title = "console-reconciliation-title";
    let mut frame = Frame::inside(&member, Section::Sources, title);
    frame.busy = item.is_busy();
    let nothing = match run.finished_at.is_some() && summary.is_empty() {
        true => "console-reconciliation-nothing",
        false => "console-reconciliation-none",
    };
    let tables = summary.tables.iter();
    page(&ReconciliationPage {
        base: member.base(),
        source: run.source_id.to_string(),
        item,
        checked: number(locale, summary.checked),
        not_checked: number(locale, summary.not_checked),
        restored: number(locale, summary.restored),
        tables: tables
            .map(|(name, table)| TableItem::of(&member, name, table))
            .collect(),
        days: days.iter().map(|day| DayItem::of(&member, day)).collect(),
        differences: found
            .items
            .into_iter()
            .map(|one| DifferenceItem::of(&member, one))
            .collect(),
        nothing,
        more: found.next.is_some(),
        frame,
    })
}

/// `GET …/reconciliations/{id}/differences.csv`: every field that differed.
pub(super) async fn differences_csv(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    file(
        &app,
        &member,
        &id,
        "differences",
        reconcile::differences_csv,
    )
    .await
}

/// `GET …/reconciliations/{id}/days.csv`: every day with the totals of both sides.
pub(super) async fn days_csv(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    file(&app, &member, &id, "days", reconcile::days_csv).await
}

/// A file about a comparison, its taking noted before anything is given.
async fn file<S>(
    app: &App,
    member: &Member,
    id: &str,
    name: &str,
    content: impl FnOnce(Warehouse, RunId, Locale) -> S,
) -> Result<Response, Failure>
where
    S: Stream<Item = Result<Bytes, WarehouseError>> + Send + 'static,
{
    let run = own(app, member, id).await?;
    let what = format!("reconciliation {}", run.id);
    note_read(app, member.id(), &what, &member.actor()).await?;
    let disposition = format!("attachment; filename=\"{name}-{}.csv\"", run.id);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    let warehouse = app.services.warehouses.open(member.id());
    let content = content(warehouse, run.id, member.visitor.locale);
    let content = Body::from_stream(content.map_err(std::io::Error::other));
    Ok((headers, content).into_response())
}

impl TableItem {
    fn of(member: &Member, name: &str, table: &TableSummary) -> Self {
        let locale = member.visitor.locale;
        let all = table.checked + table.not_checked;
        Self {
            label: table_label(locale, name),
            days: format!(
                "{} / {}",
                number(locale, table.checked),
                number(locale, all)
            ),
            rows: sides(member, table.rows_held, table.rows_vendor),
            found: found(member, table.missing, table.extra, table.differing),
            totals: totals(member, &table.totals),
            differs: table.missing + table.extra + table.differing > 0,
        }
    }
}

impl DayItem {
    fn of(member: &Member, day: &Day) -> Self {
        let locale = member.visitor.locale;
        let reason = day.reason.as_deref();
        Self {
            day: view::day(locale, day.day),
            label: table_label(locale, &day.table),
            checked: day.checked,
            reason: reason.map_or_else(String::new, |code| journal::reason(locale, code, None)),
            rows: sides(member, day.rows_held, day.rows_vendor),
            found: found(member, day.missing, day.extra, day.differing),
            totals: totals(member, &day.totals),
            differs: day.missing + day.extra + day.differing > 0,
        }
    }
}

impl DifferenceItem {
    fn of(member: &Member, one: Difference) -> Self {
        let locale = member.visitor.locale;
        let word = |value: Option<String>| match value.as_deref() {
            None => "–".to_owned(),
            Some(word @ ("present" | "deleted" | "moved" | "unreadable")) => {
                text(locale, &format!("console-reconciliation-row-{word}"))
            }
            Some(value) => value.to_owned(),
        };
        let table = wynos::catalog::table(&one.table);
        let column = table.and_then(|table| table.column(&one.field));
        Self {
            day: view::day(locale, one.day),
            label: table_label(locale, &one.table),
            key: one.key,
            kind: text(locale, &format!("console-reconciliation-{}", one.kind)),
            field: column.map_or_else(
                || text(locale, "console-reconciliation-row"),
                |column| column.label.get(locale).to_owned(),
            ),
            held: word(one.held),
            vendor: word(one.vendor),
        }
    }
}

fn sides(member: &Member, held: i64, vendor: i64) -> String {
    let locale = member.visitor.locale;
    format!("{} / {}", number(locale, held), number(locale, vendor))
}

/// How many rows are missing, too many, and different; nothing where none are.
fn found(member: &Member, missing: i64, extra: i64, differing: i64) -> String {
    let locale = member.visitor.locale;
    let kinds = [
        ("missing", missing),
        ("extra", extra),
        ("differing", differing),
    ];
    let told = kinds
        .iter()
        .filter(|(_, rows)| *rows > 0)
        .map(|(kind, rows)| {
            let kind = text(locale, &format!("console-reconciliation-{kind}"));
            format!("{kind}: {}", number(locale, *rows))
        });
    told.collect::<Vec<_>>().join(" · ")
}

/// Each indicator with both sides, or with one where they are the same.
fn totals(member: &Member, totals: &Json) -> Vec<String> {
    let indicators = totals.as_object().into_iter().flatten();
    let line = |(name, sides): (&String, &Json)| {
        let key = format!("console-indicator-{}", name.replace('_', "-"));
        let name = text(member.visitor.locale, &key);
        let side = |name: &str| reconcile::in_words(sides.get(name));
        let (held, vendor) = (side("held"), side("vendor"));
        if held == vendor {
            format!("{name}: {held}")
        } else {
            format!("{name}: {held} / {vendor}")
        }
    };
    indicators.map(line).collect()
}
