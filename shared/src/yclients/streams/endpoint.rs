use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::Value as Json;

/// Where the vendor hands out rows, and how they are asked for. Paths, sizes and their limits: the vendor's reference and
/// the clients in use (facts, sections 1.6 and 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// How it is called.
    pub method: Method,
    /// The path under the base address; `{company}`, `{parent}` and `{id}` stand for what is asked about.
    pub path: &'static str,
    /// What is always asked for.
    pub params: &'static [(&'static str, &'static str)],
    /// The body of a POST, a JSON object; the parameters of paging are put into it.
    pub body: Option<&'static str>,
    /// How a list that does not fit into one answer is read.
    pub paging: Paging,
    /// The names that lead from `data` to the rows; none where they are `data` itself.
    pub record_path: &'static [&'static str],
    /// How often it must be called for one list.
    pub reach: Reach,
    /// Whether the stream's cursor and window mean anything here.
    pub filters_by_time: bool,
}

/// How an endpoint is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Parameters in the address.
    Get,
    /// Parameters in a JSON body. It reads all the same and may be repeated.
    Post,
}

/// How a list that does not fit into one answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// One answer has all of it.
    None,
    /// Pages counted from 1 in the parameter `page`.
    Pages {
        /// The parameter that asks for a size.
        size_param: &'static str,
        /// How many rows to ask for.
        size: u32,
        /// How the end shows.
        stop: Stop,
    },
}

/// How the last page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It has fewer rows than were asked for.
    ShortPage,
    /// It has none: the vendor may give fewer rows than were asked for in the middle of a list.
    EmptyPage,
}

/// How often an endpoint must be called for one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Once, page by page.
    Once,
    /// Once for the root and once for every row found, whose id takes the place of `{parent}`; each answer's rows get the
    /// id they were asked by ([`Endpoint::under`]).
    Tree {
        /// What stands for `{parent}` at first.
        root: i64,
        /// The field that rows are given.
        parent_field: &'static str,
    },
    /// Once per row that is known already, whose id takes the place of `{id}`.
    Each,
}

/// How rows that changed since are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The parameter of the beginning.
    pub after: &'static str,
    /// The parameter of the end.
    pub before: &'static str,
    /// How far before the last seen change to begin: the vendor's clock and offsets are not to be relied upon.
    pub overlap_minutes: i64,
}

/// How rows of a period are asked for, in days of the branch, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The parameter of the first day.
    pub from: &'static str,
    /// The parameter of the last day.
    pub to: &'static str,
    /// The column whose day, in the branch's zone, is meant.
    pub column: &'static str,
}

impl Cursor {
    /// The instant as the vendor reads it: the branch's wall clock with its offset, so that it is right whether or not the
    /// vendor minds the offset (its reference does not say).
    pub fn value(&self, at: DateTime<Utc>, zone: Tz) -> String {
        at.with_timezone(&zone)
            .format("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }
}

impl Window {
    /// The parameters for these days of the branch, both inclusive.
    pub fn params(&self, from: NaiveDate, to: NaiveDate) -> [(&'static str, String); 2] {
        [(self.from, from.to_string()), (self.to, to.to_string())]
    }
}

impl Endpoint {
    /// A list that comes in one answer.
    pub const fn list(path: &'static str) -> Self {
        Self {
            method: Method::Get,
            path,
            params: &[],
            body: None,
            paging: Paging::None,
            record_path: &[],
            reach: Reach::Once,
            filters_by_time: false,
        }
    }

    /// A list that comes in pages and can be asked for by time.
    pub const fn pages(path: &'static str, size: u32, stop: Stop) -> Self {
        Self {
            paging: Paging::Pages {
                size_param: "count",
                size,
                stop,
            },
            filters_by_time: true,
            ..Self::list(path)
        }
    }

    /// The same with parameters that are always sent.
    pub const fn with(mut self, params: &'static [(&'static str, &'static str)]) -> Self {
        self.params = params;
        self
    }

    /// The same, called as often as this.
    pub const fn reaching(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// The path for a company, and for a parent or a row where the path names one.
    pub fn path_of(&self, company_id: i64, of: Option<i64>) -> String {
        let of = of.unwrap_or_default().to_string();
        self.path
            .replace("{company}", &company_id.to_string())
            .replace("{parent}", &of)
            .replace("{id}", &of)
    }

    /// The rows in an answer's `data`: of a list, of one object, or of an object whose names are positions; none where
    /// there is nothing.
    pub fn records(&self, mut data: Json) -> Vec<Json> {
        for name in self.record_path {
            data = match data.get_mut(name) {
                Some(inner) => inner.take(),
                None => return Vec::new(),
            };
        }
        match data {
            Json::Array(rows) => rows,
            Json::Object(fields) if fields.is_empty() => Vec::new(),
            Json::Object(fields) if is_positions(fields.keys()) => {
                fields.into_iter().map(|(_, row)| row).collect()
            }
            Json::Object(_) => vec![data],
            _ => Vec::new(),
        }
    }

    /// Tells the rows of one answer of a tree which row they lie under.
    pub fn under(&self, parent: i64, rows: &mut [Json]) {
        let Reach::Tree { parent_field, .. } = self.reach else {
            return;
        };
        for row in rows.iter_mut().filter_map(Json::as_object_mut) {
            row.insert(parent_field.to_owned(), parent.into());
        }
    }
}

/// Whether these are names that an array gets when its positions have gaps.
pub(in crate::yclients) fn is_positions<'n>(names: impl Iterator<Item = &'n String>) -> bool {
    let mut names = names.peekable();
    names.peek().is_some()
        && names.all(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_found_in_lists_single_objects_and_gapped_arrays() {
        let endpoint = Endpoint::list("/things");
        assert_eq!(endpoint.records(json!([{"id": 1}])).len(), 1);
        assert_eq!(endpoint.records(json!({"id": 1})), [json!({"id": 1})]);
        let gapped = json!({"0": {"id": 1}, "4": {"id": 2}});
        assert_eq!(endpoint.records(gapped).len(), 2);
        for nothing in [json!([]), json!({}), json!(null), json!("")] {
            assert_eq!(endpoint.records(nothing), [] as [Json; 0]);
        }
    }

    #[test]
    fn a_cursor_is_the_wall_clock_of_the_branch_with_its_offset() {
        let cursor = Cursor {
            after: "changed_after",
            before: "changed_before",
            overlap_minutes: 60,
        };
        let at = "2026-03-01T10:00:00Z".parse().unwrap();
        let text = cursor.value(at, chrono_tz::Europe::Moscow);
        assert_eq!(text, "2026-03-01T13:00:00+03:00");
    }

    #[test]
    fn rows_of_a_tree_learn_what_they_lie_under() {
        let tree = Endpoint::list("/tree/{company}/{parent}").reaching(Reach::Tree {
            root: 0,
            parent_field: "parent_id",
        });
        assert_eq!(tree.path_of(7, Some(3)), "/tree/7/3");
        let mut rows = vec![json!({"id": 5})];
        tree.under(3, &mut rows);
        assert_eq!(rows, [json!({"id": 5, "parent_id": 3})]);
    }
}
