use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use wynos::{
    catalog::Locale,
    control::ReportKind,
    i18n::{Args, text, text_with},
    planner::PeriodRule,
    yclients::reports::{
        self, Definition, Path, Preview, PreviewTable, ReportError, ReportOrder, Target,
    },
};

use super::documents::cost_words;
use crate::{
    App,
    api::note_read,
    http::{Failure, Fields, Kind, Member},
    view::{
        DAYS, Form, Frame, Named, Refused, Section, page, path_refusal, period_refusal,
        read_period, read_schedule, refusal, report_refusal, schedule_refusal, with_period,
    },
};

/// The most bytes of a description.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// The most fields that a form carries with it to show them again: a form is read up to a number of fields, and chosen ones
/// are in it twice.
const MOST_CARRIED: usize = 800;

#[derive(Template)]
#[template(path = "report_new.html")]
struct NewPage {
    frame: Frame,
    base: String,
    typed: Form,
    days: [&'static str; 7],
    sources: Vec<Named>,
    kinds: Vec<Named>,
    /// The fields of the sample, once one was read.
    fields: Option<Vec<FieldItem>>,
    /// Whether these are all the fields of a sample: it is said then how many records it had.
    looked: bool,
    records: usize,
    /// What the sample was taken of and how many records it had, for the form to bring back; empty where it brings nothing.
    sampled: String,
    /// What a refresh would cost, where each record costs a call.
    cost: Option<String>,
    tables: Vec<TableItem>,
    approved: String,
}

struct FieldItem {
    path: String,
    ty: String,
    chosen: bool,
}

struct TableItem {
    name: String,
    columns: Vec<(String, String)>,
    rows: Vec<Vec<String>>,
    total: usize,
    notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Begun {
    #[serde(default)]
    source: String,
}

/// `GET /s/{subscription}/reports/new`: what a new report is made of.
pub(super) async fn form(
    State(app): State<App>,
    member: Member,
    Query(begun): Query<Begun>,
) -> Result<Response, Failure> {
    member.must_change()?;
    let first = Form::default()
        .with("source", begun.source)
        .with("kind", ReportKind::GoodsTransactions.as_str())
        .with("form", "json")
        .with("every", "daily")
        .with("at", "04:00")
        .with("interval", "12");
    let first = with_period(first, PeriodRule::LastDays(7));
    shown(&app, &member, first, None, |frame| frame).await
}

/// `POST /s/{subscription}/reports`: looks at a sample, shows what the report would bring, or makes it.
pub(super) async fn add(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let locale = member.visitor.locale;
    let step = typed.text("step").to_owned();
    let mut order = match read(locale, &typed) {
        Ok(order) => order,
        Err(refused) => return again(&app, &member, typed, None, refused).await,
    };
    if step == "sample" {
        order.definition = Definition {
            fields: Vec::new(),
            target: Target::Json,
        };
    }
    let preview = if step != "make" || order.definition.needs_sample() {
        let what = format!("preview of {}", order.source);
        note_read(&app, member.id(), &what, &member.actor()).await?;
        match Box::pin(reports::preview(&app.services, member.id(), &order)).await {
            Ok(preview) => Some(preview),
            Err(error) => {
                let refused = told(locale, error)?;
                return again(&app, &member, typed, None, refused).await;
            }
        }
    } else {
        None
    };
    let asked = matches!(order.definition.target, Target::Table { .. });
    let approved = preview.as_ref().map(digest);
    let approved = approved.is_some_and(|digest| typed.text("approved") == digest);
    if step != "make" || (asked && !approved) {
        return shown(&app, &member, Form::of(typed), preview.as_ref(), |frame| {
            let key = match step.as_str() {
                "make" => "console-reports-approve",
                _ => return frame,
            };
            let text = frame.t(key);
            frame.say("busy", text)
        })
        .await;
    }
    let by = member.actor();
    let made = reports::add(&app.services, member.id(), order, preview.as_ref(), &by);
    match Box::pin(made).await {
        Ok((report, _)) => {
            let to = format!("{}/reports/{}?done=made", member.base(), report.id);
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => {
            let refused = told(locale, error)?;
            again(&app, &member, typed, preview.as_ref(), refused).await
        }
    }
}

async fn again(
    app: &App,
    member: &Member,
    typed: Fields,
    preview: Option<&Preview>,
    (field, text): Refused,
) -> Result<Response, Failure> {
    // Fields that were found before stay to be chosen.
    let form = Form::of(typed).refused(field, text.clone());
    shown(app, member, form, preview, |frame| frame.say("bad", text)).await
}

async fn shown(
    app: &App,
    member: &Member,
    typed: Form,
    preview: Option<&Preview>,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let locale = member.visitor.locale;
    let sources = app.services.control.sources(member.id()).list().await?;
    let sources = sources.into_iter().map(|source| Named {
        chosen: typed.is("source", source.id.as_str()),
        name: source.id.to_string(),
        label: source.name,
    });
    let kinds = ReportKind::ALL.iter().map(|kind| Named {
        name: kind.to_string(),
        label: kind_name(locale, *kind),
        chosen: typed.is("kind", kind.as_str()),
    });
    let field = |(path, ty): (&Path, reports::FieldType)| {
        let name = path.to_string();
        FieldItem {
            ty: ty.to_string(),
            chosen: typed.has("field", &name),
            path: name,
        }
    };
    let fields = preview.map(|preview| preview.fields().map(field).collect::<Vec<_>>());
    // A form that was refused after its sample keeps the fields that were shown, whatever was looked at since.
    let before = match preview {
        None => kept(&typed),
        Some(_) => None,
    };
    let records = preview.map(|preview| preview.records);
    let records = records.or_else(|| before.as_ref().and_then(|before| before.records));
    let fields = fields.or_else(|| before.map(|before| before.fields));
    let few = fields
        .as_ref()
        .is_some_and(|fields| fields.len() <= MOST_CARRIED);
    let sampled = records.filter(|_| few);
    let dry = preview.filter(|_| !typed.is("step", "sample"));
    page(&NewPage {
        frame: say(Frame::inside(
            member,
            Section::Jobs,
            "console-reports-new-title",
        )),
        base: member.base(),
        days: DAYS,
        sources: sources.collect(),
        kinds: kinds.collect(),
        fields,
        looked: records.is_some(),
        records: records.unwrap_or(0),
        sampled: sampled.map_or_else(String::new, |records| {
            format!("{} {records}", sampled_of(&typed))
        }),
        cost: preview
            .and_then(|preview| preview.cost)
            .map(|cost| cost_words(locale, "console-reports-cost", cost)),
        tables: dry.map_or_else(Vec::new, |preview| {
            preview
                .tables
                .iter()
                .map(|table| TableItem::of(table, locale))
                .collect()
        }),
        approved: dry.map(digest).unwrap_or_default(),
        typed,
    })
}

/// What a form brings back of the sample that was shown in it.
struct Kept {
    fields: Vec<FieldItem>,
    /// How many records the sample had; `None` where the form speaks of other records than the sample did.
    records: Option<usize>,
}

/// What is shown again of a sample: all its fields, or those that were chosen where the records are to be others.
fn kept(typed: &Form) -> Option<Kept> {
    if typed.is("step", "sample") || typed.is("step", "") {
        return None;
    }
    let before = typed.text("sampled").rsplit_once(' ');
    let own = before.filter(|(of, _)| *of == sampled_of(typed));
    let records = own.and_then(|(_, records)| records.parse().ok());
    let mut fields: Vec<FieldItem> = Vec::new();
    if records.is_some() {
        let shown = typed.fields.all("shown");
        fields.extend(
            shown
                .filter_map(|shown| shown.split_once(' '))
                .map(|(ty, path)| FieldItem {
                    chosen: typed.has("field", path),
                    ty: ty.to_owned(),
                    path: path.to_owned(),
                }),
        );
    }
    for path in typed.fields.all("field") {
        if fields.iter().all(|field| field.path != path) {
            fields.push(FieldItem {
                path: path.to_owned(),
                ty: String::new(),
                chosen: true,
            });
        }
    }
    Some(Kept { fields, records })
}

/// Which records a sample of this form is taken of.
fn sampled_of(typed: &Form) -> String {
    format!("{} {}", typed.text("source"), typed.text("kind"))
}

/// The kind of a report as people call it.
pub(super) fn kind_name(locale: Locale, kind: ReportKind) -> String {
    text(
        locale,
        &format!("console-report-{}", kind.as_str().replace('_', "-")),
    )
}

/// What tells one structure of a table from another: what was shown is what is approved.
fn digest(preview: &Preview) -> String {
    let shapes: Vec<_> = preview.tables.iter().map(|table| &table.shape).collect();
    let text = serde_json::to_string(&shapes).unwrap_or_default();
    HEXLOWER.encode(&Sha256::digest(text))
}

impl TableItem {
    fn of(table: &PreviewTable, locale: Locale) -> Self {
        let cell =
            |row: &serde_json::Map<String, serde_json::Value>, name: &str| match row.get(name) {
                None => String::new(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
            };
        let cells = |row| {
            let cells = table.columns.iter().map(|(name, _)| cell(row, name));
            cells.collect()
        };
        Self {
            name: table.name.clone(),
            rows: table.rows.iter().map(cells).collect(),
            columns: table.columns.clone(),
            total: table.total,
            notes: table.notes(locale),
        }
    }
}

/// The report that a form describes.
fn read(locale: Locale, typed: &Fields) -> Result<ReportOrder, Refused> {
    let wrong = |field, key: &str| (field, text(locale, key));
    let name = typed.text("name").to_owned();
    if !(1..=64).contains(&name.chars().count()) {
        return Err(wrong("name", "problem-planner-name"));
    }
    let fields = typed.all("field").map(str::parse::<Path>);
    let fields: Vec<Path> = fields.collect::<Result<_, _>>().map_err(|error| {
        let args = Args::new().with("reason", path_refusal(locale, &error));
        let words = text_with(locale, "problem-reports-field", &args);
        ("fields", words)
    })?;
    let target = match typed.text("form") {
        "table" => Target::Table {
            name: typed.text("table").to_owned(),
        },
        "description" if typed.raw("description").len() > MOST_BYTES => {
            return Err(wrong("description", "problem-reports-long"));
        }
        "description" => Target::Description {
            yaml: typed.raw("description").replace("\r\n", "\n"),
        },
        _ => Target::Json,
    };
    Ok(ReportOrder {
        name,
        source: typed
            .text("source")
            .parse()
            .map_err(|_| wrong("source", "problem-planner-source"))?,
        kind: typed
            .text("kind")
            .parse()
            .map_err(|_| wrong("kind", "problem-reports-kind"))?,
        definition: Definition { fields, target },
        period: read_period(typed).map_err(|error| ("period", period_refusal(locale, &error)))?,
        schedule: read_schedule(typed)
            .map_err(|error| ("schedule", schedule_refusal(locale, &error)))?,
    })
}

/// What is refused about a report, as the field at fault and words about it.
pub(super) fn told(locale: Locale, error: ReportError) -> Result<Refused, Failure> {
    if let Some(refused) = report_refusal(locale, &error) {
        return Ok(refused);
    }
    match error {
        ReportError::Planner(error) => refusal(locale, error),
        ReportError::Control(error) => Err(error.into()),
        error => Err(Failure::noted(Kind::Internal, &error)),
    }
}
