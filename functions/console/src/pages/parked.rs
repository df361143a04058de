use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    body::Body,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::TryStreamExt;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use wynos::{
    catalog::{self, ColumnType, Locale, TableGroup},
    control::ImportId,
    import::{self, Finding},
    jobs,
    parked::{self, Parked, Replayed},
};

use super::address::Done;
use crate::{
    App,
    api::note_read,
    http::{Failure, Fields, Kind, Member},
    view::{Frame, Named, Section, moment, page, table_label},
};

/// Records of one page.
const PAGE: usize = 25;
/// What the fields of a corrected row begin with; the column follows.
const VALUE: &str = "value-";

#[derive(Template)]
#[template(path = "parked.html")]
struct ParkedPage {
    frame: Frame,
    base: String,
    /// The import whose rows are shown; nothing for all of them.
    import: String,
    records: Vec<Record>,
    /// Lists of these tables can be taken away.
    files: Vec<Named>,
    next: Option<String>,
}

struct Record {
    id: String,
    table: String,
    place: String,
    when: String,
    reasons: Vec<String>,
    /// What is kept of it.
    values: Vec<(String, String)>,
    replayable: bool,
    /// What somebody may mend before it is tried again.
    inputs: Vec<Input>,
}

struct Input {
    column: String,
    label: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    import: String,
    #[serde(default)]
    after: String,
}

impl Wanted {
    fn import(&self) -> Result<Option<ImportId>, Failure> {
        let named = Some(self.import.as_str()).filter(|import| !import.is_empty());
        let import = named.map(str::parse).transpose();
        import.map_err(|_| Kind::NotFound.into())
    }
}

/// `GET /s/{subscription}/parked`: what did not become a row, and why, for whoever may change rows.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let known = [("replayed", "console-parked-replayed")];
    shown(&app, &member, &wanted, |frame| {
        done.told(frame, "good", &known)
    })
    .await
}

async fn shown(
    app: &App,
    member: &Member,
    wanted: &Wanted,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    member.must_change()?;
    if wanted.after.contains('\0') {
        return Err(Kind::InvalidCursor.into());
    }
    let prefix = wanted.import()?.map(|import| import::kept_of(&import));
    let prefix = prefix.unwrap_or_default();
    note_read(app, member.id(), "parked", &member.actor()).await?;
    let warehouse = app.services.warehouses.open(member.id());
    let after = wanted.after.as_str().max(prefix.as_str());
    let found = parked::records(&warehouse, Some(after), PAGE as u64 + 1).await;
    let mut found = found.map_err(|error| Failure::noted(Kind::Unavailable, &error))?;
    found.retain(|kept| kept.id.starts_with(&prefix));
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let frame = say(Frame::inside(
        member,
        Section::Imports,
        "console-parked-title",
    ));
    let next = found.last().filter(|_| more).map(|last| {
        let mut query = Serializer::new(String::new());
        query.append_pair("import", &wanted.import);
        query.append_pair("after", &last.id);
        format!("{}/parked?{}", member.base(), query.finish())
    });
    page(&ParkedPage {
        base: member.base(),
        import: wanted.import.clone(),
        files: files(frame.locale(), &found),
        records: found.iter().map(|kept| record(member, kept)).collect(),
        next,
        frame,
    })
}

/// The tables whose rows imports kept aside, of those on the page.
fn files(locale: Locale, found: &[Parked]) -> Vec<Named> {
    let of_imports = found.iter().filter(|kept| kept.is_of_import());
    let tables: BTreeSet<&str> = of_imports.map(|kept| kept.table.as_str()).collect();
    let named = |table: &str| Named {
        name: table.to_owned(),
        label: table_label(locale, table),
        chosen: false,
    };
    tables.into_iter().map(named).collect()
}

fn record(member: &Member, kept: &Parked) -> Record {
    let locale = member.visitor.locale;
    // What a vendor sent has fields of its own under any name.
    let of_import = Some(kept).filter(|kept| kept.is_of_import());
    let findings = of_import.map(import::reasons).unwrap_or_default();
    let line = of_import.and_then(|kept| kept.body.get("line")?.as_u64());
    let line = line.map(|line| {
        let args = wynos::i18n::Args::new().with("line", line.to_string());
        wynos::i18n::text_with(locale, "console-import-line", &args)
    });
    let name = said_values(kept).and_then(|values| values.get("id"));
    let place = [name.map(text_of), line].into_iter().flatten();
    let mut reasons: Vec<String> = findings
        .iter()
        .map(|finding| said(locale, finding))
        .collect();
    if reasons.is_empty() {
        reasons.push(parked::in_words(locale, &kept.reason));
    }
    Record {
        id: kept.id.clone(),
        table: table_label(locale, &kept.table),
        place: place.collect::<Vec<_>>().join(" · "),
        when: moment(member, kept.at),
        values: values(locale, kept),
        replayable: kept.is_replayable(),
        inputs: inputs(locale, kept, &findings),
        reasons,
    }
}

/// What is wrong, where, and what stands there.
fn said(locale: Locale, finding: &Finding) -> String {
    let message = import::message(locale, finding);
    let found = match import::found_text(locale, finding).as_ref() {
        "" => String::new(),
        found => format!(" ({found})"),
    };
    match import::field_label(locale, finding) {
        Some(label) => format!("{label}: {message}{found}"),
        None => format!("{message}{found}"),
    }
}

fn values(locale: Locale, kept: &Parked) -> Vec<(String, String)> {
    let table = catalog::table(&kept.table);
    let said = |(name, value): (&String, &serde_json::Value)| {
        let column = table.and_then(|table| table.column(name));
        let label = column.map_or(name.as_str(), |column| column.label.get(locale));
        (label.to_owned(), text_of(value))
    };
    said_values(kept).into_iter().flatten().map(said).collect()
}

/// What the record said: an import keeps more than that with its rows.
fn said_values(kept: &Parked) -> Option<&serde_json::Map<String, serde_json::Value>> {
    let values = match kept.is_of_import() {
        true => kept.body.get("values"),
        false => Some(&kept.body),
    };
    values.and_then(serde_json::Value::as_object)
}

fn text_of(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The columns that something is wrong with, with what the row says there now.
fn inputs(locale: Locale, kept: &Parked, findings: &[Finding]) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    let is_unread = kept.body.get("unread") == Some(&true.into());
    for finding in findings {
        let column = catalog::table(&finding.table)
            .zip(finding.field.as_deref())
            .and_then(|(table, field)| table.column(field.split('/').next()?));
        // Values of fields can be secret: they are masked, and nobody can mend what they do not see.
        let column = column.filter(|column| column.ty != ColumnType::CustomValues);
        let Some(column) = column.filter(|of| inputs.iter().all(|known| known.column != of.name))
        else {
            continue;
        };
        // What could not be read stands among the values as something else, or not at all.
        let values = kept.body.get("values").filter(|_| !is_unread);
        let value = values.and_then(|values| values.get(column.name.as_ref()));
        inputs.push(Input {
            column: column.name.to_string(),
            label: column.label.get(locale).to_owned(),
            value: value.map_or_else(|| finding.found.clone(), text_of),
        });
    }
    inputs
}

/// `POST /s/{subscription}/parked`: tries a record again, a row of an import with the values that were mended.
pub(super) async fn replay(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let id = typed.optional("id").ok_or_else(|| Failure::field("id"))?;
    let wanted = Wanted {
        import: typed.text("import").to_owned(),
        after: String::new(),
    };
    let mut values = BTreeMap::new();
    for (name, value) in typed.iter() {
        if let Some(column) = name.strip_prefix(VALUE) {
            values.insert(column.to_owned(), value.trim().to_owned());
        }
    }
    let (services, subscription) = (&app.services, member.id());
    let replayed = parked::replay(services, subscription, id, &values, &member.actor()).await?;
    match replayed.ok_or(Kind::NotFound)? {
        Replayed::Done => {
            if let Err(error) = jobs::request_relay(services, subscription).await {
                tracing::debug!(%error, "what was told of a row is relayed later");
            }
            let mut query = Serializer::new(String::new());
            query.append_pair("import", &wanted.import);
            query.append_pair("done", "replayed");
            let to = format!("{}/parked?{}", member.base(), query.finish());
            Ok(Redirect::to(&to).into_response())
        }
        Replayed::Refused(reason) => {
            still(&app, &member, &wanted, |locale| {
                parked::in_words(locale, &reason)
            })
            .await
        }
        Replayed::Problems(findings) => {
            let words = |locale| {
                let said = findings.iter().map(|finding| said(locale, finding));
                said.collect::<Vec<_>>().join(" ")
            };
            still(&app, &member, &wanted, words).await
        }
    }
}

/// The list, saying why a record is still kept aside.
async fn still(
    app: &App,
    member: &Member,
    wanted: &Wanted,
    words: impl FnOnce(Locale) -> String,
) -> Result<Response, Failure> {
    let answer = shown(app, member, wanted, |frame| {
        let text = frame.with("console-parked-still", "problems", &words(frame.locale()));
        frame.say("bad", text)
    })
    .await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct WantedFile {
    #[serde(default)]
    table: String,
    #[serde(default)]
    import: String,
}

/// `GET /s/{subscription}/parked.csv`: the rows of a table that imports kept aside, to be mended and imported.
pub(super) async fn csv(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<WantedFile>,
) -> Result<Response, Failure> {
    member.must_change()?;
    let table = catalog::table(&wanted.table)
        .filter(|table| table.group == TableGroup::RepairShop)
        .ok_or(Kind::NotFound)?;
    let import = Wanted {
        import: wanted.import,
        after: String::new(),
    }
    .import()?;
    let what = format!("parked.csv {}", table.name);
    note_read(&app, member.id(), &what, &member.actor()).await?;
    let locale = member.visitor.locale;
    let (services, subscription) = (&app.services, member.id());
    let content = import::kept_csv(services, subscription, table, import.as_ref(), locale).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"parked-{}.csv\"", table.name),
        ),
    ];
    let content = content.map_err(std::io::Error::other);
    Ok((headers, Body::from_stream(content)).into_response())
}
