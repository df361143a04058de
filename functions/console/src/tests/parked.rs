use axum::http::StatusCode;
use wynos::SubscriptionId;

use super::{Site, browser::Browser, imports::customers, mapping::sent};

const LIST: &str =
    "id;type;person;phone\nc1;PERSONAL;Jan Żółć;501 234 567\nc3;ALIEN;=Zed;+48601234567\n";

/// Uploads a list of customers and writes it.
async fn written(site: &Site, browser: &mut Browser, shop: &SubscriptionId, list: &str) -> String {
    let page = sent(site, browser, shop, "customers", list.to_owned()).await;
    browser.get(&page).await;
    browser.post(&format!("{page}/apply"), &[]).await;
    site.work().await;
    page
}

#[tokio::test]
async fn rows_that_were_put_aside_are_shown_taken_away_and_tried_again() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    let aside = format!("/s/{shop}/parked");
    assert!(anna.get(&aside).await.body.contains("Nothing is put aside"));
    let import = written(&site, &mut anna, &shop, LIST).await;
    assert_eq!(customers(&site, &shop).await, 1);
    let import = anna.get(&import).await.body;
    let (_, here) = import.split_once(&format!("href=\"{aside}")).unwrap();
    let here = format!("{aside}{}", here.split('"').next().unwrap());
    let shown = anna.get(&here).await.body;
    for told in ["ALIEN", "=Zed", "name=\"value-type\"", "line 3"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let (_, id) = shown.split_once("name=\"id\" value=\"").unwrap();
    let id = id.split('"').next().unwrap().to_owned();

    let file = format!("{aside}.csv?table=customers&import=");
    let list = anna.get(&file).await;
    assert!(list.header("content-type").starts_with("text/csv"));
    assert!(list.body.contains("'=Zed"), "{}", list.body);

    let tried = |kind| [("id", id.as_str()), ("value-type", kind)];
    let still = anna.post(&aside, &tried("ALIEN")).await;
    assert_eq!(still.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(still.body.contains("stays aside"), "{}", still.body);
    let done = anna.post(&aside, &tried("PERSONAL")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let after = anna.get(done.location()).await.body;
    assert!(after.contains("The row came in"), "{after}");
    assert!(after.contains("Nothing is put aside"), "{after}");
    assert_eq!(customers(&site, &shop).await, 2);

    // The same row, mended in the list that was taken away, is the same row.
    let mended = list.body.replace("ALIEN", "PERSONAL");
    let page = sent(&site, &mut anna, &shop, "customers", mended).await;
    let preview = anna.get(&page).await.body;
    assert!(preview.contains("kept_problems"), "{preview}");
    anna.post(&format!("{page}/apply"), &[]).await;
    site.work().await;
    assert_eq!(customers(&site, &shop).await, 2);
    assert!(anna.get(&aside).await.body.contains("Nothing is put aside"));
}
