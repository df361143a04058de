//! The command line, on both databases.

mod bad_input;
mod bi_login;
mod broken;
mod copied_memory;
mod ended;
mod imports;
mod interrupted;
mod journaled;
mod lanes;
mod listed;
mod memory;
pub(crate) mod open_repair_data;
mod partly;
mod places;
mod round_trip;
mod served;
mod settings;
mod shared_sign_in;
mod shown;

use std::{
    fs,
    io::BufWriter,
    path::{Path, PathBuf},
};

use calamine::Reader;
use wynos::{
    SubscriptionId,
    exchange::{Header, Passwords, ProfileName, Writer},
    sample::Shop,
};
use wynos_sandbox::{Options, Running, Sandbox};
use wynos_tests::{
    find_program,
    program::{Backend, Installation},
    project,
};

/// A simulated vendor that takes as many calls as come, with these faults, and a place of the program that calls it.
async fn beside_vendor(backend: Backend, records: usize, faults: &str) -> (Running, Installation) {
    let options = Options {
        records,
        limits: None,
        faults: faults.parse().unwrap(),
        ..Options::default()
    };
    let vendor = Sandbox::start(options).await.unwrap();
    let mut wynos = Installation::new(backend).await.unwrap();
    wynos.tell("WYNOS_YCLIENTS_BASE_URL", &vendor.base_url);
    wynos.tell("WYNOS_YCLIENTS_PARTNER_TOKEN", "partner");
    (vendor, wynos)
}

/// Writes the exchange file of a small made-up shop; gives its path.
fn sample_file(folder: &Path, customers: u64) -> PathBuf {
    exchange_file(folder, customers, |_| true)
}

/// Writes an exchange file of customers alone; gives its path.
fn customers_file(folder: &Path, customers: u64) -> PathBuf {
    exchange_file(folder, customers, |table| {
        matches!(table, "dictionaries" | "custom_fields" | "customers")
    })
}

fn exchange_file(folder: &Path, customers: u64, carried: impl Fn(&str) -> bool) -> PathBuf {
    let origin: SubscriptionId = "sampleorigin".parse().unwrap();
    let today = chrono::DateTime::from_timestamp(1_760_000_000, 0).unwrap();
    let shop = Shop {
        origin: origin.clone(),
        seed: 11,
        customers,
        today,
    };
    let path = folder.join("sample.xml");
    let file = BufWriter::new(fs::File::create(&path).unwrap());
    let mut writer = Writer::new(
        file,
        &Header::new(origin, today, ProfileName::Full),
        Passwords::LeaveOut,
    )
    .unwrap();
    for table in shop.tables().filter(|table| carried(&table.name)) {
        writer.section(&table.name).unwrap();
        for batch in shop.batches(table) {
            writer.rows(&batch).unwrap();
        }
    }
    writer.finish().unwrap().0.into_inner().unwrap();
    path
}

/// Rows of a Polish CSV list under its header.
pub(crate) fn csv_rows(path: &Path) -> usize {
    let reader = csv::ReaderBuilder::new().delimiter(b';').from_path(path);
    reader.unwrap().records().map(Result::unwrap).count()
}

/// Rows of a workbook's first sheet under its header.
pub(crate) fn xlsx_rows(path: &Path) -> usize {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    book.worksheet_range_at(0).unwrap().unwrap().height() - 1
}

/// An exchange file from the end of its header on.
pub(crate) fn after_header(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let (_, body) = text.split_once("</header>").expect("a header");
    body.to_owned()
}

/// Fails when the file is not valid by the published schema.
pub(crate) fn assert_valid(path: &Path) {
    let xmllint = find_program("xmllint").expect("xmllint is installed by make test");
    let schema = project::root().join("docs/exchange-v1.xsd");
    let checked = std::process::Command::new(xmllint)
        .args(["--noout", "--huge", "--schema"])
        .args([&schema, path])
        .output()
        .unwrap();
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}
