//! Rows that are rejected while their neighbours come through.

use super::{
    super::{Limits, Notice, Problem},
    by_hand, read, read_with,
};
use crate::warehouse::Value;

/// The problem of one customer between two good ones: its field, its kind, what was expected and found.
fn problem(cells: &str) -> (Option<String>, Problem, String, String) {
    let sections = format!(
        "<customers>\n<customer id=\"a\"><type>PERSONAL</type></customer>\n\
         <customer id=\"bad\">{cells}</customer>\n\
         <customer id=\"z\"><type>BUSINESS</type></customer>\n</customers>"
    );
    let file = by_hand(&sections, "<section name=\"customers\" rows=\"3\"/>");
    let read = read(file.as_bytes()).unwrap();
    let ids: Vec<_> = read.data["customers"]
        .iter()
        .map(|row| row[0].clone())
        .collect();
    let others = ["othershop:a", "othershop:z"].map(Value::from);
    assert_eq!(ids, others, "{cells}");
    let [problem] = read.problems.try_into().unwrap();
    assert_eq!(problem.table, "customers");
    assert_eq!(problem.id.as_deref(), Some("bad"));
    assert_eq!(problem.at.line, 6);
    assert_eq!(
        problem.at.byte as usize,
        file.find("<customer id=\"bad\"").unwrap()
    );
    (
        problem.field,
        problem.problem,
        problem.expected.into_owned(),
        problem.found,
    )
}

#[test]
fn what_is_wrong_is_told_with_field_expected_and_found() {
    let good = "<type>PERSONAL</type>";
    let cases = [
        (
            "<type>ROBOT</type>",
            Some("type"),
            Problem::UnknownValue,
            "one of PERSONAL, BUSINESS",
            "ROBOT",
        ),
        ("", Some("type"), Problem::Missing, "a value", "none"),
        (
            "<type>PERSONAL</type><robot>1</robot>",
            None,
            Problem::UnknownElement,
            "an element of the format",
            "<robot>",
        ),
        (
            "<type>PERSONAL</type><person a=\"1\">x</person>",
            None,
            Problem::UnknownAttribute,
            "no such attribute",
            "a",
        ),
        (
            "<type>PERSONAL</type><type>PERSONAL</type>",
            Some("type"),
            Problem::Repeated,
            "the element once",
            "it again",
        ),
        (
            "x<type>PERSONAL</type>",
            None,
            Problem::StrayText,
            "only elements",
            "x",
        ),
        (
            "<type>PERSONAL</type><person>a\u{1}</person>",
            Some("person"),
            Problem::Character,
            "characters that XML can hold; others are written as _xHHHH_",
            "U+0001",
        ),
        (
            "<type>PERSONAL</type><person>a<b/></person>",
            Some("person"),
            Problem::UnknownElement,
            "text without elements",
            "<b>",
        ),
        (
            "<type>PERSONAL</type><other_phones><phone/></other_phones>",
            Some("other_phones/number"),
            Problem::Missing,
            "a value",
            "none",
        ),
        (
            "<type>PERSONAL</type><other_phones><fax/></other_phones>",
            Some("other_phones"),
            Problem::UnknownElement,
            "an element of the format",
            "<fax>",
        ),
        (
            "<type>PERSONAL</type><custom_values><value>x</value></custom_values>",
            Some("custom_values"),
            Problem::Missing,
            "the attribute field",
            "none",
        ),
        (
            "<type>PERSONAL</type><custom_values><value field=\"f\">1</value><value field=\"f\">2</value></custom_values>",
            Some("custom_values/othershop:f"),
            Problem::Repeated,
            "the element once",
            "it again",
        ),
    ];
    for (cells, field, kind, expected, found) in cases {
        let wanted = (
            field.map(str::to_owned),
            kind,
            expected.to_owned(),
            found.to_owned(),
        );
        assert_eq!(problem(cells), wanted, "{cells}");
    }
    for (name, value) in [
        ("internet_access", "yes"),
        ("created_at", "2026-01-02 03:04:05Z"),
        ("created_at", "2026-01-02T03:04:05"),
        ("created_at", "2026-02-30T00:00:00Z"),
        ("created_at", ""),
        ("internet_access", ""),
    ] {
        let (field, kind, _, found) = problem(&format!("{good}<{name}>{value}</{name}>"));
        assert_eq!(
            (field.as_deref(), kind, found.as_str()),
            (Some(name), Problem::WrongType, value)
        );
    }
}

#[test]
fn numbers_are_held_to_their_type_and_scale() {
    let part = |cell: &str| {
        let section = format!("<parts><part id=\"a\"><name>x</name>{cell}</part></parts>");
        let file = by_hand(&section, "<section name=\"parts\" rows=\"1\"/>");
        let read = read(file.as_bytes()).unwrap();
        read.problems.first().map(|problem| problem.problem)
    };
    for good in [
        "<srp>12.50</srp>",
        "<srp> -0.1 </srp>",
        "<srp>1.2300</srp>",
        "<srp>+7</srp>",
        "<warranty_period>-3</warranty_period>",
    ] {
        assert_eq!(part(good), None, "{good}");
    }
    for bad in [
        "<srp>1.234</srp>",
        "<srp>1e3</srp>",
        "<srp>1_000</srp>",
        "<srp>12,5</srp>",
        "<srp>NaN</srp>",
        "<srp>99999999999999999999999999999999</srp>",
        "<warranty_period>1.0</warranty_period>",
        "<warranty_period>99999999999999999999</warranty_period>",
    ] {
        assert_eq!(part(bad), Some(Problem::WrongType), "{bad}");
    }
}

#[test]
fn every_problem_of_a_row_is_told_up_to_a_bound() {
    let cells = "<robot/>".repeat(50);
    let section = format!("<parts><part id=\"a\">{cells}</part></parts>");
    let read = read(by_hand(&section, "<section name=\"parts\" rows=\"1\"/>").as_bytes()).unwrap();
    assert_eq!(read.problems.len(), 16);
}

#[test]
fn rows_without_an_id_and_strange_rows_are_rejected() {
    let section = "<parts><part><name>x</name></part><part id=\"\"><name>x</name></part><robot id=\"a\"/>x\
                   <part id=\"b\" c=\"d\"><name>x</name></part><part id=\"c\"><name>x</name></part></parts>";
    let read = read(by_hand(section, "<section name=\"parts\" rows=\"4\"/>").as_bytes()).unwrap();
    assert_eq!(read.data["parts"].len(), 1);
    let kinds: Vec<_> = read
        .problems
        .iter()
        .map(|problem| problem.problem)
        .collect();
    use Problem::{Missing, StrayText, UnknownAttribute, UnknownElement};
    assert_eq!(
        kinds,
        [
            Missing,
            Missing,
            UnknownElement,
            StrayText,
            UnknownAttribute
        ]
    );
}

#[test]
fn too_long_texts_reject_their_row_only() {
    let limits = Limits {
        text: 1_000,
        row: 1_500,
        ..Limits::default()
    };
    let row = |id: &str, cells: &str| format!("<part id=\"{id}\"><name>x</name>{cells}</part>");
    let fits = format!("<remarks>{}</remarks>", "ż".repeat(500));
    let text = format!("<remarks>{}</remarks>", "x".repeat(1_001));
    let whole = format!(
        "<remarks>{0}</remarks><description>{0}</description>",
        "x".repeat(900)
    );
    let references = format!("<remarks>{}</remarks>", "&lt;".repeat(1_001));
    let section = [
        row("a", &fits),
        row("b", &text),
        row("c", &whole),
        row("d", &references),
        row("e", ""),
    ]
    .concat();
    let file = by_hand(
        &format!("<parts>{section}</parts>"),
        "<section name=\"parts\" rows=\"5\"/>",
    );
    let read = read_with(file.as_bytes(), limits).unwrap();
    assert_eq!(read.data["parts"].len(), 2);
    assert!(
        read.problems
            .iter()
            .all(|problem| problem.problem == Problem::TooLong)
    );
    assert_eq!(read.problems.len(), 3);
}

#[test]
fn lists_cannot_grow_without_end() {
    let limits = Limits {
        row: 10_000,
        ..Limits::default()
    };
    let offers = "<offer/>".repeat(100_000);
    let section = format!(
        "<repairs><repair id=\"a\"><rma>1</rma><status>CLOSED</status><offers>{offers}</offers></repair></repairs>"
    );
    let file = by_hand(&section, "<section name=\"repairs\" rows=\"1\"/>");
    let read = read_with(file.as_bytes(), limits).unwrap();
    assert!(
        read.problems
            .iter()
            .all(|problem| problem.problem == Problem::TooLong)
    );
    assert!(!read.problems.is_empty());
}

#[test]
fn additions_of_a_newer_minor_version_are_skipped_and_told_once() {
    let section = "<robots><robot/></robots><employees>\
                   <employee id=\"a\" mood=\"good\"><display_name>A</display_name><hat>x</hat></employee>\
                   <employee id=\"b\"><display_name>B</display_name><hat><brim/></hat></employee></employees>";
    let trailer = "<section name=\"employees\" rows=\"2\"/>";
    let file = by_hand(section, trailer).replace("1.0\">\n<header>", "1.4\">\n<header>");
    let file = file.replace("<employees>", "<customers><customer id=\"c\"><type>PERSONAL</type><other_phones><phone><number>1</number><ext>2</ext></phone></other_phones></customer></customers><employees>");
    assert!(read(file.as_bytes()).is_err(), "sections stay in order");
    let file = by_hand(section, trailer).replace("version=\"1.0\">", "version=\"1.4\">");
    let read = read(file.as_bytes()).unwrap();
    assert_eq!(read.data["employees"].len(), 2);
    assert_eq!(read.problems, []);
    let skipped: Vec<_> = read
        .notices
        .iter()
        .filter_map(|notice| match notice {
            Notice::Skipped { element, .. } => Some(element.as_str()),
            Notice::NewerMinor { version } => Some(version.as_str()),
            Notice::NoDigest { .. } => None,
        })
        .collect();
    assert_eq!(skipped, ["1.4", "robots", "mood", "<hat>"]);
}

#[test]
fn missing_digests_are_told() {
    let read =
        read(by_hand("<parts/>", "<section name=\"parts\" rows=\"0\"/>").as_bytes()).unwrap();
    let section = |name: &str| Notice::NoDigest {
        section: name.to_owned(),
    };
    assert_eq!(read.notices, [section("header"), section("parts")]);
}

#[test]
fn files_of_others_may_be_spelled_their_way() {
    let section = "<!-- made by hand --><customers><customer id='a' xmlns:x='y' xml:space='preserve'>\
                   <person><![CDATA[A & <B>]]>&#x41;\r\n</person><?pi?>\n<created_at> 2026-01-01T01:00:00.5+01:00 </created_at>\
                   <internet_access>1</internet_access><type>\n PERSONAL </type></customer></customers>";
    let read =
        read(by_hand(section, "<section name=\"customers\" rows=\"1\"/>").as_bytes()).unwrap();
    assert_eq!(read.problems, []);
    let row = &read.data["customers"][0];
    assert_eq!(row[1], Value::from("PERSONAL"));
    assert_eq!(row[2], Value::from("A & <B>A\n"));
    assert!(row.contains(&Value::Boolean(true)));
    assert!(row.contains(&Value::Timestamp("2026-01-01T00:00:00.5Z".parse().unwrap())));
}

#[test]
fn ids_without_an_origin_are_of_the_files_origin() {
    let section = "<customers><customer id=\"c1\"><type>PERSONAL</type><group_id>g1</group_id>\
                   <custom_values><value field=\"f1\">x</value><value field=\"other123:f2\">y</value></custom_values>\
                   </customer><customer id=\"other123:c2\"><type>PERSONAL</type></customer></customers>";
    let file = by_hand(section, "<section name=\"customers\" rows=\"2\"/>");
    let read = read(file.as_bytes()).unwrap();
    let rows = format!("{:?}", read.data["customers"]);
    for whole in [
        "\"othershop:c1\"",
        "\"othershop:g1\"",
        "othershop:f1",
        "\"other123:f2",
        "\"other123:c2\"",
    ] {
        assert!(
            rows.replace("\\\"", "\"").contains(whole),
            "{whole}: {rows}"
        );
    }
}
