//! Cursors and checkpoints, kept under names.

use serde_json::Value as Json;

use super::{
    Filter, Scan, Value, WarehouseError,
    commit::{parse, remove_internal},
    internal,
    session::{Session, one_row, rows},
};

/// The value kept under a name.
pub(super) async fn get<S: Session>(
    session: &mut S,
    key: &str,
) -> Result<Option<Json>, WarehouseError> {
    let scan = Scan::of(internal::state())
        .columns(["value"])
        .filter(Filter::equal("key", key));
    let rows = rows(session, &scan).await?;
    Ok(rows.get(0).and_then(|row| parse(row.get(0).as_str()?)))
}

/// Fails where something else is kept under a name.
pub(super) async fn expect<S: Session>(
    session: &mut S,
    key: &str,
    value: Option<&Json>,
) -> Result<(), WarehouseError> {
    if get(session, key).await?.as_ref() == value {
        return Ok(());
    }
    Err(WarehouseError::Moved {
        key: key.to_owned(),
    })
}

/// Keeps a value under a name; `None` forgets it.
pub(super) async fn put<S: Session>(
    session: &mut S,
    key: &str,
    value: Option<&Json>,
) -> Result<(), WarehouseError> {
    let table = internal::state();
    let Some(value) = value else {
        remove_internal(session, table, &Filter::equal("key", key), None).await?;
        return Ok(());
    };
    session.define(table).await?;
    let row = one_row([key.into(), Value::Json(value.to_string())]);
    session.replace(table, &row).await
}
