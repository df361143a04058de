use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Access, Caller, Patience, Vendor, VendorError, VendorSettings};
use crate::control::{LaneLimits, Purpose, Spender, VendorName, VendorToken, testing::Bed};

mod calls;
mod errors;
mod pace;
mod waits;

/// One answer of the server: status, headers, body.
#[derive(Clone)]
pub(crate) struct Scripted(
    pub(crate) u16,
    pub(crate) Vec<(&'static str, String)>,
    pub(crate) Vec<u8>,
);

/// What came to the server.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A vendor that answers what it is told to, the last answer again and again.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) base: String,
    script: Arc<Mutex<VecDeque<Scripted>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

pub(crate) fn answer(status: u16, body: &Value) -> Scripted {
    Scripted(status, Vec::new(), body.to_string().into_bytes())
}

pub(crate) fn fine(data: &Value) -> Scripted {
    answer(200, &json!({ "success": true, "data": data, "meta": [] }))
}

pub(crate) fn refusal(status: u16, message: &str) -> Scripted {
    let body = json!({ "success": false, "data": null, "meta": { "message": message } });
    answer(status, &body)
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            base: format!("http://{}/api/v1", listener.local_addr().unwrap()),
            script: Arc::default(),
            seen: Arc::default(),
        };
        let router = Router::new().fallback(reply).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub(crate) fn answers(&self, script: impl IntoIterator<Item = Scripted>) {
        *self.script.lock().unwrap() = script.into_iter().collect();
        self.seen.lock().unwrap().clear();
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn reply(
    State(server): State<Server>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    server.seen.lock().unwrap().push(Seen {
        method,
        uri,
        headers,
        body: body.to_vec(),
    });
    let mut script = server.script.lock().unwrap();
    let next = match script.len() {
        1 => script.front().cloned(),
        _ => script.pop_front(),
    };
    let Scripted(status, headers, body) = next.expect("an answer is told");
    let status = StatusCode::from_u16(status).unwrap();
    let mut response = (status, body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// Settings that reach that server, try three times, and wait for next to nothing.
pub(crate) fn settings(server: &Server) -> VendorSettings {
    VendorSettings {
        body_limit: 10_000,
        ..quick_settings(Access {
            base_url: server.base.clone(),
            partner_token: Some("partner-tajny".into()),
        })
    }
}

/// Settings that reach a server at that address, try three times, and wait for next to nothing.
pub(crate) fn quick_settings(access: Access) -> VendorSettings {
    VendorSettings {
        yclients: access.clone(),
        altegio: access,
        limits: LaneLimits {
            per_minute: 6_000_000,
            per_second: 100_000,
            share: 100,
        },
        patience: Patience {
            attempts: 3,
            first_wait: Duration::from_millis(2),
            answer: Duration::from_secs(5),
            ..Patience::default()
        },
        ..VendorSettings::default()
    }
}

fn spender(bed: &Bed) -> Spender {
    Spender {
        subscription: bed.subscription.id.clone(),
        source: None,
        purpose: Purpose::Pull,
    }
}

fn caller(bed: &Bed, settings: VendorSettings, vendor: VendorName) -> Caller {
    let token = VendorToken::new("user-tajny");
    Vendor::new(settings)
        .caller(
            &bed.control,
            &bed.clock,
            spender(bed),
            vendor,
            None,
            Some(&token),
        )
        .unwrap()
}

async fn get(caller: &Caller) -> Result<Value, VendorError> {
    caller.get("/records/7", &[]).await.map(|reply| reply.data)
}
