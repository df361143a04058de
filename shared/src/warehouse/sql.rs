//! The SQL that both databases share: quoted names, bound values, conditions and keyset pages.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{Filter, Scan, Value, WarehouseError, condition::Conditions, unreadable::readable_key};
use crate::catalog::{self, Storage, Table, TableGroup, system};

/// The columns that a table has in the database, and its indexes, with `#` before the name of each.
pub(super) type Shape = BTreeSet<String>;

/// The tables of a warehouse that exist, as far as they were asked for.
pub(super) type Shapes = HashMap<String, Arc<Shape>>;

/// One statement and its values; `$1`, `$2` … are numbered in the order they appear.
#[derive(Debug, Clone, Default)]
pub(super) struct Statement {
    pub text: String,
    pub values: Vec<Value>,
}

/// A column of an answer: what it is called in errors, and how the database keeps it.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub name: String,
    pub storage: Storage,
}

/// A question and the columns of its answer.
#[derive(Debug, Clone)]
pub(super) struct Select {
    pub table: String,
    pub statement: Statement,
    pub answers: Arc<[Answer]>,
    /// Whether a value that is not of its column's type is marked as such, and does not fail the question.
    pub tolerant: bool,
}

impl Statement {
    /// A statement with one more value bound at its end.
    pub fn bind(&mut self, value: Value) {
        self.values.push(value);
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
    }
}

/// The name in quotes; an error where it is not a plain one.
pub(super) fn quoted(name: &str) -> Result<String, WarehouseError> {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && name.len() <= 63;
    if plain {
        Ok(format!("\"{name}\""))
    } else {
        Err(misuse(
            name,
            "the name has other characters than a-z, 0-9 and _, or is too long",
        ))
    }
}

/// The table's full name: with its schema, where the database has one.
pub(super) fn qualified(schema: Option<&str>, table: &str) -> Result<String, WarehouseError> {
    let table = quoted(table)?;
    match schema {
        Some(schema) => Ok(format!("{}.{table}", quoted(schema)?)),
        None => Ok(table),
    }
}

/// The names in quotes with commas between.
pub(super) fn list<'n>(
    prefix: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<String, WarehouseError> {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(prefix);
        text.push_str(&quoted(name)?);
    }
    Ok(text)
}

/// A complaint about how a table was used.
pub(super) fn misuse(table: &str, problem: impl Into<String>) -> WarehouseError {
    WarehouseError::Misuse {
        table: table.to_owned(),
        problem: problem.into(),
    }
}

/// The tables whose shape a scan needs: its own and those its paths lead to.
pub(super) fn tables_of<'s>(
    table: &'s Table,
    columns: &[String],
    filter: &Filter,
) -> Vec<&'s Table> {
    let mut tables = vec![table];
    let mut follow = |path: &str| {
        let (mut from, mut rest) = (table, path);
        while let Some((column, name)) = rest.split_once('.')
            && let Some(target) = referred(from, column)
        {
            if tables.iter().all(|known| known.name != target.name) {
                tables.push(target);
            }
            (from, rest) = (target, name);
        }
    };
    columns.iter().for_each(|path| follow(path));
    visit_columns(filter, &mut follow);
    tables
}

fn visit_columns(filter: &Filter, visit: &mut impl FnMut(&str)) {
    match filter {
        Filter::All => {}
        Filter::And(all) | Filter::Or(all) => {
            all.iter().for_each(|filter| visit_columns(filter, visit));
        }
        Filter::Not(filter) => visit_columns(filter, visit),
        Filter::Compare { column, .. } | Filter::In { column, .. } | Filter::Has { column, .. } => {
            visit(column);
        }
        Filter::IsNull(column) | Filter::IsNotNull(column) => visit(column),
    }
}

/// Rows of a table in the order of its primary key. `more` is a condition that they meet beside the scan's own, written
/// already; empty for none. `None` where the table does not exist.
pub(super) fn scan(
    schema: Option<&str>,
    shapes: &Shapes,
    scan: &Scan,
    more: &str,
) -> Result<Option<Select>, WarehouseError> {
    let table = scan.table.as_ref();
    let mut conditions = Conditions::new(schema, shapes, table, scan.with_deleted);
    let declared: Vec<String>;
    let paths = if scan.columns.is_empty() {
        declared = table.columns.iter().map(|c| c.name.to_string()).collect();
        &declared
    } else {
        &scan.columns
    };
    let mut chosen = Vec::with_capacity(paths.len());
    let mut answers = Vec::with_capacity(paths.len());
    for path in paths {
        let column = conditions.resolve(path)?;
        chosen.push(column.sql.unwrap_or_else(|| "NULL".to_owned()));
        answers.push(Answer {
            name: path.clone(),
            storage: column.storage,
        });
    }
    if !more.is_empty() {
        conditions.written(more);
    }
    if scan.named {
        for part in readable_key(schema, table, "t")? {
            conditions.written(&part);
        }
    }
    let statement = scan.statement(conditions, &format!("SELECT {}", chosen.join(", ")))?;
    if !shapes.contains_key(table.name.as_ref()) {
        return Ok(None);
    }
    Ok(Some(Select {
        table: table.name.to_string(),
        statement,
        answers: answers.into(),
        tolerant: scan.tolerant,
    }))
}

/// How many living rows meet the condition. `None` where the table does not exist.
pub(super) fn count(
    schema: Option<&str>,
    shapes: &Shapes,
    table: &Table,
    filter: &Filter,
) -> Result<Option<Select>, WarehouseError> {
    let mut conditions = Conditions::new(schema, shapes, table, false);
    conditions.meet(filter)?;
    if !shapes.contains_key(table.name.as_ref()) {
        return Ok(None);
    }
    Ok(Some(Select {
        table: table.name.to_string(),
        statement: conditions.into_statement("SELECT COUNT(*)")?,
        answers: [integer("count")].into(),
        tolerant: false,
    }))
}

/// The greatest key that a source's rows have.
pub(super) fn greatest_key(
    schema: Option<&str>,
    table: &Table,
    source: &str,
) -> Result<Select, WarehouseError> {
    let mut statement = Statement {
        text: format!(
            "SELECT {} FROM {} WHERE {} = ",
            list("", table.key.iter().map(AsRef::as_ref))?,
            qualified(schema, &table.name)?,
            quoted(system::SOURCE_ID)?,
        ),
        values: Vec::new(),
    };
    statement.bind(source.into());
    let mut separator = " ORDER BY ";
    for name in std::iter::once(system::SOURCE_ID).chain(table.key.iter().map(AsRef::as_ref)) {
        statement.text.push_str(separator);
        statement.text.push_str(&quoted(name)?);
        statement.text.push_str(" DESC");
        separator = ", ";
    }
    statement.text.push_str(" LIMIT 1");
    let answers: Vec<Answer> = table
        .key
        .iter()
        .filter_map(|name| answer(table, name))
        .collect();
    Ok(Select {
        table: table.name.to_string(),
        statement,
        answers: answers.into(),
        // Text in the place of a number is greater than all numbers: it may not stop what is loaded.
        tolerant: true,
    })
}

/// Removes rows of one of the system's own tables.
pub(super) fn remove(
    schema: Option<&str>,
    shapes: &Shapes,
    table: &Table,
    filter: &Filter,
    limit: Option<u64>,
) -> Result<Option<Statement>, WarehouseError> {
    if table.group != TableGroup::Internal {
        return Err(misuse(&table.name, "only internal rows are removed so"));
    }
    let mut conditions = Conditions::new(schema, shapes, table, true);
    conditions.meet(filter)?;
    if !shapes.contains_key(table.name.as_ref()) {
        return Ok(None);
    }
    let inner =
        conditions.into_statement(&format!("SELECT {}", list("t.", table.primary_key())?))?;
    let mut statement = Statement {
        text: format!(
            "DELETE FROM {} WHERE ({}) IN ({}",
            qualified(schema, &table.name)?,
            list("", table.primary_key())?,
            inner.text
        ),
        values: inner.values,
    };
    if let Some(limit) = limit {
        statement.text.push_str(" ORDER BY ");
        statement.text.push_str(&list("t.", table.primary_key())?);
        statement.text.push_str(" LIMIT ");
        statement.bind(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
    }
    statement.text.push(')');
    Ok(Some(statement))
}

/// A whole number of an answer.
pub(super) fn integer(name: &str) -> Answer {
    Answer {
        name: name.to_owned(),
        storage: Storage::Integer,
    }
}

/// A stored column as part of an answer.
pub(super) fn answer(table: &Table, name: &str) -> Option<Answer> {
    let column = table.stored_columns().find(|column| column.name == name)?;
    Some(Answer {
        name: name.to_owned(),
        storage: column.ty.storage(),
    })
}

/// The declared table that a column's path leads to.
pub(super) fn referred(table: &Table, column: &str) -> Option<&'static Table> {
    let reference = table.column(column)?.reference.as_deref()?;
    catalog::table(reference).map(AsRef::as_ref)
}

/// Whether a database that keeps a column so can keep this value there.
pub(super) const fn fits(value: super::ValueRef<'_>, storage: Storage) -> bool {
    use super::ValueRef as V;
    matches!(
        (value, storage),
        (V::Null, _)
            | (V::Text(_), Storage::Text)
            | (V::Integer(_), Storage::Integer)
            | (V::Decimal(_), Storage::Decimal(_))
            | (V::Boolean(_), Storage::Boolean)
            | (V::Date(_), Storage::Date)
            | (V::Timestamp(_), Storage::Timestamp)
            | (V::Json(_), Storage::Json)
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_plain_names_are_quoted(name in ".{0,70}") {
            let plain = !name.is_empty()
                && name.len() <= 63
                && !name.starts_with(|first: char| first.is_ascii_digit())
                && name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
            match quoted(&name) {
                Ok(quoted) => {
                    prop_assert!(plain);
                    prop_assert_eq!(quoted, format!("\"{name}\""));
                }
                Err(_) => prop_assert!(!plain),
            }
        }

        #[test]
        fn plain_names_are_taken(name in "[a-z_][a-z0-9_]{0,62}") {
            prop_assert!(quoted(&name).is_ok());
        }
    }

    #[test]
    fn values_are_bound_and_never_written() {
        let table = catalog::table("customers").unwrap();
        let columns = table.stored_columns().map(|column| column.name.to_string());
        let shapes = Shapes::from([("customers".to_owned(), Arc::new(columns.collect()))]);
        let question = Scan::of(table)
            .columns(["id", "group_id.name"])
            .filter(Filter::equal("person", "'; DROP TABLE customers; --"))
            .after(vec!["local".into(), "c1".into()])
            .limit(5);
        let select = scan(Some("w_aaaaaaaa"), &shapes, &question, "")
            .unwrap()
            .unwrap();
        assert_eq!(
            select.statement.text,
            "SELECT t.\"id\", NULL FROM \"w_aaaaaaaa\".\"customers\" AS t WHERE t.\"_deleted_at\" IS NULL \
             AND t.\"person\" = $1 AND (t.\"_source_id\", t.\"id\") > ($2, $3) \
             ORDER BY t.\"_source_id\", t.\"id\" LIMIT $4"
        );
        assert_eq!(select.statement.values.len(), 4);
    }

    #[test]
    fn a_period_is_found_by_its_index_where_the_database_does_not_count_rows() {
        let table = catalog::table("yclients_records").unwrap();
        let columns = table.stored_columns().map(|column| column.name.to_string());
        let shapes = Shapes::from([(table.name.to_string(), Arc::new(columns.collect()))]);
        let at =
            |day: u32| Value::Timestamp(format!("2026-05-{day:02}T00:00:00Z").parse().unwrap());
        let from = Filter::compare("datetime", crate::warehouse::Operator::AtLeast, at(1));
        let to = Filter::compare("datetime", crate::warehouse::Operator::Less, at(8));
        let own = Filter::equal(system::SOURCE_ID, "s");
        let text = |schema, filter: Filter| {
            let question = Scan::of(table).columns(["id"]).filter(filter);
            let select = scan(schema, &shapes, &question, "").unwrap().unwrap();
            select.statement.text
        };
        let week = own.clone().and(from.clone()).and(to);
        let sign = "+t.\"_source_id\" = $1";
        assert!(text(None, week.clone()).contains(sign));
        assert!(!text(Some("w_aaaaaaaa"), week).contains('+'));
        assert!(!text(None, own.and(from)).contains('+'));
    }
}
