//! Rows and raw bodies on their way in, without what is personal about erased people.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    Admit, Children, Filter, Person, Rows, Scan, Value, ValueRef, WarehouseError,
    erased::{Whose, among, among_whom, any, whose},
    session::{Session, rows},
};
use crate::catalog::{self, Table, TableGroup, repair_shop::LOCAL_SOURCE, system};

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
    let rows = Arriving {
        table: &admit.table,
        source_id: &admit.source_id,
        columns: &admit.columns,
        rows: &admit.rows,
    };
    let people = of_rows(session, &rows, whose).await?;
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

/// Rows of which it is asked whose they are.
struct Arriving<'a> {
    table: &'a Arc<Table>,
    source_id: &'a str,
    columns: &'a [String],
    rows: &'a Rows,
}

impl Arriving<'_> {
    /// What the rows say in a column, if they bring it.
    fn column(&self, name: &str) -> Option<Vec<Value>> {
        let position = self.columns.iter().position(|column| column == name)?;
        let rows = self.rows.iter();
        Some(rows.map(|row| row.get(position).to_owned()).collect())
    }
}

/// Whom each arriving row speaks of.
async fn of_rows<S: Session>(
    session: &mut S,
    arriving: &Arriving<'_>,
    whose: Whose<'_>,
) -> Result<Vec<Option<Person>>, WarehouseError> {
    let (Whose::Own { people, column } | Whose::Through { people, column, .. }) = whose;
    let source_id = arriving.source_id;
    let people = among_whom(session, people, source_id).await?;
    let names = match arriving.column(column) {
        Some(names) => names,
        None => stored(session, arriving, column).await?,
    };
    let Whose::Through { table, theirs, .. } = whose else {
        let person = |name: &Value| Person::new(people, name.as_ref());
        return Ok(names.iter().map(person).collect());
    };
    let found = look_up(session, table, source_id, "id", &[theirs], &names).await?;
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
    arriving: &Arriving<'_>,
    column: &str,
) -> Result<Vec<Value>, WarehouseError> {
    let table = arriving.table;
    let nothing = || vec![Value::Null; arriving.rows.len()];
    let [key] = table.key.as_slice() else {
        return Ok(nothing());
    };
    let Some(keys) = arriving.column(key) else {
        return Ok(nothing());
    };
    let found = look_up(session, table, arriving.source_id, key, &[column], &keys).await?;
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
            .with_deleted()
            .tolerant();
        for row in rows(session, &scan).await?.iter() {
            found.push_row(row.values());
        }
    }
    Ok(found)
}

/// A row of the shop's own of which it is asked whose it is: its table, its id, and what it says of that itself.
pub(super) type About = (&'static Arc<Table>, Value, Value);

/// Whose rows of the shop these are: by what they say themselves, else by the stored row of that id.
pub(super) async fn owners<S: Session>(
    session: &mut S,
    about: &[Option<About>],
) -> Result<Vec<Option<Person>>, WarehouseError> {
    let mut owners = vec![None; about.len()];
    let mut groups: BTreeMap<(&str, bool), Vec<usize>> = BTreeMap::new();
    for (at, row) in about.iter().enumerate() {
        if let Some((table, _, says)) = row {
            let group = (table.name.as_ref(), *says != Value::Null);
            groups.entry(group).or_default().push(at);
        }
    }
    for ((name, says), places) in groups {
        let Some((table, whose)) =
            catalog::table(name).and_then(|table| Some((table, whose(table)?)))
        else {
            continue;
        };
        let (Whose::Own { column, .. } | Whose::Through { column, .. }) = whose;
        let mut rows = Rows::new(1);
        for row in places.iter().filter_map(|at| about.get(*at)?.as_ref()) {
            rows.push(if says { row.2.as_ref() } else { row.1.as_ref() });
        }
        let arriving = Arriving {
            table,
            source_id: LOCAL_SOURCE,
            columns: &[if says { column } else { "id" }.to_owned()],
            rows: &rows,
        };
        let found = of_rows(session, &arriving, whose).await?;
        for (at, owner) in places.into_iter().zip(found) {
            if let Some(place) = owners.get_mut(at) {
                *place = owner;
            }
        }
    }
    Ok(owners)
}
