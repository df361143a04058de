use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use wynos::{
    catalog::{Storage, Table},
    warehouse::{Row, Value, ValueRef},
};

use crate::http::{Failure, Kind};

/// A place in a table, as programs carry it around: the table and the primary key of the last row they were given.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    table: String,
    key: Vec<Part>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Part {
    Integer(i64),
    Text(String),
}

/// The cursor after a row whose first columns are the table's primary key; `None` for a key that cannot be written down.
pub(crate) fn after(table: &Table, row: Row<'_>) -> Option<String> {
    let part = |value: ValueRef<'_>| match value {
        ValueRef::Integer(number) => Some(Part::Integer(number)),
        ValueRef::Text(text) => Some(Part::Text(text.to_owned())),
        _ => None,
    };
    let width = table.primary_key().count();
    let place = Place {
        table: table.name.to_string(),
        key: row.values().take(width).map(part).collect::<Option<_>>()?,
    };
    serde_json::to_vec(&place)
        .ok()
        .map(|json| BASE64URL_NOPAD.encode(&json))
}

/// Reads a cursor of this table back.
pub(crate) fn read(table: &Table, text: &str) -> Result<Vec<Value>, Failure> {
    let json = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| Kind::InvalidCursor)?;
    let place: Place = serde_json::from_slice(&json).map_err(|_| Kind::InvalidCursor)?;
    let columns = table
        .primary_key()
        .map(|name| table.stored_columns().find(|column| column.name == name));
    let columns: Option<Vec<_>> = columns.collect();
    let columns = columns.ok_or(Kind::Internal)?;
    if place.table != table.name || place.key.len() != columns.len() {
        return Err(Kind::InvalidCursor.into());
    }
    let value = |(part, column): (Part, &wynos::catalog::Column)| match (part, column.ty.storage())
    {
        (Part::Integer(number), Storage::Integer) => Ok(Value::Integer(number)),
        (Part::Text(text), Storage::Text) => Ok(Value::Text(text)),
        _ => Err(Failure::of(Kind::InvalidCursor)),
    };
    place.key.into_iter().zip(columns).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wynos::{catalog, warehouse::Rows};

    #[test]
    fn a_cursor_reads_back_for_its_own_table_only() {
        let (customers, repairs) = (
            catalog::table("customers").unwrap(),
            catalog::table("repairs").unwrap(),
        );
        let mut rows = Rows::new(3);
        rows.push_row([
            ValueRef::Text("local"),
            ValueRef::Text("shop:1"),
            ValueRef::Null,
        ]);
        let cursor = after(customers, rows.get(0).unwrap()).unwrap();
        assert_eq!(
            read(customers, &cursor).unwrap(),
            [Value::from("local"), Value::from("shop:1")]
        );
        assert_eq!(read(repairs, &cursor), Err(Kind::InvalidCursor.into()));
        for text in [
            "",
            "x",
            "e30",
            &BASE64URL_NOPAD.encode(br#"{"table":"customers","key":[1,2]}"#),
        ] {
            assert_eq!(
                read(customers, text),
                Err(Kind::InvalidCursor.into()),
                "{text}"
            );
        }
    }
}
