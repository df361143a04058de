use serde_json::Value as Json;

use super::{email, nip, pesel, phone, postal_code};
use crate::warehouse::{Row, ValueRef};

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
    /// A Polish tax id, where the prefix column says so or says nothing.
    Nip,
    /// A telephone number.
    Phone,
    /// A Polish postal code, where the country column says so or says nothing.
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
    /// The column that names the country, where the check is for one only.
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

const fn polish(
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
    polish("customers", "tax_id", Check::Nip, "tax_prefix"),
    check("customers", "tax_id", Check::NoPesel),
    check("customers", "email", Check::Email),
    check("customers", "phone", Check::Phone),
    within("customers", "other_phones", "number", Check::Phone),
    check("customers", "remarks", Check::NoPesel),
    polish(
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
    /// The checks of a table's rows that have these columns.
    pub fn new<S: AsRef<str>>(table: &str, columns: &[S]) -> Self {
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
        Self { checks }
    }

    /// Hands over what looks wrong in one row. Missing and empty values are right.
    pub fn check(&self, row: Row<'_>, mut warn: impl FnMut(Warning)) {
        for placed in &self.checks {
            let Some(text) = row.get(placed.at).as_str() else {
                continue;
            };
            let polish = placed
                .country
                .is_none_or(|country| is_poland(row.get(country)));
            if !polish {
                continue;
            }
            let Some(field) = placed.field else {
                placed.look_at(text, placed.column, &mut warn);
                continue;
            };
            // A list that cannot be read is somebody else's finding.
            let records: Vec<Json> = serde_json::from_str(text).unwrap_or_default();
            let path = format!("{}/{field}", placed.column);
            for record in &records {
                let text = record.get(field).and_then(Json::as_str);
                placed.look_at(text.unwrap_or_default(), &path, &mut warn);
            }
        }
    }
}

impl Placed {
    fn look_at(&self, text: &str, field: &str, warn: &mut impl FnMut(Warning)) {
        if text.trim().is_empty() {
            return;
        }
        if let Some((code, expected)) = self.check.find_fault(text) {
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

fn is_poland(value: ValueRef<'_>) -> bool {
    value.as_str().is_none_or(|country| {
        country.trim().is_empty() || country.trim().eq_ignore_ascii_case("PL")
    })
}

impl Check {
    /// The code of what is wrong with a text, and what was expected.
    fn find_fault(self, text: &str) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Nip => (!nip::is_valid(text)).then_some(("nip", "a NIP of ten digits")),
            Self::Phone if phone::is_placeholder(text) => {
                Some(("placeholder_phone", "a number of the customer's own"))
            }
            Self::Phone => phone::normalise(text)
                .is_none()
                .then_some(("phone", "a telephone number")),
            Self::PostalCode => (!postal_code::is_valid(text)).then_some(("postal_code", "NN-NNN")),
            Self::Email => (!email::is_valid(text)).then_some(("email", "an e-mail address")),
            Self::NoPesel => {
                pesel::is_within(text).then_some(("pesel", "no personal number (PESEL)"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, warehouse::Rows};

    fn codes(table: &str, columns: &[&str], values: &[Option<&str>]) -> Vec<&'static str> {
        let mut rows = Rows::new(columns.len());
        rows.push_row(
            values
                .iter()
                .map(|value| value.map_or(ValueRef::Null, ValueRef::Text)),
        );
        let checks = RowChecks::new(table, columns);
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
}
