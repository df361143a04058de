use std::collections::BTreeMap;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Answer, Ask};
use crate::{
    model::{Client, Record},
    render::{Json, Page},
};

const MOST: usize = 200;
const DEFAULT: usize = 25;

/// `POST /company/{c}/clients/search`: only the fields asked for come back, unknown ones are silently left out.
pub fn search(page: Page<'_>, ask: &Ask) -> Answer {
    let body: Value = match serde_json::from_slice(&ask.body) {
        Ok(body) => body,
        Err(_) => return Answer::refusal(StatusCode::BAD_REQUEST, "Неверный формат запроса"),
    };
    let filters = body
        .get("filters")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if !filters.iter().all(is_known) {
        return Answer::invalid(
            StatusCode::BAD_REQUEST,
            "Недопустимое значение фильтра",
            &json!({ "filters": ["Недопустимое значение состояния фильтра"] }),
        );
    }
    let any = body.get("operation").and_then(Value::as_str) == Some("OR");
    let fits = |client: &&Client| {
        let mut held = filters.iter().map(|filter| holds(filter, client));
        client.deleted.is_none()
            && (filters.is_empty()
                || if any {
                    held.any(|it| it)
                } else {
                    held.all(|it| it)
                })
    };
    let number = |name: &str| {
        body.get(name)
            .and_then(Value::as_u64)
            .and_then(|it| usize::try_from(it).ok())
    };
    let size = number("page_size")
        .filter(|size| *size > 0)
        .unwrap_or(DEFAULT)
        .min(MOST);
    let skipped = (number("page").unwrap_or(1).max(1) - 1).saturating_mul(size);
    let total = page.salon.clients.iter().filter(fits).count();
    let shown: Vec<&Client> = page
        .salon
        .clients
        .iter()
        .filter(fits)
        .skip(skipped)
        .take(size)
        .collect();
    let fields: Vec<&str> = match body.get("fields").and_then(Value::as_array) {
        Some(fields) => fields.iter().filter_map(Value::as_str).collect(),
        None => vec!["id"],
    };
    let visits = if fields.iter().any(|field| field.ends_with("_visit_date")) {
        visits(page, &shown)
    } else {
        BTreeMap::new()
    };
    let meta = format!(r#"{{"total_count":{total}}}"#);
    Answer::data(StatusCode::OK, shown.len() * 256, &meta, |json| {
        json.array(|json| {
            for client in shown {
                json.object(|json| {
                    for field in &fields {
                        write(page, json, client, field, visits.get(&client.id));
                    }
                });
            }
        });
    })
}

type FirstAndLast = (DateTime<Utc>, DateTime<Utc>);

fn visits(page: Page<'_>, clients: &[&Client]) -> BTreeMap<i64, FirstAndLast> {
    let mut visits: BTreeMap<i64, FirstAndLast> = BTreeMap::new();
    let came =
        |record: &&Record| !record.deleted && record.attendance == crate::model::Attendance::Came;
    for record in page.salon.records.iter().filter(came) {
        let Some(id) = record
            .client_id
            .filter(|id| clients.binary_search_by_key(id, |one| one.id).is_ok())
        else {
            continue;
        };
        let known = visits.entry(id).or_insert((record.start, record.start));
        *known = (known.0.min(record.start), known.1.max(record.start));
    }
    visits
}

fn write(
    page: Page<'_>,
    json: &mut Json,
    client: &Client,
    field: &str,
    visits: Option<&FirstAndLast>,
) {
    let visit = |json: &mut Json, at: Option<DateTime<Utc>>| match at {
        Some(at) => json.key(field).quoted(page.naive(at)),
        None => json.key(field).text(""),
    };
    match field {
        "id" => json.key(field).raw(client.id),
        "name" => json.key(field).text(client.name),
        "phone" => json.key(field).quoted(format_args!("+{}", client.phone)),
        "email" => json.key(field).text(&client.email),
        "discount" => json.key(field).raw(client.discount),
        "visits_count" => json.key(field).raw(client.visits),
        "sold_amount" => json.key(field).raw(client.spent.short()),
        "first_visit_date" => visit(json, visits.map(|visits| visits.0)),
        "last_visit_date" => visit(json, visits.map(|visits| visits.1)),
        "passteam_card_id" => json.key(field).text(""),
        _ => {}
    }
}

fn is_known(filter: &Value) -> bool {
    let kinds = ["id", "quick_search", "gender", "importance", "sold_amount"];
    let kind = filter.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| kinds.contains(&kind))
        && filter.get("state").is_some_and(Value::is_object)
}

fn holds(filter: &Value, client: &Client) -> bool {
    let kind = filter
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let state = |name: &str| filter.get("state").and_then(|state| state.get(name));
    let among = |id: i64| {
        let values = state("value").and_then(Value::as_array);
        values.is_some_and(|values| values.iter().any(|value| value.as_i64() == Some(id)))
    };
    match kind {
        "id" => among(client.id),
        "gender" => among(client.sex_id),
        "importance" => among(client.importance_id),
        "quick_search" => {
            let term = state("value")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_lowercase();
            client.display_name().to_lowercase().contains(&term) || client.phone.contains(&term)
        }
        _ => {
            let kopecks = |name: &str| {
                state(name)
                    .and_then(Value::as_f64)
                    .map(|roubles| roubles * 100.0)
            };
            #[expect(
                clippy::cast_precision_loss,
                reason = "sums of one client are far below 2^52"
            )]
            let spent = client.spent.0 as f64;
            kopecks("from").is_none_or(|from| spent >= from)
                && kopecks("to").is_none_or(|to| spent <= to)
        }
    }
}
