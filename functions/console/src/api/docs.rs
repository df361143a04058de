use askama::Template;
use axum::{Json, http::HeaderMap, response::Response};
use serde_json::Value as JsonValue;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{
    bi_login, documents, erasures, exports, imports, jobs, journal, problem, reconciliations,
    records, reports, retention, rows, source_tables, source_work, sources, storage,
};
use crate::{
    http::{Failure, Visitor, language_from_header},
    view::{Frame, page as rendered},
};

/// The API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Wynos API",
        description = "A service business's own data. Every request carries an API token as `Authorization: Bearer wyn_…`; a \
                       token belongs to one subscription and sees nothing else. Errors are `application/problem+json` with a \
                       stable `code`. Lists go on at `next`, sent back as `cursor`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        exports::list, exports::order, exports::show,
        imports::list, imports::begin, imports::show, imports::start, imports::apply, imports::report, imports::undo,
        super::parked::list, super::parked::replay,
        bi_login::renew, bi_login::revoke,
        storage::show, rows::tables, rows::rows, records::list, records::show, super::put::put, super::delete::delete, journal::list,
        journal::csv,
        jobs::list, jobs::add, jobs::show, jobs::edit, jobs::remove, jobs::runs, jobs::run, jobs::pause, jobs::resume,
        retention::preview, erasures::erase,
        reconciliations::list, reconciliations::order, reconciliations::show, reconciliations::days,
        reconciliations::differences, reconciliations::differences_csv, reconciliations::days_csv,
        reports::list, reports::add, reports::preview, reports::show, reports::edit, reports::remove,
        sources::list, sources::add, sources::show, sources::change, sources::renew, sources::remove, sources::companies,
        source_tables::list, source_tables::change, source_tables::preview, source_work::histories, source_work::order_history,
        documents::details_cost, documents::order_details,
        source_work::webhook, source_work::register, source_work::rotate, source_work::unregister,
        source_work::revoke,
    ),
    components(schemas(problem::Problem)),
    tags(
        (name = "exports", description = "Files that leave."),
        (name = "imports", description = "Files that come in."),
        (name = "tables", description = "Rows of any table, to read."),
        (name = "records", description = "The shop's own records, to read and change."),
        (name = "jobs", description = "What runs by itself."),
        (name = "reports", description = "Extracts of the vendor's records that users define."),
        (name = "reconciliations", description = "Comparisons of what is held with what the vendor has."),
        (name = "sources", description = "Companies of a vendor whose data is copied."),
        (name = "journal", description = "What happened."),
    ),
    security(("token" = [])),
    modifiers(&Token)
)]
pub(crate) struct Description;

struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API token: wyn_…"))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    frame: Frame,
    lead: String,
    groups: Vec<Group>,
}

struct Group {
    name: String,
    text: String,
    calls: Vec<Call>,
}

struct Call {
    method: String,
    path: String,
    text: String,
    parameters: Vec<Parameter>,
    body: Option<String>,
    answers: String,
}

struct Parameter {
    name: String,
    place: String,
    text: String,
}

/// `GET /openapi.json`: the description for programs.
pub(crate) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(Description::openapi())
}

/// `GET /docs`: the description for people, made from the same document.
pub(crate) async fn page(headers: HeaderMap) -> Result<Response, Failure> {
    let document = serde_json::to_value(Description::openapi()).unwrap_or_default();
    let visitor = Visitor::reader(language_from_header(&headers));
    let mut frame = Frame::of(&visitor, "console-docs-title");
    frame.narrow = false;
    rendered(&DocsPage {
        frame,
        lead: text(&document, "/info/description"),
        groups: groups(&document),
    })
}

fn text(document: &JsonValue, place: &str) -> String {
    document
        .pointer(place)
        .and_then(JsonValue::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn groups(document: &JsonValue) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for tag in document
        .get("tags")
        .and_then(JsonValue::as_array)
        .into_iter()
        .flatten()
    {
        groups.push(Group {
            name: text(tag, "/name"),
            text: text(tag, "/description"),
            calls: Vec::new(),
        });
    }
    let paths = document.get("paths").and_then(JsonValue::as_object);
    for (path, methods) in paths.into_iter().flatten() {
        for (method, call) in methods.as_object().into_iter().flatten() {
            let tag = text(call, "/tags/0");
            if let Some(group) = groups.iter_mut().find(|group| group.name == tag) {
                group.calls.push(read_call(document, method, path, call));
            }
        }
    }
    groups
}

/// The name of the shape of a call's body; one that may be left out is this shape or nothing.
fn schema_of_body(call: &JsonValue) -> String {
    let schema = call.pointer("/requestBody/content/application~1json/schema");
    let or_nothing = schema.and_then(|schema| schema.get("oneOf")?.as_array());
    let schemas = schema.into_iter().chain(or_nothing.into_iter().flatten());
    schemas
        .map(|schema| text(schema, "/$ref"))
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

fn read_call(document: &JsonValue, method: &str, path: &str, call: &JsonValue) -> Call {
    let list = |name: &str| {
        call.get(name)
            .and_then(JsonValue::as_array)
            .into_iter()
            .flatten()
    };
    let parameter = |parameter: &JsonValue| Parameter {
        name: text(parameter, "/name"),
        place: text(parameter, "/in"),
        text: text(parameter, "/description"),
    };
    let answers = call.get("responses").and_then(JsonValue::as_object);
    let answers: Vec<String> = answers
        .into_iter()
        .flatten()
        .map(|(status, _)| status.clone())
        .collect();
    let summary = [text(call, "/summary"), text(call, "/description")];
    let schema = schema_of_body(call);
    Call {
        method: method.to_uppercase(),
        path: path.to_owned(),
        text: summary
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
        parameters: list("parameters").map(parameter).collect(),
        body: fields(document, &schema),
        answers: answers.join(", "),
    }
}

/// The fields of a body, as an example of its shape.
fn fields(document: &JsonValue, reference: &str) -> Option<String> {
    let schema = document.pointer(reference.strip_prefix('#')?)?;
    let properties = schema.get("properties")?.as_object()?;
    let line = |(name, property): (&String, &JsonValue)| {
        format!("  {name}: {}", text(property, "/description"))
    };
    Some(properties.iter().map(line).collect::<Vec<_>>().join("\n"))
}
