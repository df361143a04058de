use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use futures::stream;
use serde_json::{Value, json};

use crate::render::Json;

/// What the vendor answers.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; JSON, unless `html`.
    pub body: String,
    /// Whether the body is a page for people.
    pub html: bool,
    /// Seconds after which to ask again, where the vendor says so.
    pub retry_after: Option<u32>,
}

impl Answer {
    /// A body that is JSON.
    pub const fn json(status: StatusCode, body: String) -> Self {
        Self {
            status,
            body,
            html: false,
            retry_after: None,
        }
    }

    /// The envelope around data that is written by `data`; `meta` is JSON.
    pub fn data(status: StatusCode, room: usize, meta: &str, data: impl FnOnce(&mut Json)) -> Self {
        let mut json = Json::with_room(room);
        json.object(|json| {
            json.key("success").raw(true);
            json.key("data");
            data(json);
            json.key("meta").raw(meta);
        });
        Self::json(status, json.into_text())
    }

    /// A refusal in the usual shape.
    pub fn refusal(status: StatusCode, message: &str) -> Self {
        let body = json!({ "success": false, "data": null, "meta": { "message": message } });
        Self::json(status, body.to_string())
    }

    /// A refusal in the shape without `success` and `data` (facts §1.4).
    pub fn bare_refusal(status: StatusCode, message: &str) -> Self {
        let body = json!({
            "errors": { "code": status.as_u16(), "message": message },
            "meta": { "message": message },
        });
        Self::json(status, body.to_string())
    }

    /// A refusal that names fields.
    pub fn invalid(status: StatusCode, message: &str, errors: &Value) -> Self {
        let body = json!({ "success": false, "data": null, "meta": { "message": message, "errors": errors } });
        Self::json(status, body.to_string())
    }

    /// There is no such row.
    pub fn not_found() -> Self {
        Self::bare_refusal(StatusCode::NOT_FOUND, "Не найдено")
    }

    /// A page for people from something that stands before the API.
    pub fn page(status: StatusCode) -> Self {
        let body = format!(
            "<html>\r\n<head><title>{status}</title></head>\r\n<body><center><h1>{status}</h1></center></body>\r\n</html>\r\n"
        );
        Self {
            status,
            body,
            html: true,
            retry_after: None,
        }
    }

    /// The answer as HTTP.
    pub fn respond(self) -> Response {
        let body = Body::from(self.body);
        response(self.status, self.html, self.retry_after, body)
    }

    /// The first half of the answer, as if that were all.
    pub fn cut(mut self) -> Response {
        let mut half = self.body.len() / 2;
        while !self.body.is_char_boundary(half) {
            half -= 1;
        }
        self.body.truncate(half);
        self.respond()
    }

    /// The answer with an id that is none in every other record of its list.
    pub fn with_strange_ids(mut self) -> Response {
        if let Ok(mut body) = serde_json::from_str::<Value>(&self.body)
            && let Some(records) = body.get_mut("data").and_then(Value::as_array_mut)
        {
            for record in records.iter_mut().skip(1).step_by(2) {
                record["id"] = json!({ "of": "another kind" });
            }
            self.body = body.to_string();
        }
        self.respond()
    }

    /// The answer with every other record of its list.
    pub fn with_every_other(mut self) -> Self {
        if let Ok(mut body) = serde_json::from_str::<Value>(&self.body)
            && let Some(records) = body.get_mut("data").and_then(Value::as_array_mut)
        {
            *records = std::mem::take(records).into_iter().step_by(2).collect();
            self.body = body.to_string();
        }
        self
    }

    /// The first half of the answer, and then the connection breaks.
    pub fn break_off(self) -> Response {
        let bytes = Bytes::from(self.body);
        let half = bytes.slice(..bytes.len() / 2);
        let parts = [
            Ok(half),
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        ];
        response(
            self.status,
            self.html,
            None,
            Body::from_stream(stream::iter(parts)),
        )
    }
}

fn response(status: StatusCode, html: bool, retry_after: Option<u32>, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let kind = if html {
        "text/html"
    } else {
        "application/json; charset=utf-8"
    };
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
