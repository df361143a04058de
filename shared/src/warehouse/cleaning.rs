//! Rows and raw bodies on their way in, without what is personal about erased people.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value as Json;

use super::{
    Admit, Children, Filter, Person, Rows, Scan, Value, ValueRef, WarehouseError,
    erased::{Whose, among, any, whose},
    internal, personal,
    session::{Session, rows},
};
use crate::catalog::{Table, TableGroup, system};

/// Values asked for at once.
const BATCH: usize = 500;

/// The same admission without what is personal about erased people; `None` where it speaks of none.
pub(super) async fn cleaned<S: Session>(
    session: &mut S,
    admit: &Admit,
) -> Result<Option<Admit>, WarehouseError> {
    let table = admit.table.as_ref();
    let speaks = matches!(table.group, TableGroup::RepairShop | TableGroup::Yclients);
    let Some(whose) = whose(table).filter(|_| speaks && !admit.rows.is_empty()) else {
        return Ok(None);
    };
    if !any(session).await? {
        return Ok(None);
    }
    let people = of_rows(session, admit, whose).await?;
    let asked = people.iter().flatten().cloned().collect();
    let erased = among(session, asked).await?;
    if erased.is_empty() {
        return Ok(None);
    }
    let flags: Vec<bool> = people
        .iter()
        .map(|person| {
            person
                .as_ref()
                .is_some_and(|person| erased.contains(person))
        })
        .collect();
    let children = admit.children.iter().map(|children| {
        let counts = children.counts.iter().zip(&flags);
        let flags: Vec<bool> = counts
            .flat_map(|(count, flag)| std::iter::repeat_n(*flag, count.unwrap_or(0) as usize))
            .collect();
        Children {
            table: Arc::clone(&children.table),
            columns: children.columns.clone(),
            rows: without_personal(&children.table, &children.columns, &children.rows, &flags),
            counts: children.counts.clone(),
        }
    });
    Ok(Some(Admit {
        table: Arc::clone(&admit.table),
        source_id: admit.source_id.clone(),
        columns: admit.columns.clone(),
        rows: without_personal(table, &admit.columns, &admit.rows, &flags),
        rule: admit.rule.clone(),
        undo: admit.undo.clone(),
        personal_data_event: admit.personal_data_event.clone(),
        children: children.collect(),
        filter: admit.filter.clone(),
    }))
}

fn without_personal(table: &Table, columns: &[String], rows: &Rows, flags: &[bool]) -> Rows {
    let personal: Vec<bool> = columns
        .iter()
        .map(|name| is_personal(table, name))
        .collect();
    let mut clean = Rows::new(rows.width());
    for (index, row) in rows.iter().enumerate() {
        let flag = flags.get(index) == Some(&true);
        clean.push_row(row.values().zip(&personal).map(|(value, personal)| {
            if flag && *personal {
                ValueRef::Null
            } else {
                value
            }
        }));
    }
    clean
}

/// Whether erasing empties a stored column: what is marked as personal, and fields that nobody knows.
pub(super) fn is_personal(table: &Table, name: &str) -> bool {
    name == system::EXTRA || table.column(name).is_some_and(|column| column.personal)
}

/// Whom each arriving row speaks of.
async fn of_rows<S: Session>(
    session: &mut S,
    admit: &Admit,
    whose: Whose<'_>,
) -> Result<Vec<Option<Person>>, WarehouseError> {
    let (Whose::Own { people, column } | Whose::Through { people, column, .. }) = whose;
    let brought = admit.columns.iter().position(|name| name == column);
    let names: Vec<Value> = match brought {
        Some(position) => admit
            .rows
            .iter()
            .map(|row| row.get(position).to_owned())
            .collect(),
        None => stored(session, admit, column).await?,
    };
    let Whose::Through { table, theirs, .. } = whose else {
        let person = |name: &Value| Person::new(people, name.as_ref());
        return Ok(names.iter().map(person).collect());
    };
    let found = look_up(session, table, &admit.source_id, "id", &[theirs], &names).await?;
    let named = by_name(&found);
    let person = |name: &Value| {
        let row = found.get(*named.get(&word(name.as_ref())?)?)?;
        Person::new(people, row.get(1))
    };
    Ok(names.iter().map(person).collect())
}

/// What a column of the stored rows says whose bodies do not bring it.
async fn stored<S: Session>(
    session: &mut S,
    admit: &Admit,
    column: &str,
) -> Result<Vec<Value>, WarehouseError> {
    let table = &admit.table;
    let nothing = || vec![Value::Null; admit.rows.len()];
    let [key] = table.key.as_slice() else {
        return Ok(nothing());
    };
    let Some(position) = admit.columns.iter().position(|name| name == key) else {
        return Ok(nothing());
    };
    let keys: Vec<Value> = admit
        .rows
        .iter()
        .map(|row| row.get(position).to_owned())
        .collect();
    let found = look_up(session, table, &admit.source_id, key, &[column], &keys).await?;
    let named = by_name(&found);
    let said = |key: &Value| {
        let at = word(key.as_ref()).and_then(|word| named.get(&word));
        let row = at.and_then(|at| found.get(*at));
        row.map_or(Value::Null, |row| row.get(1).to_owned())
    };
    Ok(keys.iter().map(said).collect())
}

/// Where rows are, by what their first column says.
fn by_name(rows: &Rows) -> HashMap<String, usize> {
    let named = rows.iter().enumerate();
    named
        .filter_map(|(at, row)| Some((word(row.get(0))?, at)))
        .collect()
}

fn word(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(text) => Some(text.to_owned()),
        ValueRef::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A column by which to find rows, then others of them.
async fn look_up<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    source: &str,
    by: &str,
    columns: &[&str],
    values: &[Value],
) -> Result<Rows, WarehouseError> {
    let mut found = Rows::new(columns.len() + 1);
    let wanted: Vec<&Value> = values
        .iter()
        .filter(|value| **value != Value::Null)
        .collect();
    for some in wanted.chunks(BATCH) {
        let these = Filter::In {
            column: by.to_owned(),
            values: some.iter().map(|value| (*value).clone()).collect(),
        };
        let scan = Scan::of(table)
            .columns(std::iter::once(by).chain(columns.iter().copied()))
            .filter(Filter::equal(system::SOURCE_ID, source).and(these))
            .with_deleted();
        for row in rows(session, &scan).await?.iter() {
            found.push_row(row.values());
        }
    }
    Ok(found)
}

/// Raw bodies on their way into one of the system's own tables, without what is personal about erased people; `None` where
/// they speak of none.
pub(super) async fn cleaned_raw<S: Session>(
    session: &mut S,
    table: &Table,
    rows: &Rows,
) -> Result<Option<Rows>, WarehouseError> {
    let raw = [internal::parked(), internal::inbox()];
    let is_raw = raw.iter().any(|raw| raw.name == table.name);
    let Some(body) = table.position("body").filter(|_| is_raw) else {
        return Ok(None);
    };
    if !any(session).await? {
        return Ok(None);
    }
    let of = table.position("table");
    let mut clean = Rows::new(rows.width());
    let mut any = false;
    for row in rows.iter() {
        let of = of.and_then(|of| row.get(of).as_str());
        let mut json: Json = row
            .get(body)
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let erased = among(session, personal::people(of, &json)).await?;
        if erased.is_empty() {
            clean.push_row(row.values());
            continue;
        }
        any = true;
        personal::clean(of, &mut json, &|person| erased.contains(person));
        let text = json.to_string();
        clean.push_row(row.values().enumerate().map(|(position, value)| {
            if position == body {
                ValueRef::Json(&text)
            } else {
                value
            }
        }));
    }
    Ok(any.then_some(clean))
}
