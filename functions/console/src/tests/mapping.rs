use axum::{body::Body, http::Method};
use wynos::{SubscriptionId, control::Scope};

use super::{Site, browser::Browser};

/// Two repairs in the code page of Polish Windows, whose customers are named by their phones, without a status.
const REPAIRS: &[u8] =
    b"Nr,Zg\xB3oszenie,Numer komu\x9C,Barwa\n1,Nie dzia\xB3a,501 234 567,czerwony\n2,P\xEAka,501 234 567,z\xB3oty\n";

/// Uploads a CSV list as the page's script does and has it read; the address of its page.
pub(super) async fn sent(
    site: &Site,
    browser: &mut Browser,
    shop: &SubscriptionId,
    table: &str,
    list: impl Into<Body>,
) -> String {
    browser.get(&format!("/s/{shop}/imports/new")).await;
    let fields = [
        ("format", "csv"),
        ("table", table),
        ("file_name", "list.csv"),
    ];
    let begun = browser
        .post(&format!("/s/{shop}/imports/begin"), &fields)
        .await;
    let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
    let url = begun["upload_url"].as_str().unwrap();
    let url = url.strip_prefix("http://wynos.test").unwrap();
    let kept = browser.request(Method::PUT, url, list.into(), &[]).await;
    assert!(kept.status.is_success(), "{}", kept.body);
    let uploaded = begun["uploaded_url"].as_str().unwrap();
    browser.post(uploaded, &[]).await;
    site.work().await;
    begun["page_url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whatever_a_list_lacks_is_said_in_the_form() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    let token = format!("Bearer {}", site.token(&shop, Scope::Write).await);
    let mut program = site.browser();
    let auth = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    for (path, body) in [
        (
            "customers/k1",
            r#"{"type": "PERSONAL", "person": "Jan", "phone": "+48501234567"}"#,
        ),
        (
            "custom-fields/f1",
            r#"{"form": "REPAIR", "name": "Kolor", "type": "TEXT", "required": false}"#,
        ),
    ] {
        let path = format!("/api/v1/{path}");
        let put = program
            .request(Method::PUT, &path, Body::from(body), &auth)
            .await;
        assert!(put.status.is_success(), "{}", put.body);
    }

    let page = &sent(&site, &mut anna, &shop, "repairs", REPAIRS).await;
    let asked = anna.get(page).await.body;
    let custom = format!("custom:{shop}:f1");
    for offered in [
        "value=\"customer_id.phone\">",
        "value=\"type_id.name\"",
        &format!("value=\"{custom}\">Kolor<"),
        "name=\"constant-status\"",
        "<option value=\"Windows-1250\" selected>",
        "<option value=\",\" selected>",
    ] {
        assert!(asked.contains(offered), "{offered}: {asked}");
    }

    // Read with another separator there is one column; the old one brings the old columns back.
    let stated = |separator| [("separator", separator), ("constant-status", "CLOSED")];
    let mapping = format!("{page}/mapping");
    let later = || site.services.clock.advance(chrono::TimeDelta::seconds(1));
    later();
    anna.post(&mapping, &stated(";")).await;
    site.work().await;
    let wrong = anna.get(page).await.body;
    assert!(
        wrong.contains("column-0") && !wrong.contains("column-1"),
        "{wrong}"
    );
    later();
    anna.post(&mapping, &stated(",")).await;
    site.work().await;
    let again = anna.get(page).await.body;
    assert!(
        again.contains("<option value=\"CLOSED\" selected>"),
        "{again}"
    );

    let columns = [
        ("column-0", "rma"),
        ("column-1", "issue"),
        ("column-2", "customer_id.phone"),
        ("column-3", &custom),
        ("constant-status", "CLOSED"),
        ("encoding", "Windows-1250"),
        ("separator", ","),
    ];
    later();
    anna.post(&mapping, &columns).await;
    site.work().await;
    anna.get(page).await;
    anna.post(&format!("{page}/apply"), &[]).await;
    site.work().await;
    let listed = program
        .request(Method::GET, "/api/v1/repairs", Body::empty(), &auth)
        .await;
    let listed: serde_json::Value = serde_json::from_str(&listed.body).unwrap();
    let repairs = listed["items"].as_array().unwrap();
    assert_eq!(repairs.len(), 2, "{listed}");
    for repair in repairs {
        assert_eq!(repair["customer_id"], format!("{shop}:k1"), "{repair}");
        assert_eq!(repair["status"], "CLOSED", "{repair}");
    }
    let told = listed.to_string();
    assert!(told.contains("Pęka") && told.contains("złoty"), "{told}");
}
