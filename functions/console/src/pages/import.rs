use askama::Template;
use axum::{
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use futures::TryStreamExt;
use wynos::{
    catalog::{self, Locale},
    control::{Import, ImportId, ImportStatus},
    import::{self, Counts, Finding, Phase, Severity},
};

use super::{
    import_state::{explained, may_pass},
    mapping::{self, MappingForm},
};
use crate::{
    App,
    api::note_read,
    http::{Failure, Fields, Kind, Member},
    view::{
        Fact, Frame, ImportItem, People, Section, Step, import_steps, number, page, table_label,
    },
};

/// Problems that the page shows; the report has all of them.
const SHOWN: u64 = 50;

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    base: String,
    id: String,
    item: ImportItem,
    steps: Vec<Step>,
    explained: String,
    facts: Vec<Fact>,
    may_change: bool,
    can_validate: bool,
    can_apply: bool,
    apply_text: &'static str,
    can_undo: bool,
    has_report: bool,
    keeps_rows: bool,
    mapping: Option<MappingForm>,
    tables_title: &'static str,
    columns: Vec<&'static str>,
    tables: Vec<TableRow>,
    problems: Vec<ProblemRow>,
    more_problems: Option<String>,
}

struct TableRow {
    label: String,
    cells: Vec<String>,
}

struct ProblemRow {
    tone: &'static str,
    severity: String,
    place: String,
    text: String,
    found: String,
}

pub(super) async fn load(app: &App, member: &Member, id: &str) -> Result<Import, Failure> {
    let id: ImportId = id.parse().map_err(|_| Kind::NotFound)?;
    Ok(app.services.control.imports(member.id()).get(&id).await?)
}

/// `GET …/imports/{id}`: how far it has come, what would happen or happened, and what can be done next.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let import = load(&app, &member, &id).await?;
    let people = People::of(&app, &member).await?;
    let item = ImportItem::of(&member, &people, &import);
    let mut frame = Frame::inside(&member, Section::Imports, "console-imports-title");
    frame.title.clone_from(&item.what);
    frame.busy = item.busy;
    let counts: Counts = serde_json::from_value(import.counts.clone()).unwrap_or_default();
    let status = import.status;
    let problems = problems(&app, &member, &import).await?;
    let more = counts.findings > SHOWN && !problems.is_empty();
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let (columns, tables) = table_rows(frame.locale(), status, &counts);
    page(&ImportPage {
        base: member.base(),
        id: import.id.to_string(),
        steps: import_steps(status),
        explained: explained(&frame, &import),
        facts: Vec::new(),
        may_change: member.may_change(),
        can_validate: import.may_validate() && may_pass(&import),
        can_apply: import.may_apply(),
        apply_text: match status {
            ImportStatus::Failed => "console-import-continue",
            _ => "console-import-apply",
        },
        can_undo: import.may_undo(),
        has_report: counts.findings > 0,
        keeps_rows: import.applied_at.is_some() && has_rejected(&counts),
        mapping: mapping::form(&app, &member, &import).await?,
        tables_title: match status {
            ImportStatus::Previewed => "console-import-preview",
            _ => "console-import-result",
        },
        more_problems: more.then(|| frame.count("console-import-more", &shown)),
        columns,
        tables,
        problems,
        item,
        frame,
    })
}

fn has_rejected(counts: &Counts) -> bool {
    counts.tables.values().any(|table| table.rejected > 0)
}

/// What became, or would become, of the rows of each table.
fn table_rows(
    locale: Locale,
    status: ImportStatus,
    counts: &Counts,
) -> (Vec<&'static str>, Vec<TableRow>) {
    let undone = matches!(status, ImportStatus::Undone);
    let columns = if undone {
        vec![
            "console-import-count-undone",
            "console-import-count-touched",
        ]
    } else {
        vec![
            "console-import-count-new",
            "console-import-count-changed",
            "console-import-count-unchanged",
            "console-import-count-conflict",
            "console-import-count-merged",
            "console-import-count-rejected",
            "console-import-count-warnings",
        ]
    };
    let row = |name: &str| {
        let table = counts.tables.get(name)?;
        let numbers = if undone {
            vec![table.undone, table.kept]
        } else {
            let [new, changed, unchanged] = [table.new, table.changed, table.unchanged];
            vec![
                new,
                changed,
                unchanged,
                table.conflict,
                table.merged,
                table.rejected,
                table.warnings,
            ]
        };
        let cell = |count: u64| match count {
            0 => "–".to_owned(),
            count => number(locale, i64::try_from(count).unwrap_or(i64::MAX)),
        };
        Some(TableRow {
            label: table_label(locale, name),
            cells: numbers.into_iter().map(cell).collect(),
        })
    };
    let order = catalog::tables().iter().map(|table| table.name.as_ref());
    (columns, order.filter_map(row).collect())
}

async fn problems(app: &App, member: &Member, import: &Import) -> Result<Vec<ProblemRow>, Failure> {
    let locale = member.visitor.locale;
    let mut rows = Vec::new();
    for phase in Phase::of(import) {
        let left = SHOWN.saturating_sub(u64::try_from(rows.len()).unwrap_or(SHOWN));
        if left == 0 {
            break;
        }
        let found =
            import::findings(&app.services, member.id(), &import.id, *phase, 0, left).await?;
        rows.extend(found.iter().map(|(_, finding)| problem(locale, finding)));
    }
    Ok(rows)
}

fn problem(locale: Locale, finding: &Finding) -> ProblemRow {
    let t = |key: &str| wynos::i18n::text(locale, key);
    let line = finding.line.map(|line| line.to_string());
    let line = line.map(|line| {
        let args = wynos::i18n::Args::new().with("line", line);
        wynos::i18n::text_with(locale, "console-import-line", &args)
    });
    let table = Some(finding.table.as_str()).filter(|table| !table.is_empty());
    let place = [
        table.map(|table| table_label(locale, table)),
        finding.row_id.clone(),
        line,
        import::field_label(locale, finding),
    ];
    ProblemRow {
        tone: match finding.severity {
            Severity::Error => "bad",
            Severity::Conflict | Severity::Warning => "busy",
            Severity::Merge => "good",
        },
        severity: t(&format!("report-severity-{}", finding.severity.as_str())),
        place: place.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        text: import::message(locale, finding),
        found: import::found_text(locale, finding).into_owned(),
    }
}

pub(super) fn back(member: &Member, import: &Import) -> Response {
    Redirect::to(&format!("{}/imports/{}", member.base(), import.id)).into_response()
}

/// `POST …/imports/{id}/validate`: has the file read and compared again.
pub(super) async fn validate(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    _: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let import = load(&app, &member, &id).await?;
    let import = import::uploaded(&app.services, member.id(), &import.id, None).await?;
    Ok(back(&member, &import))
}

/// `POST …/imports/{id}/apply`: writes what the preview showed.
pub(super) async fn apply(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    _: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let import = load(&app, &member, &id).await?;
    let import = import::start_apply(&app.services, member.id(), &import.id).await?;
    Ok(back(&member, &import))
}

/// `POST …/imports/{id}/undo`: takes back what nobody touched since.
pub(super) async fn undo(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    if !typed.ticked("sure") {
        return Err(Failure::field("sure"));
    }
    let import = load(&app, &member, &id).await?;
    let import = import::start_undo(&app.services, member.id(), &import.id).await?;
    Ok(back(&member, &import))
}

/// `GET …/imports/{id}/report.csv`: everything that was noticed.
pub(super) async fn report(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let import = load(&app, &member, &id).await?;
    let what = format!("import {}", import.id);
    note_read(&app, member.id(), &what, &member.actor()).await?;
    let content = import::report_csv(
        &app.services,
        member.id(),
        &import.id,
        member.visitor.locale,
    )
    .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"report-{}.csv\"", import.id),
        ),
    ];
    let content = content.map_err(std::io::Error::other);
    Ok((headers, Body::from_stream(content)).into_response())
}
