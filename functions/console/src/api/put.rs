use std::{collections::HashSet, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Map, Value as JsonValue};
use wynos::{
    catalog::{self, ColumnType, Table, repair_shop},
    ports::{Cipher, CipherError},
    services::password_place,
    warehouse::{Rows, Scan, Snapshot, Value, Warehouse},
};

use super::{
    caller::Writer,
    json::MASK,
    naming::{check_id, check_new, named, settle_json, settle_references},
    once::Once,
    records::{Change, Changed, change, find, table_of, told},
    rows::unavailable,
    values,
};
use crate::{
    App,
    http::{Failure, Kind},
};

/// Puts a record in the place of the one of that id, or beside the others when there is none: columns that are not said
/// become empty.
///
/// Sending the same again changes nothing. A masked PASSWORD value stands for what is there.
///
/// Every record has a stable id that says its origin: an id without one, in the address, in a reference or of a custom
/// field, gets the subscription's (`<subscription>:<id>`), and the answer says the whole id. Records that came from
/// another origin by import can be put and keep their ids; a new one of another origin is refused, and so is a new id of
/// other signs than letters, digits and `-_.~/+@#`.
#[utoipa::path(
    put, path = "/api/v1/{collection}/{id}", tag = "records",
    params(
        ("collection" = String, Path, description = "As in the list."), ("id" = String, Path, description = "The record's id, whole or without the subscription's origin."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt: for a day nothing is done again, and the record is given as it is then.")
    ),
    request_body = Object,
    responses(
        (status = 200, description = "It is there as it was sent.", body = Object),
        (status = 422, description = "A field's value cannot be used.", body = super::problem::Problem)
    )
)]
pub(crate) async fn put(
    State(app): State<App>,
    caller: Writer,
    Path((collection, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Map<String, JsonValue>>), Failure> {
    let table = table_of(&collection)?;
    check_id(&id)?;
    let record: Map<String, JsonValue> =
        serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let shop = caller.subscription();
    let warehouse = caller.warehouse(&app);
    let snapshot = warehouse.snapshot().await.map_err(unavailable)?;
    let named = named(&snapshot, table, shop, &id).await?;
    check_new(&named, shop)?;
    let mut values = read_record(table, (id.as_str(), named.id.as_str()), &record)?;
    let request = ("PUT", &collection, &id, &record);
    let once = Once::begin(&app, &caller, &headers, &request).await?;
    let id = named.id;
    if once.is_done() {
        return stored(&warehouse, table, &id).await;
    }
    settle_references(&snapshot, table, shop, &mut values).await?;
    if values.iter().any(|value| matches!(value, Value::Json(_))) {
        let fields = custom_fields(&snapshot).await?;
        settle_json(table, &fields.all, shop, &mut values)?;
        seal(&app, &snapshot, table, &id, &fields.secret, &mut values).await?;
    }
    drop(snapshot);
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| column.name.to_string())
        .collect();
    let changed = Changed {
        code: "record.put",
        id: &id,
        by: &caller.actor(),
        at: app.services.clock.now(),
    };
    let mut rows = Rows::new(columns.len());
    rows.push_values(&values);
    let put = Change {
        table,
        columns,
        rows,
    };
    let load = change(&changed, table, vec![put])?;
    warehouse.commit(load).await.map_err(unavailable)?;
    told(&app, &caller).await;
    once.end(&app).await?;
    stored(&warehouse, table, &id).await
}

/// The record as it is now.
async fn stored(
    warehouse: &Warehouse,
    table: &Arc<Table>,
    id: &str,
) -> Result<(StatusCode, Json<Map<String, JsonValue>>), Failure> {
    let columns = table.columns.iter().map(|column| column.name.to_string());
    let columns: Vec<String> = columns.collect();
    let snapshot = warehouse.snapshot().await.map_err(unavailable)?;
    let found = find(&snapshot, table, &columns, id).await?;
    let found = found.ok_or(Kind::Conflict)?;
    let row = found.get(0).ok_or(Kind::Conflict)?;
    Ok((StatusCode::OK, Json(super::json::object(&columns, row, 0))))
}

/// A value for every column of the table, in order. The record may say its id as it was given or as it is whole.
fn read_record(
    table: &Table,
    (given, id): (&str, &str),
    record: &Map<String, JsonValue>,
) -> Result<Vec<Value>, Failure> {
    if let Some(unknown) = record.keys().find(|name| table.column(name).is_none()) {
        return Err(Failure {
            field: Some(unknown.clone()),
            ..Failure::of(Kind::UnknownColumn)
        });
    }
    let mut values = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let said = record.get(column.name.as_ref());
        values.push(match (column.name.as_ref(), said) {
            ("id", None) => Value::from(id),
            ("id", Some(said)) if said == given || said == id => Value::from(id),
            ("id", Some(_)) => return Err(Failure::field("id")),
            (name, said) => values::from_json(column, name, said.unwrap_or(&JsonValue::Null))?,
        });
    }
    Ok(values)
}

/// Encrypts the values of custom fields of type PASSWORD, those inside lists too.
async fn seal(
    app: &App,
    snapshot: &Snapshot,
    table: &Arc<Table>,
    id: &str,
    secret: &HashSet<String>,
    values: &mut [Value],
) -> Result<(), Failure> {
    if secret.is_empty() {
        return Ok(());
    }
    for (column, value) in table.columns.iter().zip(values) {
        let holds_values = matches!(
            column.ty,
            ColumnType::CustomValues | ColumnType::List { .. }
        );
        let Some(text) = Some(&*value)
            .filter(|_| holds_values)
            .and_then(|value| value.as_ref().as_str())
        else {
            continue;
        };
        let mut json: JsonValue = serde_json::from_str(text).map_err(|_| Kind::Internal)?;
        let stored = find(snapshot, table, &[column.name.to_string()], id).await?;
        let stored = stored
            .as_ref()
            .and_then(|rows| rows.get(0)?.get(0).as_str());
        let stored: JsonValue = stored
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let seal = Seal {
            cipher: &app.services.keys.fields,
            table: &table.name,
            id,
            secret,
        };
        seal.values(&mut json, &stored)
            .map_err(|error| Failure::noted(Kind::Internal, &error))?;
        *value = Value::Json(json.to_string());
    }
    Ok(())
}

/// How secret values of one row are kept.
struct Seal<'a> {
    cipher: &'a Cipher,
    table: &'a str,
    id: &'a str,
    secret: &'a HashSet<String>,
}

impl Seal<'_> {
    /// Encrypts the secret values in this JSON wherever they stand. A mask, and a value equal to the one that is stored in
    /// the same place, becomes what is stored.
    fn values(&self, json: &mut JsonValue, stored: &JsonValue) -> Result<(), CipherError> {
        match json {
            JsonValue::Array(items) => {
                for (position, item) in items.iter_mut().enumerate() {
                    self.values(item, stored.get(position).unwrap_or(&JsonValue::Null))?;
                }
            }
            JsonValue::Object(fields) => {
                for (name, value) in fields {
                    let before = stored.get(name).unwrap_or(&JsonValue::Null);
                    match value.as_str() {
                        Some(clear) if self.secret.contains(name) => {
                            *value = self.kept(name, clear, before.as_str())?;
                        }
                        _ => self.values(value, before)?,
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn kept(
        &self,
        field: &str,
        clear: &str,
        stored: Option<&str>,
    ) -> Result<JsonValue, CipherError> {
        let place = password_place(self.table, self.id, field);
        let same = |sealed: &&str| {
            clear == MASK || self.cipher.decrypt(sealed, &place).as_deref() == Ok(clear)
        };
        if let Some(sealed) = stored.filter(same) {
            return Ok(sealed.into());
        }
        // Nothing stands behind this mask; keeping it as a value would make one up.
        let clear = if clear == MASK { "" } else { clear };
        self.cipher.encrypt(clear, &place).map(JsonValue::String)
    }
}

/// The shop's custom fields, by their ids.
#[derive(Default)]
struct CustomFields {
    all: HashSet<String>,
    /// Those whose values are secret.
    secret: HashSet<String>,
}

async fn custom_fields(snapshot: &Snapshot) -> Result<CustomFields, Failure> {
    use futures::StreamExt;
    let table = catalog::table("custom_fields").ok_or(Kind::Internal)?;
    let scan = Scan::of(table).columns(["id", "type"]);
    let mut batches = snapshot.scan(scan).await.map_err(unavailable)?;
    let mut fields = CustomFields::default();
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(unavailable)?;
        for row in batch.iter() {
            let Some(id) = row.get(0).as_str() else {
                continue;
            };
            if row.get(1).as_str() == Some(repair_shop::PASSWORD) {
                fields.secret.insert(id.to_owned());
            }
            fields.all.insert(id.to_owned());
        }
    }
    Ok(fields)
}
