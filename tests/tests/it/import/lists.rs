//! Lists as spreadsheets hold them, in and out.

use rust_xlsxwriter::Workbook;
use wynos::{
    SubscriptionId, catalog,
    catalog::Locale,
    control::{Actor, FileFormat, ImportFormat},
    delivery::{self, Order},
    import::{ImportOrder, Phase},
};

use super::{Bed, beds, files::sample_file, order, table_counts, xml};

const BOTH: [(FileFormat, ImportFormat); 2] = [
    (FileFormat::Xlsx, ImportFormat::Xlsx),
    (FileFormat::Csv, ImportFormat::Csv),
];

/// A list of a table as we export it, ordered to come in.
async fn exported(
    bed: &Bed,
    shop: &SubscriptionId,
    table: &str,
    formats: (FileFormat, ImportFormat),
    locale: Locale,
) -> ImportOrder {
    let path = bed.folder.path().join(format!("{table}.{:?}", formats.0));
    let export = Order {
        table: Some(table.to_owned()),
        locale,
        ..Order::new(shop.clone(), Actor::CommandLine, formats.0)
    };
    delivery::build_to(&bed.services, &export, &path)
        .await
        .unwrap();
    ImportOrder {
        table: Some(table.to_owned()),
        ..order(&path, formats.1)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_02_a_list_that_we_exported_changes_nothing_when_it_comes_back() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        bed.applied(&shop, xml(&bed.file("shop.xml", &sample_file(30))))
            .await;
        let contents = bed.contents(&shop).await;
        for formats in BOTH {
            for (table, locale) in
                catalog::tables_of(catalog::TableGroup::RepairShop).zip(Locale::ALL.iter().cycle())
            {
                let order = exported(&bed, &shop, &table.name, formats, *locale).await;
                let import = bed.applied(&shop, order).await;
                let what = format!("{} {:?} {locale:?}", table.name, formats.0);
                let counts = table_counts(&import, &table.name);
                assert_eq!(
                    (counts.rows, counts.unchanged),
                    (bed.count(&shop, table).await, counts.rows),
                    "{what}: {counts:?} {:?}",
                    bed.findings(&import, Phase::Apply).await.first()
                );
                for (now, before) in bed.contents(&shop).await.iter().zip(&contents) {
                    assert_eq!(now, before, "{what}");
                }
            }
        }
        assert_eq!(bed.contents(&shop).await.len(), contents.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_brings_rows_in_once_and_names_what_it_cannot_take() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        let cells = [
            ["id", "rma", "status", "type_id.name", "issue"],
            ["x:1", "R/1", "CLOSED", "Laptop", "Nie włącza się"],
            ["x:2", "R/2", "NOPE", "Laptop", ""],
            ["x:3", "R/3", "CLOSED", "laptop", ""],
        ];
        for (row, values) in (0_u32..).zip(cells) {
            for (column, value) in (0_u16..).zip(values) {
                sheet.write_string(row, column, value).unwrap();
            }
        }
        let path = bed.file("repairs.xlsx", &workbook.save_to_buffer().unwrap());
        let order = ImportOrder {
            table: Some("repairs".to_owned()),
            ..order(&path, ImportFormat::Xlsx)
        };
        let import = bed.applied(&shop, order.clone()).await;
        let counts = table_counts(&import, "repairs");
        let found = bed.findings(&import, Phase::Apply).await;
        assert_eq!((counts.new, counts.rejected), (2, 1), "{found:?}");
        assert_eq!(table_counts(&import, "dictionaries").new, 1);
        assert!(
            found.iter().any(|finding| finding.found == "NOPE"),
            "{found:?}"
        );
        let issue = bed.text(&shop, "repairs", "x:1", "issue").await;
        assert_eq!(issue.as_deref(), Some("Nie włącza się"));

        let contents = bed.contents(&shop).await;
        let again = bed.applied(&shop, order).await;
        assert_eq!(table_counts(&again, "repairs").unchanged, 2);
        assert_eq!(bed.contents(&shop).await, contents);
    }
}
