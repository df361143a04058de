use serde_json::Value as Json;

use super::{Home, email, inn, nip, pesel, phone, postal_code};
use crate::warehouse::Row;

/// A value that looks wrong. It rejects nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The column.
    pub field: String,
    /// A stable name for programs and reports.
    pub code: &'static str,
    /// What was expected.
    pub expected: &'static str,
    /// What was found.
    pub found: String,
}

/// What can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// A tax id of the country that the prefix column says, or of the business's.
    TaxId,
    /// A telephone number.
    Phone,
    /// A postal code of the country that the country column says, or of the business's.
    PostalCode,
    /// An e-mail address.
    Email,
    /// A free text that should hold no personal number.
    NoPesel,
}

/// One column and its check.
struct Declared {
    table: &'static str,
    column: &'static str,
    /// The field of the column's records, where it holds a list.
    field: Option<&'static str>,
    check: Check,
    /// The column that names the country whose rules hold.
    country: Option<&'static str>,
}

const fn check(table: &'static str, column: &'static str, check: Check) -> Declared {
    Declared {
        table,
        column,
        field: None,
        check,
        country: None,
    }
}

const fn within(
    table: &'static str,
    column: &'static str,
    field: &'static str,
    check: Check,
) -> Declared {
    Declared {
        table,
        column,
        field: Some(field),
        check,
        country: None,
    }
}

const fn by_country(
    table: &'static str,
    column: &'static str,
    check: Check,
    country: &'static str,
) -> Declared {
    Declared {
        table,
        column,
        field: None,
        check,
        country: Some(country),
    }
}

/// Which column of the catalog gets which check.
static DECLARED: [Declared; 13] = [
    check("employees", "email", Check::Email),
    check("employees", "phone", Check::Phone),
    by_country("customers", "tax_id", Check::TaxId, "tax_prefix"),
    check("customers", "tax_id", Check::NoPesel),
    check("customers", "email", Check::Email),
    check("customers", "phone", Check::Phone),
    within("customers", "other_phones", "number", Check::Phone),
    check("customers", "remarks", Check::NoPesel),
    by_country(
        "customer_addresses",
        "postal_code",
        Check::PostalCode,
        "country",
    ),
    check("repairs", "issue", Check::NoPesel),
    check("repairs", "internal_remarks", Check::NoPesel),
    check("tickets", "issue", Check::NoPesel),
    check("tickets", "address_remarks", Check::NoPesel),
];

/// The checks of the rows of one table, with the columns' positions looked up once.
#[derive(Debug, Clone)]
pub struct RowChecks {
    checks: Vec<Placed>,
    home: Home,
}

#[derive(Debug, Clone, Copy)]
struct Placed {
    column: &'static str,
    field: Option<&'static str>,
    check: Check,
    at: usize,
    country: Option<usize>,
}

impl RowChecks {
    /// The checks of a table's rows that have these columns, in a business of this country.
    pub fn new<S: AsRef<str>>(table: &str, columns: &[S], home: Home) -> Self {
        let position = |name: &str| columns.iter().position(|column| column.as_ref() == name);
        let checks = DECLARED
            .iter()
            .filter(|declared| declared.table == table)
            .filter_map(|declared| {
                Some(Placed {
                    column: declared.column,
                    field: declared.field,
                    check: declared.check,
                    at: position(declared.column)?,
                    country: declared.country.and_then(position),
                })
            })
            .collect();
        Self { checks, home }
    }

    /// Hands over what looks wrong in one row. Missing and empty values are right.
    pub fn check(&self, row: Row<'_>, mut warn: impl FnMut(Warning)) {
        for placed in &self.checks {
            let Some(text) = row.get(placed.at).as_str() else {
                continue;
            };
            let country = placed.country.and_then(|at| row.get(at).as_str());
            let Some(home) = self.home.beside(country) else {
                continue;
            };
            let Some(field) = placed.field else {
                placed.look_at(text, home, placed.column, &mut warn);
                continue;
            };
            // A list that cannot be read is somebody else's finding.
            let records: Vec<Json> = serde_json::from_str(text).unwrap_or_default();
            let path = format!("{}/{field}", placed.column);
            for record in &records {
                let text = record.get(field).and_then(Json::as_str);
                placed.look_at(text.unwrap_or_default(), home, &path, &mut warn);
            }
        }
    }
}

impl Placed {
    fn look_at(&self, text: &str, home: Home, field: &str, warn: &mut impl FnMut(Warning)) {
        if text.trim().is_empty() {
            return;
        }
        if let Some((code, expected)) = self.check.find_fault(text, home) {
            warn(Warning {
                field: field.to_owned(),
                code,
                expected,
                found: text.chars().take(LONGEST_FOUND).collect(),
            });
        }
    }
}

/// Characters of a value that a warning repeats.
const LONGEST_FOUND: usize = 80;

impl Check {
    /// The code of what is wrong with a text, and what was expected.
    fn find_fault(self, text: &str, home: Home) -> Option<(&'static str, &'static str)> {
        let (is_right, fault) = match self {
            Self::TaxId => match home {
                Home::Poland => (nip::is_valid(text), ("nip", "a NIP of ten digits")),
                Home::Russia => (
                    inn::is_valid(text),
                    ("inn", "an INN of ten or twelve digits"),
                ),
            },
            Self::Phone if phone::is_placeholder(text) => (
                false,
                ("placeholder_phone", "a number of the customer's own"),
            ),
            Self::Phone => {
                let is_number = phone::normalise(text, home).is_some();
                (is_number, ("phone", "a telephone number"))
            }
            Self::PostalCode => {
                let is_code = postal_code::is_valid(text, home);
                (is_code, ("postal_code", postal_code::pattern(home)))
            }
            Self::Email => (email::is_valid(text), ("email", "an e-mail address")),
            // Elsewhere eleven digits are a telephone number as often as not.
            Self::NoPesel => {
                let is_personal = home == Home::Poland && pesel::is_within(text);
                (!is_personal, ("pesel", "no personal number (PESEL)"))
            }
        };
        (!is_right).then_some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog,
        warehouse::{Rows, ValueRef},
    };

    fn codes(table: &str, columns: &[&str], values: &[Option<&str>]) -> Vec<&'static str> {
        codes_at(Home::Poland, table, columns, values)
    }

    fn codes_at(
        home: Home,
        table: &str,
        columns: &[&str],
        values: &[Option<&str>],
    ) -> Vec<&'static str> {
        let mut rows = Rows::new(columns.len());
        rows.push_row(
            values
                .iter()
                .map(|value| value.map_or(ValueRef::Null, ValueRef::Text)),
        );
        let checks = RowChecks::new(table, columns, home);
        let mut codes = Vec::new();
        checks.check(rows.get(0).unwrap(), |warning| codes.push(warning.code));
        codes
    }

    #[test]
    fn every_declared_column_is_in_the_catalog() {
        for declared in &DECLARED {
            let table = catalog::table(declared.table).unwrap();
            assert!(
                table.column(declared.column).is_some(),
                "{}",
                declared.column
            );
            if let Some(country) = declared.country {
                assert!(table.column(country).is_some(), "{country}");
            }
        }
    }

    #[test]
    fn what_looks_wrong_is_told_and_what_is_missing_is_not() {
        let columns = ["tax_prefix", "tax_id", "email", "phone"];
        assert_eq!(
            codes("customers", &columns, &[None, None, Some(""), None]),
            [""; 0]
        );
        assert_eq!(
            codes(
                "customers",
                &columns,
                &[None, Some("0000000000"), Some("x"), Some("12")]
            ),
            ["nip", "email", "phone"]
        );
        assert_eq!(
            codes(
                "customers",
                &columns,
                &[Some("PL"), Some("44051401359"), None, Some("22 000 00 00")]
            ),
            ["nip", "pesel", "placeholder_phone"]
        );
    }

    #[test]
    fn every_number_of_a_list_is_looked_at() {
        let phones = r#"[{"number":"501 234 567"},{"number":"12"},{"remarks":"x"},{"number":""}]"#;
        assert_eq!(
            codes("customers", &["other_phones"], &[Some(phones)]),
            ["phone"]
        );
    }

    #[test]
    fn foreign_numbers_are_left_alone() {
        let columns = ["tax_prefix", "tax_id"];
        assert_eq!(
            codes("customers", &columns, &[Some("DE"), Some("136695976")]),
            [""; 0]
        );
        let columns = ["postal_code", "country"];
        assert_eq!(
            codes("customer_addresses", &columns, &[Some("10115"), Some("DE")]),
            [""; 0]
        );
        assert_eq!(
            codes("customer_addresses", &columns, &[Some("00950"), Some("PL")]),
            ["postal_code"]
        );
    }

    #[test]
    fn a_business_in_russia_has_russian_numbers() {
        let columns = ["tax_prefix", "tax_id", "phone", "remarks"];
        let at_home =
            |values: [Option<&str>; 4]| codes_at(Home::Russia, "customers", &columns, &values);
        let sound = [
            None,
            Some("1234567894"),
            Some("8 (921) 123-45-67"),
            Some("44051401359"),
        ];
        assert_eq!(at_home(sound), [""; 0]);
        let mistyped = [None, Some("1234567895"), Some("8 (921) 123"), None];
        assert_eq!(at_home(mistyped), ["inn", "phone"]);
        let polish = [
            Some("PL"),
            Some("8567346215"),
            Some("+48 501 234 567"),
            None,
        ];
        assert_eq!(at_home(polish), [""; 0]);
        let addresses = ["postal_code", "country"];
        let codes = |values: &[Option<&str>]| {
            codes_at(Home::Russia, "customer_addresses", &addresses, values)
        };
        assert_eq!(codes(&[Some("190000"), None]), [""; 0]);
        assert_eq!(codes(&[Some("190000"), Some("PL")]), ["postal_code"]);
    }
}
