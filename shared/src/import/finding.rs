use std::borrow::Cow;

/// The longest text of a file that a report keeps, in characters.
const LONGEST: usize = 200;
/// The longest text of what was expected, in characters: every value of the longest choice.
const LONGEST_EXPECTED: usize = 1_000;

/// How much a finding matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row was rejected.
    Error,
    /// The row changed both in the file and here.
    Conflict,
    /// The row came in, and somebody should look at it.
    Warning,
    /// The row was joined with one that was here.
    Merge,
}

impl Severity {
    /// Every severity.
    pub const ALL: [Self; 4] = [Self::Error, Self::Conflict, Self::Warning, Self::Merge];

    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Conflict => "conflict",
            Self::Warning => "warning",
            Self::Merge => "merge",
        }
    }

    /// The severity that this word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }
}

/// One line of an import's report: what was noticed about one row.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// A stable name; the text for people is `report-<code>` with dashes.
    pub code: Cow<'static, str>,
    /// The row's table.
    pub table: String,
    /// The row's id in the file, or its number in a list, where it has one.
    pub row_id: Option<String>,
    /// The line of the file that the row begins at, from 1.
    pub line: Option<u64>,
    /// The column in question; `list/field` inside a list.
    pub field: Option<String>,
    /// What was expected, shortened.
    pub expected: String,
    /// What was found, shortened. Never the value of a PASSWORD field.
    pub found: String,
}

impl Finding {
    /// A finding about a row.
    pub(super) fn of(severity: Severity, code: &'static str, table: &str, row: &At<'_>) -> Self {
        Self {
            severity,
            code: Cow::Borrowed(code),
            table: table.to_owned(),
            row_id: row.id.map(str::to_owned),
            line: row.line,
            field: None,
            expected: String::new(),
            found: String::new(),
        }
    }

    /// Whether it keeps its row out.
    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether something that the file says did not come in, though its row did or no single row held it.
    pub fn leaves_out(&self) -> bool {
        const LOSSES: [&str; 12] = [
            "column_ambiguous",
            "column_doubled",
            "column_unknown",
            "column_unnamed",
            "custom_values_unreadable",
            "element_skipped",
            "merged_gone",
            "name_not_found",
            "record_left_out",
            "reference_left_out",
            "secret_not_kept",
            "sheet_skipped",
        ];
        LOSSES.contains(&self.code.as_ref())
    }

    /// The same, about this column.
    #[must_use]
    pub(super) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, with what was expected.
    #[must_use]
    pub(super) fn expected(mut self, text: &str) -> Self {
        self.expected = cut(text, LONGEST_EXPECTED);
        self
    }

    /// The same, with what was found.
    #[must_use]
    pub(super) fn found(mut self, text: &str) -> Self {
        self.found = shorten(text);
        self
    }
}

/// Which row of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At<'a> {
    pub id: Option<&'a str>,
    pub line: Option<u64>,
}

/// The beginning of a text, as much as a report keeps.
pub(super) fn shorten(text: &str) -> String {
    cut(text, LONGEST)
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let finding =
            Finding::of(Severity::Error, "x", "repairs", &At::default()).found(&"ż".repeat(300));
        assert_eq!(finding.found.chars().count(), LONGEST + 1);
    }

    #[test]
    fn every_allowed_value_is_told() {
        let tables = crate::catalog::tables_of(crate::catalog::TableGroup::RepairShop);
        for column in tables.flat_map(|table| &table.columns) {
            let crate::catalog::ColumnType::Choice(choices) = &column.ty else {
                continue;
            };
            let all: Vec<&str> = choices.iter().map(|choice| choice.value.as_ref()).collect();
            let all = format!("one of {}", all.join(", "));
            let finding = Finding::of(Severity::Error, "x", "repairs", &At::default());
            assert_eq!(finding.expected(&all).expected, all);
        }
    }

    #[test]
    fn every_severity_reads_back() {
        for severity in Severity::ALL {
            assert_eq!(Severity::parse(severity.as_str()), Some(severity));
        }
    }
}
