use super::*;

fn guess(header: &str, name: &str) -> MappingGuess {
    open(format!("{header}\n"))
        .unwrap()
        .guess(table(name), &fields())
}

fn targets(header: &str, name: &str) -> Vec<Option<String>> {
    let mapping = guess(header, name).mapping;
    mapping
        .columns
        .into_iter()
        .map(|column| column.target)
        .collect()
}

#[test]
fn people_name_columns_in_their_own_words() {
    let cases = [
        (
            "Imię i nazwisko;Nr tel.;E-mail;NIP;Uwagi;Kolor",
            "customers",
        ),
        (
            "imie i nazwisko;TELEFON;adres e-mail;nip;notatki;kolor",
            "customers",
        ),
        ("ФИО;Тел.;Эл. почта;ИНН;Комментарий;Kolor", "customers"),
        (
            "Full name;Phone number;Email;VAT ID;Notes;custom:shop:f1",
            "customers",
        ),
    ];
    for (header, name) in cases {
        let found: Vec<_> = targets(header, name).into_iter().flatten().collect();
        let expected = [
            "person",
            "phone",
            "email",
            "tax_id",
            "remarks",
            "custom:shop:f1",
        ];
        assert_eq!(found, expected, "{header}");
    }
    assert_eq!(
        targets(
            "Nr naprawy;Klient;Telefon;Marka;IMEI;Usterka;Rodzaj sprzętu;Cena netto",
            "repairs"
        )
        .into_iter()
        .flatten()
        .collect::<Vec<_>>(),
        [
            "rma",
            "customer_id.person",
            "customer_id.phone",
            "vendor",
            "serial",
            "issue",
            "type_id.name",
            "price_net"
        ]
    );
}

#[test]
fn what_headers_do_not_tell_is_asked() {
    let guess = guess("Telefon;Tel;Coś;", "customers");
    assert_eq!(guess.mapping.columns[0].target.as_deref(), Some("phone"));
    assert!(
        matches!(&guess.questions[0], Question::Duplicate { column: 1, target, .. } if target == "phone")
    );
    assert!(matches!(
        &guess.questions[1],
        Question::Unknown { column: 2, .. }
    ));
    let missing = super::mapping::guess("Klient", "repairs").questions;
    assert!(missing.contains(&Question::Missing {
        target: "rma".to_owned()
    }));
    assert!(missing.contains(&Question::Missing {
        target: "status".to_owned()
    }));
}

#[test]
fn the_order_of_dates_is_told_by_other_rows_or_asked() {
    let open = |rows: &str| open(format!("number;created_at\n{rows}")).unwrap();
    let order = |rows: &str| open(rows).guess(table("tickets"), &[]).mapping.columns[1].date_order;
    assert_eq!(
        order("1;01-03-2016\n2;31-03-2016\n"),
        Some(DateOrder::DayFirst)
    );
    assert_eq!(
        order("1;01/03/2016\n2;03/31/2016 10:00\n"),
        Some(DateOrder::MonthFirst)
    );
    assert_eq!(order("1;2016-03-01\n"), None);
    let asked = open("1;01-03-2016\n").guess(table("tickets"), &[]);
    let expected = Question::DateOrder {
        column: 1,
        header: "created_at".to_owned(),
        example: "01-03-2016".to_owned(),
    };
    assert!(asked.questions.contains(&expected), "{:?}", asked.questions);
}

#[test]
fn a_mapping_is_shown_changed_and_given_back() {
    let guess = guess("Telefon;Coś", "customers");
    let json = serde_json::to_string(&guess.mapping).unwrap();
    let mut mapping: Mapping = serde_json::from_str(&json).unwrap();
    assert_eq!(mapping, guess.mapping);
    mapping.columns[1].target = Some("person".to_owned());
    mapping
        .constants
        .insert("type".to_owned(), "Firma".to_owned());
    let mut file = open("Telefon;Coś\n501234567;Jan\n").unwrap();
    let all = read_mapped(&mut file, table("customers"), &mapping).unwrap();
    assert_eq!(all.value(0, "person"), &Value::from("Jan"));
    assert_eq!(all.value(0, "type"), &Value::from("BUSINESS"));
}

#[test]
fn a_mapping_that_does_not_fit_is_refused() {
    let mut file = open("Telefon;Coś\n").unwrap();
    let good = file.guess(table("customers"), &[]).mapping;
    let mut other = good.clone();
    other.table = "employees".to_owned();
    let mut twice = good.clone();
    twice.columns[1].target = Some("phone".to_owned());
    let mut unknown = good.clone();
    unknown.columns[1].target = Some("nothing".to_owned());
    for mapping in [other, twice, unknown] {
        assert!(read_mapped(&mut file, table("customers"), &mapping).is_err());
    }
}

#[test]
fn columns_are_found_by_their_headers() {
    let mapping: Mapping = serde_json::from_str(
        r#"{"table":"customers","columns":[
            {"header":"Nazwisko","target":"person"},
            {"header":" Kom ","target":"phone"},
            {"header":"Kom","target":"email"},
            {"header":"Dawne","target":null}]}"#,
    )
    .unwrap();
    let mut file = open("Kom;Coś;Nazwisko;Kom\n601222333;x;Jan;a@b.pl\n").unwrap();
    let all = read_mapped(&mut file, table("customers"), &mapping).unwrap();
    assert_eq!(all.value(0, "person"), &Value::from("Jan"));
    assert_eq!(all.value(0, "phone"), &Value::from("601222333"));
    assert_eq!(all.value(0, "email"), &Value::from("a@b.pl"));
    assert_eq!(mapping.unnamed(file.header()), [1]);

    let guess = file.guess(table("customers"), &[]).mapping;
    let shown = mapping.completed(&guess).columns;
    let headers: Vec<&str> = shown.iter().map(|column| column.header.as_str()).collect();
    assert_eq!(headers, ["Kom", "Coś", "Nazwisko", "Kom"]);
}

#[test]
fn a_header_that_the_file_lacks_is_named() {
    let mut file = open("Nazwisko;Kom\nJan;601222333\n").unwrap();
    let mut mapping = file.guess(table("customers"), &[]).mapping;
    mapping.columns[1].header = "Komórka".to_owned();
    mapping.columns[1].target = Some("phone".to_owned());
    let guess = file.guess(table("customers"), &[]).mapping;
    for mapping in [mapping.clone(), mapping.completed(&guess)] {
        let refused = read_mapped(&mut file, table("customers"), &mapping);
        assert!(
            matches!(&refused, Err(SheetError::MappingHeaders { headers }) if headers == "`Komórka`"),
            "{refused:?}"
        );
    }
}
