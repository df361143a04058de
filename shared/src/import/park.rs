use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::{
    ImportError,
    finding::{At, Finding},
    ledger::Ledger,
    secrets::MASK,
    shape::Shape,
};
use crate::{
    catalog::{self, ColumnType, Table, repair_shop::LOCAL_SOURCE},
    warehouse::{Row, Rows, Value, Write, internal},
};

/// The most rejected rows that one import keeps aside.
pub(super) const MAX_PARKED: u64 = 1_000;
/// The most bytes of a row that is kept aside with its values.
const LONGEST: usize = 256 << 10;

/// A row that stays out, as it is kept aside.
#[derive(Debug)]
pub(super) struct Rejected {
    /// The table.
    pub table: String,
    body: Body,
    /// How long its values are as text.
    bytes: usize,
}

/// What is kept of a row that stays out.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    /// The line of the file that it begins at.
    pub line: Option<u64>,
    /// Whether it could not be read; what its problems name is not among the values then.
    pub unread: bool,
    /// Why it stays out.
    pub problems: Vec<Fault>,
    /// What it said, as far as it could be read; values that are or could be secret are masked.
    pub values: Map<String, Json>,
    /// Whether its values are too long to be kept.
    pub cut: bool,
}

/// One reason why a row stays out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fault {
    /// The code of the finding.
    pub code: String,
    /// The column in question.
    pub field: Option<String>,
    /// What was expected.
    #[serde(default)]
    pub expected: String,
    /// What was found.
    #[serde(default)]
    pub found: String,
}

impl From<&Finding> for Fault {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.to_string(),
            field: finding.field.clone(),
            expected: finding.expected.clone(),
            found: finding.found.clone(),
        }
    }
}

/// What keeps rows out, by the places of the rows in the file.
pub(super) struct Problems(HashMap<(Option<u64>, Option<String>), Vec<Fault>>);

impl Problems {
    /// What these say.
    pub fn of(findings: &[Finding]) -> Self {
        let mut problems = HashMap::<_, Vec<Fault>>::new();
        for finding in findings.iter().filter(|finding| finding.is_error()) {
            let place = (finding.line, finding.row_id.clone());
            problems.entry(place).or_default().push(finding.into());
        }
        Self(problems)
    }

    /// All that keeps a row out, with what was found about it since.
    pub fn and<'f>(&self, row: At<'_>, since: impl Iterator<Item = &'f Finding>) -> Vec<Fault> {
        let place = (row.line, row.id.map(str::to_owned));
        let known = self.0.get(&place).into_iter().flatten().cloned();
        let since = since.filter(|finding| finding.is_error());
        known.chain(since.map(Fault::from)).collect()
    }
}

impl Rejected {
    /// Copies a row of the file, with what is wrong with it.
    pub fn of(
        shape: &Shape,
        row: Row<'_>,
        line: Option<u64>,
        problems: Vec<Fault>,
        ledger: &Ledger,
    ) -> Result<Self, ImportError> {
        let columns = shape.columns.iter().zip(row.values());
        let told = columns.filter(|(_, value)| !value.is_null());
        let values = told.map(|(name, value)| (name.clone(), value.to_json()));
        let body = Body {
            line,
            problems,
            ..Body::default()
        };
        Self::new(&shape.table, body, values.collect(), ledger)
    }

    /// A row that could not be read, with the first thing that is wrong with it and what could be read of it.
    pub fn unread(
        finding: &Finding,
        values: Option<Map<String, Json>>,
        ledger: &Ledger,
    ) -> Result<Self, ImportError> {
        let body = Body {
            line: finding.line,
            unread: true,
            problems: vec![finding.into()],
            cut: values.is_none(),
            ..Body::default()
        };
        match catalog::table(&finding.table) {
            Some(table) => Self::new(table, body, values.unwrap_or_default(), ledger),
            None => Ok(Self {
                table: finding.table.clone(),
                body,
                bytes: 0,
            }),
        }
    }

    fn new(
        table: &Table,
        mut body: Body,
        mut values: Map<String, Json>,
        ledger: &Ledger,
    ) -> Result<Self, ImportError> {
        for column in &table.columns {
            let Some(value) = values.get_mut(&*column.name) else {
                continue;
            };
            match &column.ty {
                ColumnType::CustomValues => mask(value, ledger)?,
                ColumnType::List { fields, .. } => {
                    let custom = fields
                        .iter()
                        .filter(|field| field.ty == ColumnType::CustomValues);
                    for field in custom {
                        let records = value.as_array_mut().into_iter().flatten();
                        for values in records.filter_map(|record| record.get_mut(&*field.name)) {
                            mask(values, ledger)?;
                        }
                    }
                }
                _ => {}
            }
        }
        let values = Json::Object(values);
        let mut bytes = values.to_string().len();
        body.cut |= bytes > LONGEST;
        match values {
            Json::Object(values) if !body.cut => body.values = values,
            _ => bytes = 0,
        }
        Ok(Self {
            table: table.name.to_string(),
            body,
            bytes,
        })
    }

    /// The same row has another problem.
    pub fn also(&mut self, finding: &Finding) {
        self.body.problems.push(finding.into());
    }

    /// About how many bytes it takes up.
    pub fn size(&self) -> usize {
        /// What a problem takes up, whose texts are cut.
        const PROBLEM: usize = 512;
        self.bytes + self.body.problems.len() * PROBLEM
    }
}

/// Masks every value whose field is secret or unknown.
fn mask(values: &mut Json, ledger: &Ledger) -> Result<(), ImportError> {
    let Some(values) = values.as_object_mut() else {
        *values = Json::from(MASK);
        return Ok(());
    };
    for (field, value) in values {
        if ledger.field(field)? != Some(false) {
            *value = Json::from(MASK);
        }
    }
    Ok(())
}

/// Keeps rejected rows aside, numbered on from those that are, as far as there is room.
pub(super) fn parked(
    import: &str,
    before: &mut u64,
    mut rejected: Vec<Rejected>,
    at: DateTime<Utc>,
) -> Option<Write> {
    let room = usize::try_from(MAX_PARKED.saturating_sub(*before)).unwrap_or(0);
    rejected.truncate(room);
    if rejected.is_empty() {
        return None;
    }
    let mut rows = Rows::new(internal::parked().columns.len());
    for (number, row) in (*before..).zip(&rejected) {
        let code = row.body.problems.first().map(|fault| fault.code.as_str());
        rows.push_values(&[
            format!("{PREFIX}{import}:{number:06}").into(),
            row.table.as_str().into(),
            LOCAL_SOURCE.into(),
            format!("import.{}", code.unwrap_or("rejected")).into(),
            Value::Json(json!(row.body).to_string()),
            at.into(),
        ]);
    }
    *before += rejected.len() as u64;
    Some(Write::Insert {
        table: internal::parked().clone(),
        rows,
    })
}

/// The first part of the ids of rows that imports keep aside; the import follows.
pub(super) const PREFIX: &str = "import:";
