//! Values of PASSWORD fields on their way into a file: left out, or decrypted when an owner asked for them.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::{
    catalog::{Column, ColumnType, Table},
    delivery::DeliveryError,
    ports::Cipher,
    services::password_place,
    warehouse::{Row, Rows, ValueRef},
};

/// Which custom fields are secret, and the key to their values when they are to leave.
#[derive(Debug)]
pub(super) struct Secrets {
    fields: HashSet<String>,
    cipher: Option<Cipher>,
}

/// The columns of one table that can hold secret values.
#[derive(Debug)]
pub(super) struct Places {
    table: String,
    id: Option<usize>,
    values: Vec<usize>,
    lists: Vec<(usize, Vec<String>)>,
}

impl Secrets {
    /// Values of these fields are decrypted with the cipher, or left out when there is none.
    pub(super) fn new(fields: HashSet<String>, cipher: Option<Cipher>) -> Self {
        Self { fields, cipher }
    }

    /// The rows with their secret values decrypted or left out; `None` when there are none in them.
    pub(super) fn apply(
        &self,
        places: &Places,
        rows: &Rows,
    ) -> Result<Option<Rows>, DeliveryError> {
        if places.is_empty() || !rows.iter().any(|row| self.is_in(places, row)) {
            return Ok(None);
        }
        let mut changed = Rows::new(rows.width());
        for row in rows.iter() {
            let id = places
                .id
                .and_then(|column| row.get(column).as_str())
                .unwrap_or_default();
            for (column, value) in row.values().enumerate() {
                match value.as_str().filter(|_| places.has(column)) {
                    Some(json) => {
                        let json = self.revealed(places, column, id, json)?;
                        changed.push(ValueRef::Json(&json));
                    }
                    None => changed.push(value),
                }
            }
        }
        Ok(Some(changed))
    }

    /// Whether a row may have a secret value: its text names a secret field.
    fn is_in(&self, places: &Places, row: Row<'_>) -> bool {
        places
            .columns()
            .filter_map(|column| row.get(column).as_str())
            .any(|json| {
                self.fields
                    .iter()
                    .any(|field| json.contains(field.as_str()))
            })
    }

    fn revealed(
        &self,
        places: &Places,
        column: usize,
        id: &str,
        json: &str,
    ) -> Result<String, DeliveryError> {
        let Ok(mut value) = serde_json::from_str::<Json>(json) else {
            // What cannot be read cannot be searched for secrets, so it stays at home.
            return Ok("null".to_owned());
        };
        let list = places.lists.iter().find(|(place, _)| *place == column);
        match (&mut value, list) {
            (Json::Object(values), None) => self.reveal(&places.table, id, values)?,
            (Json::Array(records), Some((_, fields))) => {
                for record in records {
                    for field in fields {
                        if let Some(Json::Object(values)) = record.get_mut(field.as_str()) {
                            self.reveal(&places.table, id, values)?;
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(value.to_string())
    }

    fn reveal(
        &self,
        table: &str,
        id: &str,
        values: &mut Map<String, Json>,
    ) -> Result<(), DeliveryError> {
        let Some(cipher) = &self.cipher else {
            values.retain(|field, _| !self.fields.contains(field));
            return Ok(());
        };
        for (field, value) in values
            .iter_mut()
            .filter(|(field, _)| self.fields.contains(*field))
        {
            if let Some(sealed) = value.as_str().filter(|text| Cipher::is_encrypted(text)) {
                *value = cipher
                    .decrypt(sealed, &password_place(table, id, field))?
                    .into();
            }
        }
        Ok(())
    }
}

impl Places {
    /// Where among these columns of a table secret values can be.
    pub(super) fn of<'c>(table: &Table, columns: impl IntoIterator<Item = &'c Column>) -> Self {
        let mut places = Self {
            table: table.name.to_string(),
            id: None,
            values: Vec::new(),
            lists: Vec::new(),
        };
        for (position, column) in columns.into_iter().enumerate() {
            match &column.ty {
                ColumnType::CustomValues => places.values.push(position),
                ColumnType::List { fields, .. } => {
                    let holding = fields
                        .iter()
                        .filter(|field| field.ty == ColumnType::CustomValues);
                    let names: Vec<String> = holding.map(|field| field.name.to_string()).collect();
                    if !names.is_empty() {
                        places.lists.push((position, names));
                    }
                }
                _ if column.name == "id" => places.id = Some(position),
                _ => {}
            }
        }
        places
    }

    fn columns(&self) -> impl Iterator<Item = usize> {
        self.values
            .iter()
            .copied()
            .chain(self.lists.iter().map(|(column, _)| *column))
    }

    fn has(&self, column: usize) -> bool {
        self.columns().any(|place| place == column)
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.lists.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog,
        ports::{KeyName, KeyRing, MasterKey},
    };

    fn cipher() -> Cipher {
        let master = MasterKey::new(1, [3; 32]);
        Cipher::new(KeyRing::derive(KeyName::Field, &master, &[]))
    }

    /// What becomes of one repair's custom values.
    fn applied(values: &str, cipher: Option<Cipher>) -> Result<Option<String>, DeliveryError> {
        let table = catalog::table("repairs").unwrap();
        let columns: Vec<&Column> = ["id", "custom_values"]
            .iter()
            .map(|name| table.column(name).unwrap())
            .collect();
        let mut rows = Rows::new(2);
        rows.push_row([ValueRef::Text("shop:r1"), ValueRef::Json(values)]);
        let secrets = Secrets::new(HashSet::from(["shop:pin".to_owned()]), cipher);
        let places = Places::of(table, columns);
        let changed = secrets.apply(&places, &rows)?;
        Ok(changed.map(|rows| rows.get(0).unwrap().get(1).as_str().unwrap().to_owned()))
    }

    #[test]
    fn secret_values_stay_at_home_unless_asked_for() {
        let sealed = cipher()
            .encrypt("1234", &password_place("repairs", "shop:r1", "shop:pin"))
            .unwrap();
        let values = format!(r#"{{"shop:note":"enc:v1:x","shop:pin":"{sealed}"}}"#);
        let kept = applied(&values, None).unwrap().unwrap();
        assert_eq!(kept, r#"{"shop:note":"enc:v1:x"}"#);
        let told = applied(&values, Some(cipher())).unwrap().unwrap();
        assert_eq!(told, r#"{"shop:note":"enc:v1:x","shop:pin":"1234"}"#);
        assert_eq!(applied(r#"{"shop:note":"x"}"#, None).unwrap(), None);
    }

    #[test]
    fn a_value_of_another_row_is_not_decrypted() {
        let sealed = cipher()
            .encrypt("1234", &password_place("repairs", "shop:r2", "shop:pin"))
            .unwrap();
        let error = applied(&format!(r#"{{"shop:pin":"{sealed}"}}"#), Some(cipher())).unwrap_err();
        assert!(matches!(error, DeliveryError::Password(_)));
        assert!(!format!("{error:?}").contains("1234"));
    }
}
