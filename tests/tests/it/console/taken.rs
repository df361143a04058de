//! The whole of one person's way: set up, order, read the mail, sign in, take the file once.

use fantoccini::Locator;
use wynos_tests::chromium::Browser;

use super::{Site, click, content, fill, follow, set_up, sign_in};

#[tokio::test]
async fn a_person_sets_up_orders_reads_the_mail_and_takes_the_file_once() {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    let page = browser.client();
    set_up(page, &site, "Serwis Anna").await;
    follow(page, "a[href$='/exports/new']").await;
    click(page, "input[value=csv]").await;
    fill(page, "purpose", "audit").await;
    follow(page, "main form button").await;

    let link = site.mailed_link().await;
    // A mail scanner looks, twice, without a session.
    for _ in 0..2 {
        assert!(
            reqwest::get(&link)
                .await
                .unwrap()
                .url()
                .path()
                .starts_with("/sign-in")
        );
    }
    follow(page, ".who button").await;
    page.goto(&link).await.unwrap();
    sign_in(page, "anna@example.com").await;
    assert_eq!(
        page.current_url().await.unwrap().as_str(),
        link,
        "signing in leads back to the file"
    );
    let name = page
        .find(Locator::Css(".file-name"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    click(page, "main form button").await;
    let file = browser.downloaded(&name).await.unwrap();
    assert!(std::fs::metadata(file).unwrap().len() > 0);
    page.goto(&link).await.unwrap();
    let text = content(page).await;
    assert!(text.contains("You have taken this file"), "{text}");

    site.join("jan@example.com").await;
    follow(page, ".who button").await;
    page.goto(&link).await.unwrap();
    sign_in(page, "jan@example.com").await;
    for _ in 0..2 {
        page.goto(&link).await.unwrap();
        let text = content(page).await;
        assert!(
            text.contains("was taken on") && text.contains("Anna Nowak"),
            "{text}"
        );
        assert!(
            page.find(Locator::Css("main form button")).await.is_err(),
            "nothing is left to press"
        );
    }
    assert_eq!(browser.download_names().unwrap(), [name]);
}
