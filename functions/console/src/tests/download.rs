use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use wynos::control::Role;

use super::Site;

async fn ready_link(site: &Site) -> String {
    let (shop, _) = site.shop("Serwis Anna", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan Żółć"), ("c2", "Ewa")])
        .await;
    let mut browser = site.signed_in("anna@example.com").await;
    browser.get(&format!("/s/{shop}/exports/new")).await;
    let order = [
        ("format", "csv"),
        ("table", "customers"),
        ("locale", "pl"),
        ("purpose", "audyt"),
        ("order", "o1"),
    ];
    let answer = browser.post(&format!("/s/{shop}/exports"), &order).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    site.work().await;
    site.mailed_link()
}

#[tokio::test]
async fn invariant_06_looking_consumes_nothing_and_a_click_takes_the_file_once() {
    let site = Site::new().await;
    let link = ready_link(&site).await;
    let mut stranger = site.browser();
    let answer = stranger.get(&link).await;
    assert!(
        answer.location().starts_with("/sign-in?next=%2Fd%2F"),
        "{}",
        answer.location()
    );
    let mut anna = site.signed_in("anna@example.com").await;
    for method in [Method::GET, Method::HEAD, Method::GET, Method::GET] {
        let page = anna
            .request(method.clone(), &link, Body::empty(), &[])
            .await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        if method == Method::GET {
            assert!(
                page.body.contains("Take the file") && page.body.contains("audyt"),
                "{}",
                page.body
            );
        }
    }
    let claimed = anna.post(&link, &[]).await;
    assert_eq!(claimed.status, StatusCode::SEE_OTHER, "{}", claimed.body);
    let object = claimed
        .location()
        .strip_prefix("http://wynos.test")
        .unwrap()
        .to_owned();
    let file = anna.get(&object).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.body.contains("Jan Żółć"), "{}", file.body);
    assert!(
        file.header("content-disposition")
            .starts_with("attachment; filename=")
    );
    let part = anna
        .request(
            Method::GET,
            &object,
            Body::empty(),
            &[("range", "bytes=0-2")],
        )
        .await;
    assert_eq!(
        (part.status, part.body.len()),
        (StatusCode::PARTIAL_CONTENT, 3)
    );
    let page = anna.get(&link).await;
    assert!(page.body.contains("Start the download again"));
    assert_eq!(anna.post(&link, &[]).await.status, StatusCode::SEE_OTHER);
    site.services.clock.advance(chrono::TimeDelta::minutes(11));
    anna.get(&link).await;
    let refused = anna.post(&link, &[]).await;
    assert_eq!(refused.status, StatusCode::GONE);
    assert!(refused.body.contains("was taken on"), "{}", refused.body);
    assert_eq!(
        anna.get(&object).await.status,
        StatusCode::FORBIDDEN,
        "its URL lives a minute at most"
    );
}

#[tokio::test]
async fn nobody_but_the_orderer_and_owners_takes_a_file_and_a_forged_form_takes_nothing() {
    let site = Site::new().await;
    let link = ready_link(&site).await;
    site.shop("Other", "other@example.com").await;
    let mut other = site.signed_in("other@example.com").await;
    let page = other.get(&link).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        !page.body.contains(".csv") && !page.body.contains("Serwis Anna"),
        "{}",
        page.body
    );
    assert_eq!(other.post(&link, &[]).await.status, StatusCode::FORBIDDEN);
    let mut anna = site.signed_in("anna@example.com").await;
    anna.csrf = other.csrf.clone();
    let forged = anna.post(&link, &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    anna.get(&link).await;
    assert_eq!(
        anna.post(&link, &[]).await.status,
        StatusCode::SEE_OTHER,
        "the forged form took nothing"
    );
}

#[tokio::test]
async fn an_owner_finds_a_file_taken_by_somebody_else_told_so() {
    let site = Site::new().await;
    let link = ready_link(&site).await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&link).await;
    anna.post(&link, &[]).await;
    let membership = site
        .services
        .control
        .accounts()
        .by_email("anna@example.com")
        .await
        .unwrap()
        .unwrap();
    let shop = site
        .services
        .control
        .memberships(&membership.id)
        .await
        .unwrap()
        .remove(0)
        .subscription_id;
    site.join(&shop, "jan@example.com", Role::Owner).await;
    let mut jan = site.signed_in("jan@example.com").await;
    let page = jan.get(&link).await;
    assert!(
        page.body.contains("Anna Nowak") && !page.body.contains("Take the file"),
        "{}",
        page.body
    );
    assert_eq!(jan.post(&link, &[]).await.status, StatusCode::GONE);
}
