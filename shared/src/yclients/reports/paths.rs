use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    Met, Path, Step,
    path::{elements, is_gapped_array},
};

/// The most paths remembered of one kind of record; the vendor's records have some hundred.
const MOST_PATHS: usize = 2_000;
/// Fields nested deeper than this are one JSON value.
const DEEPEST: usize = 8;

/// Every path of some records, with what was met there: from this, fields are chosen, paths checked and types inferred. It
/// holds no values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paths(BTreeMap<Path, Met>);

impl Paths {
    /// Adds the paths of one record.
    pub fn add(&mut self, record: &Json) {
        self.walk(&Path::root(), record, 0);
    }

    /// What was met at a path.
    pub fn get(&self, path: &Path) -> Option<&Met> {
        self.0.get(path)
    }

    /// Every path, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Met)> {
        self.0.iter()
    }

    /// Whether no record was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Paths that are here and not there.
    pub fn beyond<'p>(&'p self, other: &'p Self) -> impl Iterator<Item = &'p Path> {
        self.0.keys().filter(|path| !other.0.contains_key(path))
    }

    /// Adds what was met elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (path, met) in &other.0 {
            if self.0.len() >= MOST_PATHS && !self.0.contains_key(path) {
                continue;
            }
            let here = self.0.entry(path.clone()).or_default();
            here.values += met.values;
            here.digits = here.digits.max(met.digits);
            here.flags += met.flags;
            for (kind, count) in &met.kinds {
                *here.kinds.entry(*kind).or_default() += count;
            }
        }
    }

    /// Adds paths that are not here yet, with what was met there.
    pub fn adopt(&mut self, other: &Self) {
        self.take(other, |_| true);
    }

    /// Adds those that are these fields, or lie in them, and are not here yet.
    pub(super) fn adopt_fields(&mut self, other: &Self, fields: &[Path]) {
        self.take(other, |path| {
            fields.iter().any(|field| path.after(field).is_some())
        });
    }

    /// Adds paths that are not here yet, but for those in arrays that are empty wherever they were met here: nothing is known
    /// of what these may hold.
    pub(super) fn adopt_unseen(&mut self, other: &Self) {
        let here = self.clone();
        self.take(other, |path| !here.is_in_empty_array(path));
    }

    fn take(&mut self, other: &Self, is_wanted: impl Fn(&Path) -> bool) {
        for (path, met) in other.0.iter().filter(|(path, _)| is_wanted(path)) {
            if self.0.len() >= MOST_PATHS {
                return;
            }
            self.0.entry(path.clone()).or_insert_with(|| met.clone());
        }
    }

    /// Adds a path, and those that lead to it, at which nothing was met yet.
    pub(super) fn foresee(&mut self, path: &Path) {
        let mut above = Path::root();
        self.0.entry(above.clone()).or_default();
        for step in path.steps() {
            above = above.with(step.clone());
            self.0.entry(above.clone()).or_default();
        }
    }

    /// Whether a path leads into an array that is here, and of whose elements nothing was met.
    pub(super) fn is_in_empty_array(&self, path: &Path) -> bool {
        let mut array = Path::root();
        for step in path.steps() {
            let next = array.with(step.clone());
            let is_known = self.get(&array).is_some() && self.get(&next).is_none();
            if *step == Step::Each && is_known {
                return true;
            }
            array = next;
        }
        false
    }

    /// The known path that looks most like one that is not.
    pub fn nearest(&self, path: &Path) -> Option<&Path> {
        let wanted = path.to_string();
        let likeness = |known: &&Path| {
            let known = known.to_string();
            let same_start = known
                .chars()
                .zip(wanted.chars())
                .take_while(|(a, b)| a == b)
                .count();
            let same_end = known
                .chars()
                .rev()
                .zip(wanted.chars().rev())
                .take_while(|(a, b)| a == b)
                .count();
            same_start + same_end
        };
        self.0
            .keys()
            .filter(|known| !known.is_root())
            .max_by_key(likeness)
            .filter(|known| likeness(known) > 2)
    }

    fn walk(&mut self, path: &Path, value: &Json, depth: usize) {
        if self.0.len() >= MOST_PATHS && !self.0.contains_key(path) {
            return;
        }
        let met = self.0.entry(path.clone()).or_default();
        met.see(value);
        if depth >= DEEPEST {
            return;
        }
        match value {
            Json::Object(fields) if !is_gapped_array(fields) => {
                for (name, value) in fields {
                    let field = path.with(Step::Field(name.clone()));
                    // A name that no path can be written with stays inside its object.
                    if field.to_string().parse::<Path>().as_ref() == Ok(&field) {
                        self.walk(&field, value, depth + 1);
                    }
                }
            }
            Json::Object(_) | Json::Array(_) => {
                for item in elements(value).into_iter().flatten() {
                    self.walk(&path.with(Step::Each), item, depth + 1);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yclients::reports::{FieldType, Kind};

    fn sample() -> Paths {
        let mut paths = Paths::default();
        paths.add(&json!({
            "id": "7", "visit_id": 12, "online": true, "paid_full": 1, "length": 3600, "duration": 2700, "flag": "1", "cost": "1000.00", "amount": 2,
            "date": "2019-01-16 16:00:00", "day": "2019-01-16", "phone": "79996373955", "name": "Ола", "staff": [],
            "birth": "", "services": [{ "id": 1, "cost": 5.5 }, { "id": 2, "title": "x" }], "comment": null, "a b": 1,
            "client": { "id": 5 },
        }));
        paths.add(&json!({ "id": "8", "amount": 1.125, "staff": { "id": 9 }, "birth": "1970-01-01", "name": 5, "duration": "3600", "flag": 0 }));
        paths
    }

    #[test]
    fn types_are_inferred_from_what_was_met() {
        let paths = sample();
        let infer = |text: &str| {
            let path: Path = text.parse().unwrap();
            paths.get(&path).unwrap().infer(&path).to_string()
        };
        let expected = [
            ("id", "integer"),
            ("visit_id", "integer"),
            ("online", "boolean"),
            ("paid_full", "integer"),
            ("length", "integer"),
            ("duration", "integer"),
            ("flag", "integer"),
            ("cost", "decimal(2)"),
            ("amount", "decimal(3)"),
            ("date", "timestamp"),
            ("day", "date"),
            ("birth", "date"),
            ("phone", "text"),
            ("name", "json"),
            ("staff", "json"),
            ("services", "json"),
            ("services[].cost", "decimal(2)"),
            ("comment", "text"),
            ("client.id", "integer"),
        ];
        for (path, ty) in expected {
            assert_eq!(infer(path), ty, "{path}");
        }
        assert!(!paths.iter().any(|(path, _)| path.to_string().contains(' ')));
    }

    #[test]
    fn new_paths_are_told_and_near_ones_suggested() {
        let mut more = sample();
        more.add(&json!({ "tip": 5, "client": { "vip": true } }));
        let known = sample();
        let new: Vec<_> = more.beyond(&known).map(ToString::to_string).collect();
        assert_eq!(new, ["client.vip", "tip"]);
        let near = |text: &str| {
            known
                .nearest(&text.parse().unwrap())
                .map(ToString::to_string)
        };
        assert_eq!(near("servises[].cost").as_deref(), Some("services[].cost"));
        assert_eq!(near("q"), None);
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<Paths>(&text).unwrap(), known);
        assert!(!text.contains("Ола"), "no values are kept");
    }

    fn inferred(values: &[Json]) -> String {
        let mut paths = Paths::default();
        for value in values {
            paths.add(&json!({ "at": value }));
        }
        let path: Path = "at".parse().unwrap();
        paths.get(&path).unwrap().infer(&path).to_string()
    }

    #[test]
    fn digits_count_as_they_were_sent() {
        assert_eq!(inferred(&[json!("-14.250000")]), "decimal(6)");
        assert_eq!(inferred(&[json!("-1.000000000")]), "decimal(9)");
        assert_eq!(inferred(&[json!("1500.00"), json!(7)]), "decimal(2)");
        assert_eq!(inferred(&[json!(0.1), json!(0.125)]), "decimal(3)");
        assert_eq!(inferred(&[json!(1.0 / 3.0)]), "decimal(6)");
    }

    #[test]
    fn yes_and_no_are_that_however_they_are_written() {
        let all = [json!(true), json!(0), json!("1"), json!("false"), json!("")];
        assert_eq!(inferred(&all), "boolean");
        assert_eq!(inferred(&[json!(true), json!(2)]), "json");
        assert_eq!(inferred(&[json!(true), json!("5")]), "json");
        assert_eq!(inferred(&[json!(0), json!(1)]), "integer", "it may count");
        assert_eq!(inferred(&[json!("0"), json!("1")]), "text", "or be a code");
    }

    #[test]
    fn what_the_catalog_declares_is_the_type_where_all_that_was_met_fits() {
        let mut paths = Paths::default();
        paths.add(
            &json!({ "amount": 2, "cost": "1.125", "discount": "x", "active": "1", "new": null }),
        );
        let ty = |text: &str, declared: FieldType| {
            let path: Path = text.parse().unwrap();
            let met = paths.get(&path).unwrap();
            met.infer_declared(&path, Some(declared)).to_string()
        };
        assert_eq!(ty("amount", FieldType::Decimal(6)), "decimal(6)");
        assert_eq!(ty("cost", FieldType::Decimal(2)), "decimal(3)");
        assert_eq!(ty("discount", FieldType::Decimal(2)), "text");
        assert_eq!(ty("active", FieldType::Boolean), "boolean");
        assert_eq!(ty("new", FieldType::Timestamp), "timestamp");
        assert_eq!(ty("amount", FieldType::Json), "integer");
    }

    #[test]
    fn what_says_yes_or_no_in_words_is_that_and_other_texts_are_not() {
        let mut paths = Paths::default();
        paths.add(&json!({ "deleted": "true", "level": "5", "paid": "0", "online": 1 }));
        paths.add(&json!({ "deleted": "false", "level": "7", "paid": true, "online": 2 }));
        let at = |text: &str| {
            let path: Path = text.parse().unwrap();
            let met = paths.get(&path).unwrap();
            let ty = met.infer_declared(&path, Some(FieldType::Boolean));
            (ty.to_string(), met.fits(FieldType::Boolean))
        };
        assert_eq!(at("deleted"), ("boolean".to_owned(), true));
        assert_eq!(at("paid"), ("boolean".to_owned(), true));
        assert_eq!(at("level").0, "text");
        assert_eq!(at("online").0, "integer");
    }

    #[test]
    fn values_by_codes_that_are_numbers_are_fields_that_can_be_chosen() {
        let mut paths = Paths::default();
        paths.add(
            &json!({ "custom_fields": { "12": "x", "15": null }, "codes": { "0": "x", "3": "y" } }),
        );
        let known: Vec<_> = paths.iter().map(|(path, _)| path.to_string()).collect();
        let expected = [
            ".",
            "codes",
            "codes[]",
            "custom_fields",
            "custom_fields.12",
            "custom_fields.15",
        ];
        assert_eq!(known, expected);
        let kinds = |text: &str| {
            let met = paths.get(&text.parse().unwrap()).unwrap();
            met.kinds.keys().copied().collect::<Vec<_>>()
        };
        assert_eq!(kinds("custom_fields"), [Kind::Object]);
        assert_eq!(kinds("codes"), [Kind::Array]);
    }

    #[test]
    fn an_array_with_gaps_is_an_array_and_what_is_expected_is_known() {
        let mut paths = Paths::default();
        paths.add(&json!({ "services": { "0": { "id": 1 }, "3": { "title": "x" } }, "goods": [] }));
        let known: Vec<_> = paths.iter().map(|(path, _)| path.to_string()).collect();
        let expected = [
            ".",
            "goods",
            "services",
            "services[]",
            "services[].id",
            "services[].title",
        ];
        assert_eq!(known, expected);
        let path = |text: &str| text.parse::<Path>().unwrap();
        let mut declared = Paths::default();
        declared.foresee(&path("goods[].id"));
        declared.foresee(&path("client.name"));
        let mut widened = paths.clone();
        widened.adopt_unseen(&declared);
        assert!(widened.get(&path("client.name")).is_some());
        assert!(widened.get(&path("goods[]")).is_none());
        assert!(widened.is_in_empty_array(&path("goods[].anything")));
        paths.adopt_fields(&declared, &[path("goods")]);
        assert!(paths.get(&path("goods[].id")).is_some());
        assert!(paths.get(&path("client")).is_none());
    }
}
