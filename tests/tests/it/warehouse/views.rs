//! The views for analysis, asked as a program for reports would ask them.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use sqlx::{Connection, PgConnection};
use wynos::{
    catalog::{self, Table, TableGroup},
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

/// A body of which every column that refers to another table names that row of it, in its lines too.
fn referring(table: &Table, id: i64, target: i64) -> Json {
    let mut body = json!({ "id": id, "good_id": id });
    let name_all = |table: &Table, body: &mut Json| {
        for column in table
            .columns
            .iter()
            .filter(|column| column.reference.is_some())
        {
            body[&*column.name] = target.into();
        }
    };
    name_all(table, &mut body);
    for lines in stream(&table.name).unwrap().children {
        let mut line = json!({ "id": target });
        name_all(catalog::table(lines.table).unwrap(), &mut line);
        // The service of which the category is known, too.
        body[lines.path] = json!([line, { "id": 1 }]);
    }
    body
}

on_both! {
    async fn every_relation_leads_to_a_row(place: &Place) {
        let warehouse = place.warehouse();
        for stream in streams() {
            let table = stream.declaration().unwrap();
            let bodies = [referring(table, 1, 999), referring(table, 2, 1)];
            pulled(&warehouse, stream.table, &bodies).await;
        }
        let all = views();
        let mut relations = 0;
        for view in &all {
            for column in &view.table.columns {
                let Some(target) = &column.reference else { continue };
                let led = all.iter().find(|led| led.table.name == *target).unwrap();
                // Facts have no row that stands for none.
                let none = if led.table.facts { "<> 0" } else { "IS NOT NULL" };
                let (from, name, to) = (&view.name, &column.name, &led.name);
                let astray = format!(
                    "SELECT CAST(count(*) AS text) FROM {from} AS v WHERE v.\"{name}\" IS NULL OR (v.\"{name}\" {none} AND NOT EXISTS \
                     (SELECT 1 FROM {to} AS d WHERE d.source_id = v.source_id AND d.id = v.\"{name}\"))"
                );
                assert_eq!(asked(place, &astray).await, ["0"], "{from}.{name}");
                let kept = format!("SELECT CAST(count(*) AS text) FROM {from} WHERE \"{name}\" = 1");
                // The only service of a known category has one that is not there.
                let is_given = view.name == "bi_record_services_facts" && name == "category_id";
                assert_eq!(asked(place, &kept).await == ["0"], is_given, "{from}.{name}");
                relations += 1;
            }
        }
        assert!(relations > 30, "{relations}");
    }

    async fn every_time_is_told_by_the_clock_of_the_company_too(place: &Place) {
        let warehouse = place.warehouse();
        for view in views() {
            for column in &view.table.columns {
                let is_time = column.ty == catalog::ColumnType::Timestamp;
                let has = |name: &str| view.columns.iter().any(|shown| shown.name == name);
                let twin = match (view.name.as_str(), column.name.as_ref()) {
                    ("bi_records_facts", "datetime") => "date".to_owned(),
                    (_, name) => format!("{name}_local"),
                };
                assert!(!is_time || has(&twin), "{}.{}", view.name, column.name);
            }
        }
        let body = json!({
            "id": 1, "date": "2026-03-25 10:00:00", "create_date": "2026-03-19T22:30:00+0000",
            "consumables": [{"id": 2, "create_date": "2026-03-20T22:30:00+0000"}]
        });
        pulled(&warehouse, "yclients_records", &[body]).await;
        let question = "SELECT r.create_date_local || ' ' || CAST(r.date_id AS text) || ' ' || CAST(r.created_date_id AS text) || ' ' \
            || c.create_date_local || ' ' || CAST(c.date_id AS text) || ' ' || CAST(c.created_date_id AS text) \
            FROM bi_records_facts r JOIN bi_record_consumables_facts c ON c.source_id = r.source_id AND c.record_id = r.id";
        assert_eq!(
            asked(place, question).await,
            ["2026-03-20 01:30:00 20260325 20260320 2026-03-21 01:30:00 20260325 20260321"]
        );
    }

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

#[tokio::test]
async fn a_view_in_use_takes_new_columns_behind_those_that_it_has() {
    let place = Place::postgres().await;
    pulled(&place.warehouse(), "yclients_records", &[record(1)]).await;
    let view = views()
        .into_iter()
        .find(|view| view.name == "bi_records_facts");
    let first: Vec<String> = (view.unwrap().columns.iter())
        .map(|column| format!("\"{}\"", column.name))
        .take_while(|name| name != "\"create_date_local\"")
        .collect();
    // As an earlier version left them, with somebody who reads one.
    let earlier = format!(
        "CREATE TABLE made AS SELECT * FROM bi_records_facts; DROP VIEW bi_records_facts; \
         CREATE VIEW bi_records_facts AS SELECT {} FROM made; CREATE VIEW used AS SELECT id FROM bi_records_facts; \
         ALTER TABLE yclients_records DROP COLUMN create_date_local, DROP COLUMN last_change_date_local; \
         DROP VIEW bi_dates; CREATE VIEW bi_dates AS SELECT 0 AS id",
        first.join(", ")
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(earlier))
        .execute(&mut inside(&place).await)
        .await
        .unwrap();
    let created = "SELECT CAST(created_date_id AS text) || ' ' || COALESCE(create_date_local, '-') \
                   FROM bi_records_facts ORDER BY id";
    let warehouse = place.elsewhere().await;
    pulled(&warehouse, "yclients_staff", &[json!({"id": 9})]).await;
    assert_eq!(
        asked(&place, created).await,
        ["0 -"],
        "its table is without them"
    );
    let mut later = record(2);
    later["create_date"] = json!("2026-03-19T22:30:00+0000");
    pulled(&warehouse, "yclients_records", &[later]).await;
    assert_eq!(
        asked(&place, created).await,
        ["0 -", "20260320 2026-03-20 01:30:00"]
    );
}
