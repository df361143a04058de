use std::collections::BTreeSet;

use super::*;
use crate::catalog::{TableGroup, tables_of};

#[test]
fn every_table_of_the_copy_is_brought_by_a_stream() {
    for table in tables_of(TableGroup::Yclients) {
        assert!(carrier(&table.name).is_some(), "{}", table.name);
        assert_eq!(
            stream(&table.name).is_none(),
            table.parent.is_some(),
            "{}",
            table.name
        );
    }
}

#[test]
fn declarations_name_columns_that_exist() {
    for stream in streams() {
        let table = stream.declaration().unwrap();
        let known = |name: &str| assert!(table.column(name).is_some(), "{}.{name}", stream.table);
        stream.fields.iter().for_each(|field| known(field.column));
        stream.pushed.iter().for_each(|(column, _)| known(column));
        stream.document_ids.iter().for_each(|column| known(column));
        stream.deletion.flag().into_iter().for_each(known);
        stream.window.iter().for_each(|window| known(window.column));
        for lines in stream.children.iter().chain(stream.told) {
            let table = catalog::table(lines.table).unwrap();
            for field in lines.fields {
                assert!(table.column(field.column).is_some(), "{}", field.column);
            }
        }
        for lines in stream.children {
            let parent = &catalog::table(lines.table).unwrap().parent;
            assert_eq!(parent.as_deref(), Some(stream.table));
        }
    }
}

#[test]
fn only_streams_with_changes_have_a_cursor() {
    for stream in streams() {
        let has_time = stream
            .declaration()
            .is_some_and(|table| table.column("last_change_date").is_some());
        assert_eq!(stream.cursor.is_some(), has_time, "{}", stream.table);
        assert!(!stream.deletion.by_window() || stream.window.is_some());
    }
}

#[test]
fn webhooks_find_their_stream() {
    let named = |resource| of_resource(resource).map(|stream| stream.table);
    assert_eq!(named("record"), Some("yclients_records"));
    assert_eq!(named("salon"), named("company"));
    assert_eq!(
        named("goods_operations_move"),
        Some("yclients_goods_transactions")
    );
    assert_eq!(named("schedule"), None);
    let all: Vec<_> = streams()
        .iter()
        .flat_map(|stream| stream.resources)
        .collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
}

#[test]
fn what_a_table_needs_is_told() {
    let on = |table: &str| -> Vec<_> {
        dependencies(table)
            .iter()
            .map(|needed| (needed.on, needed.for_column))
            .collect()
    };
    assert_eq!(on("yclients_record_labels"), [("yclients_records", None)]);
    assert_eq!(
        on("yclients_records"),
        [("yclients_services", Some("service_category_ids"))]
    );
    assert_eq!(
        on("yclients_documents"),
        [
            ("yclients_records", None),
            ("yclients_goods_transactions", None),
            ("yclients_finance_transactions", None)
        ]
    );
}

#[test]
fn rows_that_were_asked_for_as_deleted_say_so() {
    let finance = stream("yclients_finance_transactions").unwrap();
    assert_eq!(finance.deletion.pass(), Some(&[("deleted", "1")][..]));
    let mut rows = vec![serde_json::json!({"id": 1})];
    finance.deletion.mark(&mut rows);
    assert_eq!(rows, [serde_json::json!({"id": 1, "deleted": true})]);
}

#[test]
fn goods_are_read_to_an_empty_page_of_at_most_a_hundred() {
    let goods = stream("yclients_goods").unwrap();
    assert_eq!(
        goods.endpoint.paging,
        Paging::Pages {
            size_param: "count",
            size: 100,
            stop: Stop::EmptyPage
        }
    );
}
