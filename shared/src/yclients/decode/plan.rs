//! A stream's declaration, made ready for reading: the names that are looked for, sorted as a body's fields are, so that
//! one walk finds every known field and every unknown one.

use std::{collections::BTreeMap, sync::Arc};

use super::cell::Kind;
use crate::{
    catalog::{self, Table, system},
    yclients::streams::{Field, Lines, Meaning, Stream, streams},
};

/// How columns end that show the branch's clock.
const LOCAL: &str = "_local";

/// How rows of one table are read out of bodies.
#[derive(Debug)]
pub(super) struct Plan {
    pub table: Arc<Table>,
    /// One per declared column, in their order.
    pub columns: Vec<Source>,
    /// The fields that are looked for, sorted by name.
    pub root: Vec<Node>,
    /// The path of every slot.
    pub paths: Vec<String>,
    /// The column that is the id.
    pub id: usize,
    /// The column of the vendor's change time.
    pub changed_at: Option<usize>,
    /// The column that says that a row is deleted.
    pub deleted: Option<usize>,
    pub children: Vec<Child>,
    pub told: Vec<Told>,
    /// Columns that name a document.
    pub documents: Vec<usize>,
    /// A bit for each column of which only rows of other tables tell.
    pub told_elsewhere: u128,
}

/// Where a column's value comes from.
#[derive(Debug)]
pub(super) struct Source {
    pub name: String,
    pub kind: Kind,
    /// Slots, the best first.
    pub slots: Vec<usize>,
}

/// A field that is looked for.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub name: String,
    /// The slot of its value.
    pub slot: Option<usize>,
    /// What is looked for inside it, sorted by name.
    pub inner: Vec<Node>,
    pub role: Role,
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// It is a column's value, or leads to some.
    #[default]
    Value,
    /// Another table has it.
    Copy,
    /// It has rows of a child table.
    Child(usize),
    /// It has rows of another table, told of in passing.
    Told(usize),
}

/// How the rows of a child table are read.
#[derive(Debug)]
pub(super) struct Child {
    pub table: Arc<Table>,
    /// The declared columns after the key.
    pub columns: Vec<Source>,
    pub root: Vec<Node>,
    pub paths: Vec<String>,
    pub path: &'static str,
    /// The names of the columns of its rows.
    pub names: Vec<String>,
    /// The column of the service, where its category is filled in.
    pub service: Option<usize>,
}

/// Where rows of another table are told of.
#[derive(Debug)]
pub(super) struct Told {
    pub table: &'static str,
    pub path: &'static str,
}

/// The plan of a stream.
pub(super) fn plan(stream: &Stream) -> Option<&'static Plan> {
    static PLANS: std::sync::LazyLock<Vec<Plan>> =
        std::sync::LazyLock::new(|| streams().iter().filter_map(Plan::new).collect());
    PLANS.iter().find(|plan| plan.table.name == stream.table)
}

impl Plan {
    fn new(stream: &Stream) -> Option<Self> {
        let table = Arc::clone(stream.declaration()?);
        let mut fields = Fields::default();
        let columns = fields.columns(&table, 0, stream.fields);
        for copy in stream.copies {
            fields.mark(copy, Role::Copy);
        }
        for (index, lines) in stream.children.iter().enumerate() {
            fields.mark(lines.path, Role::Child(index));
        }
        for (index, lines) in stream.told.iter().enumerate() {
            fields.mark(lines.path, Role::Told(index));
        }
        let position = |name: &str| columns.iter().position(|column| column.name == name);
        let changed_at = position("last_change_date");
        let deleted = stream.deletion.flag().and_then(position);
        let told_elsewhere = (table.columns.iter().enumerate())
            .filter(|(_, column)| column.told_elsewhere)
            .fold(0, |bits, (index, _)| bits | 1 << index);
        Some(Self {
            id: position("id")?,
            changed_at,
            deleted,
            children: stream.children.iter().filter_map(Child::new).collect(),
            told: stream
                .told
                .iter()
                .map(|lines| Told {
                    table: lines.table,
                    path: lines.path,
                })
                .collect(),
            documents: stream
                .document_ids
                .iter()
                .filter_map(|name| position(name))
                .collect(),
            root: fields.root.into_nodes(),
            paths: fields.paths,
            told_elsewhere,
            columns,
            table,
        })
    }
}

impl Child {
    fn new(lines: &Lines) -> Option<Self> {
        let table = Arc::clone(catalog::table(lines.table)?);
        let mut fields = Fields::default();
        let columns = fields.columns(&table, table.key.len(), lines.fields);
        for copy in lines.copies {
            fields.mark(copy, Role::Copy);
        }
        let service = columns
            .iter()
            .any(|column| column.kind == Kind::Given)
            .then(|| {
                columns
                    .iter()
                    .position(|column| column.name == "service_id")
            })
            .flatten();
        let declared = table.columns.iter().map(|column| column.name.to_string());
        Some(Self {
            names: declared.chain([system::EXTRA.to_owned()]).collect(),
            root: fields.root.into_nodes(),
            paths: fields.paths,
            path: lines.path,
            columns,
            service,
            table,
        })
    }
}

/// Collects the paths of columns into a tree.
#[derive(Debug, Default)]
struct Fields {
    root: Branch,
    paths: Vec<String>,
}

#[derive(Debug, Default)]
struct Branch {
    slot: Option<usize>,
    role: Role,
    inner: BTreeMap<String, Branch>,
}

impl Fields {
    fn columns(&mut self, table: &Table, skipped: usize, declared: &[Field]) -> Vec<Source> {
        let named = |name: &str| declared.iter().find(|field| field.column == name);
        let mut columns = Vec::new();
        for column in table.columns.iter().skip(skipped) {
            let field = named(&column.name);
            let meaning = field.map_or(Meaning::Plain, |field| field.meaning);
            let computed = ["_raw", LOCAL]
                .iter()
                .find_map(|suffix| column.name.strip_suffix(suffix));
            let slots = match (field.map(|field| field.paths), computed) {
                _ if meaning == Meaning::Given => Vec::new(),
                (Some(paths), _) if !paths.is_empty() => self.slots(paths),
                (_, Some(computed)) => match named(computed).map(|field| field.paths) {
                    Some(paths) if !paths.is_empty() => self.slots(paths),
                    _ => vec![self.slot(computed)],
                },
                _ => vec![self.slot(&column.name)],
            };
            let kind = match column.name.ends_with(LOCAL) {
                true => Kind::Local,
                false => Kind::of(column, meaning),
            };
            columns.push(Source {
                name: column.name.to_string(),
                kind,
                slots,
            });
        }
        columns
    }

    fn slots(&mut self, paths: &[&str]) -> Vec<usize> {
        paths.iter().map(|path| self.slot(path)).collect()
    }

    fn slot(&mut self, path: &str) -> usize {
        let next = self.paths.len();
        let slot = *self.branch(path).slot.get_or_insert(next);
        if slot == next {
            self.paths.push(path.to_owned());
        }
        slot
    }

    fn mark(&mut self, path: &str, role: Role) {
        self.branch(path).role = role;
    }

    fn branch(&mut self, path: &str) -> &mut Branch {
        let step = |branch, name: &str| -> &mut Branch {
            let branch: &mut Branch = branch;
            branch.inner.entry(name.to_owned()).or_default()
        };
        path.split('.').fold(&mut self.root, step)
    }
}

impl Branch {
    /// The branches as nodes, in the order of their names.
    fn into_nodes(self) -> Vec<Node> {
        let node = |(name, branch): (String, Self)| Node {
            name,
            slot: branch.slot,
            role: branch.role,
            inner: branch.into_nodes(),
        };
        self.inner.into_iter().map(node).collect()
    }
}
