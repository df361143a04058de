use crate::{
    catalog::{self, ColumnType, Locale, Table},
    sheets::{
        CustomField,
        list::{CUSTOM_PREFIX, label_of, resolve},
    },
};

/// Somewhere a column of a file can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As a mapping names it: a column, a path to what a referred row is called, or `custom:<field id>`.
    pub path: String,
    /// What people call it.
    pub label: String,
}

/// Everywhere a column of a list of this table can go: its own columns, the texts by which rows that it refers to can be
/// told, and the custom fields given.
pub fn targets(table: &Table, fields: &[CustomField], locale: Locale) -> Vec<Target> {
    let mut targets = Vec::new();
    for column in &table.columns {
        if column.ty != ColumnType::CustomValues {
            targets.push(Target {
                path: column.name.to_string(),
                label: label_of(column, None, locale),
            });
        }
    }
    for column in &table.columns {
        let referred = column.reference.as_deref().and_then(catalog::table);
        let texts = referred.iter().flat_map(|table| &table.columns);
        // The referred row's own id is the column itself, and an id that it holds says nothing to people.
        let texts = texts.filter(|text| {
            text.ty == ColumnType::Text && text.name != "id" && text.reference.is_none()
        });
        targets.extend(texts.map(|text| Target {
            path: format!("{}.{}", column.name, text.name),
            label: label_of(text, Some(column), locale),
        }));
    }
    targets.extend(fields.iter().map(|field| Target {
        path: format!("{CUSTOM_PREFIX}{}", field.id),
        label: field.name.clone(),
    }));
    targets
}

/// What people call the column that a path names, from this table on; `None` where there is none.
pub fn label_of_path(table: &Table, path: &str, locale: Locale) -> Option<String> {
    let (through, column) = resolve(table, path)?;
    Some(match through {
        None => column.label.get(locale).to_owned(),
        Some(_) => label_of(&column, through.as_ref(), locale),
    })
}
