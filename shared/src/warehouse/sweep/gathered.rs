//! Rows that a database removes and gathers in one statement, so that a row for each bucket comes back and not one for each
//! row.

use super::Span;
use crate::{
    catalog::{Storage, Table, system},
    warehouse::{
        WarehouseError,
        session::Session,
        sql::{Answer, Select, Statement, integer, quoted},
        swept::{self, Gathered},
    },
};

/// Removes what a statement removes, of a table whose key is one whole number and of rows whose origin tells when they
/// changed or that are tombstones; what is to be remembered of them.
pub(super) async fn remove<S: Session>(
    session: &mut S,
    table: &Table,
    statement: Statement,
    span: &mut Span,
) -> Result<Vec<Gathered>, WarehouseError> {
    let (Some(shape), Some(key)) = (session.shape(table).await?, super::number_of(table)) else {
        return Ok(Vec::new());
    };
    let told = |name: &str| {
        let there = shape.contains(name);
        if there {
            quoted(name)
        } else {
            Ok("NULL::timestamptz".to_owned())
        }
    };
    let Statement { text, values } = statement;
    let text = format!(
        "WITH gone AS ({text} RETURNING {key} AS id, {received} AS received, {changed} AS changed) \
         SELECT {bucket}, COUNT(*), MIN(g.id), MAX(g.id), MIN(g.received), MAX(g.received), string_agg({entry}, ',') \
         FROM (SELECT * FROM gone ORDER BY id) AS g GROUP BY 1",
        key = quoted(key)?,
        received = told(system::RECEIVED_AT)?,
        changed = told(system::CHANGED_AT)?,
        bucket = swept::bucket_of("g.id"),
        entry = swept::entry_of("g.id", "g.changed"),
    );
    let of = |name: &str, storage| Answer {
        name: name.to_owned(),
        storage,
    };
    let answers = [
        integer("bucket"),
        integer("rows"),
        integer("first"),
        integer("last"),
        of("oldest", Storage::Timestamp),
        of("newest", Storage::Timestamp),
        of("versions", Storage::Text),
    ];
    let select = Select {
        table: table.name.to_string(),
        statement: Statement { text, values },
        answers: answers.into(),
    };
    let mut gathered = Vec::new();
    for row in session.query("erasing old rows", select).await?.iter() {
        let number = |at: usize| row.get(at).as_integer().unwrap_or_default();
        span.add_all(
            u64::try_from(number(1)).unwrap_or_default(),
            row.get(4).as_timestamp().zip(row.get(5).as_timestamp()),
        );
        gathered.push(Gathered {
            bucket: number(0),
            versions: row.get(6).as_str().unwrap_or_default().to_owned(),
            sorted: number(2) >= 0 && digits(number(2)) == digits(number(3)),
        });
    }
    Ok(gathered)
}

fn digits(number: i64) -> u32 {
    number.checked_ilog10().unwrap_or(0)
}
