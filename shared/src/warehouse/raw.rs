//! Raw rows on their way into the system's own tables, without what is personal about erased people: records set aside,
//! events that wait, findings of imports.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use wynos_base::exact;

use super::{
    People, Person, Row, Rows, Value, ValueRef, WarehouseError,
    cleaning::{About, owners},
    erased::{among, among_whom, any},
    internal,
    person::CLIENTS,
    personal,
    session::Session,
};
use crate::catalog::{self, Table};

/// The same rows without what is personal about erased people; `None` where they speak of none.
pub(super) async fn cleaned<S: Session>(
    session: &mut S,
    table: &Table,
    rows: &Rows,
) -> Result<Option<Rows>, WarehouseError> {
    let raw = [internal::parked(), internal::inbox()];
    let body = table.position("body");
    let body = body.filter(|_| raw.iter().any(|raw| raw.name == table.name));
    let findings = Findings::of(table);
    if (body.is_none() && findings.is_none()) || !any(session).await? {
        return Ok(None);
    }
    match (body, findings) {
        (Some(body), _) => bodies(session, table, body, rows).await,
        (None, Some(findings)) => findings.cleaned(session, rows).await,
        (None, None) => Ok(None),
    }
}

/// One raw body, and whom it speaks of.
struct Body<'r> {
    of: Option<&'r str>,
    clients: People,
    json: Json,
    about: Option<About>,
    people: BTreeSet<Person>,
}

async fn bodies<S: Session>(
    session: &mut S,
    table: &Table,
    position: usize,
    rows: &Rows,
) -> Result<Option<Rows>, WarehouseError> {
    let text = |row: Row<'_>, name: &str| {
        let position = table.position(name)?;
        row.get(position).as_str().map(str::to_owned)
    };
    let mut sources: BTreeMap<String, People> = BTreeMap::new();
    let mut all = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        let source = text(row, "source_id").unwrap_or_default();
        let clients = match sources.get(&source) {
            Some(clients) => *clients,
            None => {
                let clients = among_whom(session, CLIENTS, &source).await?;
                sources.insert(source, clients);
                clients
            }
        };
        let of = table.position("table").and_then(|of| row.get(of).as_str());
        let json = row.get(position).as_str();
        let json: Json = json
            .and_then(|text| exact::from_str(text).ok())
            .unwrap_or_default();
        all.push(Body {
            of,
            clients,
            about: personal::about(of, &json),
            people: personal::people(clients, of, &json),
            json,
        });
    }
    let about: Vec<Option<About>> = all.iter_mut().map(|body| body.about.take()).collect();
    for (body, owner) in all.iter_mut().zip(owners(session, &about).await?) {
        body.people.extend(owner);
    }
    let asked = all.iter().flat_map(|body| body.people.iter().cloned());
    let erased = among(session, asked.collect()).await?;
    if erased.is_empty() {
        return Ok(None);
    }
    let mut clean = Rows::new(rows.width());
    for (row, (mut body, about)) in rows.iter().zip(all.into_iter().zip(&about)) {
        if body.people.is_disjoint(&erased) {
            clean.push_row(row.values());
            continue;
        }
        if about.is_some() {
            personal::clean_row(body.of, &mut body.json);
        } else {
            personal::clean(body.clients, body.of, &mut body.json, &|person| {
                erased.contains(person)
            });
        }
        let text = exact::to_string(&body.json);
        clean.push_row(row.values().enumerate().map(|(at, value)| {
            if at == position {
                ValueRef::Json(&text)
            } else {
                value
            }
        }));
    }
    Ok(Some(clean))
}

/// Where a table keeps what an import found out about rows.
struct Findings {
    table: usize,
    row_id: usize,
    said: [usize; 2],
}

impl Findings {
    fn of(table: &Table) -> Option<Self> {
        Some(Self {
            table: table.position("table")?,
            row_id: table.position("row_id")?,
            said: [table.position("expected")?, table.position("found")?],
        })
    }

    /// Without what was expected and found in rows of erased people, as far as the rows are there or are people.
    async fn cleaned<S: Session>(
        &self,
        session: &mut S,
        rows: &Rows,
    ) -> Result<Option<Rows>, WarehouseError> {
        let about = |row: Row<'_>| -> Option<About> {
            let table = catalog::table(row.get(self.table).as_str()?)?;
            Some((table, row.get(self.row_id).to_owned(), Value::Null))
        };
        let about: Vec<Option<About>> = rows.iter().map(about).collect();
        let owners = owners(session, &about).await?;
        let erased = among(session, owners.iter().flatten().cloned().collect()).await?;
        if erased.is_empty() {
            return Ok(None);
        }
        let mut clean = Rows::new(rows.width());
        for (row, owner) in rows.iter().zip(owners) {
            let is_theirs = owner.is_some_and(|owner| erased.contains(&owner));
            clean.push_row(row.values().enumerate().map(|(at, value)| {
                if is_theirs && self.said.contains(&at) {
                    ValueRef::Null
                } else {
                    value
                }
            }));
        }
        Ok(Some(clean))
    }
}
