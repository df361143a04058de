//! Views for analysis over the copy of a vendor: a star of dimensions (`bi_<name>`) and facts (`bi_<name>_facts`) over the
//! vendor's own ids, and the days they join (`bi_dates`).
//!
//! They follow from the catalog. A view exists once its table does; its columns are always the same, whichever other tables
//! exist, so that it can be replaced under programs that read it. A later version may say what is in a column in another way,
//! and add columns behind the others; it takes none away and gives none another type. The days carry the mark of the version
//! that the views are of: where it is another one, all of them are made anew.

mod later;
mod there;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

pub(super) use self::there::{Tables, There};

use super::{
    WarehouseError,
    sql::{qualified, quoted},
};
use crate::catalog::{self, Column, Storage, Table, TableGroup, system};

/// The days that facts join.
pub const DATES: &str = "bi_dates";

/// The table that has a row of every source.
const COMPANIES: &str = "yclients_companies";

/// How the databases differ here.
pub(super) struct Speech {
    /// What makes a view, or one in the place of another.
    pub create: &'static str,
    /// Whether an older view must go first.
    pub drop: bool,
    /// Every day from the first to the last as `full_date`.
    pub days: &'static str,
    /// A number taken from a day: the format of SQLite's `strftime`, or PostgreSQL's field.
    pub part: fn(Part) -> String,
    /// What keeps the mark of a view beside it, given its name and the mark, where it is not kept in the text of the view.
    pub note: fn(&str, &str) -> Option<String>,
}

/// A number taken from a day.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Year,
    Quarter,
    Month,
    Week,
    Weekday,
    Day,
}

/// A column of a view: its name, what it means, and whether it is computed from a column of the table.
#[derive(Debug, Clone)]
pub struct ViewColumn {
    /// The name.
    pub name: String,
    /// What it says.
    pub meaning: String,
    /// The expression, with `t` for the table and `d0`, `d1` … for what is joined.
    sql: String,
    /// What stands in the placeholder row of a dimension.
    placeholder: String,
}

/// A view over one table.
#[derive(Debug, Clone)]
pub struct View {
    /// The name.
    pub name: String,
    /// The table it shows.
    pub table: &'static Table,
    /// Its columns.
    pub columns: Vec<ViewColumn>,
}

/// The view of a table; none for tables that are not a copy of a vendor's. Tables that are there can be joined: ids of rows
/// that are not in them are 0, and lead to the placeholder of a dimension.
pub(super) fn view(table: &'static Table, there: &There) -> Option<View> {
    if table.group != TableGroup::Yclients {
        return None;
    }
    let short = table.name.strip_prefix("yclients_").unwrap_or(&table.name);
    let mut columns = vec![plain(
        "source_id",
        "The source",
        "t.\"_source_id\"",
        "t.\"_source_id\"",
    )];
    let mut behind = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        let list = match later::is_later(table, column) {
            true => &mut behind,
            false => &mut columns,
        };
        list.extend(shown(table, place, column, there));
    }
    let happened = local_time(table, there);
    if let Some(time) = &happened {
        columns.push(day("date_id", "The day", time));
    }
    let owner = if table.parent.is_some() { "p" } else { "t" };
    let deleted = format!("CASE WHEN {owner}.\"_deleted_at\" IS NULL THEN 0 ELSE 1 END");
    columns.push(plain(
        "is_deleted",
        "1 where it is deleted at the vendor",
        &deleted,
        "0",
    ));
    columns.append(&mut behind);
    // A view in use takes what is new behind the others only.
    if let Some(time) = local_creation(table, there).filter(|time| happened.as_ref() != Some(time))
    {
        columns.push(day("created_date_id", "The day of creation", &time));
    }
    Some(View {
        name: match table.facts {
            true => format!("bi_{short}_facts"),
            false => format!("bi_{short}"),
        },
        table,
        columns,
    })
}

/// Every view as the catalog declares it, for documentation.
pub fn views() -> Vec<View> {
    catalog::tables()
        .iter()
        .filter_map(|table| view(table, &There::All))
        .collect()
}

fn plain(name: &str, meaning: &str, sql: &str, placeholder: &str) -> ViewColumn {
    ViewColumn {
        name: name.to_owned(),
        meaning: meaning.to_owned(),
        sql: sql.to_owned(),
        placeholder: placeholder.to_owned(),
    }
}

/// The day of a time by the company's clock, as the dates count days.
fn day(name: &str, what: &str, time: &str) -> ViewColumn {
    let day = format!("SUBSTR({time}, 1, 10)");
    let sql = format!(
        "CASE WHEN {day} BETWEEN '2010-01-01' AND '2039-12-31' THEN CAST(REPLACE({day}, '-', '') AS INTEGER) ELSE 0 END"
    );
    let meaning =
        format!("{what} by the company's clock, in `bi_dates` (0: unknown, or not among its days)");
    plain(name, &meaning, &sql, "0")
}

/// A column of the table as the view shows it; JSON and the texts as they were sent stay in the table.
fn shown(table: &Table, place: usize, column: &Column, there: &There) -> Option<ViewColumn> {
    let storage = column.ty.storage();
    if storage == Storage::Json || column.name.ends_with("_raw") || column.name == "is_deleted" {
        return None;
    }
    let name = there.own(table, column);
    let is_key = table.key.contains(&column.name);
    let (sql, meaning) = match (&column.reference, storage) {
        (Some(_), _) if !is_key => {
            let sql = match joined(table, column, there) {
                Some(_) => format!("COALESCE(d{place}.\"id\", 0)"),
                None => format!("COALESCE({name}, 0)"),
            };
            let meaning = format!("{} (0: none, or not there)", column.label.en);
            (sql, meaning)
        }
        (_, Storage::Decimal(scale)) => (
            format!("ROUND({name}, {scale})"),
            column.label.en.to_string(),
        ),
        (_, Storage::Timestamp) => (name, format!("{}, UTC", column.label.en)),
        _ => (name, column.label.en.to_string()),
    };
    let placeholder = match (is_key || column.reference.is_some(), column.name.as_ref()) {
        (true, _) => "0".to_owned(),
        (_, "title" | "name") => "'—'".to_owned(),
        _ => "NULL".to_owned(),
    };
    Some(ViewColumn {
        name: column.name.to_string(),
        meaning,
        sql,
        placeholder,
    })
}

/// The table that a column leads to, where it is there. What names the parent of child rows is their key, and stays.
fn joined(table: &Table, column: &Column, there: &There) -> Option<&'static Table> {
    let target = catalog::table(column.reference.as_deref()?)?;
    let leads_on = !table.key.contains(&column.name) && there.table(&target.name);
    leads_on.then_some(target.as_ref())
}

/// Where the time is, by the company's clock, at which a fact took place.
fn local_time(table: &Table, there: &There) -> Option<String> {
    if table.parent.is_some() {
        return Some("p.\"date\"".to_owned());
    }
    let column = table.columns.iter().find(|column| {
        column.name.ends_with("_local")
            || (column.name == "date" && column.ty.storage() == Storage::Text)
    })?;
    table.facts.then(|| there.own(table, column))
}

/// Where the time is, by the company's clock, at which a fact was written down.
fn local_creation(table: &Table, there: &There) -> Option<String> {
    let column = table.column("create_date_local")?;
    table.facts.then(|| there.own(table, column))
}

/// What marks the views of this version.
pub(super) fn mark(speech: &Speech) -> Result<String, WarehouseError> {
    let mut digest = Sha256::new();
    for table in catalog::tables_of(TableGroup::Yclients) {
        if let Some(view) = view(table, &There::All) {
            digest.update(&view.name);
            digest.update(select(&view, None, &There::All)?);
        }
    }
    digest.update(dates(speech));
    let digest = HEXLOWER.encode(&digest.finalize());
    Ok(digest.chars().take(16).collect())
}

/// The statements that make the views over a table, and over those that it is joined to, be there; all views without a
/// table.
pub(super) fn definitions(
    speech: &Speech,
    schema: Option<&str>,
    changed: Option<&Table>,
    there: &There,
) -> Result<Vec<String>, WarehouseError> {
    let mut statements = Vec::new();
    for table in catalog::tables_of(TableGroup::Yclients) {
        let parent_is_there = (table.parent.as_deref()).is_none_or(|parent| there.table(parent));
        let is_concerned = changed.is_none_or(|changed| concerns(changed, table));
        if !is_concerned || !parent_is_there || !there.table(&table.name) {
            continue;
        }
        if let Some(view) = view(table, there) {
            make(
                speech,
                schema,
                &view.name,
                &select(&view, schema, there)?,
                &mut statements,
            )?;
        }
    }
    if !statements.is_empty() {
        let mark = mark(speech)?;
        let text = format!("/* {mark} */ {}", dates(speech));
        make(speech, schema, DATES, &text, &mut statements)?;
        statements.extend((speech.note)(&qualified(schema, DATES)?, &mark));
    }
    Ok(statements)
}

/// Whether the view over a table shows something of the changed one.
fn concerns(changed: &Table, table: &Table) -> bool {
    let leads_there = |column: &Column| column.reference.as_ref() == Some(&changed.name);
    table.name == changed.name
        || (!table.facts && changed.name == COMPANIES)
        || table.parent.as_ref() == Some(&changed.name)
        || table.columns.iter().any(leads_there)
}

fn make(
    speech: &Speech,
    schema: Option<&str>,
    name: &str,
    select: &str,
    statements: &mut Vec<String>,
) -> Result<(), WarehouseError> {
    let name = qualified(schema, name)?;
    if speech.drop {
        statements.push(format!("DROP VIEW IF EXISTS {name}"));
    }
    statements.push(format!("{} {name} AS {select}", speech.create));
    Ok(())
}

fn select(view: &View, schema: Option<&str>, there: &There) -> Result<String, WarehouseError> {
    let table = view.table;
    let from = qualified(schema, &table.name)?;
    let mut joins = String::new();
    if let Some(parent) = &table.parent {
        let parent = qualified(schema, parent)?;
        let key = quoted(table.key.first().map_or("id", AsRef::as_ref))?;
        joins.push_str(&format!(
            " LEFT JOIN {parent} AS p ON p.\"_source_id\" = t.\"_source_id\" AND p.\"id\" = t.{key}"
        ));
    }
    for (place, column) in table.columns.iter().enumerate() {
        let Some(target) = joined(table, column, there) else {
            continue;
        };
        let target = qualified(schema, &target.name)?;
        let name = there.own(table, column);
        joins.push_str(&format!(
            " LEFT JOIN {target} AS d{place} ON d{place}.\"_source_id\" = t.\"_source_id\" AND d{place}.\"id\" = {name}"
        ));
    }
    let mut text = format!(
        "SELECT {} FROM {from} AS t{joins}",
        list(view, |column| &column.sql)?
    );
    if !table.facts {
        let of = |from: &str| format!("SELECT \"{}\" FROM {from}", system::SOURCE_ID);
        // Facts come from sources of which this table has no row too.
        let companies = qualified(schema, COMPANIES)?;
        let others = match there.table(COMPANIES) && companies != from {
            true => of(&companies),
            false => of(&from),
        };
        text.push_str(&format!(
            " UNION ALL SELECT {} FROM ({} UNION {others}) AS t",
            list(view, |column| &column.placeholder)?,
            of(&from),
        ));
    }
    Ok(text)
}

fn list(view: &View, sql: impl Fn(&ViewColumn) -> &String) -> Result<String, WarehouseError> {
    let mut text = String::new();
    for column in &view.columns {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&format!("{} AS {}", sql(column), quoted(&column.name)?));
    }
    Ok(text)
}

/// Days from 2010 to 2039, and the day 0 of what has none.
fn dates(speech: &Speech) -> String {
    let part = speech.part;
    let (year, quarter, month) = (part(Part::Year), part(Part::Quarter), part(Part::Month));
    let (week, weekday, day) = (part(Part::Week), part(Part::Weekday), part(Part::Day));
    format!(
        "SELECT {year} * 10000 + {month} * 100 + {day} AS \"id\", full_date AS \"full_date\", {year} AS \"year\", \
         {quarter} AS \"quarter\", {month} AS \"month\", {week} AS \"week\", {weekday} AS \"weekday\", {day} AS \"day\" \
         FROM ({}) AS days UNION ALL SELECT 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
        speech.days
    )
}
