use std::collections::BTreeSet;

use super::tables;
use crate::catalog::{ColumnType, Locale, Table, TableGroup, tables_of};

#[test]
fn every_table_is_declared_with_a_key_of_its_own_columns() {
    assert_eq!(tables().len(), 17);
    for table in tables() {
        assert_eq!(table.group, TableGroup::Yclients);
        for part in &table.key {
            let column = table.column(part).unwrap();
            assert!(column.required, "{}.{part}", table.name);
            assert_eq!(column.ty, ColumnType::Integer);
        }
        let names: BTreeSet<_> = table.columns.iter().map(|column| &column.name).collect();
        assert_eq!(names.len(), table.columns.len(), "{}", table.name);
    }
}

#[test]
fn subjects_indexes_indicators_and_parents_name_what_exists() {
    for table in tables() {
        let known = |name: &str| assert!(table.column(name).is_some(), "{}.{name}", table.name);
        table.subject.as_deref().into_iter().for_each(known);
        table.indexes.iter().flatten().for_each(|name| known(name));
        table.indicators.iter().for_each(|(_, name)| known(name));
        if let Some(parent) = &table.parent {
            let parent = find(parent);
            assert!(table.key.len() > parent.key.len());
            let first = table.column(&table.key[0]).unwrap();
            assert_eq!(first.reference.as_deref(), Some(parent.name.as_ref()));
        }
    }
}

#[test]
fn references_lead_to_the_table_itself_or_to_earlier_ones_of_the_copy() {
    let mut earlier = BTreeSet::new();
    for table in tables() {
        for column in &table.columns {
            if let Some(target) = &column.reference {
                let is_known = earlier.contains(target) || *target == table.name;
                assert!(is_known, "{}.{}", table.name, column.name);
                assert_eq!(column.ty, ColumnType::Integer);
            }
        }
        earlier.insert(table.name.clone());
    }
}

#[test]
fn people_read_every_column_in_three_languages() {
    for table in tables_of(TableGroup::Yclients) {
        for locale in Locale::ALL {
            let mut labels = BTreeSet::new();
            for column in &table.columns {
                let label = column.label.get(locale);
                assert!(!label.is_empty(), "{}.{}", table.name, column.name);
                assert!(labels.insert(label), "{}: {label} twice", table.name);
            }
        }
    }
}

#[test]
fn each_offset_that_may_be_wrong_is_kept_as_it_was_sent() {
    for table in tables() {
        for column in &table.columns {
            let computed = ["_raw", "_local"]
                .iter()
                .find_map(|suffix| column.name.strip_suffix(suffix));
            if let Some(name) = computed {
                let computed = table.column(name).unwrap();
                assert_eq!(computed.ty, ColumnType::Timestamp, "{}.{name}", table.name);
            }
        }
    }
}

fn find(name: &str) -> Table {
    tables()
        .into_iter()
        .find(|table| table.name == name)
        .unwrap()
}
