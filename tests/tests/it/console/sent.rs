//! A file that is chosen in a browser, and sent by the page's script.

use data_encoding::HEXLOWER;
use fantoccini::Locator;
use sha2::{Digest, Sha256};
use wynos_tests::chromium::Browser;

use super::{Site, click, content, follow, set_up};

/// Keeps what the page asks for beyond the address that it leaves for.
const NOTING: &str = r#"
    const ask = window.fetch;
    window.fetch = (address, options) => {
        sessionStorage.setItem(new URL(address, location).pathname.split("/").pop(), String(options.body));
        return ask(address, options);
    };
"#;

#[tokio::test]
async fn a_chosen_file_is_announced_with_its_size_and_digest_and_read() {
    let list = "id;type;person\r\nc1;PERSONAL;Jan\r\nc2;PERSONAL;Ola\r\n";
    let site = Site::start(None).await;
    let browser = Browser::start().await.unwrap();
    let page = browser.client();
    set_up(page, &site, "Serwis Anna").await;
    let file = site.mails.with_file_name("klienci.csv");
    std::fs::write(&file, list).unwrap();

    let shop = site.shop().await;
    let form = site.address(&format!("/s/{shop}/imports/new"));
    page.goto(&form).await.unwrap();
    page.execute(NOTING, Vec::new()).await.unwrap();
    click(page, "input[name=format][value=csv]").await;
    let table = page.find(Locator::Css("select[name=table]")).await.unwrap();
    table.select_by_value("customers").await.unwrap();
    let chosen = page.find(Locator::Css("input[type=file]")).await.unwrap();
    chosen.send_keys(file.to_str().unwrap()).await.unwrap();
    follow(page, "form[data-upload] button").await;

    let asked = async |what: &str| {
        let read = format!("return sessionStorage.getItem({what:?}) || ''");
        let read = page.execute(&read, Vec::new()).await.unwrap();
        read.as_str().unwrap().to_owned()
    };
    let begun = asked("begin").await;
    let digest = HEXLOWER.encode(&Sha256::digest(list));
    assert!(begun.contains(&format!("size={}", list.len())), "{begun}");
    assert!(begun.contains(&format!("sha256={digest}")), "{begun}");
    let stored = asked("uploaded").await;
    assert!(!stored.is_empty(), "the form was sent as a form");
    let text = content(page).await;
    assert!(text.contains("klienci.csv"), "{text}");
}
