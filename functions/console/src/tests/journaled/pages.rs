use axum::http::StatusCode;

use super::Watch;
use crate::tests::{PASSWORD, Site, imports, sources};

/// The owner of a new site, with the shop that the set-up made.
async fn set_up(site: &Site) -> (super::Browser, Watch<'_>) {
    let mut browser = site.browser();
    browser.get("/setup").await;
    let person = [
        ("business", "Salon"),
        ("person", "Anna"),
        ("email", "anna@example.com"),
        ("password", PASSWORD),
        ("locale", "en"),
    ];
    let made = browser.post("/setup", &person).await;
    let shop = made.location().rsplit('/').next().unwrap().parse().unwrap();
    browser.get(made.location()).await;
    let mut watch = Watch::new(site, shop);
    let founded = watch.entries().await;
    assert_eq!(founded["access.subscription-made"], 1);
    watch.proven.insert("POST /setup");
    (browser, watch)
}

#[tokio::test]
async fn what_people_do_on_pages_is_in_the_journal() {
    let site = sources::site().await;
    let (mut anna, mut watch) = set_up(&site).await;
    let base = format!("/s/{}", watch.shop);
    let typed = [("email", "anna@example.com"), ("password", PASSWORD)];
    let mut again = site.browser();
    again.get("/sign-in").await;
    watch
        .form(&mut again, "POST /sign-in", "/sign-in", &typed)
        .await;
    let fields = [("locale", "pl")];
    watch
        .form(
            &mut anna,
            "POST /account/language",
            "/account/language",
            &fields,
        )
        .await;
    let fields = [("current", PASSWORD), ("password", PASSWORD)];
    watch
        .form(
            &mut anna,
            "POST /account/password",
            "/account/password",
            &fields,
        )
        .await;
    anna.get("/account").await;
    files(&mut watch, &mut anna, &base).await;
    people(&mut watch, &mut anna, &base).await;
    companies(&mut watch, &mut anna, &base).await;
    old_rows(&mut watch, &mut anna, &base).await;
    let none = (axum::body::Body::empty(), [].as_slice());
    let path = format!("{base}/journal.csv");
    let file = watch
        .ask(&mut anna, "GET /s/{subscription}/journal.csv", &path, none)
        .await;
    assert!(file.body.contains("access.signed-in"), "{}", file.body);
    watch.is_complete("/");
}

async fn files(watch: &mut Watch<'_>, anna: &mut super::Browser, base: &str) {
    let shop = watch.shop.clone();
    watch.site.customers(&shop, &[("c9", "Ola")]).await;
    anna.get(&format!("{base}/exports/new")).await;
    let order = [("format", "xml"), ("profile", "full"), ("order", "o9")];
    let route = "POST /s/{subscription}/exports";
    let path = format!("{base}/exports");
    watch.form(anna, route, &path, &order).await;
    let link = watch.site.mailed_link();
    anna.get(&link).await;
    watch.form(anna, "POST /d/{token}", &link, &[]).await;
    anna.get(&format!("{base}/imports/new")).await;
    let token = anna.csrf.clone();
    let sent = imports::upload(anna, &shop, &token, "list.csv").await;
    let import = sent.location().to_owned();
    watch.site.work().await;
    anna.get(&import).await;
    let none = (axum::body::Body::empty(), [].as_slice());
    let route = "GET /s/{subscription}/imports/{id}/report.csv";
    let path = format!("{import}/report.csv");
    watch.ask(anna, route, &path, none).await;
    let route = "POST /s/{subscription}/imports/{id}/apply";
    let path = format!("{import}/apply");
    watch.form(anna, route, &path, &[]).await;
    let path = format!("{base}/parked");
    let none = (axum::body::Body::empty(), [].as_slice());
    let route = "GET /s/{subscription}/parked";
    let aside = watch.ask(anna, route, &path, none).await;
    let none = (axum::body::Body::empty(), [].as_slice());
    let route = "GET /s/{subscription}/parked.csv";
    let list = format!("{path}.csv?table=customers");
    watch.ask(anna, route, &list, none).await;
    let (_, id) = aside.body.split_once("name=\"id\" value=\"").unwrap();
    let id = id.split('"').next().unwrap();
    let mended = [("id", id), ("value-type", "PERSONAL")];
    let route = "POST /s/{subscription}/parked";
    watch.form(anna, route, &path, &mended).await;
    anna.get(&import).await;
    let route = "POST /s/{subscription}/imports/{id}/undo";
    let path = format!("{import}/undo");
    watch.form(anna, route, &path, &[("sure", "yes")]).await;
}

async fn people(watch: &mut Watch<'_>, anna: &mut super::Browser, base: &str) {
    let shop = watch.shop.clone();
    watch.site.customers(&shop, &[("c9", "Jan")]).await;
    let path = format!("{base}/personal-data");
    anna.get(&format!("{path}?customer=c9")).await;
    let whom = [
        ("customer", "c9"),
        ("people", "customers"),
        ("confirm", "c8"),
    ];
    let refused = anna.post(&path, &whom).await;
    assert_eq!(
        refused.status,
        StatusCode::OK,
        "nothing is erased unless it is confirmed"
    );
    let whom = [
        ("customer", "c9"),
        ("people", "customers"),
        ("confirm", "c9"),
    ];
    let route = "POST /s/{subscription}/personal-data";
    watch.form(anna, route, &path, &whom).await;
    let path = format!("{base}/people");
    anna.get(&path).await;
    let jan = [
        ("email", "jan@example.com"),
        ("name", "Jan"),
        ("password", PASSWORD),
        ("role", "viewer"),
    ];
    let route = "POST /s/{subscription}/people";
    watch.form(anna, route, &path, &jan).await;
    let accounts = watch.site.services.control.accounts();
    let jan = accounts.by_email("jan@example.com").await.unwrap().unwrap();
    let route = "POST /s/{subscription}/people/{account}";
    let one = format!("{path}/{}", jan.id);
    watch.form(anna, route, &one, &[("remove", "yes")]).await;
    let route = "POST /s/{subscription}/tokens";
    let made = [("name", "books"), ("scope", "read")];
    let path = format!("{base}/tokens");
    watch.form(anna, route, &path, &made).await;
    let control = &watch.site.services.control;
    let tokens = control.api_tokens(&watch.shop).list().await.unwrap();
    let route = "POST /s/{subscription}/tokens/{id}/revoke";
    let path = format!("{base}/tokens/{}/revoke", tokens[0].id);
    watch.form(anna, route, &path, &[]).await;
}

/// A route, the last part of its path, and the fields of its form.
type Form = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

async fn companies(watch: &mut Watch<'_>, anna: &mut super::Browser, base: &str) {
    anna.get(&format!("{base}/sources/new")).await;
    let typed = [
        ("name", "Salon"),
        ("login", "79161234567"),
        ("password", "right"),
    ];
    let signed_in = anna.post(&format!("{base}/sources"), &typed).await;
    let to = signed_in.location().to_owned();
    let credential = to.rsplit('/').next().unwrap().split('?').next().unwrap();
    anna.get(&to).await;
    let choice = [("credential", credential), ("company", "1050")];
    let route = "POST /s/{subscription}/sources/connect";
    let path = format!("{base}/sources/connect");
    let made = watch.form(anna, route, &path, &choice).await;
    let source = made.location().split('?').next().unwrap().to_owned();
    compare(watch, anna, &source).await;
    let id = source.rsplit('/').next().unwrap().to_owned();
    reports(watch, anna, base, &id).await;
    jobs(watch, anna, base, &id).await;
    let changes: [Form; 10] = [
        ("POST /s/{subscription}/sources/{id}/pull", "pull", &[]),
        (
            "POST /s/{subscription}/sources/{id}/history",
            "history",
            &[("from", "2026-11-01"), ("to", "2026-11-20")],
        ),
        (
            "POST /s/{subscription}/sources/{id}/tables/{table}",
            "tables/yclients_records",
            &[
                ("step", "save"),
                ("column-0", "staff_id"),
                ("is-0", "equal"),
                ("value-0", "7"),
            ],
        ),
        (
            "POST /s/{subscription}/sources/{id}/settings",
            "settings",
            &[("name", "Another"), ("time_zone", "Asia/Omsk")],
        ),
        (
            "POST /s/{subscription}/sources/{id}/tables",
            "tables",
            &[("yclients_records", "yes")],
        ),
        (
            "POST /s/{subscription}/sources/{id}/documents",
            "documents",
            &[],
        ),
        (
            "POST /s/{subscription}/sources/{id}/webhook",
            "webhook",
            &[("step", "register")],
        ),
        (
            "POST /s/{subscription}/sources/{id}/renew",
            "renew",
            &[("entry", "token"), ("token", "another")],
        ),
        (
            "POST /s/{subscription}/sources/{id}/state",
            "state",
            &[("state", "paused")],
        ),
        (
            "POST /s/{subscription}/sources/{id}/remove",
            "remove",
            &[("rows", "keep"), ("sure", "yes")],
        ),
    ];
    for (route, what, fields) in changes {
        anna.get(&source).await;
        watch
            .form(anna, route, &format!("{source}/{what}"), fields)
            .await;
    }
}

async fn compare(watch: &mut Watch<'_>, anna: &mut super::Browser, source: &str) {
    anna.get(source).await;
    let today = watch.site.services.clock.now().date_naive().to_string();
    let days = [("from", today.as_str()), ("to", today.as_str())];
    let path = format!("{source}/reconciliations");
    let shown = anna.get(&path).await;
    assert_eq!(shown.status, axum::http::StatusCode::OK, "{}", shown.body);
    let route = "POST /s/{subscription}/sources/{id}/reconciliations";
    let asked = watch.form(anna, route, &path, &days).await;
    let run = asked.location().to_owned();
    let shown = anna.get(&run).await;
    let written = watch.site.services.clock.now().format("%d.%m.%Y");
    assert!(shown.body.contains(&written.to_string()), "{}", shown.body);
    let route = "GET /s/{subscription}/reconciliations/{id}/differences.csv";
    let none = (axum::body::Body::empty(), [].as_slice());
    let path = format!("{run}/differences.csv");
    let file = watch.ask(anna, route, &path, none).await;
    assert!(
        file.body.starts_with("\u{feff}day;table;key"),
        "{}",
        file.body
    );
}

/// Rows looked at, and old ones that a job is to remove.
async fn old_rows(watch: &mut Watch<'_>, anna: &mut super::Browser, base: &str) {
    let route = "GET /s/{subscription}/tables/{table}";
    let none = (axum::body::Body::empty(), [].as_slice());
    let path = format!("{base}/tables/customers");
    watch.ask(anna, route, &path, none).await;
    let path = format!("{base}/retention");
    anna.get(&path).await;
    let new = |step, seen| {
        [
            ("name", "Old rows"),
            ("older_than_days", "90"),
            ("every", "daily"),
            ("at", "03:30"),
            ("step", step),
            ("seen", seen),
        ]
    };
    let looked = anna.post(&path, &new("preview", "")).await;
    let seen = looked.body.split("name=\"seen\" value=\"").nth(1).unwrap();
    let seen = seen.split('"').next().unwrap().to_owned();
    let route = "POST /s/{subscription}/retention";
    let made = watch.form(anna, route, &path, &new("save", &seen)).await;
    assert!(made.location().ends_with("done=made"), "{}", made.body);
}

async fn jobs(watch: &mut Watch<'_>, anna: &mut super::Browser, base: &str, source: &str) {
    let new = [
        ("kind", "base_pull"),
        ("name", "By day"),
        ("source", source),
        ("every", "daily"),
        ("at", "03:30"),
    ];
    anna.get(&format!("{base}/jobs/new")).await;
    let route = "POST /s/{subscription}/jobs";
    let made = watch.form(anna, route, &format!("{base}/jobs"), &new).await;
    let path = made.location().split('?').next().unwrap().to_owned();
    anna.get(&path).await;
    let route = "POST /s/{subscription}/jobs/{id}/edit";
    watch.form(anna, route, &format!("{path}/edit"), &new).await;
    let route = "POST /s/{subscription}/jobs/{id}";
    watch.form(anna, route, &path, &[("action", "pause")]).await;
}

async fn reports(watch: &mut Watch<'_>, anna: &mut super::Browser, base: &str, source: &str) {
    let new = [
        ("step", "make"),
        ("name", "Wares"),
        ("source", source),
        ("kind", "services"),
        ("form", "json"),
        ("rule", "days"),
        ("count", "7"),
    ];
    anna.get(&format!("{base}/reports/new")).await;
    let route = "POST /s/{subscription}/reports";
    let made = watch
        .form(anna, route, &format!("{base}/reports"), &new)
        .await;
    let path = made.location().split('?').next().unwrap().to_owned();
    anna.get(&path).await;
    let route = "POST /s/{subscription}/reports/{id}/edit";
    watch.form(anna, route, &format!("{path}/edit"), &new).await;
    let route = "POST /s/{subscription}/reports/{id}/remove";
    let gone = [("rows", "delete"), ("sure", "yes")];
    watch
        .form(anna, route, &format!("{path}/remove"), &gone)
        .await;
}
