//! Profiles and the pieces of text that files are made of.

use proptest::prelude::*;

use super::{
    super::{
        Profile, ProfileName,
        json::push_json_text,
        text::{self, Position},
    },
    data,
};
use crate::{
    catalog,
    warehouse::{Filter, Operator, Value},
};

fn names(profile: ProfileName, table: &str) -> Vec<String> {
    Profile::of(profile).section(table).unwrap().read_columns()
}

#[test]
fn full_carries_every_column_of_the_shop() {
    let full = Profile::of(ProfileName::Full);
    let tables: Vec<_> = full
        .sections
        .iter()
        .map(|section| section.table.name.as_ref())
        .collect();
    let shop: Vec<_> = catalog::repair_shop::tables()
        .into_iter()
        .map(|table| table.name)
        .collect();
    assert_eq!(tables, shop);
    for section in &full.sections {
        assert_eq!(section.columns.len(), section.table.columns.len());
        assert_eq!(section.filter, Filter::All);
    }
}

#[test]
fn basic_carries_what_the_help_page_lists() {
    let basic = Profile::of(ProfileName::Basic);
    let tables: Vec<_> = basic
        .sections
        .iter()
        .map(|section| section.table.name.as_ref())
        .collect();
    assert_eq!(
        tables,
        [
            "dictionaries",
            "custom_fields",
            "employees",
            "customers",
            "customer_addresses",
            "parts",
            "part_deliveries",
            "repairs",
            "repair_actions"
        ]
    );
    let left_out = |table: &str| {
        let basic = names(ProfileName::Basic, table);
        let mut full = names(ProfileName::Full, table);
        full.retain(|name| !basic.contains(name));
        full
    };
    assert_eq!(left_out("customers"), ["consents"]);
    assert_eq!(
        left_out("repairs"),
        [
            "additional_items",
            "diagnosis",
            "summary",
            "offers",
            "stock_links"
        ]
    );
    let filter = |table: &str| &basic.section(table).unwrap().filter;
    let of = |column: &str, values: &[&str]| Filter::In {
        column: column.to_owned(),
        values: values.iter().copied().map(Value::from).collect(),
    };
    assert_eq!(
        filter("dictionaries"),
        &of(
            "type",
            &["REPAIR_SUBJECT_TYPE", "COMPONENT_TYPE", "CUSTOMER_GROUP"]
        )
    );
    assert_eq!(
        filter("custom_fields"),
        &of("form", &["REPAIR", "CUSTOMER"])
    );
    let zero = rust_decimal::Decimal::ZERO;
    assert_eq!(
        filter("part_deliveries"),
        &Filter::compare("quantity_left", Operator::Greater, zero)
    );
    let fields = basic.section("custom_fields").unwrap();
    assert!(
        fields
            .columns
            .iter()
            .all(|column| column.column.name != "required")
    );
    assert!(!fields.scan().columns.contains(&"required".to_owned()));
}

proptest! {
    #[test]
    fn any_text_survives_its_escapes(text in data::text()) {
        let mut content = Vec::new();
        text::escape(&text, Position::Content, &mut content);
        let xml = format!("<a>{}</a>", String::from_utf8(content).unwrap());
        prop_assert!(!xml.chars().any(text::is_unholdable));
        let mut attribute = Vec::new();
        text::escape(&text, Position::Attribute, &mut attribute);
        let attribute = String::from_utf8(attribute).unwrap();
        prop_assert!(!attribute.contains(['"', '<', '\n', '\r', '\t']));
        prop_assert_eq!(text::attribute(&attribute), Ok(text));
    }

    #[test]
    fn json_text_is_spelled_as_serde_spells_it(text in data::text()) {
        let mut ours = String::new();
        push_json_text(&text, &mut ours);
        prop_assert_eq!(ours, serde_json::to_string(&text).unwrap());
    }
}
