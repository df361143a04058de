use std::{collections::HashSet, sync::Arc};

use serde_json::{Map, Value as JsonValue};
use wynos::{
    SubscriptionId,
    catalog::{self, Column, ColumnType, Table, whole_id},
    warehouse::{Snapshot, Value},
};

use super::records::find;
use crate::http::{Failure, Kind};

/// The longest id that a program may give.
const MAX_ID: usize = 200;

/// What ids of new records hold beside letters and digits.
const SIGNS: &str = "-_.~/+@#";

/// The record that a program names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its whole id: an id without an origin is the subscription's own.
    pub(crate) id: String,
    /// Whether it is here.
    pub(crate) is_here: bool,
}

/// The record of this id, given whole or without the subscription's origin. One that was kept without an origin is found
/// by that id too, and goes on under it.
pub(crate) async fn named(
    snapshot: &Snapshot,
    table: &Arc<Table>,
    shop: &SubscriptionId,
    id: &str,
) -> Result<Named, Failure> {
    let whole = whole_id(id, shop.as_str()).into_owned();
    for candidate in [whole.as_str(), id] {
        let column = ["id".to_owned()];
        if find(snapshot, table, &column, candidate).await?.is_some() {
            return Ok(Named {
                id: candidate.to_owned(),
                is_here: true,
            });
        }
        if whole == id {
            break;
        }
    }
    Ok(Named {
        id: whole,
        is_here: false,
    })
}

/// Whether any record can be called so.
pub(crate) fn check_id(id: &str) -> Result<(), Failure> {
    let plain = !id.is_empty() && id.len() <= MAX_ID && !id.chars().any(char::is_control);
    plain.then_some(()).ok_or_else(|| Failure::field("id"))
}

/// Whether a program may make a record of this id: those of another origin come with the files of that origin alone, so
/// that one id never stands for two things.
pub(crate) fn check_new(named: &Named, shop: &SubscriptionId) -> Result<(), Failure> {
    let own = named.id.strip_prefix(shop.as_str());
    let own = own.and_then(|rest| rest.strip_prefix(catalog::AFTER_ORIGIN));
    let fits = |name: &str| {
        let plain = |sign: char| sign.is_alphanumeric() || SIGNS.contains(sign);
        !name.is_empty() && name.chars().all(plain)
    };
    if named.is_here || own.is_some_and(fits) {
        Ok(())
    } else {
        Err(Failure::field("id"))
    }
}

/// Writes the references of a record out as whole ids; one to nothing is refused with its field.
pub(crate) async fn settle_references(
    snapshot: &Snapshot,
    table: &Table,
    shop: &SubscriptionId,
    values: &mut [Value],
) -> Result<(), Failure> {
    for (column, value) in table.columns.iter().zip(values) {
        if let (Some(target), Value::Text(id)) = (&column.reference, &mut *value) {
            let target = catalog::table(target).ok_or(Kind::Internal)?;
            let named = named(snapshot, target, shop, id).await?;
            if !named.is_here {
                return Err(Failure::field(column.name.as_ref()));
            }
            *id = named.id;
        }
    }
    Ok(())
}

/// Writes the ids in a record's JSON out whole: the fields that custom values belong to, also in the records of lists, and
/// what those records refer to.
pub(crate) fn settle_json(
    table: &Table,
    fields: &HashSet<String>,
    shop: &SubscriptionId,
    values: &mut [Value],
) -> Result<(), Failure> {
    let whole = |id: &str| {
        if fields.contains(id) {
            return id.to_owned();
        }
        whole_id(id, shop.as_str()).into_owned()
    };
    for (column, value) in table.columns.iter().zip(values) {
        let Value::Json(text) = value else {
            continue;
        };
        let mut json: JsonValue = serde_json::from_str(text).map_err(|_| Kind::Internal)?;
        settle(column, &mut json, &whole)?;
        *text = json.to_string();
    }
    Ok(())
}

fn settle(
    column: &Column,
    json: &mut JsonValue,
    whole: &impl Fn(&str) -> String,
) -> Result<(), Failure> {
    match (&column.ty, json) {
        (ColumnType::CustomValues, JsonValue::Object(given)) => {
            let mut named = Map::new();
            for (field, value) in std::mem::take(given) {
                if named.insert(whole(&field), value).is_some() {
                    return Err(Failure::field(format!("{}/{field}", column.name)));
                }
            }
            *given = named;
        }
        (ColumnType::List { fields, .. }, JsonValue::Array(records)) => {
            for record in records.iter_mut().filter_map(JsonValue::as_object_mut) {
                for field in fields {
                    if let Some(value) = record.get_mut(field.name.as_ref()) {
                        settle(field, value, whole)?;
                    }
                }
            }
        }
        (ColumnType::Text, JsonValue::String(id)) if column.reference.is_some() => {
            *id = whole(id);
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_record_is_of_this_subscription_and_plainly_called() {
        let shop: SubscriptionId = "demoshop1".parse().unwrap();
        let new = |id: &str| Named {
            id: whole_id(id, shop.as_str()).into_owned(),
            is_here: false,
        };
        for id in ["t00", "demoshop1:t00", "Łódź/7", "a@b.pl"] {
            assert!(check_new(&new(id), &shop).is_ok(), "{id}");
        }
        for id in [
            "a b",
            "<x>",
            "other:1",
            "demoshop1:",
            "demoshop1:a:b",
            "\"q\"",
        ] {
            assert!(check_new(&new(id), &shop).is_err(), "{id}");
        }
        let imported = Named {
            id: "other:a b".to_owned(),
            is_here: true,
        };
        assert!(check_new(&imported, &shop).is_ok());
    }
}
