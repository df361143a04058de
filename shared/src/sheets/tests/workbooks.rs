use chrono::{NaiveDate, TimeZone, Utc};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;
use crate::warehouse::ValueRef;

#[test]
fn real_dates_numbers_and_identifiers_are_read_out_of_a_workbook_of_somebody_else() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in ["Telefon", "Utworzono", "Imię i nazwisko", "NIP"]
        .iter()
        .enumerate()
    {
        sheet.write(0, column as u16, *header).unwrap();
    }
    let date = Format::new().set_num_format("dd.mm.yyyy hh:mm");
    let at = ExcelDateTime::from_ymd(2025, 3, 1)
        .unwrap()
        .and_hms(15, 30, 0)
        .unwrap();
    sheet.write(1, 0, 48_501_234_567_i64).unwrap();
    sheet.write_with_format(1, 1, &at, &date).unwrap();
    sheet.write(1, 2, 7.5).unwrap();
    sheet.write(1, 3, 356_938_035_643_809_i64).unwrap();
    sheet.write(2, 0, "501 234 567").unwrap();
    sheet.write(2, 1, 45_717.0).unwrap();
    let other = workbook.add_worksheet();
    other.write(0, 0, "Inny arkusz").unwrap();
    let all = read(workbook.save_to_buffer().unwrap(), table("customers")).unwrap();
    assert_eq!(all.problems, []);
    assert_eq!(all.value(0, "phone"), &Value::from("48501234567"));
    assert_eq!(all.value(0, "person"), &Value::from("7.5"));
    assert_eq!(all.value(0, "tax_id"), &Value::from("356938035643809"));
    let at = Utc.with_ymd_and_hms(2025, 3, 1, 14, 30, 0).unwrap();
    assert_eq!(all.value(0, "created_at"), &Value::from(at));
    let midnight = Utc.with_ymd_and_hms(2025, 2, 28, 23, 0, 0).unwrap();
    assert_eq!(all.value(1, "created_at"), &Value::from(midnight));
    assert_eq!(all.summary.skipped_sheets, ["Sheet2"]);
    assert_eq!(all.lines, [2, 3]);
}

fn dictionary(count: usize, name: impl Fn(usize) -> String) -> (List, Rows) {
    let list = List::named("dictionaries", Vec::new()).unwrap();
    let mut rows = Rows::new(4);
    for number in 0..count {
        let id = format!("shop:{number}");
        let name = name(number);
        rows.push_row([&id, "COMPONENT_TYPE", &name, "1"].map(ValueRef::Text));
    }
    (list, rows)
}

#[test]
fn rows_beyond_a_sheet_go_to_the_next_one() {
    let (list, rows) = dictionary(25, |number| format!("n{number}"));
    let limits = XlsxLimits {
        rows: 11,
        ..XlsxLimits::default()
    };
    let bytes = xlsx_of(&list, conventions()[1], limits, &rows);
    let workbook: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(
        calamine::Reader::sheet_names(&workbook),
        ["Słowniki", "Słowniki 2", "Słowniki 3"]
    );
    let all = read(&bytes, table("dictionaries")).unwrap();
    assert_eq!(all.rows.len(), 25);
    assert_eq!(all.value(24, "name"), &Value::from("n24"));
    assert_eq!(all.lines[24], 6);
}

#[test]
fn a_text_too_long_for_a_cell_is_kept_whole() {
    let long = "żółw".repeat(20_000);
    let (list, rows) = dictionary(3, |number| {
        if number == 1 {
            long.clone()
        } else {
            "x".to_owned()
        }
    });
    let bytes = xlsx_of(&list, conventions()[1], XlsxLimits::default(), &rows);
    let all = read(&bytes, table("dictionaries")).unwrap();
    assert_eq!(all.value(1, "name"), &Value::from(long));
    assert_eq!(all.value(2, "name"), &Value::from("x"));
}

#[test]
fn a_workbook_holds_real_dates_numbers_and_texts() {
    let list = List::of(
        table("part_deliveries"),
        ["serial", "quantity", "purchased_at"],
        Vec::new(),
    )
    .unwrap();
    let mut rows = Rows::new(list.scan().columns.len());
    rows.push_row([
        ValueRef::Text("00123456789012345"),
        ValueRef::Decimal(rust_decimal::Decimal::new(1_500_000, 6)),
        ValueRef::Date(NaiveDate::from_ymd_opt(2025, 3, 1).unwrap()),
    ]);
    let bytes = xlsx_of(&list, conventions()[2], XlsxLimits::default(), &rows);
    let mut workbook: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(&bytes)).unwrap();
    let sheet = calamine::Reader::worksheet_range_at(&mut workbook, 0)
        .unwrap()
        .unwrap();
    assert_eq!(
        sheet.get((1, 0)),
        Some(&calamine::Data::String("00123456789012345".into()))
    );
    assert_eq!(sheet.get((1, 1)), Some(&calamine::Data::Float(1.5)));
    let date = sheet.get((1, 2)).unwrap();
    assert!(matches!(date, calamine::Data::DateTime(at) if at.as_f64() == 45_717.0));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let (list, _) = dictionary(0, |_| String::new());
    let nowhere = std::path::Path::new("nowhere/at/all");
    assert!(XlsxWriter::new(&list, conventions()[1], XlsxLimits::default(), nowhere).is_err());
}
