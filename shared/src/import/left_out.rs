use super::finding::{At, Finding, Severity, shorten};
use crate::sheets::{Mapping, Question};

/// The columns of a list's file.
pub(super) struct FileColumns<'f> {
    pub header: &'f [String],
    /// The first rows.
    pub samples: &'f [Vec<String>],
    /// The table the list is of.
    pub table: &'f str,
}

impl FileColumns<'_> {
    /// What was noticed about columns that go nowhere because nobody knew where, or because the mapping does not name them
    /// (those at the positions `unnamed`). A column that somebody said to leave out is none of them.
    pub fn left_out(
        &self,
        questions: &[Question],
        mapping: &Mapping,
        unnamed: &[usize],
    ) -> Vec<Finding> {
        let unknown = questions
            .iter()
            .filter_map(asked)
            .filter(|(_, column, _)| !unnamed.contains(column));
        let unnamed = unnamed
            .iter()
            .map(|column| ("column_unnamed", *column, String::new()));
        let left_out = unknown.chain(unnamed).filter(|(_, column, _)| {
            let column = mapping.columns.get(*column);
            column.is_some_and(|column| column.target.is_none())
        });
        left_out
            .filter_map(|(code, column, names)| Some(self.finding(code, column)?.expected(&names)))
            .collect()
    }

    fn finding(&self, code: &'static str, column: usize) -> Option<Finding> {
        let header = self.header.get(column)?;
        let mut cells = self.samples.iter().filter_map(|row| row.get(column));
        let field = if !header.trim().is_empty() {
            shorten(header)
        } else if cells.any(|cell| !cell.trim().is_empty()) {
            format!("#{}", column + 1)
        } else {
            // Spreadsheets leave columns without a header and without a value.
            return None;
        };
        let at = At {
            id: None,
            line: Some(1),
        };
        Some(Finding::of(Severity::Warning, code, self.table, &at).field(field))
    }
}

/// What is asked about a column that nobody knows: code of the finding, position in the file, what the column may be.
fn asked(question: &Question) -> Option<(&'static str, usize, String)> {
    match question {
        Question::Unknown { column, .. } => Some(("column_unknown", *column, String::new())),
        Question::Ambiguous {
            column, candidates, ..
        } => Some(("column_ambiguous", *column, candidates.join(", "))),
        Question::Duplicate { column, target, .. } => {
            Some(("column_doubled", *column, target.clone()))
        }
        Question::DateOrder { .. } | Question::Missing { .. } => None,
    }
}
