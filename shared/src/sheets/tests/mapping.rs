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
    let mut short = good.clone();
    short.columns.pop();
    let mut twice = good.clone();
    twice.columns[1].target = Some("phone".to_owned());
    let mut unknown = good.clone();
    unknown.columns[1].target = Some("nothing".to_owned());
    for mapping in [short, twice, unknown] {
        assert!(read_mapped(&mut file, table("customers"), &mapping).is_err());
    }
}
