use super::Value;

/// A condition on the rows of one table.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Filter {
    /// Every row.
    #[default]
    All,
    /// Rows that meet every one of these.
    And(Vec<Filter>),
    /// Rows that meet at least one of these.
    Or(Vec<Filter>),
    /// Rows that do not meet this, those included of which it cannot be said.
    Not(Box<Filter>),
    /// A comparison of a column with a value; a null column meets none.
    Compare {
        /// The column's name.
        column: String,
        /// How to compare.
        operator: Operator,
        /// What to compare with, of the column's type.
        value: Value,
    },
    /// Rows whose column is one of these values.
    In {
        /// The column's name.
        column: String,
        /// The values, of the column's type; at most 1,000.
        values: Vec<Value>,
    },
    /// Rows whose column is a JSON list that holds this text or whole number.
    Has {
        /// The column's name.
        column: String,
        /// The element.
        value: Value,
    },
    /// Rows whose column is null.
    IsNull(String),
    /// Rows whose column is not null.
    IsNotNull(String),
}

/// How a column is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
    /// Text that holds this text, whatever the case of ASCII letters.
    Contains,
}

impl Filter {
    /// Rows whose column equals this value.
    pub fn equal(column: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::compare(column, Operator::Equal, value)
    }

    /// Rows whose column compares so with this value.
    pub fn compare(column: impl Into<String>, operator: Operator, value: impl Into<Value>) -> Self {
        Self::Compare {
            column: column.into(),
            operator,
            value: value.into(),
        }
    }

    /// Rows that meet this condition and another one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, other) => other,
            (this, Self::All) => this,
            (Self::And(mut all), other) => {
                all.push(other);
                Self::And(all)
            }
            (this, other) => Self::And(vec![this, other]),
        }
    }
}
