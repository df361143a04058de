use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{FieldType, Path, Step};
use crate::catalog::{Column, ColumnType, Label, Table, TableGroup, label};

/// Which record of the vendor a row comes from.
pub const RECORD: &str = "_record";
/// Which of that record's rows of the table it is, from 1.
pub const LINE: &str = "_line";
/// The day, in the branch's zone, that the record belongs to; null for lists, which have none.
pub const DAY: &str = "_day";

/// How one table comes out of the vendor's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableShape {
    /// The name in SQL, files and the API.
    pub name: String,
    /// The table whose rows these belong to; its key stands in columns of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What the rows of the tables above are made of, from the record down to the parent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lineage: Vec<Ancestor>,
    /// What each row is made of, seen from the parent's row or, without one, from the record: that itself, or each element
    /// of an array in it.
    pub rows: Path,
    /// The columns, in order.
    pub columns: Vec<ColumnShape>,
    /// Conditions that a row must meet, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// What the rows of a table above are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// Seen from the one above it.
    pub rows: Path,
    /// Conditions without which there is no such row, nor any below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// How one column comes out of what a row is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnShape {
    /// The name in SQL, files and the API.
    pub name: String,
    /// Where its value stands.
    pub source: Source,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// Whether it is part of what tells rows apart.
    #[serde(default, skip_serializing_if = "is_false")]
    pub key: bool,
    /// What stands in for a value that is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// Columns that take values which do not fit, one for each type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<FieldType>,
}

/// Where a column's value stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// In what the row is made of.
    Row(Path),
    /// In the record, whatever the row is made of.
    Record(Path),
    /// The number of the row among those of its record, from 1.
    Line,
    /// In the row of the parent.
    Parent(Box<Source>),
}

/// A condition on what a row is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Where to look.
    pub source: Source,
    /// What must be there.
    pub test: Test,
}

/// What a condition asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// One of these values.
    OneOf(Vec<Json>),
    /// None of these values.
    NoneOf(Vec<Json>),
    /// A number, or a text, greater than this one.
    Above(Json),
    /// A number, or a text, less than this one.
    Below(Json),
    /// Nothing at all, null, or an empty text, array or object.
    Empty,
    /// The opposite.
    NotEmpty,
}

impl TableShape {
    /// Names of the columns that tell the rows of a record's table apart.
    pub fn key(&self) -> Vec<Cow<'static, str>> {
        let own: Vec<_> = self.columns.iter().filter(|column| column.key).collect();
        if own.is_empty() {
            return vec![RECORD.into(), LINE.into()];
        }
        own.into_iter()
            .map(|column| column.name.clone().into())
            .collect()
    }

    /// The columns that hold the key of the parent's row, in the key's order: first those that it has of its own parent.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let columns = self.columns.iter();
        let links = columns.take_while(|column| matches!(column.source, Source::Parent(_)));
        links.map(|column| column.name.as_str())
    }

    /// The columns that hold the key of the row above in this table, in the key's order; `None` where it has no key, or they are
    /// not there.
    pub fn link_to(&self, above: &Self) -> Option<Vec<String>> {
        let key = above.columns.iter().filter(|column| column.key).count();
        let link: Vec<String> = self.links().take(key).map(str::to_owned).collect();
        (key > 0 && link.len() == key).then_some(link)
    }

    /// Whether columns tell its rows apart, and not the record and line that they come from.
    pub(super) fn has_own_key(&self) -> bool {
        self.columns.iter().any(|column| column.key)
    }

    /// The table as the catalog would declare it: the record, the line, the day, then the columns with their variants.
    pub fn table(&self) -> Table {
        let mut columns = vec![
            Column::new(
                RECORD,
                ColumnType::Text,
                label("Record", "Rekord", "Запись"),
            )
            .required(),
            Column::new(LINE, ColumnType::Integer, label("Line", "Wiersz", "Строка")).required(),
            Column::new(DAY, ColumnType::Date, label("Day", "Dzień", "День")),
        ];
        for shape in &self.columns {
            let mut column = declared(&shape.name, shape.ty);
            column.required = shape.key;
            // JSON holds whatever the vendor says there, clients with their telephones too.
            let told = shape.source.is_personal();
            column.personal = told || shape.ty == FieldType::Json;
            columns.push(column);
            for variant in &shape.variants {
                let mut column = declared(&variant_name(&shape.name, *variant), *variant);
                // What stands in the place of a client is told of a person, whatever was to be read of it.
                column.personal =
                    told || *variant == FieldType::Json || shape.source.leads_by_a_person();
                columns.push(column);
            }
        }
        let mut indexes = vec![vec![DAY.into()], vec![RECORD.into()]];
        // Where the key does not begin with them, rows are found by those that they belong to all the same.
        let link = self.links().next().filter(|_| !self.has_own_key());
        indexes.extend(link.map(|link| vec![link.to_owned().into()]));
        Table {
            name: self.name.clone().into(),
            singular: self.name.clone().into(),
            label: plain(&self.name),
            group: TableGroup::Report,
            columns,
            key: self.key(),
            subject: None,
            indexes,
            parent: None,
            facts: true,
            indicators: Vec::new(),
        }
    }

    /// Adds a variant column; `false` where it is there.
    pub fn add_variant(&mut self, column: &str, variant: FieldType) -> bool {
        match self.columns.iter_mut().find(|shape| shape.name == column) {
            Some(shape) if !shape.variants.contains(&variant) => {
                shape.variants.push(variant);
                true
            }
            _ => false,
        }
    }
}

impl TableShape {
    /// What the rows are made of, seen from the record.
    pub fn full_rows(&self) -> Path {
        let above = self
            .lineage
            .iter()
            .fold(Path::root(), |path, ancestor| path.join(&ancestor.rows));
        above.join(&self.rows)
    }

    /// What the rows at a level are made of, seen from the record: those of the table at the top are at level 0, its own last.
    pub(super) fn rows_at(&self, level: usize) -> Path {
        let levels = self.lineage.iter().map(|ancestor| &ancestor.rows);
        let levels = levels.chain([&self.rows]).take(level + 1);
        levels.fold(Path::root(), |above, rows| above.join(rows))
    }

    /// The columns that hold the id of a client, whatever they are called, with their variants.
    pub fn client_columns(&self) -> impl Iterator<Item = String> {
        let theirs = self
            .columns
            .iter()
            .filter(|column| self.is_of_client(&column.source, self.lineage.len() + 1));
        theirs.flat_map(|column| {
            let variants = column.variants.iter().map(|ty| column.variant_name(*ty));
            [column.name.clone()].into_iter().chain(variants)
        })
    }

    /// Whether a source, seen from so many levels below the record, is the id of a client.
    fn is_of_client(&self, source: &Source, level: usize) -> bool {
        let levels = self.lineage.iter().map(|ancestor| &ancestor.rows);
        let levels = levels.chain([&self.rows]).take(level);
        let path = match source {
            Source::Row(path) => levels
                .fold(Path::root(), |above, rows| above.join(rows))
                .join(path),
            Source::Record(path) => path.clone(),
            Source::Line => return false,
            Source::Parent(source) => return self.is_of_client(source, level.saturating_sub(1)),
        };
        let names = path.steps().iter().rev().filter_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Each => None,
        });
        let last: Vec<&str> = names.take(2).collect();
        matches!(
            last.as_slice(),
            ["client_id", ..] | ["id", "client" | "comer"]
        )
    }
}

/// Names of fields that tell something about a person.
const PERSONAL: [&str; 16] = [
    "address",
    "avatar",
    "birth_date",
    "birthday",
    "card",
    "client",
    "comer",
    "comer_person_info",
    "comment",
    "display_name",
    "email",
    "fullname",
    "patronymic",
    "phone",
    "sms_now_text",
    "surname",
];

impl Source {
    /// Whether something on the way to the value is personal as a whole.
    fn leads_by_a_person(&self) -> bool {
        match self {
            Self::Row(path) | Self::Record(path) => path
                .steps()
                .iter()
                .any(|step| matches!(step, Step::Field(name) if PERSONAL.contains(&name.as_str()))),
            Self::Line => false,
            Self::Parent(source) => source.leads_by_a_person(),
        }
    }

    /// Whether the value tells something about a person: names, phones, addresses, comments, and all of a client at once.
    fn is_personal(&self) -> bool {
        let path = match self {
            Self::Row(path) | Self::Record(path) => path,
            Self::Line => return false,
            Self::Parent(source) => return source.is_personal(),
        };
        let text = path.to_string();
        let of_person = text.contains("client") || text.contains("comer");
        path.is_root()
            || path
                .last_name()
                .is_some_and(|name| PERSONAL.contains(&name) || of_person && name == "name")
    }
}

/// The name of the column that takes what does not fit: two underscores never stand in a declared name.
pub fn variant_name(column: &str, variant: FieldType) -> String {
    format!("{column}__{}", variant.word())
}

fn declared(name: &str, ty: FieldType) -> Column {
    let mut column = Column::new("", ty.column_type(), plain(name));
    column.name = name.to_owned().into();
    column
}

/// Users name these things themselves, in one language.
fn plain(name: &str) -> Label {
    let name: Cow<'static, str> = name.to_owned().into();
    Label {
        en: name.clone(),
        pl: name.clone(),
        ru: name,
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
