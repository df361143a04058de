//! Who may reach what: every page by every role, and none by strangers.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use wynos::control::Role;

use super::{
    Site,
    browser::{Answer, Browser},
    imports,
    journaled::table::routed,
};

/// Pages that viewers do not see, beside all that changes something.
const NOT_FOR_VIEWERS: [&str; 11] = [
    "/exports/new",
    "/imports/new",
    "/sources/new",
    "/sources/choose/{credential}",
    "/sources/{id}/webhook",
    "/jobs/new",
    "/reports/new",
    "/retention",
    "/parked",
    "/parked.csv",
    "/tables/{table}",
];
/// The page of one customer's data, which managers see too.
const PERSONAL: &str = "/personal-data";
/// Pages for owners alone.
const FOR_OWNERS: [&str; 4] = [
    "/people",
    "/people/{account}",
    "/tokens",
    "/tokens/{id}/revoke",
];

/// The parts of the console's routes that follow the subscription, with their methods.
fn pages() -> Vec<(Method, String)> {
    let routes = routed().into_iter();
    let own = routes.filter_map(|route| {
        let (method, path) = route.split_once(' ')?;
        let path = path.strip_prefix("/s/{subscription}")?;
        Some((method.parse().unwrap(), path.to_owned()))
    });
    own.collect()
}

async fn ask(browser: &mut Browser, shop: &str, method: &Method, path: &str) -> Answer {
    let path = path
        .replace("{table}", "customers")
        .replace("{credential}", "nobodys0000credential")
        .replace("{account}", "nobodys0000account00")
        .replace("{id}", "nothing0000000000000");
    let path = format!("/s/{shop}{path}");
    match *method {
        Method::GET => browser.get(&path).await,
        _ if path.ends_with("/imports") => {
            let (shop, token) = (shop.parse().unwrap(), browser.csrf.clone());
            imports::upload(browser, &shop, &token, "list.csv").await
        }
        _ => browser.post(&path, &[]).await,
    }
}

fn owners_only(method: &Method, path: &str) -> bool {
    FOR_OWNERS.contains(&path) || (path == PERSONAL && method == Method::POST)
}

#[tokio::test]
async fn every_page_asks_for_the_role_that_it_is_for() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan Tajny")]).await;
    site.join(&shop, "viewer@example.com", Role::Viewer).await;
    site.join(&shop, "manager@example.com", Role::Manager).await;
    let mut viewer = site.signed_in("viewer@example.com").await;
    let mut manager = site.signed_in("manager@example.com").await;
    for browser in [&mut viewer, &mut manager] {
        browser.get("/account").await;
    }
    let pages = pages();
    assert!(pages.len() > 45, "{pages:?}");
    for (method, path) in &pages {
        let refused = method != Method::GET
            || NOT_FOR_VIEWERS.contains(&path.as_str())
            || path == PERSONAL
            || owners_only(method, path);
        let answer = ask(&mut viewer, shop.as_str(), method, path).await;
        assert_eq!(
            answer.status == StatusCode::FORBIDDEN,
            refused,
            "viewer {method} {path}: {}",
            answer.status
        );
        assert!(!answer.body.contains("Jan Tajny"), "viewer {path}");
        let answer = ask(&mut manager, shop.as_str(), method, path).await;
        assert_eq!(
            answer.status == StatusCode::FORBIDDEN,
            owners_only(method, path),
            "manager {method} {path}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn invariant_08_no_page_of_another_subscription_answers() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Serwis Anna", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan Tajny")]).await;
    site.shop("Other", "other@example.com").await;
    let mut other = site.signed_in("other@example.com").await;
    other.get("/account").await;
    for (method, path) in pages() {
        let answer = ask(&mut other, shop.as_str(), &method, &path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        let told = ["Serwis Anna", "Tajny"]
            .iter()
            .any(|said| answer.body.contains(said));
        assert!(!told, "{method} {path}");
        let mut nobody = site.browser();
        let answer = ask(&mut nobody, shop.as_str(), &method, &path).await;
        assert!(
            answer.location().starts_with("/sign-in") || answer.status == StatusCode::FORBIDDEN,
            "{method} {path}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn nothing_changes_by_a_form_of_another_site() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    let pages = pages();
    let changing = pages.iter().filter(|(method, _)| method == Method::POST);
    for (method, path) in changing {
        anna.csrf = "AAAA".to_owned();
        let answer = ask(&mut anna, shop.as_str(), method, path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.body.contains("open for too long"), "{path}");
    }
    let sent = anna
        .request(Method::POST, "/sign-out", Body::empty(), &[])
        .await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
}
