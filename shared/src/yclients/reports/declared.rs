//! What the catalog declares of the records that reports are made of.

use std::collections::BTreeMap;

use super::{FieldType, Path, Paths, Step};
use crate::{
    catalog::{self, Column, ColumnType, Table},
    control::ReportKind,
    yclients::streams::{Field, Meaning, Stream, stream},
};

/// Lists inside records that the catalog keeps as JSON, and the tables whose rows their elements are.
const NESTED: [(&str, &str); 3] = [
    ("goods_transactions", "yclients_goods_transactions"),
    ("finance_transactions", "yclients_finance_transactions"),
    ("documents", "yclients_documents"),
];

/// What goods that a record sold tell beside what their movements do (facts: §2.2).
const OF_SOLD_GOODS: [&str; 4] = ["title", "barcode", "article", "price"];

/// The fields of a kind's records that the catalog has columns for, with the types of these. The vendor may return more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared(BTreeMap<Path, FieldType>);

impl Declared {
    /// Those of this kind of records.
    pub fn of(kind: ReportKind) -> Self {
        let mut declared = Self::default();
        let origin = kind.origin();
        let own = match origin.one {
            Some(_) => stream("yclients_documents"),
            None => origin.streams().next(),
        };
        let Some(own) = own else { return declared };
        declared.stream(&Path::root(), own);
        if own.table == "yclients_records" {
            for (name, table) in NESTED {
                let of = each(&Path::root(), name);
                if let Some((of, stream)) = of.zip(stream(table)) {
                    declared.stream(&of, stream);
                }
            }
            for name in OF_SOLD_GOODS {
                let path = format!("goods_transactions[].{name}");
                declared.add(&Path::root(), &path, FieldType::Text);
            }
        }
        declared
    }

    /// The type of the column for this field.
    pub fn ty(&self, path: &Path) -> Option<FieldType> {
        // What has fields of its own is no plain value, and has no column.
        let has_fields = || self.0.keys().any(|known| known.after(path).is_some());
        let ty = self.0.get(path).copied();
        ty.or_else(|| has_fields().then_some(FieldType::Json))
    }

    /// The fields, and those that they are in, as if each had been met without a value.
    pub(super) fn paths(&self) -> Paths {
        let mut paths = Paths::default();
        for path in self.0.keys() {
            paths.foresee(path);
        }
        paths
    }

    fn stream(&mut self, above: &Path, stream: &Stream) {
        if let Some(table) = stream.declaration() {
            self.table(above, table, stream.fields);
        }
        for lines in stream.children {
            let of = each(above, lines.path);
            if let Some((of, table)) = of.zip(catalog::table(lines.table)) {
                self.table(&of, table, lines.fields);
            }
        }
    }

    fn table(&mut self, above: &Path, table: &Table, fields: &[Field]) {
        for column in &table.columns {
            let name = column.name.as_ref();
            let field = fields.iter().find(|field| field.column == name);
            if is_made(table, column, field) {
                continue;
            }
            let ty = type_of(column);
            match field.map(|field| field.paths) {
                Some(paths) if !paths.is_empty() => {
                    for path in paths {
                        self.add(above, path, ty);
                    }
                }
                _ => self.add(above, name, ty),
            }
        }
    }

    fn add(&mut self, above: &Path, path: &str, ty: FieldType) {
        if let Ok(path) = path.parse::<Path>() {
            self.0.entry(above.join(&path)).or_insert(ty);
        }
    }
}

/// The elements of a list.
fn each(above: &Path, list: &str) -> Option<Path> {
    let list = list.parse::<Path>().ok()?;
    Some(above.join(&list).with(Step::Each))
}

/// Whether a column is made of others, or of where a row stands, and is no field itself.
fn is_made(table: &Table, column: &Column, field: Option<&Field>) -> bool {
    let name = column.name.as_ref();
    let meaning = field.map_or(Meaning::Plain, |field| field.meaning);
    let of_lines = table.parent.is_some() && table.key.iter().any(|key| key == name);
    let shows_a_clock = meaning == Meaning::WallClock && column.ty == ColumnType::Text;
    let follows = name.ends_with("_raw") || name.ends_with("_local");
    of_lines || shows_a_clock || follows || meaning == Meaning::Given
}

fn type_of(column: &Column) -> FieldType {
    match &column.ty {
        ColumnType::Text | ColumnType::Choice(_) => FieldType::Text,
        ColumnType::Integer => FieldType::Integer,
        ColumnType::Decimal { scale } => FieldType::Decimal(*scale),
        ColumnType::Boolean => FieldType::Boolean,
        ColumnType::Date => FieldType::Date,
        ColumnType::Timestamp => FieldType::Timestamp,
        ColumnType::Json | ColumnType::List { .. } | ColumnType::CustomValues => FieldType::Json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_every_kind_are_where_the_vendor_has_them() {
        let ty = |kind: ReportKind, text: &str| {
            let declared = Declared::of(kind);
            let ty = declared.ty(&text.parse().unwrap());
            ty.map(|ty| ty.to_string())
        };
        let expected = [
            (ReportKind::Consumables, "date", Some("timestamp")),
            (ReportKind::Consumables, "client.name", Some("text")),
            (ReportKind::Consumables, "deleted", Some("boolean")),
            (
                ReportKind::Consumables,
                "services[].cost",
                Some("decimal(2)"),
            ),
            (
                ReportKind::Consumables,
                "consumables[].amount",
                Some("decimal(6)"),
            ),
            (
                ReportKind::Consumables,
                "goods_transactions[].title",
                Some("text"),
            ),
            (
                ReportKind::Consumables,
                "goods_transactions[]",
                Some("json"),
            ),
            (ReportKind::Consumables, "services[].line", None),
            (ReportKind::Consumables, "datetime_raw", None),
            (ReportKind::GoodsTransactions, "amount", Some("decimal(6)")),
            (
                ReportKind::GoodsTransactions,
                "cost_per_unit",
                Some("decimal(4)"),
            ),
            (ReportKind::GoodsTransactions, "good.title", Some("text")),
            (
                ReportKind::FinanceTransactions,
                "amount",
                Some("decimal(2)"),
            ),
            (ReportKind::Documents, "create_date", Some("timestamp")),
            (ReportKind::Services, "discount", Some("decimal(2)")),
            (ReportKind::Services, "titel", None),
        ];
        for (kind, path, expected) in expected {
            assert_eq!(ty(kind, path).as_deref(), expected, "{kind} {path}");
        }
        for kind in ReportKind::ALL.iter().copied() {
            let paths = Declared::of(kind).paths();
            let id = paths.get(&"id".parse().unwrap());
            assert!(id.is_some_and(|met| met.values == 0), "{kind}");
        }
    }
}
