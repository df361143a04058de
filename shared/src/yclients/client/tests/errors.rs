use serde_json::{Value, json};

use super::{Scripted, Server, answer, caller, get, refusal, settings};
use crate::{
    control::{VendorName, testing::sqlite_bed},
    yclients::client::VendorError,
};

/// Each row of the table of errors: what comes, the code it is, and how often it was tried.
fn table() -> Vec<(&'static str, Scripted, &'static str, usize)> {
    let html = |status| Scripted(status, Vec::new(), b"<html>502 Bad Gateway</html>".to_vec());
    let second_shape = |status, code: u16| {
        let errors = json!({ "code": code, "message": "x" });
        answer(
            status,
            &json!({ "errors": errors, "meta": { "message": "x" } }),
        )
    };
    let fields = json!({ "success": false, "meta": { "message": "Zły", "errors": { "phone": ["+79161234567"], "+7 916": [] } } });
    let listed = json!({ "success": false, "data": null, "meta": { "message": "An error has occurred.", "errors": [{}] } });
    let licence = "Необходимо продлить лицензию в филиале с id: 7";
    vec![
        (
            "throttled under 200",
            refusal(200, "Превышен лимит запросов"),
            "vendor.throttled",
            3,
        ),
        (
            "throttled in English",
            refusal(200, "Too Many Requests"),
            "vendor.throttled",
            3,
        ),
        (
            "throttled under 403",
            refusal(403, "Rate limit exceeded"),
            "vendor.throttled",
            3,
        ),
        ("429 with a body", refusal(429, "x"), "vendor.throttled", 3),
        (
            "429 without a body",
            Scripted(429, vec![], vec![]),
            "vendor.throttled",
            3,
        ),
        ("400 with fields", answer(400, &fields), "vendor.invalid", 1),
        ("422 with a list", answer(422, &listed), "vendor.invalid", 1),
        ("409", refusal(409, "busy"), "vendor.invalid", 1),
        (
            "401",
            refusal(401, "Authentication needed."),
            "vendor.unauthorized",
            1,
        ),
        (
            "401, second shape",
            second_shape(401, 401),
            "vendor.unauthorized",
            1,
        ),
        (
            "second shape under 200",
            second_shape(200, 401),
            "vendor.unauthorized",
            1,
        ),
        (
            "partner's token",
            refusal(401, "Партнер не найден"),
            "vendor.partner-refused",
            1,
        ),
        ("402", refusal(402, licence), "vendor.licence-expired", 1),
        (
            "403 for the licence",
            refusal(403, licence),
            "vendor.licence-expired",
            1,
        ),
        (
            "licence under 200",
            refusal(200, licence),
            "vendor.licence-expired",
            1,
        ),
        (
            "403",
            refusal(403, "Недостаточно прав"),
            "vendor.forbidden",
            1,
        ),
        (
            "404",
            refusal(404, "Филиал не найден."),
            "vendor.not-found",
            1,
        ),
        (
            "404, second shape",
            second_shape(404, 404),
            "vendor.not-found",
            1,
        ),
        (
            "success false under 200",
            refusal(200, "что-то"),
            "vendor.invalid",
            1,
        ),
        ("500 as HTML", html(500), "vendor.unavailable", 3),
        ("502 as JSON", refusal(502, "x"), "vendor.unavailable", 3),
        (
            "503 without a body",
            Scripted(503, vec![], vec![]),
            "vendor.unavailable",
            3,
        ),
        ("403 as HTML", html(403), "vendor.forbidden", 1),
        ("200 as HTML", html(200), "vendor.malformed", 3),
        (
            "200 without a body",
            Scripted(200, vec![], vec![]),
            "vendor.malformed",
            3,
        ),
        (
            "200 cut off",
            Scripted(200, vec![], b"{\"success\":true,\"data\":[{".to_vec()),
            "vendor.malformed",
            3,
        ),
        (
            "too large",
            Scripted(200, vec![], vec![b' '; 10_001]),
            "vendor.too-large",
            1,
        ),
        (
            "a redirect elsewhere",
            Scripted(
                302,
                vec![("location", "http://example.invalid/".into())],
                vec![],
            ),
            "vendor.invalid",
            1,
        ),
    ]
}

#[tokio::test]
async fn every_row_of_the_table_of_errors_is_told_apart() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    for (what, scripted, code, attempts) in table() {
        server.answers([scripted]);
        let caller = caller(&bed, settings(&server), VendorName::Yclients);
        let error = get(&caller).await.unwrap_err();
        assert_eq!(error.code(), code, "{what}: {error:?}");
        assert_eq!(server.seen().len(), attempts, "{what}");
        assert_eq!(error.passes(), attempts > 1, "{what}");
        let shown = format!("{error} {error:?} {caller:?}");
        for secret in ["tajny", "+7", "records"] {
            assert!(!shown.contains(secret), "{what}: {shown}");
        }
        if what == "400 with fields" {
            assert!(matches!(&error, VendorError::Invalid { fields, .. } if fields == &["phone"]));
        }
    }
    bed.close().await;
}

#[tokio::test]
async fn an_empty_result_under_404_is_told_from_a_missing_company() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let caller = caller(&bed, settings(&server), VendorName::Yclients);
    server.answers([answer(
        404,
        &json!({ "errors": { "code": 404, "message": "Не найдено" }, "meta": { "message": "Не найдено" } }),
    )]);
    assert!(matches!(get(&caller).await, Err(VendorError::NothingFound)));
    server.answers([refusal(404, "Филиал не найден.")]);
    assert!(matches!(get(&caller).await, Err(VendorError::NotFound)));
    bed.close().await;
}

#[tokio::test]
async fn answers_without_an_envelope_or_a_body_are_taken_where_they_may_be_so() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let caller = caller(&bed, settings(&server), VendorName::Yclients);
    server.answers([answer(200, &json!([{ "id": 1 }]))]);
    assert_eq!(get(&caller).await.unwrap(), json!([{ "id": 1 }]));
    server.answers([answer(200, &json!({ "id": 1, "errors": [] }))]);
    assert_eq!(get(&caller).await.unwrap()["id"], 1);
    server.answers([Scripted(204, vec![], vec![])]);
    assert_eq!(get(&caller).await.unwrap(), Value::Null);
    server.answers([answer(201, &json!({ "success": 1, "data": null }))]);
    assert_eq!(get(&caller).await.unwrap(), Value::Null);
    bed.close().await;
}
