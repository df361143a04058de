//! How tests, the demonstration and people steer the sandbox: `/sandbox/…`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    accounts::{Account, MANAGER_EMAIL, OWNER_EMAIL, OWNER_PHONE, PASSWORD, TWO_FACTOR_EMAIL},
    faults::{Fault, FaultSpec, Planned},
    limits::{Ledger, Limits},
    world::Shared,
};

type Vendor = State<Arc<Shared>>;
type Refused = (StatusCode, Json<Value>);

/// More events in one step would hold everybody up.
const MOST_EVENTS: u64 = 1_000_000;

/// `GET /sandbox`: who may sign in, which companies there are, what time it is.
pub async fn about(State(shared): Vendor) -> Json<Value> {
    let application_token = shared.gate().accounts.token(Account::Application);
    let world = shared.world();
    let companies: Vec<Value> = world
        .business
        .salons
        .iter()
        .map(|salon| {
            json!({
                "id": salon.company.id,
                "title": salon.company.title,
                "time_zone": salon.company.time_zone.name(),
                "records": salon.records.len(),
                "clients": salon.clients.len(),
            })
        })
        .collect();
    Json(json!({
        "now": world.now(),
        "events": world.events,
        "logins": {
            "owner": [OWNER_EMAIL, OWNER_PHONE],
            "manager": [MANAGER_EMAIL],
            "two_factor": [TWO_FACTOR_EMAIL],
        },
        "password": PASSWORD,
        "application_token": application_token,
        "companies": companies,
    }))
}

/// How far life goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// How many things happen.
    events: u64,
    /// How much of the sandbox's time passes meanwhile.
    seconds: i64,
}

/// `POST /sandbox/step {"events": N, "seconds": S}`: N things happen, evenly over S seconds of the sandbox's time.
pub async fn step(State(shared): Vendor, Json(step): Json<Step>) -> Json<Value> {
    let now = shared.step(step.events.min(MOST_EVENTS), step.seconds);
    Json(json!({ "now": now, "events": shared.world().events }))
}

/// How lively it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Liveliness {
    /// How many things happen by themselves in a minute; 0: none.
    events_per_minute: u64,
}

/// `POST /sandbox/live {"events_per_minute": N}`: life goes on by itself, in the sandbox's time.
pub async fn live(State(shared): Vendor, Json(wanted): Json<Liveliness>) -> Json<Value> {
    let events = wanted.events_per_minute.min(MOST_EVENTS);
    shared
        .events_a_minute
        .store(events, std::sync::atomic::Ordering::Relaxed);
    Json(json!({ "events_per_minute": events }))
}

/// `GET /sandbox/faults`: the SPEC in force, and how often something befell a request.
pub async fn faults(State(shared): Vendor) -> Json<Value> {
    Json(faults_of(&shared))
}

fn faults_of(shared: &Shared) -> Value {
    let gate = shared.gate();
    let planned: u32 = gate
        .faults
        .planned
        .iter()
        .map(|planned| planned.times)
        .sum();
    json!({ "spec": gate.faults.spec.to_string(), "planned": planned, "befallen": gate.faults.befallen })
}

/// New faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFaults {
    /// Takes the place of the SPEC in force.
    spec: Option<String>,
    /// Whether what was ordered before for the next requests is forgotten.
    #[serde(default)]
    forget: bool,
    /// Befalls the next requests whose path contains `path`.
    #[serde(default)]
    next: Vec<NextFault>,
}

/// One fault for the next requests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NextFault {
    fault: String,
    #[serde(default)]
    path: String,
    /// How many such requests go well before.
    #[serde(default)]
    after: u32,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

/// `POST /sandbox/faults {"spec": "html=0.1", "next": [{"fault": "truncate", "path": "/records", "times": 2}]}`.
pub async fn set_faults(
    State(shared): Vendor,
    Json(new): Json<NewFaults>,
) -> Result<Json<Value>, Refused> {
    let spec: Option<FaultSpec> = match new.spec.as_deref().map(str::parse).transpose() {
        Ok(spec) => spec,
        Err(error) => return Err(refused(&error)),
    };
    let mut planned = Vec::with_capacity(new.next.len());
    for next in new.next {
        let Some(fault) = Fault::parse(&next.fault) else {
            return Err(refused(&format!("no such fault: {}", next.fault)));
        };
        planned.push(Planned {
            fault,
            path: next.path,
            after: next.after,
            times: next.times,
        });
    }
    let mut gate = shared.gate();
    if new.forget {
        gate.faults.planned.clear();
    }
    gate.faults.planned.extend(planned);
    if let Some(spec) = spec {
        gate.faults.spec = spec;
    }
    drop(gate);
    Ok(Json(faults_of(&shared)))
}

/// `GET /sandbox/limits`: requests and refusals, and what became of the calls of each endpoint.
pub async fn limits(State(shared): Vendor) -> Json<Value> {
    Json(limits_of(&shared))
}

fn limits_of(shared: &Shared) -> Value {
    let gate = shared.gate();
    let limits = gate
        .limits
        .map(|limits| json!({ "per_minute": limits.per_minute, "per_second": limits.per_second }));
    json!({ "limits": limits, "counts": gate.ledger.counts, "calls": gate.calls })
}

/// New limits; the counts begin anew.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLimits {
    /// Whether there are any.
    on: bool,
    /// In any sixty seconds; the vendor's where it is not said.
    per_minute: Option<usize>,
    /// In any second; the vendor's where it is not said.
    per_second: Option<usize>,
}

/// `POST /sandbox/limits {"on": true, "per_minute": 200, "per_second": 5}`.
pub async fn set_limits(State(shared): Vendor, Json(new): Json<NewLimits>) -> Json<Value> {
    let vendors = Limits::default();
    let limits = Limits {
        per_minute: new.per_minute.unwrap_or(vendors.per_minute),
        per_second: new.per_second.unwrap_or(vendors.per_second),
    };
    let mut gate = shared.gate();
    gate.limits = new.on.then_some(limits);
    gate.ledger = Ledger::default();
    gate.calls.clear();
    drop(gate);
    Json(limits_of(&shared))
}

/// `POST /sandbox/revoke`: every token is worthless; signing in gives new ones.
pub async fn revoke(State(shared): Vendor) -> Json<Value> {
    shared.gate().accounts.revoke();
    Json(json!({ "revoked": true }))
}

/// Which webhooks to read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    after: u64,
    limit: Option<usize>,
    company: Option<i64>,
}

/// `GET /sandbox/webhooks?after=0&limit=1000&company=ID`: webhooks in the order they left, and what became of them.
pub async fn webhooks(State(shared): Vendor, Query(which): Query<Which>) -> Response {
    let world = shared.world();
    let sent = world
        .deliveries
        .after(which.after, which.limit.unwrap_or(1_000));
    let last = sent.last().map_or(which.after, |sent| sent.number);
    let wanted = sent.iter().filter(|sent| {
        which
            .company
            .is_none_or(|company| sent.company_id == company)
    });
    let items: Vec<String> = wanted
        .map(|sent| {
            let crate::hooks::Sent {
                number,
                company_id,
                lost,
                body,
            } = sent;
            format!(
                r#"{{"number":{number},"company_id":{company_id},"lost":{lost},"body":{body}}}"#
            )
        })
        .collect();
    let stats = json!(world.deliveries.stats);
    let (waiting, posting) = (world.deliveries.waiting(), world.deliveries.posting);
    let body = format!(
        r#"{{"webhooks":[{}],"last":{last},"waiting":{waiting},"posting":{posting},"stats":{stats}}}"#,
        items.join(",")
    );
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Whether webhooks are posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    posting: bool,
}

/// `POST /sandbox/webhooks {"posting": false}`: webhooks are only written down, to be read here.
pub async fn set_posting(State(shared): Vendor, Json(new): Json<Posting>) -> Json<Value> {
    shared.change_world().deliveries.posting = new.posting;
    Json(json!({ "posting": new.posting }))
}

fn refused(problem: &impl ToString) -> Refused {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({ "message": problem.to_string() })),
    )
}
