use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};
use wynos::{
    catalog::{Storage, Table},
    control::Source,
    i18n::{Args, text_with},
    yclients::{
        connect::{self, TableView},
        selection::{self, ComesBack, FilterPreview, FilterProblem, SelectionError},
    },
    zone::start_of_day,
};

use super::source::own_source;
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{Form, Frame, Named, Section, number, page},
};

/// Conditions that the form has room for.
const CONDITIONS: usize = 5;

/// How a column can be compared, by its kind.
const COMPARISONS: [(&str, &str); 9] = [
    ("equal", "console-filter-equal"),
    ("not_equal", "console-filter-not-equal"),
    ("less", "console-filter-less"),
    ("at_most", "console-filter-at-most"),
    ("greater", "console-filter-greater"),
    ("at_least", "console-filter-at-least"),
    ("contains", "console-filter-contains"),
    ("has", "console-filter-has"),
    ("not_null", "console-filter-not-null"),
];

#[derive(Template)]
#[template(path = "filter.html")]
struct FilterPage {
    frame: Frame,
    base: String,
    id: String,
    table: String,
    source: String,
    children: Vec<String>,
    may_change: bool,
    rows: Vec<ConditionItem>,
    /// Whether more conditions are filled in than are shown at once.
    more: bool,
    any: bool,
    /// A filter that the form has no room for, as it is kept.
    written: String,
    wrong: Option<String>,
    effect: Option<Effect>,
    filtered: bool,
}

struct ConditionItem {
    number: usize,
    columns: Vec<Named>,
    comparisons: Vec<Named>,
    value: String,
}

/// What saving would do, in words.
struct Effect {
    held: String,
    kept: String,
    gone: String,
    comes_back: String,
}

async fn own_table(
    app: &App,
    member: &Member,
    id: &str,
    table: &str,
) -> Result<(Source, TableView), Failure> {
    let source = own_source(app, member, id).await?;
    let views = connect::tables(&app.services, &source.id).await?;
    let view = views
        .into_iter()
        .find(|view| view.state.table_name == table);
    Ok((source, view.ok_or(Kind::NotFound)?))
}

/// `GET /s/{subscription}/sources/{id}/tables/{table}`: which rows of a table are kept.
pub(super) async fn form(
    State(app): State<App>,
    member: Member,
    Path((_, id, table)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    let (source, view) = own_table(&app, &member, &id, &table).await?;
    let kept = view.state.filter.clone();
    let typed = kept.as_ref().map_or_else(Form::default, form_of);
    shown(&member, &source, &view, &typed, None, None)
}

/// `POST /s/{subscription}/sources/{id}/tables/{table}`: shows what a filter would do, saves it, or takes it away.
pub(super) async fn change(
    State(app): State<App>,
    member: Member,
    Path((_, id, table)): Path<(String, String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let (source, view) = own_table(&app, &member, &id, &table).await?;
    let step = typed.text("step").to_owned();
    let filter = match step.as_str() {
        "clear" => None,
        _ => match read(&member, &view.table, &typed) {
            Ok(filter) => filter,
            Err(problem) => {
                let refused = SelectionError::Filter { table, problem };
                return again(&member, &source, &view, typed, &refused);
            }
        },
    };
    let none = json!("all");
    if step == "preview" {
        let wanted = filter.as_ref().unwrap_or(&none);
        let seen = selection::preview(&app.services, &source.id, &table, wanted).await;
        return match seen {
            Ok(preview) => shown(
                &member,
                &source,
                &view,
                &Form::of(typed),
                Some(preview),
                None,
            ),
            Err(error) => again(&member, &source, &view, typed, &error),
        };
    }
    let by = member.actor();
    let services = &app.services;
    let set = selection::set_filter(services, &source.id, &table, filter.as_ref(), by).await;
    match set {
        Ok(()) => {
            let to = format!("{}/sources/{}?done=saved", member.base(), source.id);
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => again(&member, &source, &view, typed, &error),
    }
}

fn again(
    member: &Member,
    source: &Source,
    view: &TableView,
    typed: Fields,
    error: &SelectionError,
) -> Result<Response, Failure> {
    let locale = member.visitor.locale;
    let wrong = match error {
        SelectionError::Filter { problem, .. } => {
            let args = Args::new().with("problem", problem.say(locale));
            text_with(locale, "console-filter-wrong", &args)
        }
        SelectionError::Child { of, .. } => {
            let args = Args::new().with("of", of.as_str());
            text_with(locale, "problem-selection-child", &args)
        }
        SelectionError::Table { .. } => return Err(Kind::NotFound.into()),
        other => return Err(Failure::noted(Kind::Unavailable, other)),
    };
    shown(member, source, view, &Form::of(typed), None, Some(wrong))
}

fn shown(
    member: &Member,
    source: &Source,
    view: &TableView,
    typed: &Form,
    preview: Option<FilterPreview>,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let locale = member.visitor.locale;
    let mut frame = Frame::inside(member, Section::Sources, "console-sources-title");
    frame.title = view.table.label.get(locale).to_owned();
    let count = |rows: u64| number(locale, i64::try_from(rows).unwrap_or(i64::MAX));
    let effect = preview.map(|preview| Effect {
        held: count(preview.held),
        kept: count(preview.kept),
        gone: count(preview.held.saturating_sub(preview.kept)),
        comes_back: frame.t(match preview.comes_back {
            ComesBack::All => "console-filter-back-all",
            ComesBack::LastMonth => "console-filter-back-month",
        }),
    });
    page(&FilterPage {
        base: member.base(),
        id: source.id.to_string(),
        table: view.state.table_name.clone(),
        source: source.name.clone(),
        children: view
            .children
            .iter()
            .map(|child| child.label.get(locale).to_owned())
            .collect(),
        may_change: member.may_change(),
        rows: (0..CONDITIONS)
            .map(|number| condition(&frame, &view.table, typed, number))
            .collect(),
        more: (2..CONDITIONS).any(|number| !typed.is(&format!("column-{number}"), "")),
        any: typed.is("join", "or"),
        written: typed.fields.raw("written").to_owned(),
        wrong,
        effect,
        filtered: view.state.filter.is_some(),
        frame,
    })
}

fn condition(frame: &Frame, table: &Table, typed: &Form, number: usize) -> ConditionItem {
    let said = |part: &str| typed.text(&format!("{part}-{number}")).to_owned();
    let (column, is) = (said("column"), said("is"));
    let columns = table.columns.iter().map(|known| Named {
        name: known.name.to_string(),
        label: known.label.get(frame.locale()).to_owned(),
        chosen: known.name == column,
    });
    let comparisons = COMPARISONS.iter().map(|(word, key)| Named {
        name: (*word).to_owned(),
        label: frame.t(key),
        chosen: *word == is,
    });
    ConditionItem {
        number,
        columns: columns.collect(),
        comparisons: comparisons.collect(),
        value: said("value"),
    }
}

/// The filter that a form describes; `None` for all rows. What cannot be understood is named.
fn read(
    member: &Member,
    table: &Arc<Table>,
    typed: &Fields,
) -> Result<Option<Value>, FilterProblem> {
    if let Some(written) = typed.optional("written") {
        let json: Value = serde_json::from_str(written)
            .map_err(|error| FilterProblem::NotJson(error.to_string()))?;
        return Ok(Some(json));
    }
    let mut conditions = Vec::new();
    for number in 0..CONDITIONS {
        let said = |part: &str| typed.text(&format!("{part}-{number}"));
        let name = said("column");
        let Some(column) = table.column(name) else {
            if name.is_empty() {
                continue;
            }
            return Err(FilterProblem::NoColumn(name.to_owned()));
        };
        conditions.push(match said("is") {
            "not_null" => json!({ "not_null": name }),
            "has" => json!({ "column": name, "has": element(said("value")) }),
            is => json!({
                "column": name, "is": is,
                "value": value(member, column.ty.storage(), said("value")),
            }),
        });
    }
    let join = if typed.text("join") == "or" {
        "or"
    } else {
        "and"
    };
    Ok(match conditions.len() {
        0 => None,
        1 => conditions.pop(),
        _ => Some(json!({ join: conditions })),
    })
}

fn element(text: &str) -> Value {
    text.parse::<i64>()
        .map_or_else(|_| json!(text), Value::from)
}

/// What was typed, as the filter of a column of this kind has it. A moment may be a day of the business.
fn value(member: &Member, storage: Storage, text: &str) -> Value {
    match storage {
        Storage::Integer => element(text),
        Storage::Boolean => match text.to_lowercase().as_str() {
            "true" | "yes" | "tak" | "да" | "1" => Value::Bool(true),
            "false" | "no" | "nie" | "нет" | "0" => Value::Bool(false),
            _ => json!(text),
        },
        Storage::Timestamp => match text.parse() {
            Ok(day) => json!(start_of_day(day, member.zone).to_rfc3339()),
            Err(_) => json!(text),
        },
        Storage::Decimal(_) => json!(text.replace(',', ".")),
        _ => json!(text),
    }
}

/// A form filled in with a filter; one that has no room there stands as it is written.
fn form_of(filter: &Value) -> Form {
    let list = |join: &str| filter.get(join).and_then(Value::as_array).cloned();
    let (join, conditions) = match (list("and"), list("or")) {
        (Some(conditions), _) => ("and", conditions),
        (None, Some(conditions)) => ("or", conditions),
        (None, None) => ("and", vec![filter.clone()]),
    };
    let plain: Option<Vec<_>> = conditions.iter().map(plain).collect();
    match plain.filter(|plain| plain.len() <= CONDITIONS) {
        Some(plain) => plain.into_iter().enumerate().fold(
            Form::default().with("join", join),
            |form, (number, (column, is, value))| {
                form.with(&format!("column-{number}"), column)
                    .with(&format!("is-{number}"), is)
                    .with(&format!("value-{number}"), value)
            },
        ),
        None => Form::default().with("written", filter.to_string()),
    }
}

/// A condition as the fields of the form: column, comparison, value.
fn plain(condition: &Value) -> Option<(String, String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Some(column) = condition.get("not_null").and_then(Value::as_str) {
        return Some((column.to_owned(), "not_null".to_owned(), String::new()));
    }
    let column = condition.get("column")?.as_str()?.to_owned();
    if let Some(element) = condition.get("has") {
        return Some((column, "has".to_owned(), text(element)));
    }
    let is = condition.get("is")?.as_str()?.to_owned();
    Some((column, is, text(condition.get("value")?)))
}
