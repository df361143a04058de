use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use wynos::{
    catalog::system,
    warehouse::{Dependents, Rows, Value, ValueRef},
};

use super::{
    caller::Writer,
    naming::named,
    once::Once,
    records::{Change, Changed, change, table_of, told},
    rows::unavailable,
};
use crate::{
    App,
    http::{Failure, Kind},
};

/// Deletes a record: it stays as a tombstone, so that the deletion is known wherever the record went.
///
/// What cannot be without it goes with it: a customer's addresses, the actions of a repair or a ticket, a part's
/// deliveries. A record that others refer to, which can be without it, is not deleted: change or delete those first.
#[utoipa::path(
    delete, path = "/api/v1/{collection}/{id}", tag = "records",
    params(
        ("collection" = String, Path, description = "As in the list."), ("id" = String, Path, description = "The record's id, whole or without the subscription's origin."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt: for a day nothing is done again.")
    ),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 404, body = super::problem::Problem),
        (status = 409, description = "Others refer to it: `field` names one, as table and id.", body = super::problem::Problem)
    )
)]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Writer,
    Path((collection, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let table = table_of(&collection)?;
    let once = Once::begin(&app, &caller, &headers, &("DELETE", &collection, &id)).await?;
    if once.is_done() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let warehouse = caller.warehouse(&app);
    let snapshot = warehouse.snapshot().await.map_err(unavailable)?;
    let named = named(&snapshot, table, caller.subscription(), &id).await?;
    if !named.is_here {
        return Err(Kind::NotFound.into());
    }
    let id = named.id;
    let dependents = snapshot.dependents(table, &id).await.map_err(unavailable)?;
    drop(snapshot);
    let going = match dependents {
        Dependents::Go(going) => going,
        Dependents::Needed { table, id } => return Err(in_use(format!("{}/{id}", table.name))),
        Dependents::TooMany { table } => return Err(in_use(table.name.to_string())),
    };
    let now = app.services.clock.now();
    let changes = going.into_iter().map(|(table, ids)| {
        let mut rows = Rows::new(2);
        for id in &ids {
            rows.push_row([ValueRef::Text(id), Value::Timestamp(now).as_ref()]);
        }
        let columns = vec!["id".to_owned(), system::DELETED_AT.to_owned()];
        Change {
            table,
            columns,
            rows,
        }
    });
    let changed = Changed {
        code: "record.deleted",
        id: &id,
        by: &caller.actor(),
        at: now,
    };
    let load = change(&changed, table, changes.collect())?;
    warehouse.commit(load).await.map_err(unavailable)?;
    told(&app, &caller).await;
    once.end(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Not while others refer to it.
fn in_use(by: String) -> Failure {
    Failure {
        field: Some(by),
        ..Failure::of(Kind::InUse)
    }
}
