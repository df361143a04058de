use anyhow::{Context, Result};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use serde_json::{Map, Value as Json, json};

use super::{Functions, Invoked};

/// The most bytes of a request, as with Lambda.
const MAX_BODY: usize = 6 * 1024 * 1024;

/// A function behind a route.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    pub(super) functions: Functions,
    pub(super) function: String,
    pub(super) route: String,
}

/// Takes a request to the function as an HTTP API does (payload format 2.0), and its answer back.
pub(super) async fn forward(State(behind): State<Behind>, request: Request) -> Response {
    match through(&behind, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

async fn through(behind: &Behind, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let body = match axum::body::to_bytes(body, MAX_BODY).await {
        Ok(body) => body,
        Err(_) => return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
    };
    let event = event(&parts, &body, &behind.route).to_string();
    match behind.functions.invoke(&behind.function, event).await? {
        Invoked::Answer(answer) => answer_of(&serde_json::from_str(&answer)?),
        _ => Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
    }
}

fn event(parts: &Parts, body: &Bytes, route: &str) -> Json {
    let mut headers: Map<String, Json> = Map::new();
    let mut cookies = Vec::new();
    for (name, value) in &parts.headers {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if name == header::COOKIE {
            cookies.extend(text.split("; ").map(|cookie| Json::from(cookie.to_owned())));
        } else {
            headers.insert(name.to_string(), text.into());
        }
    }
    let path = parts.uri.path();
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "cookies": cookies,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "local",
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "tests",
            },
            "requestId": "local",
            "routeKey": route,
            "stage": "$default",
            "time": "22/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_795_305_600_000_u64,
        },
        "body": BASE64.encode(body),
        "isBase64Encoded": true,
    })
}

fn answer_of(answer: &Json) -> Result<Response> {
    let status = answer["statusCode"].as_u64().context("no status")?;
    let text = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"].as_bool() == Some(true) {
        BASE64.decode(text.as_bytes())?
    } else {
        text.as_bytes().to_vec()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(u16::try_from(status)?)?;
    let headers = response.headers_mut();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str())?;
        headers.insert(
            name,
            HeaderValue::try_from(value.as_str().unwrap_or_default())?,
        );
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        let cookie = HeaderValue::try_from(cookie.as_str().unwrap_or_default())?;
        headers.append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
