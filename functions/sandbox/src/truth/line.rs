use std::ops::Range;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    model::{Exact, Row, Rows, Salon},
    render::Json,
};

/// One row of the truth being written: columns by the catalog's names, values in one form each.
#[derive(Debug, Default)]
pub struct Line(Json);

/// Writes rows at some places of the model, and says whether there are more.
pub fn each<T: Row>(rows: &Rows<T>, places: Range<usize>, mut write: impl FnMut(&T)) -> bool {
    rows.iter()
        .skip(places.start)
        .take(places.len())
        .for_each(&mut write);
    places.end < rows.len()
}

/// Writes one row: its company, whether it is deleted, when it changed, and its columns.
pub fn line(
    lines: &mut String,
    salon: &Salon,
    deleted: bool,
    changed: Option<DateTime<Utc>>,
    fill: impl FnOnce(&mut Line),
) {
    let mut json = Json::with_room(512);
    json.object(|json| {
        json.key("_company_id").raw(salon.company.id);
        json.key("_deleted").raw(deleted);
        let mut line = Line(std::mem::take(json));
        if let Some(changed) = changed {
            line.instant("_changed_at", changed);
        }
        fill(&mut line);
        *json = line.0;
    });
    lines.push_str(&json.into_text());
    lines.push('\n');
}

impl Line {
    /// Whole numbers, as JSON numbers.
    pub fn ints<const N: usize>(&mut self, columns: [(&str, i64); N]) -> &mut Self {
        self.0.numbers(columns);
        self
    }

    /// Numbers of rows of other tables; 0 is none, and null.
    pub fn references<const N: usize>(&mut self, columns: [(&str, i64); N]) -> &mut Self {
        for (column, id) in columns {
            self.0.key(column);
            if id == 0 {
                self.0.raw("null");
            } else {
                self.0.raw(id);
            }
        }
        self
    }

    /// Texts.
    pub fn texts<const N: usize>(&mut self, columns: [(&str, &str); N]) -> &mut Self {
        self.0.texts(columns);
        self
    }

    /// True or false.
    pub fn flags<const N: usize>(&mut self, columns: [(&str, bool); N]) -> &mut Self {
        self.0.flags(columns);
        self
    }

    /// A number with a fraction, as a string with all its digits.
    pub fn exact<const DIGITS: u32>(&mut self, column: &str, value: Exact<DIGITS>) -> &mut Self {
        self.0.key(column).quoted(value);
        self
    }

    /// An instant in UTC, `2019-01-16T13:00:00Z`.
    pub fn instant(&mut self, column: &str, at: DateTime<Utc>) -> &mut Self {
        self.0
            .key(column)
            .quoted(at.to_rfc3339_opts(SecondsFormat::Secs, true));
        self
    }

    /// Anything that is shown as a string, or null.
    pub fn shown(&mut self, column: &str, value: Option<impl std::fmt::Display>) -> &mut Self {
        match value {
            Some(value) => self.0.key(column).quoted(value),
            None => self.0.key(column).raw("null"),
        }
        self
    }
}
