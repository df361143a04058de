use std::fmt::Write as _;

use super::{NAMESPACE, Profile, ProfileName, ROOT, Section, TRAILER};
use crate::catalog::{Choice, Column, ColumnType};

/// The XML schema of format version 1, as `docs/exchange-v1.xsd` holds it.
///
/// It has no keys and no key references: checking those needs memory that grows with the file.
pub const SCHEMA: &str = include_str!("../../../docs/exchange-v1.xsd");

/// The XML schema that follows from the catalog and the profiles; equal to [`SCHEMA`] while the catalog's shop tables stay
/// as they are.
pub fn generate_schema() -> String {
    let mut schema = Schema::default();
    schema.open(&format!(
        "xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"{NAMESPACE}\" \
         targetNamespace=\"{NAMESPACE}\" elementFormDefault=\"qualified\""
    ));
    schema.root();
    schema.header();
    schema.trailer();
    schema.values();
    for section in &Profile::of(ProfileName::Full).sections {
        schema.table(section);
    }
    schema.close("xs:schema");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
        schema.text
    )
}

#[derive(Default)]
struct Schema {
    text: String,
    depth: usize,
}

impl Schema {
    fn line(&mut self, line: &str) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "{:width$}{line}", "", width = self.depth * 2);
    }

    fn open(&mut self, tag: &str) {
        self.line(&format!("<{tag}>"));
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(&format!("</{name}>"));
    }

    fn element(&mut self, name: &str, ty: &str, least: u32) {
        let least = if least == 0 { " minOccurs=\"0\"" } else { "" };
        self.line(&format!(
            "<xs:element name=\"{name}\" type=\"{ty}\"{least}/>"
        ));
    }

    fn many(&mut self, name: &str, ty: &str) {
        self.line(&format!(
            "<xs:element name=\"{name}\" type=\"{ty}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>"
        ));
    }

    fn attribute(&mut self, name: &str, ty: &str, required: bool) {
        let usage = if required { " use=\"required\"" } else { "" };
        self.line(&format!(
            "<xs:attribute name=\"{name}\" type=\"{ty}\"{usage}/>"
        ));
    }

    fn root(&mut self) {
        self.open(&format!("xs:element name=\"{ROOT}\""));
        self.open("xs:complexType");
        self.open("xs:sequence");
        self.element("header", "header", 1);
        for section in &Profile::of(ProfileName::Full).sections {
            self.element(&section.table.name, &section.table.name, 0);
        }
        self.element(TRAILER, TRAILER, 1);
        self.close("xs:sequence");
        self.attribute("version", "version", true);
        self.close("xs:complexType");
        self.close("xs:element");
        self.pattern("version", "xs:token", r"1\.[0-9]+");
    }

    fn header(&mut self) {
        self.open("xs:complexType name=\"header\"");
        self.open("xs:sequence");
        self.element("origin", "subscription", 1);
        self.element("created_at", "instant", 1);
        self.element("profile", "profile", 1);
        self.element("passwords", "xs:boolean", 0);
        self.element("generator", "xs:string", 0);
        self.close("xs:sequence");
        self.attribute("sha256", "sha256", false);
        self.close("xs:complexType");
        self.pattern("subscription", "xs:token", "[a-z][a-z0-9]{7,31}");
        let names = ProfileName::ALL.map(ProfileName::as_str);
        self.enumeration("profile", names);
    }

    fn trailer(&mut self) {
        self.open(&format!("xs:complexType name=\"{TRAILER}\""));
        self.open("xs:sequence");
        self.many("section", "section");
        self.close("xs:sequence");
        self.close("xs:complexType");
        self.open("xs:complexType name=\"section\"");
        self.attribute("name", "xs:token", true);
        self.attribute("rows", "xs:unsignedLong", true);
        self.attribute("sha256", "sha256", false);
        self.close("xs:complexType");
        self.pattern("sha256", "xs:token", "[0-9a-fA-F]{64}");
    }

    fn values(&mut self) {
        self.pattern("day", "xs:date", r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}");
        self.pattern("instant", "xs:dateTime", r".*(Z|[+\-][0-9]{2}:[0-9]{2})");
        self.open("xs:complexType name=\"custom_values\"");
        self.open("xs:sequence");
        self.many("value", "custom_value");
        self.close("xs:sequence");
        self.close("xs:complexType");
        self.open("xs:complexType name=\"custom_value\"");
        self.open("xs:simpleContent");
        self.open("xs:extension base=\"xs:string\"");
        self.attribute("field", "id", true);
        self.close("xs:extension");
        self.close("xs:simpleContent");
        self.close("xs:complexType");
        self.open("xs:simpleType name=\"id\"");
        self.open("xs:restriction base=\"xs:string\"");
        self.line("<xs:minLength value=\"1\"/>");
        self.close("xs:restriction");
        self.close("xs:simpleType");
    }

    fn table(&mut self, section: &Section) {
        let table = &section.table;
        let row = format!("{}.row", table.name);
        self.open(&format!("xs:complexType name=\"{}\"", table.name));
        self.open("xs:sequence");
        self.many(&table.singular, &row);
        self.close("xs:sequence");
        self.close("xs:complexType");
        let columns: Vec<&Column> = section
            .columns
            .iter()
            .map(|column| &column.column)
            .collect();
        self.record(
            &row,
            columns.get(1..).unwrap_or_default(),
            &table.name,
            true,
        );
    }

    /// A sequence of columns, and the types that only they use.
    fn record(&mut self, name: &str, columns: &[&Column], prefix: &str, has_id: bool) {
        self.open(&format!("xs:complexType name=\"{name}\""));
        self.open("xs:sequence");
        for column in columns {
            // A profile may leave any column out, so that none is required by the schema; the reader knows better.
            let least = u32::from(!has_id && column.required);
            self.element(&column.name, &type_of(column, prefix), least);
        }
        self.close("xs:sequence");
        if has_id {
            self.attribute("id", "id", true);
        }
        self.close("xs:complexType");
        for column in columns {
            self.own_type(column, &format!("{prefix}.{}", column.name));
        }
    }

    fn own_type(&mut self, column: &Column, name: &str) {
        match &column.ty {
            ColumnType::Choice(choices) => {
                self.enumeration(
                    name,
                    choices.iter().map(|Choice { value, .. }| value.as_ref()),
                );
            }
            ColumnType::Decimal { scale } => {
                self.open(&format!("xs:simpleType name=\"{name}\""));
                self.open("xs:restriction base=\"xs:decimal\"");
                self.line(&format!("<xs:fractionDigits value=\"{scale}\"/>"));
                self.close("xs:restriction");
                self.close("xs:simpleType");
            }
            ColumnType::List { item, fields } => {
                let record = format!("{name}.{item}");
                self.open(&format!("xs:complexType name=\"{name}\""));
                self.open("xs:sequence");
                self.many(item, &record);
                self.close("xs:sequence");
                self.close("xs:complexType");
                let fields: Vec<&Column> = fields.iter().collect();
                self.record(&record, &fields, &record, false);
            }
            _ => {}
        }
    }

    fn pattern(&mut self, name: &str, base: &str, pattern: &str) {
        self.open(&format!("xs:simpleType name=\"{name}\""));
        self.open(&format!("xs:restriction base=\"{base}\""));
        self.line(&format!("<xs:pattern value=\"{pattern}\"/>"));
        self.close("xs:restriction");
        self.close("xs:simpleType");
    }

    fn enumeration<'v>(&mut self, name: &str, values: impl IntoIterator<Item = &'v str>) {
        self.open(&format!("xs:simpleType name=\"{name}\""));
        self.open("xs:restriction base=\"xs:token\"");
        for value in values {
            self.line(&format!("<xs:enumeration value=\"{value}\"/>"));
        }
        self.close("xs:restriction");
        self.close("xs:simpleType");
    }
}

fn type_of(column: &Column, prefix: &str) -> String {
    match &column.ty {
        ColumnType::Text | ColumnType::Json => "xs:string".to_owned(),
        ColumnType::Integer => "xs:long".to_owned(),
        ColumnType::Boolean => "xs:boolean".to_owned(),
        ColumnType::Date => "day".to_owned(),
        ColumnType::Timestamp => "instant".to_owned(),
        ColumnType::CustomValues => "custom_values".to_owned(),
        ColumnType::Choice(_) | ColumnType::Decimal { .. } | ColumnType::List { .. } => {
            format!("{prefix}.{}", column.name)
        }
    }
}
