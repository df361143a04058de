use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use wynos::{
    SubscriptionId,
    control::{By, Scope},
    warehouse::Filter,
};

use super::{Site, browser::Browser};

const LIST: &str = "id;type;person;phone\r\nc1;PERSONAL;Jan Żółć;501 234 567\r\nc2;PERSONAL;Ewa;\r\nc3;ALIEN;Zed;\r\n";

/// Sends the upload form as a browser without scripts does.
pub(super) async fn upload(
    browser: &mut Browser,
    shop: &SubscriptionId,
    token: &str,
    name: &str,
) -> super::browser::Answer {
    let fields = [
        ("csrf", token),
        ("order", "o1"),
        ("format", "csv"),
        ("table", "customers"),
    ];
    let mut body = String::new();
    for (field, value) in fields {
        body +=
            &format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{LIST}\r\n--x--\r\n"
    );
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    browser
        .request(
            Method::POST,
            &format!("/s/{shop}/imports"),
            Body::from(body),
            &kind,
        )
        .await
}

pub(super) async fn customers(site: &Site, shop: &SubscriptionId) -> u64 {
    let snapshot = site
        .services
        .warehouses
        .open(shop)
        .snapshot()
        .await
        .unwrap();
    snapshot
        .count(wynos::catalog::table("customers").unwrap(), &Filter::All)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_list_is_uploaded_shown_written_when_confirmed_and_undone() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("/s/{shop}/imports/new")).await;
    let token = anna.csrf.clone();
    let sent = upload(&mut anna, &shop, &token, "klienci.csv").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let import = sent.location().to_owned();
    assert!(anna.get(&import).await.body.contains("data-busy"));
    site.work().await;
    let preview = anna.get(&import).await;
    assert!(
        preview.body.contains("What would happen") && preview.body.contains("ALIEN"),
        "{}",
        preview.body
    );
    assert!(
        preview.body.contains("<select id=\"column-0\"") && !preview.body.contains("data-busy"),
        "{}",
        preview.body
    );
    assert_eq!(
        customers(&site, &shop).await,
        0,
        "nothing is written before it is confirmed"
    );
    let report = anna.get(&format!("{import}/report.csv")).await;
    assert!(
        report.body.contains("ALIEN") && report.header("content-type").starts_with("text/csv"),
        "{}",
        report.body
    );
    let confirmed = anna.post(&format!("{import}/apply"), &[]).await;
    assert_eq!(confirmed.location(), import, "{}", confirmed.body);
    site.work().await;
    assert_eq!(customers(&site, &shop).await, 2);
    let done = anna.get(&import).await;
    assert!(
        done.body.contains("Everything is written") && done.body.contains("Undo this import"),
        "{}",
        done.body
    );
    assert_eq!(
        anna.post(&format!("{import}/undo"), &[]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    anna.get(&import).await;
    assert_eq!(
        anna.post(&format!("{import}/undo"), &[("sure", "yes")])
            .await
            .location(),
        import
    );
    site.work().await;
    assert_eq!(customers(&site, &shop).await, 0);
}

#[tokio::test]
async fn other_columns_are_chosen_before_anything_is_written() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("/s/{shop}/imports/new")).await;
    let token = anna.csrf.clone();
    let import = upload(&mut anna, &shop, &token, "list.csv")
        .await
        .location()
        .to_owned();
    site.work().await;
    anna.get(&import).await;
    site.services.clock.advance(chrono::TimeDelta::seconds(1));
    let columns = [
        ("column-0", "id"),
        ("column-1", "type"),
        ("column-2", "company_name"),
        ("column-3", ""),
    ];
    let chosen = anna.post(&format!("{import}/mapping"), &columns).await;
    assert_eq!(chosen.location(), import, "{}", chosen.body);
    site.work().await;
    let preview = anna.get(&import).await;
    assert!(
        preview
            .body
            .contains("<option value=\"company_name\" selected>"),
        "{}",
        preview.body
    );
}

#[tokio::test]
async fn an_import_that_broke_off_midway_goes_on_or_back() {
    for (step, button, end) in [
        ("apply", "Go on where it broke off", 2),
        ("undo", "Undo this import", 0),
    ] {
        let site = Site::new().await;
        let (shop, _) = site.shop("Shop", "anna@example.com").await;
        let mut anna = site.signed_in("anna@example.com").await;
        anna.get(&format!("/s/{shop}/imports/new")).await;
        let token = anna.csrf.clone();
        let sent = upload(&mut anna, &shop, &token, "klienci.csv").await;
        let page = sent.location().to_owned();
        site.work().await;
        let (services, now) = (&site.services, site.services.clock.now());
        let id = page.rsplit('/').next().unwrap().parse().unwrap();
        let mut tx = services.control.begin().await.unwrap();
        let mut imports = tx.imports(&shop);
        let counts = imports
            .applying(&id, By::Request, now)
            .await
            .unwrap()
            .counts;
        let place = serde_json::json!({ "seen": 0 });
        imports.checkpoint(&id, &place, &counts, now).await.unwrap();
        tx.commit().await.unwrap();
        wynos::import::give_up(services, &shop, &id).await.unwrap();
        let failed = anna.get(&page).await;
        assert!(failed.body.contains(button), "{}", failed.body);
        assert!(
            failed.body.contains("never came to its end"),
            "{}",
            failed.body
        );
        let asked = anna
            .post(&format!("{page}/{step}"), &[("sure", "yes")])
            .await;
        assert_eq!(asked.location(), page, "{}", asked.body);
        site.work().await;
        assert_eq!(customers(&site, &shop).await, end);
    }
}

#[tokio::test]
async fn an_upload_from_a_forged_form_or_a_stranger_keeps_nothing() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    site.shop("Other", "other@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    assert_eq!(
        upload(&mut anna, &shop, "AAAA", "x.csv").await.status,
        StatusCode::FORBIDDEN
    );
    let mut other = site.signed_in("other@example.com").await;
    other.get("/account").await;
    let token = other.csrf.clone();
    assert_eq!(
        upload(&mut other, &shop, &token, "x.csv").await.status,
        StatusCode::NOT_FOUND
    );
    assert!(
        site.services
            .control
            .imports(&shop)
            .list(None, 10)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_program_uploads_to_the_address_it_is_told_and_no_more_than_allowed() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let token = format!("Bearer {}", site.token(&shop, Scope::Write).await);
    let mut program = site.browser();
    let auth = [("authorization", token.as_str())];
    let new = r#"{"file_name": "list.csv", "format": "csv", "table": "customers"}"#;
    let begun = program
        .request(Method::POST, "/api/v1/imports", Body::from(new), &auth)
        .await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
    let url = begun["upload_url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://wynos.test")
        .unwrap()
        .to_owned();
    let huge = [("content-length", "99999999999999")];
    assert_eq!(
        program
            .request(Method::PUT, &url, Body::empty(), &huge)
            .await
            .status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let forged = url.replace("l=", "l=9");
    assert_eq!(
        program
            .request(Method::PUT, &forged, Body::from(LIST), &[])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        program
            .request(Method::GET, &url, Body::empty(), &[])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        program
            .request(Method::PUT, &url, Body::from(LIST), &[])
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    let path = format!("/api/v1/imports/{}", begun["id"].as_str().unwrap());
    for (step, status) in [
        ("start", "previewed"),
        ("apply", "applied"),
        ("undo", "undone"),
    ] {
        let asked = program
            .request(
                Method::POST,
                &format!("{path}/{step}"),
                Body::empty(),
                &auth,
            )
            .await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{step}: {}", asked.body);
        site.work().await;
        let import = program
            .request(Method::GET, &path, Body::empty(), &auth)
            .await;
        assert!(
            import.body.contains(&format!("\"status\":\"{status}\"")),
            "{step}: {}",
            import.body
        );
    }
    let report = format!("{path}/report");
    for (language, word) in [("", "Rodzaj"), ("en", "Kind")] {
        program.language = language;
        let told = program
            .request(Method::GET, &report, Body::empty(), &auth)
            .await;
        assert!(told.body.contains(word), "{}", told.body);
    }
    let again = program
        .request(Method::POST, &format!("{path}/apply"), Body::empty(), &auth)
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
}

#[tokio::test]
async fn a_program_sees_what_was_guessed_and_mends_it() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let token = format!("Bearer {}", site.token(&shop, Scope::Write).await);
    let mut program = site.browser();
    let auth = [("authorization", token.as_str())];
    let new = r#"{"file_name": "list.csv", "format": "csv", "table": "customers"}"#;
    let begun = program
        .request(Method::POST, "/api/v1/imports", Body::from(new), &auth)
        .await;
    let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
    let url = begun["upload_url"].as_str().unwrap();
    let url = url.strip_prefix("http://wynos.test").unwrap();
    let list = "id;Aura;created_at\nc1;Jan;03/04/2024\n";
    program
        .request(Method::PUT, url, Body::from(list), &[])
        .await;
    let path = format!("/api/v1/imports/{}", begun["id"].as_str().unwrap());
    let start = format!("{path}/start");
    program
        .request(Method::POST, &start, Body::empty(), &auth)
        .await;
    site.work().await;
    let told = program
        .request(Method::GET, &path, Body::empty(), &auth)
        .await;
    let mut told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(told["mapping"]["columns"][1]["header"], "Aura", "{told}");
    assert_eq!(told["questions"][1]["kind"], "date_order", "{told}");
    assert_eq!(
        told["counts"]["tables"]["customers"]["rejected"], 1,
        "{told}"
    );
    told["mapping"]["columns"][1]["target"] = "person".into();
    told["mapping"]["columns"][2]["date_order"] = "month_first".into();
    let mended = serde_json::json!({ "mapping": told["mapping"] }).to_string();
    let again = program
        .request(Method::POST, &start, Body::from(mended), &auth)
        .await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.body);
    site.work().await;
    let told = program
        .request(Method::GET, &path, Body::empty(), &auth)
        .await;
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(told["counts"]["tables"]["customers"]["new"], 1, "{told}");
    assert_eq!(
        told["counts"]["tables"]["customers"]["left_out"], 0,
        "{told}"
    );
}

#[tokio::test]
async fn a_program_is_told_why_and_where_its_file_was_refused() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let token = format!("Bearer {}", site.token(&shop, Scope::Write).await);
    let mut program = site.browser();
    let auth = [("authorization", token.as_str())];
    let new = r#"{"file_name": "shop.xml", "format": "exchange"}"#;
    let begun = program
        .request(Method::POST, "/api/v1/imports", Body::from(new), &auth)
        .await;
    let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
    let url = begun["upload_url"].as_str().unwrap();
    let url = url.strip_prefix("http://wynos.test").unwrap();
    let cut = "<?xml version=\"1.0\"?>\n<wynos xmlns=\"urn:wynos:exchange:1\" version=\"1.0\">\n<header><origin>demo";
    program
        .request(Method::PUT, url, Body::from(cut), &[])
        .await;
    let path = format!("/api/v1/imports/{}", begun["id"].as_str().unwrap());
    program
        .request(Method::POST, &format!("{path}/start"), Body::empty(), &auth)
        .await;
    site.work().await;
    for (language, word) in [("en", "ends"), ("pl", "wiersz")] {
        program.language = language;
        let told = program
            .request(Method::GET, &path, Body::empty(), &auth)
            .await;
        let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
        assert_eq!(told["failure"], "import.file-truncated", "{told}");
        assert_eq!(told["failure_details"]["line"], 3, "{told}");
        let message = told["failure_message"].as_str().unwrap();
        assert!(message.contains(word) && message.contains('3'), "{message}");
    }
}
