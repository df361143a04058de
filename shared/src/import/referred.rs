use std::path::Path;

use serde_json::Value as Json;

use super::{ImportError, here::Here, ledger::Ledger, shape::Shape};
use crate::{
    catalog,
    checks::Home,
    warehouse::{Filter, Scan},
};

/// Which rows of a table living rows refer to, by columns, in lists, or as the fields of custom values.
pub(super) fn gather(here: &Here, folder: &Path, target: &str) -> Result<Ledger, ImportError> {
    let ledger = Ledger::create(folder)?;
    for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| column.name.to_string())
            .collect();
        let Some(shape) = Shape::of(table, &columns, Home::default()) else {
            continue;
        };
        let scan = |column: &str| {
            Scan::of(table)
                .columns([column])
                .filter(Filter::IsNotNull(column.to_owned()))
        };
        for reference in shape
            .references
            .iter()
            .filter(|reference| reference.target == target)
        {
            here.each(scan(&reference.name), |row| {
                row.get(0)
                    .as_str()
                    .map_or(Ok(()), |id| ledger.is_here(target, id))
            })?;
        }
        for list in &shape.lists {
            let fields: Vec<&str> = list
                .references
                .iter()
                .filter(|field| field.target == target)
                .map(|field| field.field.as_str())
                .collect();
            let custom = list.custom.as_ref().filter(|_| target == "custom_fields");
            if fields.is_empty() && custom.is_none() {
                continue;
            }
            here.each(scan(&list.name), |row| {
                let records: Vec<Json> = row
                    .get(0)
                    .as_str()
                    .and_then(|text| serde_json::from_str(text).ok())
                    .unwrap_or_default();
                for record in &records {
                    for field in &fields {
                        if let Some(id) = record.get(*field).and_then(Json::as_str) {
                            ledger.is_here(target, id)?;
                        }
                    }
                    if let Some(custom) = custom {
                        note_fields(&ledger, record.get(&custom.name))?;
                    }
                }
                Ok(())
            })?;
        }
        if target == "custom_fields"
            && let Some(custom) = &shape.custom
        {
            here.each(scan(&custom.name), |row| {
                let values: Option<Json> = row
                    .get(0)
                    .as_str()
                    .and_then(|text| serde_json::from_str(text).ok());
                note_fields(&ledger, values.as_ref())
            })?;
        }
    }
    Ok(ledger)
}

fn note_fields(ledger: &Ledger, values: Option<&Json>) -> Result<(), ImportError> {
    for field in values
        .and_then(Json::as_object)
        .into_iter()
        .flat_map(serde_json::Map::keys)
    {
        ledger.is_here("custom_fields", field)?;
    }
    Ok(())
}
