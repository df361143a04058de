//! The views for analysis, asked as a program for reports would ask them.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use sqlx::{Connection, PgConnection};
use wynos::{
    catalog::TableGroup,
    warehouse::{Admit, Children, Rule, Warehouse, Write, views},
    yclients::{
        decode::{Body, Branch, Context},
        streams::{stream, streams},
    },
};

use super::{hour, on_both, places::Place};

/// Whole bodies of one table, admitted as a pull would.
async fn pulled(warehouse: &Warehouse, table: &str, bodies: &[Json]) {
    let source = format!("{}-a1b2c3d4", warehouse.subscription());
    let branch = Branch {
        source_id: source.parse().unwrap(),
        company_id: 4564,
        time_zone: chrono_tz::Europe::Moscow,
    };
    let context = Context {
        branch: &branch,
        observed_at: hour(10),
        categories: Some(&HashMap::from([(1, 10)])),
    };
    let mut writes = Vec::new();
    for decoded in stream(table).unwrap().decode(&context, bodies, Body::Full) {
        let children = decoded.children.into_iter().map(|lines| Children {
            table: lines.table,
            columns: lines.columns,
            rows: lines.rows,
            counts: lines.counts,
        });
        let admit = Admit {
            children: children.collect(),
            ..super::admit(&decoded.table, Rule::Newest, [""; 0], &[[]; 0])
        };
        writes.push(Write::Admit(Admit {
            source_id: source.clone(),
            columns: decoded.columns,
            rows: decoded.rows,
            ..admit
        }));
    }
    warehouse
        .commit(super::load(hour(10), writes))
        .await
        .unwrap();
}

/// A connection to the schema of the first subscription.
async fn inside(place: &Place) -> PgConnection {
    let schema = place.warehouse().subscription().warehouse_name();
    let mut connection = PgConnection::connect(place.database().unwrap().as_str())
        .await
        .unwrap();
    // As the one whose the tables are.
    let path = format!("SET search_path TO \"{schema}\"; SET ROLE \"{schema}\"");
    sqlx::raw_sql(sqlx::AssertSqlSafe(path))
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

/// Does something to the tables and views behind the program's back.
async fn done(place: &Place, statements: &'static str) {
    if let Some(file) = place.file() {
        let connection = rusqlite::Connection::open(file).unwrap();
        return connection.execute_batch(statements).unwrap();
    }
    let mut connection = inside(place).await;
    sqlx::raw_sql(statements)
        .execute(&mut connection)
        .await
        .unwrap();
}

/// The first column of every row of an answer, which is text.
async fn asked(place: &Place, question: &str) -> Vec<String> {
    if let Some(file) = place.file() {
        let connection = rusqlite::Connection::open(file).unwrap();
        let mut statement = connection.prepare(question).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        return rows.map(Result::unwrap).collect();
    }
    let mut connection = inside(place).await;
    sqlx::query_scalar(sqlx::AssertSqlSafe(question.to_owned()))
        .fetch_all(&mut connection)
        .await
        .unwrap()
}

fn record(id: i64) -> Json {
    json!({
        "id": id, "staff_id": 9, "client_id": 77, "date": "2026-03-20 01:30:00", "attendance": 1,
        "services": [{"id": 1, "title": "Cut", "cost": "90.5", "amount": 1}], "deleted": id == 2
    })
}

on_both! {
    async fn facts_lead_to_their_dimensions_and_never_nowhere(place: &Place) {
        let warehouse = place.warehouse();
        pulled(&warehouse, "yclients_records", &[record(1), record(2)]).await;
        pulled(&warehouse, "yclients_staff", &[json!({"id": 9, "name": "Olga"})]).await;
        pulled(&warehouse, "yclients_clients", &[json!({"id": 5, "name": "Jan"})]).await;
        let question = "SELECT CAST(r.id AS text) || ' ' || s.name || ' ' || c.name || ' ' || CAST(r.date_id AS text) \
            || ' ' || CAST(d.weekday AS text) || ' ' || CAST(d.week AS text) || ' ' || CAST(r.is_deleted AS text) \
            FROM bi_records_facts r JOIN bi_staff s ON s.source_id = r.source_id AND s.id = r.staff_id \
            JOIN bi_clients c ON c.source_id = r.source_id AND c.id = r.client_id \
            JOIN bi_dates d ON d.id = r.date_id ORDER BY r.id";
        // The client is not there, and the day is the company's: 19 March in UTC.
        assert_eq!(
            asked(place, question).await,
            ["1 Olga — 20260320 5 12 0", "2 Olga — 20260320 5 12 1"]
        );
        let question = "SELECT CAST(record_id AS text) || ' ' || CAST(CAST(cost * 100 AS integer) AS text) || ' ' || \
            CAST(service_id AS text) || ' ' || CAST(date_id AS text) || ' ' || CAST(is_deleted AS text) \
            FROM bi_record_services_facts ORDER BY record_id";
        assert_eq!(asked(place, question).await, ["1 9050 1 20260320 0", "2 9050 1 20260320 1"]);
    }

    async fn every_view_is_there_once_its_table_is(place: &Place) {
        let warehouse = place.warehouse();
        let lines = json!({"id": 1, "services": [{"id": 1}], "consumables": [{"id": 2}], "record_labels": [{"id": 3}]});
        pulled(&warehouse, "yclients_records", &[lines]).await;
        for stream in streams() {
            pulled(&warehouse, stream.table, &[json!({"id": 1, "good_id": 1})]).await;
        }
        let expected = wynos::catalog::tables_of(TableGroup::Yclients).count();
        assert_eq!(views().len(), expected);
        for view in views() {
            let columns: Vec<_> = view.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
            let question = format!(
                "SELECT CAST(count(*) AS text) FROM (SELECT {} FROM {}) AS v",
                columns.join(", "),
                view.name
            );
            let count = asked(place, &question).await;
            // The row, and a placeholder where facts may lead nowhere.
            let rows = if view.table.facts { 1 } else { 2 };
            assert_eq!(count, [rows.to_string()], "{}", view.name);
        }
    }

    async fn facts_of_a_source_without_rows_of_a_dimension_lead_to_its_placeholder(place: &Place) {
        let warehouse = place.warehouse();
        pulled(&warehouse, "yclients_records", &[record(1)]).await;
        pulled(&warehouse, "yclients_staff", &[json!({"id": 9, "name": "Olga"})]).await;
        done(place, "UPDATE yclients_staff SET _source_id = 'other-a1b2c3d4'").await;
        let question = "SELECT s.name FROM bi_records_facts r JOIN bi_staff s ON s.source_id = r.source_id AND s.id = r.staff_id";
        assert!(asked(place, question).await.is_empty());
        pulled(&warehouse, "yclients_companies", &[json!({"id": 4564, "title": "Salon"})]).await;
        assert_eq!(asked(place, question).await, ["—"]);
    }

    async fn views_of_another_version_are_made_anew(place: &Place) {
        let staff = |id: i64| json!({"id": id, "name": "Olga"});
        pulled(&place.warehouse(), "yclients_staff", &[staff(9)]).await;
        let count = "SELECT CAST(count(*) AS text) FROM bi_staff";
        assert_eq!(asked(place, count).await, ["2"]);
        done(place, "DROP VIEW bi_staff; DROP VIEW bi_dates; CREATE VIEW bi_dates AS SELECT 0 AS id").await;
        pulled(&place.elsewhere().await, "yclients_staff", &[staff(10)]).await;
        assert_eq!(asked(place, count).await, ["3"]);
        let day = "SELECT CAST(day AS text) FROM bi_dates WHERE id = 20260320";
        assert_eq!(asked(place, day).await, ["20"]);
    }
}
