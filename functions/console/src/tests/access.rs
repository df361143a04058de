use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use wynos::control::{Role, Scope};

use super::{PASSWORD, Site};

#[tokio::test]
async fn the_first_owner_is_set_up_once_and_only_with_the_token() {
    let site = Site::with(Some("set-me-up")).await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/sign-in").await.location(), "/setup");
    let page = browser.get("/setup").await;
    assert!(
        page.body.contains("Open the link that the server printed"),
        "{}",
        page.body
    );
    let person = |token| {
        [
            ("token", token),
            ("business", "Serwis"),
            ("person", "Anna"),
            ("email", "anna@example.com"),
            ("password", PASSWORD),
            ("locale", "pl"),
        ]
    };
    let refused = browser.post("/setup", &person("guess")).await;
    assert_eq!(refused.status, StatusCode::OK);
    assert!(site.services.control.first_owner_needed().await.unwrap());
    browser.get("/setup?token=set-me-up").await;
    let made = browser.post("/setup", &person("set-me-up")).await;
    assert!(made.location().starts_with("/s/"), "{}", made.body);
    let home = browser.get(made.location()).await;
    assert!(
        home.body.contains("<html lang=\"pl\">") && home.body.contains("Serwis"),
        "{}",
        home.body
    );
    let mut second = site.browser();
    assert_eq!(
        second.get("/setup?token=set-me-up").await.location(),
        "/sign-in"
    );
    let again = second.post("/setup", &person("set-me-up")).await;
    assert_ne!(again.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_says_the_same_for_an_unknown_address_and_a_wrong_password() {
    let site = Site::new().await;
    site.shop("Shop", "anna@example.com").await;
    let mut answers = Vec::new();
    for email in ["anna@example.com", "nobody@example.com"] {
        let mut browser = site.browser();
        browser.get("/sign-in").await;
        let answer = browser
            .post(
                "/sign-in",
                &[("email", email), ("password", "wrong password")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answers.push(answer.body.replace(email, "").replace(&browser.csrf, ""));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn too_many_wrong_passwords_are_not_even_looked_at() {
    let site = Site::new().await;
    site.shop("Shop", "anna@example.com").await;
    let mut browser = site.browser();
    browser.get("/sign-in").await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        let answer = browser
            .post(
                "/sign-in",
                &[
                    ("email", "anna@example.com"),
                    ("password", "wrong password"),
                ],
            )
            .await;
        statuses.push(answer.status);
    }
    assert_eq!(
        statuses.last(),
        Some(&StatusCode::TOO_MANY_REQUESTS),
        "{statuses:?}"
    );
}

#[tokio::test]
async fn a_form_without_this_browsers_token_does_nothing() {
    let site = Site::new().await;
    site.shop("Shop", "anna@example.com").await;
    let mut browser = site.browser();
    browser.csrf = "AAAA".to_owned();
    let answer = browser
        .post(
            "/sign-in",
            &[("email", "anna@example.com"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn another_password_ends_all_other_sessions() {
    let site = Site::new().await;
    site.shop("Shop", "anna@example.com").await;
    let mut here = site.signed_in("anna@example.com").await;
    let mut elsewhere = site.signed_in("anna@example.com").await;
    here.get("/account").await;
    let fields = [
        ("current", PASSWORD),
        ("password", "an even better sentence"),
    ];
    let answer = here.post("/account/password", &fields).await;
    assert_eq!(
        answer.location(),
        "/account?done=password",
        "{}",
        answer.body
    );
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(
        elsewhere.get("/account").await.location(),
        "/sign-in?next=%2Faccount"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let site = Site::new().await;
    site.shop("Shop", "anna@example.com").await;
    let mut browser = site.signed_in("anna@example.com").await;
    browser.get("/account").await;
    let token = browser.csrf.clone();
    assert_eq!(
        browser.post("/sign-out", &[]).await.location(),
        "/sign-in?out=1"
    );
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    browser.csrf = token;
    let late = browser.post("/account/language", &[("locale", "ru")]).await;
    assert!(late.location().starts_with("/sign-in"), "{}", late.body);
}

#[tokio::test]
async fn invariant_08_a_stranger_gets_nothing_of_another_subscription() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Serwis Anna", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan Tajny")]).await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("/s/{shop}/exports/new")).await;
    let ordered = anna
        .post(
            &format!("/s/{shop}/exports"),
            &[("format", "xml"), ("order", "1")],
        )
        .await;
    let export = ordered.location().split('?').next().unwrap().to_owned();
    assert_eq!(anna.get(&export).await.status, StatusCode::OK);
    let (own, _) = site.shop("Other", "other@example.com").await;
    let mut other = site.signed_in("other@example.com").await;
    let base = format!("/s/{shop}");
    let export_elsewhere = export.replace(shop.as_str(), own.as_str());
    for path in [
        base.clone(),
        format!("{base}/exports"),
        format!("{base}/exports/new"),
        format!("{base}/imports"),
        format!("{base}/imports/new"),
        format!("{base}/journal"),
        export,
        export_elsewhere,
    ] {
        let answer = other.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            !answer.body.contains("Serwis Anna") && !answer.body.contains("Tajny"),
            "{path}"
        );
        let anonymous = site.browser().get(&path).await;
        assert!(anonymous.location().starts_with("/sign-in"), "{path}");
    }
    other.get("/account").await;
    for path in [format!("{base}/exports"), format!("{base}/imports/begin")] {
        assert_eq!(
            other.post(&path, &[("format", "xml")]).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let token = format!("Bearer {}", site.token(&own, Scope::Write).await);
    let id = ordered.location().split(['/', '?']).nth(4).unwrap();
    for (method, path) in [
        (Method::GET, "/api/v1/customers/c1".to_owned()),
        (Method::DELETE, "/api/v1/customers/c1".to_owned()),
        (Method::GET, format!("/api/v1/exports/{id}")),
    ] {
        let answer = other
            .request(method, &path, Body::empty(), &[("authorization", &token)])
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let rows = other
        .request(
            Method::GET,
            "/api/v1/tables/customers/rows",
            Body::empty(),
            &[("authorization", &token)],
        )
        .await;
    assert_eq!(rows.body, r#"{"items":[],"next":null}"#);
}

#[tokio::test]
async fn a_viewer_looks_and_changes_nothing() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    site.join(&shop, "jan@example.com", Role::Viewer).await;
    let mut jan = site.signed_in("jan@example.com").await;
    let list = jan.get(&format!("/s/{shop}/exports")).await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(!list.body.contains("/exports/new"));
    assert_eq!(
        jan.get(&format!("/s/{shop}/exports/new")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        jan.post(&format!("/s/{shop}/exports"), &[("format", "xml")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_manager_cannot_take_passwords_out() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    site.join(&shop, "jan@example.com", Role::Manager).await;
    let mut jan = site.signed_in("jan@example.com").await;
    let form = jan.get(&format!("/s/{shop}/exports/new")).await;
    assert!(!form.body.contains("name=\"passwords\""));
    let order = [
        ("format", "xml"),
        ("profile", "full"),
        ("passwords", "yes"),
        ("order", "1"),
    ];
    assert_eq!(
        jan.post(&format!("/s/{shop}/exports"), &order).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_others_out() {
    let site = Site::new().await;
    let mut browser = site.browser();
    for path in [
        "/setup",
        "/nothing-here",
        "/healthz",
        "/api/v1/exports",
        "/docs",
    ] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}
