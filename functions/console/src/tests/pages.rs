use axum::http::StatusCode;
use wynos::{catalog::Locale, delivery::human, storage};

use super::Site;

/// A page with what differs from run to run taken out.
fn settled(mut body: String, csrf: &str, ids: &[(&str, &str)]) -> String {
    body = body.replace(csrf, "CSRF");
    for (id, name) in ids {
        body = body.replace(id, name);
    }
    // Versions of assets change with every change of theirs.
    let mut out = String::with_capacity(body.len());
    for line in body.lines() {
        match line.find("/assets/") {
            Some(at) => out.push_str(&line[..at]),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[tokio::test]
async fn pages_speak_the_language_of_the_browser_until_somebody_signs_in() {
    let site = Site::new().await;
    for language in ["en", "pl", "ru"] {
        let mut browser = site.browser();
        browser.language = language;
        let page = browser.get("/setup").await;
        assert_eq!(page.status, StatusCode::OK);
        insta::assert_snapshot!(
            format!("setup_{language}"),
            settled(page.body, &browser.csrf, &[])
        );
    }
}

#[tokio::test]
async fn the_main_pages_in_three_languages() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Serwis <Anna>", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan"), ("c2", "Ewa")]).await;
    let mut browser = site.signed_in("anna@example.com").await;
    browser.get(&format!("/s/{shop}/exports/new")).await;
    let order = [
        ("format", "csv"),
        ("table", "customers"),
        ("locale", "pl"),
        ("purpose", "<b>audit</b>"),
        ("order", "1"),
    ];
    let made = browser.post(&format!("/s/{shop}/exports"), &order).await;
    let export = made.location().split('?').next().unwrap().to_owned();
    let id = export.rsplit('/').next().unwrap().to_owned();
    site.work().await;
    let link = site.mailed_link();
    let used = storage::used(&site.services, &shop).await.unwrap();
    for language in ["en", "pl", "ru"] {
        browser.get("/account").await;
        browser
            .post("/account/language", &[("locale", language)])
            .await;
        let pages = [
            ("overview", format!("/s/{shop}")),
            ("exports", format!("/s/{shop}/exports")),
            ("export", export.clone()),
            ("journal", format!("/s/{shop}/journal")),
            ("download", link.clone()),
        ];
        for (name, path) in pages {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
            assert!(
                !page.body.contains("console-") && !page.body.contains("<b>audit"),
                "{path}: {}",
                page.body
            );
            assert!(page.body.contains("Serwis &#60;Anna&#62;"), "{path}");
            if name == "export" || name == "journal" {
                // These hold a digest of bytes that hold random ids.
                continue;
            }
            let locale = Locale::parse(language).unwrap();
            let stored = human::size(locale, used.bytes);
            let mut ids = vec![(shop.as_str(), "SHOP"), (id.as_str(), "EXPORT")];
            if name == "overview" {
                ids.push((stored.as_str(), "STORED"));
            }
            insta::assert_snapshot!(
                format!("{name}_{language}"),
                settled(page.body, &browser.csrf, &ids)
            );
        }
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so_in_the_readers_language() {
    let site = Site::new().await;
    let mut browser = site.browser();
    browser.language = "ru";
    let page = browser.get("/no/such/page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("Здесь ничего нет"), "{}", page.body);
}

#[tokio::test]
async fn assets_are_kept_by_browsers_and_change_their_address_with_their_content() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let page = browser.get("/setup").await;
    let start = page.body.find("/assets/").unwrap();
    let path = page.body[start..].split('"').next().unwrap().to_owned();
    let asset = browser.get(&path).await;
    assert_eq!(asset.header("content-type"), "text/css; charset=utf-8");
    assert!(asset.header("cache-control").contains("immutable"));
    assert_eq!(
        browser.get("/assets/000000000000/console.css").await.status,
        StatusCode::NOT_FOUND
    );
}
