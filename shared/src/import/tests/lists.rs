use std::path::Path;

use super::bed::{bed, order};
use crate::{
    catalog,
    control::ImportFormat,
    import::{Counts, Phase},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_finds_or_makes_what_it_names_and_comes_in_once() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    bed.enter(
        &shop,
        "dictionaries",
        &["id", "type", "name"],
        &[&[Some("us:d"), Some("REPAIR_SUBJECT_TYPE"), Some("Laptop")]],
    )
    .await;
    let list = "rma,status,type_id.name,issue\n1,CLOSED,laptop,x\n2,CLOSED,Mikser,y\n3,NOPE,Mikser,z\n4,CLOSED,mikser,w\n";
    let mut csv = order(bed.file("repairs.csv", list.as_bytes()), ImportFormat::Csv);
    csv.table = Some("repairs".into());
    let import = bed.applied(&shop, csv.clone()).await;
    let counts: Counts = serde_json::from_value(import.counts.clone()).unwrap();
    let repairs = counts.tables["repairs"];
    assert_eq!(
        (repairs.new, repairs.rejected),
        (3, 1),
        "{:?}",
        bed.findings(&import, Phase::Apply).await
    );
    assert_eq!(counts.tables["dictionaries"].new, 1);
    let contents = bed.contents(&shop).await;
    let again = bed.applied(&shop, csv).await;
    let counts: Counts = serde_json::from_value(again.counts).unwrap();
    assert_eq!(counts.tables["repairs"].unchanged, 3);
    assert_eq!(bed.contents(&shop).await, contents);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_rows_says_so() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let mut csv = order(bed.file("bare.csv", b"id;type;person\n"), ImportFormat::Csv);
    csv.table = Some("customers".into());
    let import = bed.validated(&shop, csv).await;
    let findings = bed.findings(&import, Phase::Validate).await;
    let codes: Vec<&str> = findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes, ["no_rows"]);
    let counts: Counts = serde_json::from_value(import.counts).unwrap();
    assert!(!counts.has_problems(), "nothing of the file is missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn real_open_repair_files_come_in_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/openrepair");
    let bed = bed().await;
    for name in ["RepairCafeDenmark_202507.csv", "RepairCafeWales_202507.csv"] {
        let Ok(content) = std::fs::read(folder.join(name)) else {
            println!("{name} is not there: skipped");
            continue;
        };
        let mut reader = csv::Reader::from_reader(content.as_slice());
        let rows = reader.records().count() as u64;
        let shop = bed.subscription().await;
        let import = bed
            .applied(&shop, order(bed.file(name, &content), ImportFormat::Ords))
            .await;
        let counts: Counts = serde_json::from_value(import.counts.clone()).unwrap();
        assert_eq!(counts.tables["repairs"].rows, rows, "{name}");
        assert_eq!(
            counts.tables["repairs"].rejected,
            0,
            "{:?}",
            bed.findings(&import, Phase::Apply).await.first()
        );
        assert_eq!(
            bed.count(&shop, catalog::table("repairs").unwrap()).await,
            rows,
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_left_out_are_told() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let list = "Imię i nazwisko;Telefon;Tel;Coś\nJan;501234567;601234567;x\n";
    let mut csv = order(bed.file("people.csv", list.as_bytes()), ImportFormat::Csv);
    csv.table = Some("customers".into());
    let import = bed.applied(&shop, csv).await;
    let findings = bed.findings(&import, Phase::Apply).await;
    let told: Vec<_> = findings
        .iter()
        .map(|finding| {
            (
                finding.code.as_ref(),
                finding.field.as_deref(),
                finding.line,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("column_doubled", Some("Tel"), Some(1)),
            ("column_unknown", Some("Coś"), Some(1)),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sheets_and_columns_that_are_skipped_are_told_and_reports_are_in_the_readers_language() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, header) in [("Klienci", "Imię i nazwisko"), ("Notatki", "Notatka")] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write(0, 0, header).unwrap();
        sheet.write(1, 0, "Jan").unwrap();
    }
    let content = workbook.save_to_buffer().unwrap();
    let mut xlsx = order(bed.file("people.xlsx", &content), ImportFormat::Xlsx);
    xlsx.table = Some("customers".into());
    let import = bed.applied(&shop, xlsx).await;
    let told = bed.findings(&import, Phase::Apply).await;
    assert_eq!(
        (told[0].code.as_ref(), told[0].found.as_str()),
        ("sheet_skipped", "Notatki")
    );

    let ords = "id,product_category,repair_status,data_provider,colour\n1,Toaster,Fixed,us,red\n";
    let file = bed.file("ords.csv", ords.as_bytes());
    let import = bed.applied(&shop, order(file, ImportFormat::Ords)).await;
    let told = bed.findings(&import, Phase::Apply).await;
    assert_eq!(
        (told[0].code.as_ref(), told[0].field.as_deref()),
        ("column_unknown", Some("colour"))
    );

    let bad = "typ;Imię i nazwisko;Data utworzenia;Dostęp przez internet\nOBCY;Jan;kiedyś;może\n";
    let mut csv = order(bed.file("bad.csv", bad.as_bytes()), ImportFormat::Csv);
    csv.table = Some("customers".into());
    let import = bed.validated(&shop, csv).await;
    for finding in bed.findings(&import, Phase::Validate).await {
        for locale in [catalog::Locale::Pl, catalog::Locale::Ru] {
            let text = crate::import::message(locale, &finding);
            for english in ["one of", "a date", "yes or no", "such as"] {
                assert!(!text.contains(english), "{text}");
            }
        }
    }
}
