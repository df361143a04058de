use std::str::FromStr;

use rust_decimal::Decimal;

use super::*;
use crate::warehouse::ValueRef;

#[test]
fn encodings_and_separators_are_told_from_the_content() {
    let polish = "Imię i nazwisko;Telefon\nŁucja Żółć;501 234 567\n";
    let russian = "ФИО,Телефон\nПётр Щукин,89211234567\n";
    let encode =
        |text: &str, encoding: &'static encoding_rs::Encoding| encoding.encode(text).0.into_owned();
    let utf16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xFF, 0xFE].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let cases = [
        (
            polish.as_bytes().to_vec(),
            Encoding::Utf8,
            ';',
            "Łucja Żółć",
        ),
        (
            format!("\u{feff}{polish}").into_bytes(),
            Encoding::Utf8,
            ';',
            "Łucja Żółć",
        ),
        (
            encode(polish, encoding_rs::WINDOWS_1250),
            Encoding::Windows1250,
            ';',
            "Łucja Żółć",
        ),
        (
            encode(russian, encoding_rs::WINDOWS_1251),
            Encoding::Windows1251,
            ',',
            "Пётр Щукин",
        ),
        (
            utf16(&polish.replace(';', "\t")),
            Encoding::Utf16Le,
            '\t',
            "Łucja Żółć",
        ),
        (
            utf16(polish)[2..].to_vec(),
            Encoding::Utf16Le,
            ';',
            "Łucja Żółć",
        ),
        (
            polish.replace(';', "|").replace('\n', "\r").into_bytes(),
            Encoding::Utf8,
            '|',
            "Łucja Żółć",
        ),
        (
            format!("sep=,\r\n{}", polish.replace(';', ",")).into_bytes(),
            Encoding::Utf8,
            ',',
            "Łucja Żółć",
        ),
    ];
    for (bytes, encoding, separator, person) in cases {
        let file = open(&bytes).unwrap();
        assert_eq!(
            (file.encoding(), file.separator()),
            (Some(encoding), Some(separator))
        );
        let all = read(&bytes, table("customers")).unwrap();
        assert_eq!(all.value(0, "person"), &Value::from(person));
    }
}

#[test]
fn values_are_read_in_every_language() {
    let file = "Numer naprawy;Status;Gwarancja;Cena netto;Utworzono;Data zakupu;Rodzaj sprzętu;Id\n\
        1/25;Odebrane;tak;1 234,50 zł;01.03.2025 15:30;2024-12-24;Laptop;17\n\
        2/25;Выдано;нет;12.5;2025-03-01;;;other:9\n\
        3/25;CLOSED;x;;;;;\n";
    let all = read(file, table("repairs")).unwrap();
    assert_eq!(all.problems, []);
    for row in 0..3 {
        assert_eq!(all.value(row, "status"), &Value::from("CLOSED"));
    }
    assert_eq!(
        all.value(0, "price_net"),
        &Value::from(Decimal::from_str("1234.50").unwrap())
    );
    assert_eq!(all.value(1, "warranty"), &Value::from(false));
    assert_eq!(
        all.value(0, "created_at"),
        &Value::from(chrono::DateTime::from_timestamp(1_740_839_400, 0).unwrap())
    );
    assert_eq!(all.value(0, "id"), &Value::from("shop:17"));
    assert_eq!(all.value(1, "id"), &Value::from("other:9"));
    assert_eq!(
        all.lookups,
        [Lookup {
            row: 0,
            column: "type_id".into(),
            by: "name".into(),
            text: "Laptop".into()
        }]
    );
    assert_eq!(all.lines, [2, 3, 4]);
}

#[test]
fn a_bad_row_never_stops_its_neighbours() {
    let file = "rma;status;price_net;created_at\n\
        1;CLOSED;5;\n2;Zepsute;abc;01-03-2016\n3;CLOSED\n4;CLOSED;1;2;3\n;CLOSED;;\n6;CLOSED;7;\n";
    let all = read(file, table("repairs")).unwrap();
    let rma: Vec<_> = (0..all.rows.len())
        .map(|row| all.value(row, "rma").clone())
        .collect();
    assert_eq!(rma, ["1", "3", "6"].map(Value::from));
    // Cells that lack at the end are empty ones.
    assert_eq!(all.value(1, "price_net"), &Value::Null);
    assert_eq!(all.summary.short, 1);
    assert_eq!((all.summary.rows, all.summary.rejected), (3, 3));
    let problems: Vec<_> = all
        .problems
        .iter()
        .map(|problem| (problem.line, problem.field.as_str(), problem.found.as_str()))
        .collect();
    assert_eq!(
        problems,
        [
            (3, "status", "Zepsute"),
            (3, "price_net", "abc"),
            (3, "created_at", "01-03-2016"),
            (5, "row", "5 cells"),
            (6, "rma", ""),
        ]
    );
    assert!(all.problems[2].expected.contains("order"));
}

#[test]
fn the_same_list_gives_the_same_ids() {
    let file =
        "Imię i nazwisko;Telefon;E-mail\nJan;22 000 00 00;\nAnna;22 000 00 00;\nEwa;501 234 567;\n";
    let ids = |file: &str| {
        let all = read(file, table("customers")).unwrap();
        (0..all.rows.len())
            .map(|row| all.value(row, "id").clone())
            .collect::<Vec<_>>()
    };
    let first = ids(file);
    assert_eq!(first, ids(file));
    assert_ne!(first[0], first[1]);
    let changed = ids(&file.replace("Ewa;501 234 567;", "Ewa Nowak;+48501234567;"));
    assert_eq!(changed[2], first[2]);
}

#[test]
fn masks_keep_what_is_there() {
    let file = "id;person;custom:Kod PIN;custom:Kolor\nshop:1;Jan;••••;red\nshop:2;Ewa;1234;\n";
    let all = read(file, table("customers")).unwrap();
    let kept = Kept {
        row: 0,
        column: "custom_values".into(),
        field: Some("shop:f3".into()),
    };
    assert_eq!(all.kept, [kept]);
    assert_eq!(
        all.value(0, "custom_values"),
        &Value::Json(r#"{"shop:f1":"red"}"#.into())
    );
    assert_eq!(
        all.value(1, "custom_values"),
        &Value::Json(r#"{"shop:f3":"1234"}"#.into())
    );
}

#[test]
fn custom_values_that_a_list_does_not_show_stay() {
    let mapping = open("id,custom:Kolor,custom:Kod PIN,custom:Model\n")
        .unwrap()
        .guess(table("customers"), &fields())
        .mapping;
    let stored = Some(r#"{"shop:f1":"red","shop:f2":"M1","shop:f3":"enc","shop:f9":"other"}"#);
    let merged = merge_custom_values(
        &mapping,
        &["shop:f3"],
        stored,
        Some(r#"{"shop:f1":"blue"}"#),
    )
    .unwrap();
    assert_eq!(
        merged.as_deref(),
        Some(r#"{"shop:f1":"blue","shop:f3":"enc","shop:f9":"other"}"#)
    );
    assert_eq!(
        merge_custom_values(&mapping, &[], Some(r#"{"shop:f1":"red"}"#), None).unwrap(),
        None
    );
}

#[test]
fn plain_lists_are_read_without_taking_guards_off() {
    let plain = read("id,person\nshop:1,'=x\n", table("customers")).unwrap();
    assert_eq!(plain.value(0, "person"), &Value::from("'=x"));
    let polish = read("Id;Imię i nazwisko\nshop:1;'=x\n", table("customers")).unwrap();
    assert_eq!(polish.value(0, "person"), &Value::from("=x"));
}

#[test]
fn lines_are_those_of_the_file_whatever_ends_them() {
    let file = "person;remarks\n\nJan;\"a\nb\"\nAnna;\nEwa;x\n";
    for end in ["\n", "\r\n", "\r"] {
        let all = read(file.replace('\n', end), table("customers")).unwrap();
        assert_eq!(all.lines, [3, 5, 6], "{end:?}");
    }
}

#[test]
fn a_comma_in_a_file_with_semicolons_is_a_decimal_sign() {
    let all = read(
        "part_id.name;quantity\nOlej;1,239\n",
        table("part_deliveries"),
    )
    .unwrap();
    let index = all.columns.iter().position(|name| name == "quantity");
    if let Some(row) = all.rows.first() {
        let quantity = Decimal::from_str("1.239000").unwrap();
        assert_eq!(row[index.unwrap()], Value::from(quantity));
    }
    assert!(
        all.problems
            .iter()
            .all(|problem| problem.field != "quantity")
    );
    let all = read(
        "part_id.name,quantity\nOlej,\"1,239\"\n",
        table("part_deliveries"),
    )
    .unwrap();
    let problem = all
        .problems
        .iter()
        .find(|problem| problem.field == "quantity");
    assert!(problem.unwrap().expected.contains("thousands"));
}

#[test]
fn the_number_that_stands_for_no_phone_is_none() {
    let all = read("person;phone\nJan;22 000 00 00\n", table("customers")).unwrap();
    assert_eq!(all.value(0, "phone"), &Value::Null);
    let file = "rma;status;customer_id.phone\n1;CLOSED;+48 22 000 00 00\n";
    assert_eq!(read(file, table("repairs")).unwrap().lookups, []);
}

#[test]
fn rows_that_bring_nothing_make_nothing() {
    let all = read("person;phone;Coś\n ;  ;\nJan;;\n;;x\n", table("customers")).unwrap();
    assert_eq!(all.lines, [3]);
    assert_eq!(all.problems.len(), 1);
    assert_eq!(
        (all.problems[0].line, all.problems[0].field.as_str()),
        (4, "row")
    );
}

#[test]
fn parts_without_a_delivery_in_the_list_of_the_warehouse_bring_nothing() {
    let list = List::named("warehouse", Vec::new()).unwrap();
    let scan = list.scan();
    let mut rows = Rows::new(scan.columns.len());
    for path in &scan.columns {
        rows.push(match path.as_str() {
            "part_id" => ValueRef::Text("p:1"),
            "part_id.name" => ValueRef::Text("Bateria"),
            "part_id.type_id.name" => ValueRef::Text("Akumulatory"),
            "part_id.vat" => ValueRef::Decimal(Decimal::from(23)),
            _ => ValueRef::Null,
        });
    }
    for convention in conventions() {
        let all = read(csv_of(&list, convention, &rows), list.table()).unwrap();
        assert_eq!((all.rows.len(), all.problems.len()), (0, 0));
        assert_eq!(all.summary.cards, 1);
    }
    // A delivery that lacks its amount is one all the same.
    let all = read("part_id;supplier\np:1;Hurt\n", list.table()).unwrap();
    assert_eq!((all.summary.cards, all.rows.len()), (0, 1));
}
