use axum::http::{Method, StatusCode};
use serde_json::json;
use wynos::control::Scope;

use super::{Site, api::Program};

#[tokio::test]
async fn passwords_are_kept_encrypted_shown_masked_and_survive_a_masked_put() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let field = json!({"form": "CUSTOMER", "type": "PASSWORD", "name": "PIN", "required": false});
    let (status, answer) = program
        .ask(Method::PUT, "/api/v1/custom-fields/pin", Some(field))
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let record = |pin: &str| json!({"type": "PERSONAL", "person": "Jan", "custom_values": {"pin": pin, "note": "x"}});
    let (_, stored) = program
        .ask(Method::PUT, "/api/v1/customers/c1", Some(record("1234")))
        .await;
    let (note, pin) = (format!("{shop}:note"), format!("{shop}:pin"));
    assert_eq!(stored["custom_values"], json!({note: "x", pin: "••••"}));
    let raw = || async {
        use futures::StreamExt;
        let snapshot = site
            .services
            .warehouses
            .open(&shop)
            .snapshot()
            .await
            .unwrap();
        let table = wynos::catalog::table("customers").unwrap();
        let scan = wynos::warehouse::Scan::of(table).columns(["custom_values"]);
        let batch = snapshot
            .scan(scan)
            .await
            .unwrap()
            .next()
            .await
            .unwrap()
            .unwrap();
        batch.get(0).unwrap().get(0).as_str().unwrap().to_owned()
    };
    let sealed = raw().await;
    assert!(
        sealed.contains("enc:v1:") && !sealed.contains("1234"),
        "{sealed}"
    );
    program
        .ask(Method::PUT, "/api/v1/customers/c1", Some(record("••••")))
        .await;
    assert_eq!(raw().await, sealed);
}
