use super::{
    Filter, Operator, Value, WarehouseError, decimals,
    joins::Joins,
    matching::element,
    period::has_indexed_period,
    sql::{Shapes, Statement, fits, list, misuse, qualified, quoted, referred},
};
use crate::catalog::{Storage, Table, system};

/// More values than this in one condition are refused.
const MOST_VALUES: usize = 1_000;
/// Conditions inside conditions deeper than this are refused.
const DEEPEST: usize = 64;

/// A column as a statement names it.
pub(super) struct Resolved {
    /// `None` where the database does not have the column yet: it is null in every row.
    pub sql: Option<String>,
    pub storage: Storage,
}

/// The part of a statement after its verb: the table, the tables it refers to, and the conditions.
pub(super) struct Conditions<'a> {
    schema: Option<&'a str>,
    shapes: &'a Shapes,
    table: &'a Table,
    with_deleted: bool,
    joins: Joins<'a>,
    /// Whether the rows are to be found by the index of a period, and not by that of the primary key.
    by_period: bool,
    statement: Statement,
}

impl<'a> Conditions<'a> {
    pub fn new(
        schema: Option<&'a str>,
        shapes: &'a Shapes,
        table: &'a Table,
        with_deleted: bool,
    ) -> Self {
        let mut this = Self {
            schema,
            shapes,
            table,
            with_deleted,
            joins: Joins::default(),
            by_period: false,
            statement: Statement::default(),
        };
        if !with_deleted && table.position(system::DELETED_AT).is_some() {
            this.statement
                .text
                .push_str(" WHERE t.\"_deleted_at\" IS NULL");
        }
        this
    }

    /// Finds a column, or the column that a path leads to, from reference to reference.
    pub fn resolve(&mut self, path: &str) -> Result<Resolved, WarehouseError> {
        let (mut table, mut alias, mut name) = (self.table, "t".to_owned(), path);
        let mut exists = true;
        while let Some((by, rest)) = name.split_once('.') {
            let unknown = || misuse(&self.table.name, format!("no column is called {path}"));
            let reference = table.column(by).ok_or_else(unknown)?;
            let target = referred(table, by).ok_or_else(unknown)?;
            exists &= self.has(table, by) && self.shapes.contains_key(target.name.as_ref());
            if exists {
                alias = self.joins.alias(&alias, reference, target);
            }
            (table, name) = (target, rest);
        }
        let mut found = self.resolve_in(table, &alias, name)?;
        found.sql = found.sql.filter(|_| exists);
        Ok(found)
    }

    fn resolve_in(
        &self,
        table: &Table,
        alias: &str,
        name: &str,
    ) -> Result<Resolved, WarehouseError> {
        let storage = storage_of(table, name)?;
        let sql = if self.has(table, name) {
            Some(format!("{alias}.{}", quoted(name)?))
        } else {
            None
        };
        Ok(Resolved { sql, storage })
    }

    fn has(&self, table: &Table, column: &str) -> bool {
        self.shapes
            .get(table.name.as_ref())
            .is_some_and(|shape| shape.contains(column))
    }

    /// Adds a condition that every row meets.
    pub fn meet(&mut self, filter: &Filter) -> Result<(), WarehouseError> {
        if *filter == Filter::All {
            return Ok(());
        }
        // SQLite knows nothing of how many rows there are, and believes that a source has few: it would read all of them to
        // find those of a week. PostgreSQL counts.
        self.by_period |= self.schema.is_none() && has_indexed_period(self.table, filter);
        self.another();
        self.write(filter, 0)
    }

    /// Adds the condition that rows come after the one with this primary key.
    pub fn after(&mut self, key: &[Value]) -> Result<(), WarehouseError> {
        let names: Vec<&str> = self.table.primary_key().collect();
        self.compare_key(&names, ">", key)
    }

    /// Adds the condition that rows are from one primary key to another, or, of child rows, that their parents are.
    pub fn between(&mut self, first: &[Value], last: &[Value]) -> Result<(), WarehouseError> {
        let names: Vec<&str> = self.table.primary_key().take(first.len()).collect();
        self.compare_key(&names, ">=", first)?;
        self.compare_key(&names, "<=", last)
    }

    fn compare_key(
        &mut self,
        names: &[&str],
        sign: &str,
        key: &[Value],
    ) -> Result<(), WarehouseError> {
        if names.len() != key.len() {
            return Err(misuse(
                &self.table.name,
                format!("its key has {} parts, not {}", names.len(), key.len()),
            ));
        }
        self.another();
        self.statement.text.push_str(&format!(
            "({}) {sign} (",
            list("t.", names.iter().copied())?
        ));
        for (index, (name, value)) in names.iter().zip(key).enumerate() {
            if index > 0 {
                self.statement.text.push_str(", ");
            }
            self.bind(name, storage_of(self.table, name)?, value)?;
        }
        self.statement.text.push(')');
        Ok(())
    }

    /// Adds a condition that is written already: of columns of `t`, with nothing bound.
    pub fn written(&mut self, condition: &str) {
        self.another();
        self.statement.text.push_str(condition);
    }

    fn another(&mut self) {
        let word = if self.statement.text.is_empty() {
            " WHERE "
        } else {
            " AND "
        };
        self.statement.text.push_str(word);
    }

    fn write(&mut self, filter: &Filter, depth: usize) -> Result<(), WarehouseError> {
        if depth > DEEPEST {
            return Err(misuse(
                &self.table.name,
                "the conditions are nested too deeply",
            ));
        }
        match filter {
            Filter::All => self.truth(true),
            Filter::And(all) => self.join(all, " AND ", true, depth)?,
            Filter::Or(all) => self.join(all, " OR ", false, depth)?,
            Filter::Compare {
                column,
                operator,
                value,
            } => self.compare(column, *operator, value)?,
            Filter::In { column, values } => self.among(column, values)?,
            Filter::Not(filter) => {
                self.statement.text.push('(');
                self.write(filter, depth + 1)?;
                self.statement.text.push_str(") IS NOT TRUE");
            }
            Filter::Has { column, value } => self.has_element(column, value)?,
            Filter::IsNull(column) => self.nullness(column, true)?,
            Filter::IsNotNull(column) => self.nullness(column, false)?,
        }
        Ok(())
    }

    fn truth(&mut self, truth: bool) {
        self.statement
            .text
            .push_str(if truth { "1 = 1" } else { "1 = 0" });
    }

    fn join(
        &mut self,
        filters: &[Filter],
        word: &str,
        empty: bool,
        depth: usize,
    ) -> Result<(), WarehouseError> {
        if filters.is_empty() {
            self.truth(empty);
            return Ok(());
        }
        self.statement.text.push('(');
        for (index, filter) in filters.iter().enumerate() {
            if index > 0 {
                self.statement.text.push_str(word);
            }
            self.write(filter, depth + 1)?;
        }
        self.statement.text.push(')');
        Ok(())
    }

    fn compare(
        &mut self,
        path: &str,
        operator: Operator,
        value: &Value,
    ) -> Result<(), WarehouseError> {
        let column = self.resolve(path)?;
        self.check(path, column.storage, value)?;
        let Some(sql) = column.sql else {
            self.truth(false);
            return Ok(());
        };
        if let (Value::Decimal(number), None) = (value, self.schema)
            && decimals::compare(&mut self.statement, &sql, operator, *number)
        {
            return Ok(());
        }
        let sign = match operator {
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::Greater => ">",
            Operator::AtLeast => ">=",
            Operator::Contains => return self.contains(path, &sql, value),
        };
        if self.by_period && path == system::SOURCE_ID {
            // The sign changes nothing but that no index is used for this comparison.
            self.statement.text.push('+');
        }
        self.statement.text.push_str(&format!("{sql} {sign} "));
        self.statement.bind(value.clone());
        Ok(())
    }

    /// Both databases fold only ASCII letters here: text columns are of the collation "C" on PostgreSQL.
    fn contains(&mut self, path: &str, sql: &str, value: &Value) -> Result<(), WarehouseError> {
        let Value::Text(text) = value else {
            return Err(misuse(
                &self.table.name,
                format!("only text can be searched for text, and {path} is not text"),
            ));
        };
        let mut pattern = String::with_capacity(text.len() + 2);
        pattern.push('%');
        for character in text.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character.to_ascii_lowercase());
        }
        pattern.push('%');
        self.statement.text.push_str(&format!("lower({sql}) LIKE "));
        self.statement.bind(Value::Text(pattern));
        self.statement.text.push_str(" ESCAPE '\\'");
        Ok(())
    }

    fn among(&mut self, path: &str, values: &[Value]) -> Result<(), WarehouseError> {
        let column = self.resolve(path)?;
        if values.len() > MOST_VALUES {
            return Err(misuse(
                &self.table.name,
                format!("{path} is compared with more than {MOST_VALUES} values"),
            ));
        }
        for value in values {
            self.check(path, column.storage, value)?;
        }
        let Some(sql) = column.sql.filter(|_| !values.is_empty()) else {
            self.truth(false);
            return Ok(());
        };
        self.statement.text.push_str(&format!("{sql} IN ("));
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.statement.text.push_str(", ");
            }
            self.statement.bind(value.clone());
        }
        self.statement.text.push(')');
        Ok(())
    }

    /// The one thing that has no words in common: only PostgreSQL has schemas here.
    fn has_element(&mut self, path: &str, value: &Value) -> Result<(), WarehouseError> {
        let column = self.resolve(path)?;
        let element = element(value).filter(|_| column.storage == Storage::Json);
        let Some(element) = element else {
            return Err(misuse(
                &self.table.name,
                format!("{path} is not a list that could hold this value"),
            ));
        };
        let Some(sql) = column.sql else {
            self.truth(false);
            return Ok(());
        };
        if self.schema.is_some() {
            self.statement
                .text
                .push_str(&format!("(jsonb_typeof({sql}) = 'array' AND {sql} @> "));
            self.statement.bind(Value::Json(element.to_string()));
            self.statement.text.push(')');
        } else {
            // Text that is no JSON is no list, and stops nothing.
            self.statement.text.push_str(&format!(
                "(CASE WHEN json_valid({sql}) THEN json_type({sql}) = 'array' \
                 AND EXISTS (SELECT 1 FROM json_each({sql}) AS j WHERE j.value = "
            ));
            self.statement.bind(value.clone());
            self.statement.text.push_str(") ELSE 0 END)");
        }
        Ok(())
    }

    fn nullness(&mut self, path: &str, null: bool) -> Result<(), WarehouseError> {
        match self.resolve(path)?.sql {
            None => self.truth(null),
            Some(sql) => {
                let words = if null { "IS NULL" } else { "IS NOT NULL" };
                self.statement.text.push_str(&format!("{sql} {words}"));
            }
        }
        Ok(())
    }

    fn bind(&mut self, path: &str, storage: Storage, value: &Value) -> Result<(), WarehouseError> {
        self.check(path, storage, value)?;
        self.statement.bind(value.clone());
        Ok(())
    }

    fn check(&self, path: &str, storage: Storage, value: &Value) -> Result<(), WarehouseError> {
        if !matches!(value, Value::Null) && fits(value.as_ref(), storage) {
            return Ok(());
        }
        Err(misuse(
            &self.table.name,
            format!("{path} is compared with a value of another type"),
        ))
    }

    /// The whole statement behind its verb.
    pub fn into_statement(self, verb: &str) -> Result<Statement, WarehouseError> {
        let mut text = format!(
            "{verb} FROM {} AS t",
            qualified(self.schema, &self.table.name)?
        );
        self.joins
            .push_to(&mut text, self.schema, self.with_deleted)?;
        text.push_str(&self.statement.text);
        Ok(Statement {
            text,
            values: self.statement.values,
        })
    }
}

fn storage_of(table: &Table, name: &str) -> Result<Storage, WarehouseError> {
    table
        .stored_columns()
        .find(|column| column.name == name)
        .map(|column| column.ty.storage())
        .ok_or_else(|| misuse(&table.name, format!("no column is called {name}")))
}
