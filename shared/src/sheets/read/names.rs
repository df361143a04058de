//! What people call columns, in three languages.

use super::synonyms::SYNONYMS;
use crate::{
    catalog::{self, ColumnType, Locale, Table},
    sheets::{
        CustomField,
        list::{CUSTOM_PREFIX, label_of, resolve},
        prepared,
    },
};

/// How surely a header names a column; the surest that names one settles it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    Path,
    Label(Locale),
    Synonym,
}

/// One name of one column.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) normal: String,
    pub(super) rank: Rank,
    pub(super) target: String,
}

/// Every name of every column that a list of this table can bring.
pub(super) fn names(table: &Table) -> Vec<Name> {
    let mut names = Vec::new();
    for column in &table.columns {
        if column.ty == ColumnType::CustomValues {
            continue;
        }
        let mut add = |rank, text: &str, target: &str| {
            names.push(Name {
                normal: normal(text),
                rank,
                target: target.to_owned(),
            });
        };
        add(Rank::Path, &column.name, &column.name);
        for locale in Locale::ALL {
            add(
                Rank::Label(locale),
                &label_of(column, None, locale),
                &column.name,
            );
        }
        let referred = column.reference.as_deref().and_then(catalog::table);
        let inner = referred.iter().flat_map(|table| &table.columns);
        // The reference itself is the referred row's id.
        for inner in inner.filter(|inner| inner.name != "id") {
            let path = format!("{}.{}", column.name, inner.name);
            add(Rank::Path, &path, &path);
            for locale in Locale::ALL {
                add(
                    Rank::Label(locale),
                    &label_of(inner, Some(column), locale),
                    &path,
                );
            }
        }
    }
    for path in prepared::far_columns(&table.name) {
        if let Some((through, column)) = resolve(table, path) {
            let of = |locale| normal(&label_of(&column, through.as_ref(), locale));
            let labels = Locale::ALL.map(|locale| (Rank::Label(locale), of(locale)));
            let all = labels.into_iter().chain([(Rank::Path, normal(path))]);
            names.extend(all.map(|(rank, normal)| Name {
                normal,
                rank,
                target: path.to_owned(),
            }));
        }
    }
    for (owner, target, words) in SYNONYMS {
        if *owner == table.name {
            names.extend(words.split('|').map(|word| Name {
                normal: normal(word),
                rank: Rank::Synonym,
                target: (*target).to_owned(),
            }));
        }
    }
    names
}

/// Whether this text is a name of some column, so that a custom field of this name cannot be told by it.
pub(in crate::sheets) fn is_known(table: &Table, text: &str) -> bool {
    let normal = normal(text);
    normal.is_empty()
        || text.starts_with(CUSTOM_PREFIX)
        || names(table).iter().any(|name| name.normal == normal)
}

/// The custom field that a header names.
pub(super) fn field<'f>(header: &str, fields: &'f [CustomField]) -> Option<&'f CustomField> {
    let name = header.strip_prefix(CUSTOM_PREFIX).unwrap_or(header);
    fields
        .iter()
        .find(|field| field.id == name && name.len() < header.len())
        .or_else(|| fields.iter().find(|field| field.name == name))
        .or_else(|| {
            let wanted = normal(name);
            fields
                .iter()
                .find(|field| !wanted.is_empty() && normal(&field.name) == wanted)
        })
}

/// Lower case, without Polish diacritics and `ё`, words apart by one space.
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        let plain = match character {
            'ą' => 'a',
            'ć' => 'c',
            'ę' => 'e',
            'ł' => 'l',
            'ń' => 'n',
            'ó' => 'o',
            'ś' => 's',
            'ź' | 'ż' => 'z',
            'ё' => 'е',
            other => other,
        };
        if plain.is_alphanumeric() {
            out.push(plain);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}
