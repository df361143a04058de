//! A salon's owner connects a company, chooses what is kept, makes a report, compares, schedules, and reads the journal.

use std::time::Duration;

use fantoccini::{Client, Locator};
use wynos::{control::LaneLimits, yclients::client::VendorSettings};
use wynos_sandbox::{OWNER_EMAIL, Options, PASSWORD, Sandbox};
use wynos_tests::chromium::Browser;

use super::{Site, click, content, fill, follow, set_up};

/// How long something that works in the background may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Visits with the goods that were used up at them.
const DESCRIPTION: &str = "tables:
- name: visits
  columns:
  - { name: id, path: id, type: integer, key: true }
  - { name: starts_at, path: date, type: timestamp }
- name: visit_goods
  parent: visits
  rows: consumables[]
  columns:
  - { name: line, path: $line, type: integer, key: true }
  - { name: good, path: good_id, type: integer }
  - { name: amount, path: amount, type: decimal(6) }
";

fn vendor(sandbox: &wynos_sandbox::Running) -> VendorSettings {
    let mut settings = VendorSettings::default();
    settings.yclients.base_url.clone_from(&sandbox.base_url);
    settings.yclients.partner_token = Some("partner".to_owned());
    settings.limits = LaneLimits {
        per_minute: 60_000_000,
        per_second: 1_000_000,
        share: 100,
    };
    settings
}

async fn shown(page: &Client, selector: &str) {
    let wait = page.wait().at_most(PATIENCE);
    if wait.for_element(Locator::Css(selector)).await.is_err() {
        panic!("no {selector} came: {}", content(page).await);
    }
}

async fn choose(page: &Client, field: &str, value: &str) {
    let named = format!("select[name={field}]");
    let list = page.find(Locator::Css(&named));
    list.await.unwrap().select_by_value(value).await.unwrap();
}

/// Writes a value over what a field says.
async fn write(page: &Client, field: &str, value: &str) {
    let script =
        "const field = document.getElementsByName(arguments[0])[0]; field.value = arguments[1];";
    let values = vec![field.into(), value.into()];
    page.execute(script, values).await.unwrap();
}

/// The texts of a column of a table's page.
async fn column(page: &Client, site: &Site, table: &str, heading: &str) -> Vec<String> {
    page.goto(&site.address(table)).await.unwrap();
    let headings = page.find_all(Locator::Css("thead th")).await.unwrap();
    let mut place = None;
    for (position, found) in headings.iter().enumerate() {
        if found.text().await.unwrap().starts_with(heading) {
            place = Some(position + 1);
        }
    }
    let place = place.unwrap_or_else(|| panic!("no column {heading}"));
    let cells = Locator::Css(&format!("tbody td:nth-child({place})"));
    let mut texts = Vec::new();
    for cell in page.find_all(cells).await.unwrap() {
        texts.push(cell.text().await.unwrap());
    }
    texts
}

#[tokio::test]
async fn an_owner_connects_a_company_and_works_with_it() {
    let options = Options {
        records: 150,
        companies: 1,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let site = Site::at(vendor(&sandbox), None).await;
    let browser = Browser::start().await.unwrap();
    let page = browser.client();
    set_up(page, &site, "Salon Anna").await;
    let base = page.current_url().await.unwrap().path().to_owned();

    let source = connect(page).await;
    narrow(page, &site, &base, &source).await;
    report(page, &site, &base).await;
    compare(page, &site, &source).await;
    schedule(page).await;
    journal(page).await;
}

/// Connects the company, and waits until its data is there.
async fn connect(page: &Client) -> String {
    follow(page, "main a[href$='/sources/new']").await;
    fill(page, "login", OWNER_EMAIL).await;
    fill(page, "password", PASSWORD).await;
    follow(page, "main form button").await;
    click(page, "input[name=company]").await;
    follow(page, "main form button").await;
    let source = page.current_url().await.unwrap().path().to_owned();
    // The page reads itself again until everything was read once.
    shown(page, "main .pill.good").await;
    source
}

/// Turns a table off, and keeps only those visits that took place.
async fn narrow(page: &Client, site: &Site, base: &str, source: &str) {
    click(page, "input[name=yclients_labels]").await;
    follow(page, "form[action$='/tables'] button").await;
    shown(page, "input[name=yclients_labels]:not(:checked)").await;
    follow(page, &format!("a[href='{source}/tables/yclients_records']")).await;
    choose(page, "column-0", "attendance").await;
    choose(page, "is-0", "equal").await;
    fill(page, "value-0", "1").await;
    click(page, "button[value=preview]").await;
    shown(page, ".notice dd").await;
    let counts = page.find_all(Locator::Css(".notice dd")).await.unwrap();
    let mut effect = Vec::new();
    for count in counts {
        effect.push(count.text().await.unwrap().parse::<usize>().unwrap());
    }
    let [held, kept, gone] = effect[..] else {
        panic!("{effect:?}")
    };
    assert!(gone > 0 && held == kept + gone, "{effect:?}");
    follow(page, "button[value=save]").await;
    let table = format!("{base}/tables/yclients_records");
    for _ in 0..100 {
        let attendance = column(page, site, &table, "Attendance (2").await;
        if !attendance.is_empty() && attendance.iter().all(|text| text == "1") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the filter took nothing away: {}", content(page).await);
}

/// Makes a report with nested lines, after a look at what it would bring, and runs it.
async fn report(page: &Client, site: &Site, base: &str) {
    follow(page, "nav a[href$='/jobs']").await;
    follow(page, "main a[href$='/reports/new']").await;
    fill(page, "name", "Used up").await;
    choose(page, "kind", "consumables").await;
    follow(page, "button[value=sample]").await;
    write(page, "count", "60").await;
    click(page, "input[name=form][value=description]").await;
    // A description with a fault is told with its line, and stays in the form.
    write(
        page,
        "description",
        &DESCRIPTION.replace("good_id", "god_id"),
    )
    .await;
    click(page, "button[value=preview]").await;
    shown(page, ".notice.bad").await;
    let told = content(page).await;
    assert!(
        told.contains("line 11") && told.contains("good_id"),
        "{told}"
    );
    write(page, "description", DESCRIPTION).await;
    click(page, "button[value=preview]").await;
    shown(page, "table.dense").await;
    let told = content(page).await;
    assert!(
        told.contains("visit_goods") && told.contains("visits_id"),
        "{told}"
    );
    follow(page, "button[value=make]").await;
    shown(page, ".notice.good").await;
    follow(page, ".head button[value=run]").await;
    shown(page, "main .pill.good").await;
    let lines = column(
        page,
        site,
        &format!("{base}/tables/visit_goods"),
        "visits_id",
    )
    .await;
    let visits = column(page, site, &format!("{base}/tables/visits"), "id").await;
    assert!(!lines.is_empty() && lines.iter().all(|visit| visits.contains(visit)));
}

/// Compares the last days with the vendor.
async fn compare(page: &Client, site: &Site, source: &str) {
    page.goto(&site.address(source)).await.unwrap();
    follow(page, "main a[href$='/reconciliations']").await;
    follow(page, "main form button").await;
    shown(page, "main .pill.good").await;
    let told = content(page).await;
    assert!(told.contains("every day checked"), "{told}");
    let days = page.find_all(Locator::Css("table:last-of-type tbody tr"));
    assert!(days.await.unwrap().len() > 7, "{told}");
}

/// Has the nightly comparison run on Mondays.
async fn schedule(page: &Client) {
    follow(page, "nav a[href$='/jobs']").await;
    let nightly = page.find(Locator::XPath("//main//a[starts-with(., 'Nightly')]"));
    nightly.await.unwrap().click().await.unwrap();
    shown(page, "form[action$='/edit']").await;
    click(page, "main details summary").await;
    choose(page, "every", "weekly").await;
    for day in ["tue", "wed", "thu", "fri", "sat"] {
        click(page, &format!("input[name=day][value={day}]")).await;
    }
    write(page, "at", "04:15").await;
    follow(page, "form[action$='/edit'] button").await;
    let told = content(page).await;
    assert!(
        told.contains("Saved.") && told.contains("Mon at 04:15"),
        "{told}"
    );
}

/// Reads of one kind of thing, and of one change.
async fn journal(page: &Client) {
    follow(page, "nav a[href$='/journal']").await;
    follow(page, "main a[href$='category=reconciliation']").await;
    for code in page.find_all(Locator::Css("tbody code")).await.unwrap() {
        let code = code.text().await.unwrap();
        assert!(code.starts_with("reconciliation."), "{code}");
    }
    follow(page, "main .filters a").await;
    click(page, "main details summary").await;
    fill(page, "code", "job.changed").await;
    follow(page, "main details form button").await;
    let found = page.find_all(Locator::Css("tbody tr")).await.unwrap();
    assert_eq!(found.len(), 1, "{}", content(page).await);
    let told = found[0].text().await.unwrap();
    assert!(
        told.contains("Job changed: Nightly") && told.contains("you"),
        "{told}"
    );
}
