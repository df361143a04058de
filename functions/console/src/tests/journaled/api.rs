use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use wynos::control::Scope;

use super::{Browser, Watch};
use crate::tests::sources;

/// A program that is watched.
struct Program<'a> {
    watch: Watch<'a>,
    browser: Browser,
    token: String,
}

impl Program<'_> {
    async fn ask(&mut self, route: &'static str, path: &str, body: Value) -> Value {
        let (browser, token) = (&mut self.browser, self.token.clone());
        self.watch.program(browser, route, path, &token, body).await
    }
}

#[tokio::test]
async fn what_programs_do_is_in_the_journal() {
    let site = sources::site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program {
        token: format!("Bearer {}", site.token(&shop, Scope::Write).await),
        browser: site.browser(),
        watch: Watch::new(&site, shop),
    };
    records(&mut program).await;
    files(&mut program).await;
    companies(&mut program).await;
    program.watch.is_complete("/api/");
}

async fn records(program: &mut Program<'_>) {
    let one = "/api/v1/customers/c1";
    let put = json!({ "type": "PERSONAL", "person": "Jan" });
    program.ask("PUT /api/v1/{collection}/{id}", one, put).await;
    let reads = [
        ("GET /api/v1/{collection}", "/api/v1/customers"),
        ("GET /api/v1/{collection}/{id}", "/api/v1/employees"),
        (
            "GET /api/v1/tables/{name}/rows",
            "/api/v1/tables/repairs/rows",
        ),
    ];
    for (route, path) in reads {
        program.ask(route, path, Value::Null).await;
    }
    let before = program.watch.entries().await["access.rows-read"];
    let headers = [("authorization", program.token.as_str())];
    let browser = &mut program.browser;
    for path in ["/api/v1/customers", one] {
        browser
            .request(Method::GET, path, Body::empty(), &headers)
            .await;
    }
    let after = program.watch.entries().await["access.rows-read"];
    assert_eq!(
        before, after,
        "the same table on the same day is noted once"
    );
    let whom = json!({ "customer": "c1" });
    let erased = program
        .ask("POST /api/v1/erasures", "/api/v1/erasures", whom)
        .await;
    assert!(erased["proof"].as_str().unwrap().starts_with("erased:"));
    program
        .ask("DELETE /api/v1/{collection}/{id}", one, Value::Null)
        .await;
}

async fn files(program: &mut Program<'_>) {
    let order = json!({ "format": "csv", "table": "customers" });
    program
        .ask("POST /api/v1/exports", "/api/v1/exports", order)
        .await;
    let list = "id;type;person\r\nc1;PERSONAL;Jan\r\nc2;ALIEN;Zed\r\n";
    let new = json!({ "file_name": "list.csv", "format": "csv", "table": "customers" });
    let begun = program
        .ask("POST /api/v1/imports", "/api/v1/imports", new)
        .await;
    let url = begun["upload_url"].as_str().unwrap();
    let path = url.strip_prefix("http://wynos.test").unwrap();
    let stored = program
        .browser
        .request(Method::PUT, path, Body::from(list), &[])
        .await;
    assert!(stored.status.is_success(), "{}", stored.body);
    let path = format!("/api/v1/imports/{}", begun["id"].as_str().unwrap());
    for (route, what) in [
        ("POST /api/v1/imports/{id}/start", "start"),
        ("GET /api/v1/imports/{id}/report", "report"),
        ("POST /api/v1/imports/{id}/apply", "apply"),
    ] {
        let path = format!("{path}/{what}");
        program.ask(route, &path, Value::Null).await;
    }
    let route = "GET /api/v1/parked";
    let parked = program.ask(route, "/api/v1/parked", Value::Null).await;
    let aside = parked["items"][0]["id"].as_str().unwrap();
    let mended = json!({ "values": { "type": "PERSONAL" } });
    let route = "POST /api/v1/parked/{id}/replay";
    let again = format!("/api/v1/parked/{aside}/replay");
    program.ask(route, &again, mended).await;
    let route = "POST /api/v1/imports/{id}/undo";
    program
        .ask(route, &format!("{path}/undo"), Value::Null)
        .await;
    let path = "/api/v1/journal.csv";
    program
        .ask("GET /api/v1/journal.csv", path, Value::Null)
        .await;
}

async fn companies(program: &mut Program<'_>) {
    let new = json!({ "token": "application", "company": 1050 });
    let made = program
        .ask("POST /api/v1/sources", "/api/v1/sources", new)
        .await;
    let source = made["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/sources/{source}");
    let change = json!({ "name": "Another" });
    program
        .ask("PATCH /api/v1/sources/{id}", &path, change)
        .await;
    let filter = json!({ "filter": { "column": "staff_id", "is": "equal", "value": 7 } });
    let table = format!("{path}/tables/yclients_records");
    let route = "PATCH /api/v1/sources/{id}/tables/{table}";
    program.ask(route, &table, filter).await;
    let credential = json!({ "token": "another" });
    let at = format!("{path}/credential");
    program
        .ask("PUT /api/v1/sources/{id}/credential", &at, credential)
        .await;
    let webhook = format!("{path}/webhook");
    for route in [
        "PUT /api/v1/sources/{id}/webhook",
        "POST /api/v1/sources/{id}/webhook",
        "DELETE /api/v1/sources/{id}/webhook",
    ] {
        program.ask(route, &webhook, Value::Null).await;
    }
    let route = "DELETE /api/v1/sources/{id}/webhook/earlier";
    program
        .ask(route, &format!("{webhook}/earlier"), Value::Null)
        .await;
    let today = program.watch.site.services.clock.now().date_naive();
    let period = json!({ "from": today, "to": today });
    let history = format!("{path}/history");
    program
        .ask("POST /api/v1/sources/{id}/history", &history, period)
        .await;
    let documents = format!("{path}/documents");
    let route = "POST /api/v1/sources/{id}/documents";
    program.ask(route, &documents, Value::Null).await;
    reports(program, &source).await;
    jobs(program).await;
    compare(program, &source).await;
    let path = format!("{path}?rows=keep");
    program
        .ask("DELETE /api/v1/sources/{id}", &path, Value::Null)
        .await;
}

async fn reports(program: &mut Program<'_>, source: &str) {
    let order = json!({
        "name": "Wares", "source": source, "kind": "services", "fields": ["id", "title"],
        "period": "last 7 days", "schedule": "daily at 03:30",
    });
    let preview = "/api/v1/reports/preview";
    program
        .ask("POST /api/v1/reports/preview", preview, order.clone())
        .await;
    let made = program
        .ask("POST /api/v1/reports", "/api/v1/reports", order)
        .await;
    let job = &made["job"]["id"];
    assert!(job.is_string() && made["report"]["job"] == *job, "{made}");
    let path = format!("/api/v1/reports/{}", made["report"]["id"].as_str().unwrap());
    let change = json!({ "name": "Our wares", "fields": ["id"] });
    program.ask("PUT /api/v1/reports/{id}", &path, change).await;
    program
        .ask("DELETE /api/v1/reports/{id}", &path, Value::Null)
        .await;
}

async fn jobs(program: &mut Program<'_>) {
    let order = json!({
        "kind": "retention", "name": "Old rows", "settings": { "older_than_days": 90 },
        "schedule": "daily at 03:30",
    });
    let made = program
        .ask("POST /api/v1/jobs", "/api/v1/jobs", order.clone())
        .await;
    let path = format!("/api/v1/jobs/{}", made["id"].as_str().unwrap());
    program.ask("PUT /api/v1/jobs/{id}", &path, order).await;
    for (route, what) in [
        ("POST /api/v1/jobs/{id}/pause", "pause"),
        ("POST /api/v1/jobs/{id}/resume", "resume"),
        ("POST /api/v1/jobs/{id}/run", "run"),
    ] {
        let path = format!("{path}/{what}");
        program.ask(route, &path, Value::Null).await;
    }
    program
        .ask("DELETE /api/v1/jobs/{id}", &path, Value::Null)
        .await;
}

async fn compare(program: &mut Program<'_>, source: &str) {
    let today = program.watch.site.services.clock.now().date_naive();
    let order = json!({ "source": source, "from": today, "to": today });
    let all = "/api/v1/reconciliations";
    let route = "POST /api/v1/reconciliations";
    let made = program.ask(route, all, order).await;
    let path = format!("{all}/{}", made["id"].as_str().unwrap());
    let route = "GET /api/v1/reconciliations/{id}/differences.csv";
    let file = format!("{path}/differences.csv");
    program.ask(route, &file, Value::Null).await;
    let headers = [("authorization", program.token.as_str())];
    for part in ["", "/days", "/differences", "/days.csv"] {
        let path = format!("{path}{part}");
        let answer = program
            .browser
            .request(Method::GET, &path, Body::empty(), &headers)
            .await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
    }
}
