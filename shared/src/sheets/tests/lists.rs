use chrono::{TimeZone, Utc};
use rust_decimal::Decimal;

use super::*;
use crate::{catalog, warehouse::ValueRef};

fn customers() -> (List, Rows) {
    let columns = [
        "id",
        "type",
        "person",
        "phone",
        "tax_id",
        "internet_access",
        "remarks",
        "created_at",
        "custom_values",
    ];
    let list = List::of(table("customers"), columns, fields()).unwrap();
    let mut rows = Rows::new(list.scan().columns.len());
    let at = Utc.with_ymd_and_hms(2025, 3, 1, 14, 30, 5).unwrap();
    rows.push_row([
        ValueRef::Text("shop:1"),
        ValueRef::Text("PERSONAL"),
        ValueRef::Text("Żółw; \"Jan\""),
        ValueRef::Text("+48501234567"),
        ValueRef::Text("0123456789"),
        ValueRef::Boolean(true),
        ValueRef::Text("=HYPERLINK(\"http://x\")"),
        ValueRef::Timestamp(at),
        ValueRef::Json(r#"{"shop:f1":"=1","shop:f3":"enc","shop:gone":"secret"}"#),
    ]);
    rows.push_row([
        ValueRef::Text("shop:2"),
        ValueRef::Text("BUSINESS"),
        ValueRef::Null,
        ValueRef::Null,
        ValueRef::Text(""),
        ValueRef::Boolean(false),
        ValueRef::Text("dwie\nlinie"),
        ValueRef::Null,
        ValueRef::Null,
    ]);
    (list, rows)
}

fn shown(convention: Convention) -> String {
    let (list, rows) = customers();
    String::from_utf8(csv_of(&list, convention, &rows)).unwrap()
}

#[test]
fn polish_conventions() {
    insta::assert_snapshot!(
        shown(conventions()[1])
            .escape_debug()
            .to_string()
            .replace("\\r\\n", "\\r\\n\n")
    );
}

#[test]
fn russian_conventions() {
    insta::assert_snapshot!(
        shown(conventions()[2])
            .escape_debug()
            .to_string()
            .replace("\\r\\n", "\\r\\n\n")
    );
}

#[test]
fn english_conventions() {
    insta::assert_snapshot!(
        shown(conventions()[3])
            .escape_debug()
            .to_string()
            .replace("\\r\\n", "\\r\\n\n")
    );
}

#[test]
fn plain_conventions() {
    insta::assert_snapshot!(
        shown(conventions()[0])
            .escape_debug()
            .to_string()
            .replace("\\n", "\\n\n")
    );
}

#[test]
fn numbers_have_the_decimal_sign_of_the_language() {
    let list = List::of(
        table("part_deliveries"),
        ["price_net", "quantity", "vat"],
        Vec::new(),
    )
    .unwrap();
    let mut rows = Rows::new(list.scan().columns.len());
    let decimal = |number, scale| ValueRef::Decimal(Decimal::new(number, scale));
    rows.push_row([decimal(125_000, 4), decimal(1_500_000, 6), decimal(23, 0)]);
    let csv = |convention| String::from_utf8(csv_of(&list, convention, &rows)).unwrap();
    assert!(csv(conventions()[1]).ends_with("\r\n12,5;1,5;23,00\r\n"));
    assert!(csv(conventions()[3]).ends_with("\r\n12.5,1.5,23.00\r\n"));
    assert!(csv(conventions()[0]).ends_with("\n12.5000,1.500000,23\n"));
}

#[test]
fn secrets_and_values_of_unknown_fields_never_leave() {
    let text = shown(Convention::plain());
    assert!(text.contains("••••"));
    assert!(!text.contains("enc") && !text.contains("secret"));

    let list = List::of(table("tickets"), ["devices"], fields()).unwrap();
    let mut rows = Rows::new(list.scan().columns.len());
    rows.push_row([
        ValueRef::Json(
            r#"[{"custom_values":{"shop:f1":"red","shop:f3":"enc","x":"y"},"model":"M"}]"#,
        ),
        ValueRef::Null,
    ]);
    let text = String::from_utf8(csv_of(&list, Convention::plain(), &rows)).unwrap();
    assert!(
        text.contains("red") && !text.contains("enc") && !text.contains("\"\"y\"\""),
        "{text}"
    );
}

#[test]
fn every_list_knows_whom_its_rows_speak_of() {
    let subject = |name: &str| {
        let list = List::named(name, Vec::new()).unwrap();
        list.subject()
            .map(|index| list.scan().columns[index].clone())
    };
    assert_eq!(subject("customers").as_deref(), Some("id"));
    assert_eq!(subject("repairs").as_deref(), Some("customer_id"));
    assert_eq!(
        subject("repair_actions").as_deref(),
        Some("repair_id.customer_id")
    );
    assert_eq!(
        subject("ticket_actions").as_deref(),
        Some("ticket_id.customer_id")
    );
    assert_eq!(subject("warehouse"), None);
    let narrow = List::of(table("repairs"), ["rma"], Vec::new()).unwrap();
    assert_eq!(narrow.scan().columns, ["rma", "customer_id"]);
    assert_eq!(narrow.subject(), Some(1));
    assert_eq!(narrow.columns().len(), 1);
}

#[test]
fn unknown_names_are_refused() {
    assert!(matches!(
        List::named("nothing", Vec::new()),
        Err(SheetError::UnknownList { .. })
    ));
    for column in ["nothing", "type_id.nothing", "rma.x", "custom:nothing"] {
        let list = List::of(table("repairs"), [column], fields());
        assert!(
            matches!(list, Err(SheetError::UnknownColumn { .. })),
            "{column}"
        );
    }
}

#[test]
fn headers_differ_and_lead_back_to_their_columns() {
    let prepared = ["repairs", "tickets", "warehouse", "customers"];
    let names = prepared
        .into_iter()
        .chain(catalog::tables().iter().map(|table| table.name.as_ref()));
    for name in names.filter(|name| {
        catalog::table(name).is_none_or(|table| table.group == catalog::TableGroup::RepairShop)
    }) {
        let list = List::named(name, fields()).unwrap();
        for convention in conventions() {
            let header = list.header(convention);
            let file = csv_of(&list, convention, &Rows::new(list.scan().columns.len()));
            let guess = open(&file).unwrap().guess(list.table(), &fields());
            let unsure: Vec<_> = guess
                .questions
                .iter()
                .filter(|question| !matches!(question, Question::Missing { .. }))
                .collect();
            assert!(unsure.is_empty(), "{name} {convention:?}: {unsure:?}");
            for ((column, text), mapped) in list
                .columns()
                .iter()
                .zip(&header)
                .zip(&guess.mapping.columns)
            {
                let target = mapped.target.as_deref().unwrap();
                match list.field_of(column) {
                    Some(field) => assert_eq!(target, format!("custom:{}", field.id), "{text}"),
                    None => assert_eq!(target, column.path(), "{text}"),
                }
            }
        }
    }
}

#[test]
fn one_empty_cell_is_still_a_row() {
    let list = List::of(table("dictionaries"), ["auxiliary_id"], Vec::new()).unwrap();
    let mut rows = Rows::new(1);
    rows.push_row([ValueRef::Null]);
    assert_eq!(
        csv_of(&list, Convention::plain(), &rows),
        b"auxiliary_id\n\"\"\n"
    );
}
