/// Where a column's value lies in the vendor's body, and how it is to be understood. Columns without such a declaration lie
/// under their own name and are understood by their type; `<column>_raw` is the text that `<column>` was read from,
/// and `<column>_local` what the branch's clock showed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The column.
    pub column: &'static str,
    /// Names joined by dots, the best first: older and newer shapes of the body say the same in different places.
    pub paths: &'static [&'static str],
    /// How it is understood.
    pub meaning: Meaning,
}

/// How a value is understood beyond its column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// By the column's type alone. Columns that refer to a table take 0 for nothing.
    Plain,
    /// An id, where 0 means that there is none.
    IdOrZero,
    /// The wall clock of the branch: an offset that comes with it is passed over, because it has been seen wrong.
    WallClock,
    /// A day, where 1970-01-01 means that it is unknown.
    Birthday,
    /// A JSON object from names to values: an empty list means an empty object.
    Map,
    /// A JSON object or nothing: an empty list or object means nothing.
    Relation,
    /// A phone number: the vendor sends the same one with a plus, without it, and as a number.
    Phone,
    /// Not in the body: filled from elsewhere.
    Given,
}

impl Field {
    /// A column that lies elsewhere than under its own name.
    pub const fn at(column: &'static str, paths: &'static [&'static str]) -> Self {
        Self {
            column,
            paths,
            meaning: Meaning::Plain,
        }
    }

    /// A column that lies under its own name and is not what its type alone says.
    pub const fn meaning(column: &'static str, meaning: Meaning) -> Self {
        Self {
            column,
            paths: &[],
            meaning,
        }
    }

    /// The same, understood so.
    pub const fn as_a(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }
}

/// Rows of another table inside a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// The table: a child of the stream's table for lines; any other for rows told of in passing.
    pub table: &'static str,
    /// The field that has them.
    pub path: &'static str,
    /// Where their columns lie.
    pub fields: &'static [Field],
    /// Fields that repeat what the row around them or another table has; they are left to it.
    pub copies: &'static [&'static str],
}
