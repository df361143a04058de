use axum::http::Method;
use serde_json::json;

use super::{Scripted, Server, answer, caller, fine, get, refusal, settings, spender};
use crate::{
    control::{VendorName, testing::sqlite_bed},
    yclients::client::{Caller, Vendor, VendorError},
};

#[tokio::test]
async fn a_call_brings_what_the_vendor_wants_to_see() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let accepts = [
        (VendorName::Yclients, "application/vnd.yclients.v2+json"),
        (VendorName::Altegio, "application/vnd.api.v2+json"),
    ];
    for (vendor, media_type) in accepts {
        server.answers([answer(
            200,
            &json!({ "success": true, "data": [1], "meta": { "count": 1 } }),
        )]);
        let params = [("changed_after", "2026-01-01T00:00:00+03:00".to_owned())];
        let caller = caller(&bed, settings(&server), vendor);
        let reply = caller.get("/company/7/../8/", &params).await.unwrap();
        assert_eq!(
            (reply.data, reply.meta),
            (json!([1]), json!({ "count": 1 }))
        );
        assert_eq!(reply.began_at, bed.now());
        let seen = server.seen().remove(0);
        assert_eq!(seen.headers["accept"], media_type);
        assert_eq!(seen.headers["content-type"], "application/json");
        assert_eq!(
            seen.headers["authorization"],
            "Bearer partner-tajny, User user-tajny"
        );
        assert_eq!(seen.uri.path(), "/api/v1/company/7/8/", "no way up");
        assert_eq!(
            seen.uri.query(),
            Some("changed_after=2026-01-01T00%3A00%3A00%2B03%3A00")
        );
    }
    let caller = caller(&bed, settings(&server), VendorName::Yclients);
    server.answers([fine(&json!([]))]);
    let body = json!({ "page": 1 });
    caller
        .post("/company/7/clients/search", &[], &body)
        .await
        .unwrap();
    let seen = server.seen().remove(0);
    assert_eq!(
        (seen.method, seen.body),
        (Method::POST, body.to_string().into_bytes())
    );
    bed.close().await;
}

#[tokio::test]
async fn a_damaged_letter_keeps_nothing_else_from_being_read() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let body = br#"{"success":true,"data":[{"id":1,"name":"Ola \ud83d"},{"id":2}],"meta":[]}"#;
    server.answers([Scripted(200, Vec::new(), body.to_vec())]);
    let caller = caller(&bed, settings(&server), VendorName::Yclients);
    let expected = json!([{ "id": 1, "name": "Ola \u{fffd}" }, { "id": 2 }]);
    assert_eq!(get(&caller).await.unwrap(), expected);
    bed.close().await;
}

#[tokio::test]
async fn signing_in_gives_a_token_or_says_why_not() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let vendor = Vendor::new(settings(&server));
    let anonymous = vendor
        .caller(
            &bed.control,
            &bed.clock,
            spender(&bed),
            VendorName::Yclients,
            None,
            None,
        )
        .unwrap();
    let token = json!({ "0": {}, "id": 1, "user_token": "wec23" });
    server.answers([answer(
        201,
        &json!({ "success": true, "data": token, "meta": [] }),
    )]);
    let signed_in = anonymous.sign_in("79161234567", "hasło").await.unwrap();
    assert_eq!(signed_in.token.reveal(), "wec23");
    assert!(!format!("{signed_in:?}").contains("wec23"));
    let seen = server.seen().remove(0);
    assert_eq!(seen.uri.path(), "/api/v1/auth");
    assert_eq!(seen.headers["authorization"], "Bearer partner-tajny");
    for (scripted, code) in [
        (fine(&json!({ "uuid": "u" })), "vendor.two-factor"),
        (refusal(401, "Неверный логин"), "vendor.wrong-password"),
        (refusal(422, "x"), "vendor.wrong-password"),
        (refusal(401, "Партнёр не найден"), "vendor.partner-refused"),
        (refusal(500, "x"), "vendor.unavailable"),
        (fine(&json!([])), "vendor.malformed"),
    ] {
        server.answers([scripted]);
        let error = anonymous.sign_in("79161234567", "hasło").await.unwrap_err();
        assert_eq!(error.code(), code);
        let shown = format!("{error:?} {error}");
        assert!(
            !shown.contains("hasło") && !shown.contains("7916"),
            "{shown}"
        );
    }
    let mut without = settings(&server);
    without.yclients.partner_token = None;
    let refused = Vendor::new(without).caller(
        &bed.control,
        &bed.clock,
        spender(&bed),
        VendorName::Yclients,
        None,
        None,
    );
    assert!(matches!(refused, Err(VendorError::NotConfigured)));
    bed.close().await;
}

#[test]
fn a_call_can_be_made_from_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let _ = |caller: &Caller| is_send(&caller.get("/x", &[]));
    let _ = |caller: &Caller| is_send(&caller.sign_in("a", "b"));
}
