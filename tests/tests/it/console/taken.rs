//! A shop's whole way: real repairs come in, its owner orders them in a browser, takes the file once, and moves with it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fantoccini::{Client, Locator};
use serde_json::Value as Json;
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::{Actor, FileFormat, ImportFormat, ImportStatus, NewSubscription, Plan},
    delivery::{self, Order},
    import::{self, ConflictPolicy, Counts, FileSource, ImportOrder},
};
use wynos_tests::{
    chromium::Browser,
    postgres::{DatabaseUrl, fresh_database},
};

use super::{Site, click, content, fill, follow, set_up, sign_in};
use crate::command_line::{
    after_header, assert_valid, csv_rows, open_repair_data::published, xlsx_rows,
};

/// Records of a published file that are taken, its header among them.
const PUBLISHED: usize = 3_000;
/// Repairs of the sample.
const SAMPLE: usize = 300;

/// Writes a file of the Open Repair Data Standard with all kinds of repairs in it; gives its path.
fn sample(folder: &Path) -> PathBuf {
    let path = folder.join("repairs.csv");
    let mut file = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::NonNumeric)
        .from_path(&path)
        .unwrap();
    file.write_record([
        "id",
        "data_provider",
        "country",
        "partner_product_category",
        "product_category",
        "product_category_id",
        "brand",
        "year_of_manufacture",
        "product_age",
        "repair_status",
        "repair_barrier_if_end_of_life",
        "group_identifier",
        "event_date",
        "problem",
    ])
    .unwrap();
    let states = ["Fixed", "Repairable", "End of life", "Unknown"];
    let kinds = [
        ("Coffee maker", "36"),
        ("Sewing machine", "27"),
        ("Lamp", "20"),
    ];
    let problems = [
        "",
        "Świeci, nie grzeje",
        "=1+1",
        "Zażółć \"gęślą\"\njaźń",
        "не включается",
    ];
    for number in 0..SAMPLE {
        let (kind, kind_id) = kinds[number % kinds.len()];
        let id = format!("sample_{number:04}");
        let day = format!("2025-{:02}-{:02}", 1 + number % 12, 1 + number % 28);
        file.write_record([
            id.as_str(),
            "Kawiarnia naprawcza",
            "POL",
            kind,
            kind,
            kind_id,
            if number % 7 == 0 {
                "Unknown"
            } else {
                "Bernina"
            },
            "",
            "",
            states[number % states.len()],
            "",
            "Łódź",
            &day,
            problems[number % problems.len()],
        ])
        .unwrap();
    }
    file.flush().unwrap();
    path
}

/// The first repairs of a published file; all of them go the same way at the command line.
fn beginning(published: &Path, folder: &Path) -> PathBuf {
    let path = folder.join("beginning.csv");
    let mut writer = csv::Writer::from_path(&path).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(published)
        .unwrap();
    for record in reader.byte_records().take(PUBLISHED) {
        writer.write_byte_record(&record.unwrap()).unwrap();
    }
    writer.flush().unwrap();
    path
}

#[tokio::test]
async fn a_shop_moves_by_a_file_that_its_owner_orders_and_takes_once_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    journey(None, &sample(folder.path())).await;
}

#[tokio::test]
async fn a_shop_moves_by_a_file_that_its_owner_orders_and_takes_once_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database().await.unwrap();
    journey(Some(&database), &sample(folder.path())).await;
}

#[tokio::test]
async fn published_repairs_are_ordered_and_taken_once() {
    let name = "RepairCafeDenmark_202507.csv";
    match published(name) {
        Some(file) => {
            let folder = tempfile::tempdir().unwrap();
            journey(None, &beginning(&file, folder.path())).await;
        }
        None => println!("skipped: {name} is not beside the project"),
    }
}

async fn journey(database: Option<&DatabaseUrl>, file: &Path) {
    let repairs = csv::Reader::from_path(file).unwrap().records().count();
    let site = Site::start(database).await;
    let browser = Browser::start().await.unwrap();
    let page = browser.client();
    set_up(page, &site, "Serwis Anna").await;
    let first = site.shop().await;
    let counts = imported(&site, &first, file, ImportFormat::Ords).await;
    assert_eq!(counts.tables["repairs"].new, repairs as u64);
    lists(&site, &first, repairs).await;

    follow(page, "a[href$='/exports/new']").await;
    click(page, "input[value=xml]").await;
    fill(page, "purpose", "przenosiny").await;
    follow(page, "main form button").await;
    let link = site.mailed_link().await;
    let taken = taken(&site, &browser, &link).await;
    assert_valid(&taken);
    refused(&site, page, &link).await;
    assert_eq!(browser.download_names().unwrap().len(), 1);

    let second = another(&site).await;
    imported(&site, &second, &taken, ImportFormat::Exchange).await;
    let moved = built(
        &site,
        Order::new(second, Actor::CommandLine, FileFormat::Xml),
    )
    .await;
    assert!(
        after_header(&taken) == after_header(&moved),
        "the moved shop differs"
    );
}

/// Reads, compares and writes a file, and says what became of its rows.
async fn imported(site: &Site, shop: &SubscriptionId, file: &Path, format: ImportFormat) -> Counts {
    let services = &site.services;
    let order = ImportOrder {
        created_by: Actor::CommandLine,
        file_name: "file".to_owned(),
        format,
        table: None,
        mapping: None,
        merge: false,
        conflict: ConflictPolicy::KeepOurs,
        file: FileSource::Disk(file.to_owned()),
        idempotency_key: None,
    };
    let (begun, _) = import::begin(services, shop, order).await.unwrap();
    import::uploaded(services, shop, &begun.id, None)
        .await
        .unwrap();
    let reached = async |wanted: ImportStatus| {
        let began = Instant::now();
        loop {
            let now = services.control.imports(shop).get(&begun.id).await.unwrap();
            if now.status == wanted {
                return now;
            }
            let failed = now.status == ImportStatus::Failed;
            let hangs = began.elapsed() > Duration::from_secs(120);
            assert!(!failed && !hangs, "{now:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    reached(ImportStatus::Previewed).await;
    import::start_apply(services, shop, &begun.id)
        .await
        .unwrap();
    let applied = reached(ImportStatus::Applied).await;
    let counts: Counts = serde_json::from_value(applied.counts).unwrap();
    assert!(!counts.has_problems(), "{counts:?}");
    counts
}

/// A file that is built right here.
async fn built(site: &Site, order: Order) -> PathBuf {
    let folder = site.mails.join("..");
    let path = folder.join(format!("built.{}", order.format));
    let built = delivery::build_to(&site.services, &order, &path).await;
    built.unwrap();
    path
}

/// The lists of repairs have a row for each of the file's, under one header.
async fn lists(site: &Site, shop: &SubscriptionId, repairs: usize) {
    let order = |format| Order {
        table: Some("repairs".to_owned()),
        locale: Locale::Pl,
        ..Order::new(shop.clone(), Actor::CommandLine, format)
    };
    let list = built(site, order(FileFormat::Csv)).await;
    assert_eq!(csv_rows(&list), repairs);
    let book = built(site, order(FileFormat::Xlsx)).await;
    assert_eq!(xlsx_rows(&book), repairs);
}

/// The file, which the owner takes by a click after others have looked at the link.
async fn taken(site: &Site, browser: &Browser, link: &str) -> PathBuf {
    let page = browser.client();
    // A mail scanner looks, twice, without a session.
    for _ in 0..2 {
        let looked = reqwest::get(link).await.unwrap();
        assert!(looked.url().path().starts_with("/sign-in"));
    }
    follow(page, ".who button").await;
    page.goto(link).await.unwrap();
    sign_in(page, "anna@example.com").await;
    let here = page.current_url().await.unwrap();
    assert_eq!(here.as_str(), link, "signing in leads back to the file");
    let name = page.find(Locator::Css(".file-name")).await.unwrap();
    let name = name.text().await.unwrap();
    click(page, "main form button").await;
    let file = browser.downloaded(&name).await.unwrap();
    page.goto(link).await.unwrap();
    let text = content(page).await;
    assert!(text.contains("You have taken this file"), "{text}");
    site.join("jan@example.com").await;
    file
}

/// Another owner finds nothing to press, and pressing all the same, twice, gives nothing.
async fn refused(site: &Site, page: &Client, link: &str) {
    follow(page, ".who button").await;
    page.goto(link).await.unwrap();
    sign_in(page, "jan@example.com").await;
    page.goto(link).await.unwrap();
    let text = content(page).await;
    let told = text.contains("was taken on") && text.contains("Anna Nowak");
    assert!(told, "{text}");
    let button = page.find(Locator::Css("main form button")).await;
    assert!(button.is_err(), "nothing is left to press");
    let press = "const done = arguments[arguments.length - 1];
        const csrf = document.querySelector('input[name=csrf]').value;
        fetch(location.href, { method: 'POST', body: new URLSearchParams({ csrf }), redirect: 'manual' })
            .then(answer => done(answer.status), error => done(String(error)));";
    for _ in 0..2 {
        let answer = page.execute_async(press, Vec::new()).await.unwrap();
        assert_eq!(answer, Json::from(410), "at {}", site.url);
    }
}

/// A second subscription.
async fn another(site: &Site) -> SubscriptionId {
    let services = &site.services;
    let new = NewSubscription {
        name: "Serwis Jan".to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    };
    let mut tx = services.control.begin().await.unwrap();
    let made = tx.create_subscription(&new, services.clock.now()).await;
    let made = made.unwrap();
    tx.commit().await.unwrap();
    made.id
}
