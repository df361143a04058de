//! Which column of a mapping is which of a file.

use super::{ColumnMapping, Mapping, file::shown};
use crate::sheets::SheetError;

/// The columns of a mapping beside those of a file.
pub(super) struct Fitting {
    /// One for each column of the file, in its order; what the mapping does not name leads nowhere.
    pub(super) columns: Vec<ColumnMapping>,
    /// Positions in the file of what the mapping does not name.
    pub(super) unnamed: Vec<usize>,
    /// What the mapping leads somewhere and the file does not have.
    pub(super) absent: Vec<ColumnMapping>,
}

/// Finds each column by its header, without regard to spaces around it; of equal headers, the first of the mapping is the
/// first of the file.
pub(super) fn fit(stated: &[ColumnMapping], headers: &[&str]) -> Fitting {
    let mut left: Vec<&ColumnMapping> = stated.iter().collect();
    let mut unnamed = Vec::new();
    let mut columns = Vec::with_capacity(headers.len());
    for (position, header) in headers.iter().enumerate() {
        let named = left
            .iter()
            .position(|column| column.header.trim() == header.trim());
        let mut column = match named {
            Some(named) => left.remove(named).clone(),
            None => {
                unnamed.push(position);
                ColumnMapping {
                    header: String::new(),
                    target: None,
                    date_order: None,
                }
            }
        };
        (*header).clone_into(&mut column.header);
        columns.push(column);
    }
    // A column that is to be left out may as well not be there.
    left.retain(|column| column.target.is_some());
    Fitting {
        columns,
        unnamed,
        absent: left.into_iter().cloned().collect(),
    }
}

impl Mapping {
    /// The same for a file with these headers, its columns in the file's order; an error names those that the file does
    /// not have.
    pub(super) fn fitted(&self, headers: &[String]) -> Result<Self, SheetError> {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let Fitting {
            columns, absent, ..
        } = fit(&self.columns, &headers);
        if !absent.is_empty() {
            let absent: Vec<String> = absent.into_iter().map(|column| column.header).collect();
            return Err(SheetError::MappingHeaders {
                headers: shown(&absent),
            });
        }
        Ok(Self {
            columns,
            ..self.clone()
        })
    }

    /// Positions in a file with these headers of the columns that the mapping does not name; none where all of them are
    /// guessed.
    pub fn unnamed(&self, headers: &[String]) -> Vec<usize> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        fit(&self.columns, &headers).unnamed
    }
}
