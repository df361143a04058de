use super::{
    ImportError,
    ledger::{Holders, Ledger},
};
use crate::checks::{self, Home};

/// Between the parts of a key; no text of a shop holds it.
const PART: char = '\u{1f}';

/// By what rows of a table are recognised besides their ids: columns to look at, for those tables that have such keys.
pub(super) fn columns_of(table: &str) -> Option<&'static [&'static str]> {
    Some(match table {
        "customers" => &["tax_prefix", "tax_id", "email", "phone"],
        "dictionaries" => &["type", "name"],
        "custom_fields" => &["form", "type", "name"],
        "employees" => &["email"],
        _ => return None,
    })
}

/// A row's natural keys, the most telling first: what each is called, and the key.
pub(super) fn of<'v>(
    table: &str,
    home: Home,
    get: impl Fn(&str) -> Option<&'v str>,
) -> Vec<(&'static str, String)> {
    let keys = match table {
        "customers" => vec![
            (
                "tax_id",
                get("tax_id").and_then(|id| checks::tax_id_key(get("tax_prefix"), id, home)),
            ),
            ("email", get("email").and_then(checks::email_key)),
            (
                "phone",
                get("phone").and_then(|phone| checks::phone_key(phone, home)),
            ),
        ],
        "dictionaries" => vec![("name", joined([get("type"), get("name")]))],
        "custom_fields" => vec![("name", joined([get("form"), get("type"), get("name")]))],
        "employees" => vec![("email", get("email").and_then(checks::email_key))],
        _ => Vec::new(),
    };
    keys.into_iter()
        .filter_map(|(kind, key)| Some((kind, key?)))
        .collect()
}

/// Which row of the warehouse natural keys lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    /// None.
    None,
    /// This one, by this key.
    One { local_id: String, by: &'static str },
    /// Several, or different ones by different keys.
    Ambiguous { by: &'static str },
}

/// The one row that all of these keys lead to, as far as they lead anywhere.
pub(super) fn find(
    ledger: &Ledger,
    table: &str,
    keys: &[(&'static str, String)],
) -> Result<Match, ImportError> {
    let mut found: Option<(String, &'static str)> = None;
    for (kind, key) in keys {
        match ledger.holders(table, kind, key)? {
            Holders::None => {}
            Holders::Many => return Ok(Match::Ambiguous { by: kind }),
            Holders::One(id) => match &found {
                Some((other, _)) if *other != id => return Ok(Match::Ambiguous { by: kind }),
                Some(_) => {}
                None => found = Some((id, kind)),
            },
        }
    }
    Ok(found.map_or(Match::None, |(local_id, by)| Match::One { local_id, by }))
}

fn joined<const N: usize>(parts: [Option<&str>; N]) -> Option<String> {
    let mut key = String::new();
    for part in parts {
        let part = part?.trim();
        if part.is_empty() {
            return None;
        }
        key.push_str(&part.to_lowercase());
        key.push(PART);
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(fields: &[(&str, &'static str)]) -> Vec<(&'static str, String)> {
        of("customers", Home::Poland, |name| {
            fields
                .iter()
                .find(|(field, _)| *field == name)
                .map(|(_, value)| *value)
        })
    }

    #[test]
    fn keys_do_not_depend_on_how_they_are_written() {
        let phone = vec![("phone", "+48501234567")];
        let cases = [
            (
                vec![("tax_id", "856-734-62-15")],
                vec![("tax_id", "PL8567346215")],
            ),
            (
                vec![("tax_prefix", "PL"), ("tax_id", "PL 8567346215")],
                vec![("tax_id", "PL8567346215")],
            ),
            (vec![("tax_id", "0000000000")], vec![]),
            (
                vec![("email", " Anna@Example.COM ")],
                vec![("email", "anna@example.com")],
            ),
            (vec![("email", "brak")], vec![]),
            (vec![("phone", "501 234 567")], phone.clone()),
            (vec![("phone", "+48 501-234-567")], phone.clone()),
            (vec![("phone", "0048501234567")], phone),
            (vec![("phone", "22 000 00 00")], vec![]),
            (vec![("phone", "+48220000000")], vec![]),
        ];
        for (fields, keys) in cases {
            let keys: Vec<_> = keys
                .into_iter()
                .map(|(kind, key)| (kind, key.to_owned()))
                .collect();
            assert_eq!(customer(&fields), keys, "{fields:?}");
        }
    }

    #[test]
    fn names_are_compared_without_case_and_outer_spaces() {
        let key = |name: &'static str| {
            of("dictionaries", Home::Poland, move |column| {
                Some(if column == "type" {
                    "COMPONENT_TYPE"
                } else {
                    name
                })
            })
        };
        assert_eq!(key(" Śruba "), key("śruba"));
        assert_eq!(key("  "), []);
    }

    #[test]
    fn keys_that_lead_apart_are_ambiguous() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::create(folder.path()).unwrap();
        ledger.add_key("customers", "email", "a@b", "us:1").unwrap();
        ledger
            .add_key("customers", "phone", "48501234567", "us:1")
            .unwrap();
        ledger
            .add_key("customers", "phone", "48600000000", "us:2")
            .unwrap();
        let find = |keys: &[(&'static str, &str)]| {
            let keys: Vec<_> = keys
                .iter()
                .map(|(kind, key)| (*kind, (*key).to_owned()))
                .collect();
            super::find(&ledger, "customers", &keys).unwrap()
        };
        let one = Match::One {
            local_id: "us:1".to_owned(),
            by: "email",
        };
        assert_eq!(find(&[("email", "a@b"), ("phone", "48501234567")]), one);
        assert_eq!(find(&[("email", "a@b"), ("phone", "48999999999")]), one);
        assert_eq!(
            find(&[("email", "a@b"), ("phone", "48600000000")]),
            Match::Ambiguous { by: "phone" }
        );
        assert_eq!(find(&[("email", "x@b")]), Match::None);
        ledger.add_key("customers", "email", "a@b", "us:3").unwrap();
        assert_eq!(find(&[("email", "a@b")]), Match::Ambiguous { by: "email" });
    }
}
